import { type ToyVectors, tokens, toyVectors } from '../../atlas/toys/displacement/no-over-never.ts';
import { list, table, text } from './fields.ts';

/** How far a vector's entries may go. */
export const vectorReach = 20;

const dimensions = toyVectors.hidden.length;
const rule = `${dimensions} numbers from -${vectorReach} to ${vectorReach}, joined by _`;

const exactly = (count: number) => ({ min: count, max: count });
const entry = {
  read: (written: string): number | null => {
    const value = written.trim() === '' ? Number.NaN : Number(written) + 0; // -0 is written as 0
    return Math.abs(value) <= vectorReach ? value : null;
  },
  write: String,
};
const row = list(entry, '_', exactly(dimensions), `It must be ${rule}.`);
const rows = list(row, '~', exactly(tokens.length), `It must be ${tokens.length} rows joined by ~, each of ${rule}.`);

/** The vectors: h, and the rows of W. The default is the toy's own. */
export const vectorFields = table<ToyVectors>({
  hidden: text('h', row, toyVectors.hidden),
  unembedding: text('W', rows, toyVectors.unembedding),
});
