import { type ToyVectors, tokens, toyVectors } from '../../atlas/toys/no-over-never.ts';
import type { LinkReader } from './link.ts';

/** How far a vector's entries may go. */
export const vectorReach = 20;

const writeRow = (row: readonly number[]): string => row.join('_');
const writeRows = (rows: ToyVectors['unembedding']): string => rows.map(writeRow).join('~');

/** The vectors where they are not the toy's own: h, and the rows of W. */
export function writeVectors({ hidden, unembedding }: ToyVectors): Record<string, string> {
  return {
    ...(writeRow(hidden) === writeRow(toyVectors.hidden) ? {} : { h: writeRow(hidden) }),
    ...(writeRows(unembedding) === writeRows(toyVectors.unembedding) ? {} : { W: writeRows(unembedding) }),
  };
}

function readRow(text: string, dimensions: number): number[] | null {
  const row = text.split('_').map((entry) => (entry.trim() === '' ? Number.NaN : Number(entry) + 0)); // -0 is written as 0
  return row.length === dimensions && row.every((entry) => Math.abs(entry) <= vectorReach) ? row : null;
}

/** The vectors of a link; the toy's own where it has none that can be read. */
export function readVectors(reader: LinkReader): ToyVectors {
  const dimensions = toyVectors.hidden.length;
  const rule = `${dimensions} numbers from -${vectorReach} to ${vectorReach}, joined by _`;
  const h = reader.take('h');
  const hidden = h === null ? toyVectors.hidden : readRow(h, dimensions);
  if (!hidden) reader.refuse('h', h ?? '', `It must be ${rule}.`);
  const w = reader.take('W');
  const rows = w === null ? toyVectors.unembedding : w.split('~').map((row) => readRow(row, dimensions));
  const complete = rows.filter((row) => row !== null);
  const isComplete = complete.length === tokens.length && rows.length === tokens.length;
  if (!isComplete) reader.refuse('W', w ?? '', `It must be ${tokens.length} rows joined by ~, each of ${rule}.`);
  return { hidden: hidden ?? toyVectors.hidden, unembedding: isComplete ? complete : toyVectors.unembedding };
}
