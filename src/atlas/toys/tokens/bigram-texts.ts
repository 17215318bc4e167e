import { softmax } from '../../../core/softmax.ts';
import type { Draws } from '../draws.ts';

/** Logits of the next word: row 0 is that of the first word, row 1 + v that after word v. */
export type Bigram = readonly (readonly number[])[];

/** Rows of a text: what each of its words is drawn from. */
export const rowsOf = (text: readonly number[]): number[] => text.map((_, t) => (t === 0 ? 0 : 1 + (text[t - 1] ?? 0)));

/** Texts of so many words. */
export function drawTexts(draws: Draws, logits: Bigram, count: number, length: number): number[][] {
  const rows = logits.map((row) => softmax(row));
  return Array.from({ length: count }, () => {
    const text: number[] = [];
    while (text.length < length) text.push(draws.categorical(rows[text.length === 0 ? 0 : 1 + (text.at(-1) ?? 0)] ?? []));
    return text;
  });
}

/** How often each word stands in a text. */
export function wordCounts(text: readonly number[], words: number): number[] {
  const counts = new Array<number>(words).fill(0);
  for (const word of text) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** How often each word follows each row of a bigram in a text, row after row. */
export function followCounts(text: readonly number[], words: number): number[] {
  const counts = new Array<number>(words * (words + 1)).fill(0);
  const rows = rowsOf(text);
  for (const [t, word] of text.entries()) {
    const at = words * (rows[t] ?? 0) + word;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}
