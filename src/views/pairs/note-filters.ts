import type { Note } from '../../data/rows/row-source.ts';

/** What the rows of a note are called in the table's list of filters. */
const words: Readonly<Record<string, string>> = {
  contradictions: 'contradicts an earlier pair',
  duplicates: 'is there twice',
  'one-word': 'differs in one word',
  'prompt-repeated': 'repeats the prompt',
  'implicit-prompt': 'has no prompt of its own',
  images: 'has images',
  'tool-calls': 'calls a tool',
  roles: 'is written as messages',
  cut: 'is cut off',
};

/** The table's filter of a note. */
export const noteFilter = (kind: string): string => `note-${kind}`;

/** The notes that name rows of the table, each as a filter of it. */
export function notesWithRows(notes: readonly Note[], lines: readonly number[]) {
  const known = new Set(lines);
  return notes.flatMap(({ kind, rows = [] }) => {
    const label = words[kind];
    const named = new Set(rows.filter((line) => known.has(line)));
    return label && named.size > 0 ? [{ id: noteFilter(kind), label, lines: named }] : [];
  });
}
