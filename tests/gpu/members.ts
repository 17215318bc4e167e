import { uniformNumbers } from './rows.ts';

/** Positions grouped by the contexts that they read. About a sixth of them is not counted, and the last of several contexts has none. */
export function makeMembers(contexts: number, positions: number, seed: number) {
  const next = uniformNumbers(seed);
  const readBy = Array.from({ length: positions }, () => Math.floor(next() * Math.max(1, contexts - 1)));
  const counted = readBy.map((_, row) => row === 0 || next() > 0.15);
  const lists = Array.from({ length: contexts }, (_, context) =>
    readBy.flatMap((own, row) => (own === context && counted[row] ? [row] : [])),
  );
  const rows = lists.flat();
  return {
    offsets: Uint32Array.from([0, ...lists.map((_, context) => lists.slice(0, context + 1).flat().length)]),
    rows: Uint32Array.from(rows),
    count: rows.length,
    /** positions of the longest list */
    most: Math.max(...lists.map(({ length }) => length)),
  };
}
