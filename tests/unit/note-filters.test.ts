import { expect, it } from 'vitest';
import { readData } from '../../src/data/read-data.ts';
import { noteFilter, notesWithRows } from '../../src/views/pairs/note-filters.ts';

it('makes a filter of each note that names pairs of the table, and of no other', async () => {
  const pair = (chosen: string, rejected: string) => JSON.stringify({ prompt: 'Say it.', chosen, rejected });
  const text = [pair('yes it is so', 'no it is so'), pair('a', 'b'), pair('b', 'a'), pair('a', 'b'), pair('same', 'same')].join('\n');
  const data = await readData({ name: 'pairs.jsonl', bytes: new TextEncoder().encode(text) });
  if (data.kind !== 'pairs') throw new Error(data.kind);
  const lines = data.pairs.map(({ line }) => line);
  const found = Object.fromEntries(notesWithRows(data.notes, lines).map(({ id, lines: named }) => [id, [...named]]));
  // the fifth has one response twice: it is left out of the table, and so has no filter
  expect(found).toEqual({
    [noteFilter('contradictions')]: [3, 4],
    [noteFilter('duplicates')]: [4],
    [noteFilter('one-word')]: [1],
  });
});
