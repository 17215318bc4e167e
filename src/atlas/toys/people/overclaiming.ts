import type { Draws } from '../draws.ts';

/** What people make of messages: [situation][message]. */
export interface Messages {
  /** how good a message sounds when it is read */
  readonly impression: number[][];
  /** how good its outcome is for who follows it */
  readonly outcome: number[][];
}

/** Half of the messages claim more than is so: each unit claimed sounds one better, and its outcome is `cost` worse. */
export function overclaiming(draws: Draws, situations: number, messages: number, extent: number, cost: number): Messages {
  const honest = draws.normalRows(situations, messages);
  const claimed = honest.map((row) => row.map(() => draws.coin() * Math.abs(extent * draws.normal())));
  const plus = (factor: number) => honest.map((row, x) => row.map((value, y) => value + factor * (claimed[x]?.[y] ?? 0)));
  return { impression: plus(1), outcome: plus(-cost) };
}
