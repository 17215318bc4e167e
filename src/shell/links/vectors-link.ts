import { type ToyVectors, tokens, toyVectors } from '../../atlas/toys/no-over-never.ts';
import { type TextCodec, table, text } from './fields.ts';

/** How far a vector's entries may go. */
export const vectorReach = 20;

const dimensions = toyVectors.hidden.length;
const rule = `${dimensions} numbers from -${vectorReach} to ${vectorReach}, joined by _`;

const row: TextCodec<readonly number[]> = {
  read: (written) => {
    const entries = written.split('_').map((entry) => (entry.trim() === '' ? Number.NaN : Number(entry) + 0)); // -0 is written as 0
    return entries.length === dimensions && entries.every((entry) => Math.abs(entry) <= vectorReach) ? entries : null;
  },
  write: (entries) => entries.join('_'),
  rule: `It must be ${rule}.`,
};

const rows: TextCodec<ToyVectors['unembedding']> = {
  read: (written) => {
    const read = written.split('~').map(row.read);
    const known = read.filter((each) => each !== null);
    return known.length === tokens.length && read.length === tokens.length ? known : null;
  },
  write: (all) => all.map(row.write).join('~'),
  rule: `It must be ${tokens.length} rows joined by ~, each of ${rule}.`,
};

/** The vectors: h, and the rows of W. The default is the toy's own. */
export const vectorFields = table<ToyVectors>({
  hidden: text('h', row, toyVectors.hidden),
  unembedding: text('W', rows, toyVectors.unembedding),
});
export const { read: readVectors, write: writeVectors } = vectorFields;
