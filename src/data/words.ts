/**
 * Han, Hiragana and Katakana are written without spaces: one character is a word. Otherwise a run of letters and digits
 * is, with apostrophes inside it. Punctuation marks and symbols stand alone. No Intl.Segmenter: its answers differ
 * between browsers, and the same file must give the same run everywhere.
 */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{M}\p{N}])+(?:'(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{M}\p{N}])+)*|[\p{P}\p{S}]/gu;

const ANY_WORD = /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u;

/** Characters that are normalised at a time, at least: a response of a megabyte is not, for the sake of its first words. */
const PIECE_LENGTH = 512;

/** The first `limit` words of a text in order: lower case, NFC, curly apostrophes straightened. */
export function splitWords(text: string, limit = Number.POSITIVE_INFINITY): string[] {
  const words: string[] = [];
  if (limit < 1) return words;
  const space = /\s/g;
  for (let start = 0; start < text.length; ) {
    // Cut before a space: no word, no composed character and no casing rule reaches across one.
    space.lastIndex = start + PIECE_LENGTH;
    const end = space.exec(text)?.index ?? text.length;
    const normal = text.slice(start, end).normalize('NFC').toLowerCase().replaceAll('’', "'");
    for (const match of normal.matchAll(WORD)) {
      words.push(match[0]);
      if (words.length >= limit) return words;
    }
    start = end;
  }
  return words;
}

/** Whether `splitWords` finds anything; reads no further than the first word. */
export const hasWords = (text: string): boolean => ANY_WORD.test(text);
