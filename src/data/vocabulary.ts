/** How the unknown word is shown. No word of a text is equal to it: `<` is a word of its own. */
export const UNKNOWN_WORD = '<unk>';

export interface Vocabulary {
  /** [V] the kept words, most frequent first, then `UNKNOWN_WORD` */
  readonly words: readonly string[];
  /** index of `UNKNOWN_WORD`, V - 1 */
  readonly unknown: number;
  /** number of different words counted, kept or not */
  readonly distinctWords: number;
  /** token of a word; the unknown one for a word that was not kept */
  token(word: string): number;
}

/** Keeps the `limit` most frequent words; of equally frequent ones, those seen first. */
export function buildVocabulary(texts: Iterable<readonly string[]>, limit: number): Vocabulary {
  // A Map iterates in order of insertion and sort is stable: equal counts stay in order of first appearance.
  const counts = new Map<string, number>();
  for (const words of texts) {
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const kept = [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, limit)
    .map(([word]) => word);
  const tokens = new Map(kept.map((word, index) => [word, index]));
  const unknown = kept.length;
  return {
    words: [...kept, UNKNOWN_WORD],
    unknown,
    distinctWords: counts.size,
    token: (word) => tokens.get(word) ?? unknown,
  };
}
