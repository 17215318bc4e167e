import type { PolicyNumbers } from './modes.ts';

export const directions = ['forward', 'reverse'] as const;
export type Direction = (typeof directions)[number];

/** The policies of both directions at one step: log-probabilities over the bins, and what the page reports of them. */
export interface Frame {
  readonly step: number;
  readonly logps: Readonly<Record<Direction, readonly number[]>>;
  readonly numbers: Readonly<Record<Direction, PolicyNumbers>>;
}

/** What is kept of a step of both descents. */
export type DescentPoint = Pick<Frame, 'step' | 'numbers'>;
