import type { Engine } from '../train/engine.ts';
import entries from './shipped.json';
import type { VerdictKind } from './verdict.ts';

/** A study's result on one engine, as `npm run atlas` found it. */
export interface ShippedResult {
  readonly seeds: number;
  /** of CPU time on the CPU engine, of the clock on WebGPU */
  readonly milliseconds: number;
  /** by the claims' ids */
  readonly verdicts: Readonly<Record<string, VerdictKind>>;
  /** [arm][measure][seed], four digits; null for a number that is not finite */
  readonly table: Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>;
}
export interface Shipped {
  /** of the sources that it was made from */
  readonly hash: string;
  /** year, month and day */
  readonly date: string;
  /** with the study's page seeds on the CPU engine; with ten of them, or all where these are fewer, on WebGPU, where a browser was there */
  readonly engines: Partial<Readonly<Record<Engine['backend'], ShippedResult>>>;
}

/** What every study gave, by its id: written by `npm run atlas`. */
export const shipped: Readonly<Record<string, Shipped>> = entries as unknown as Record<string, Shipped>;
