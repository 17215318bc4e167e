import type { Range } from '../../core/range.ts';
import { number, table, viewLink } from '../../shell/links/fields.ts';

/** What a link to the view holds. The log itself is in no link: it stays on the reader's computer. */
export interface RunLink {
  /** where the reader gives it; null: as the log tells it */
  readonly beta: number | null;
}

export const betaRange = { min: 0.0001, max: 100, logarithmic: true, integer: false } as const satisfies Range;

export const { read: readRun, write: writeRun } = viewLink(table<RunLink>({ beta: number('beta', betaRange, null) }), () => table({}));
