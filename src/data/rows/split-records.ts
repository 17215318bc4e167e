/** One JSON value of a file, not yet parsed. */
export interface TextRecord {
  /** line on which it begins, from 1 */
  line: number;
  /** the text, or null where it is longer than the limit and was not kept */
  text: string | null;
  /** its place in a JSON array, from 1: several may stand on one line */
  element?: number;
  /** what stands before it on its line, the end of that */
  before?: string;
}

/** Cuts a file that arrives in pieces into its records. */
export interface RecordSplitter {
  push(piece: string): Iterable<TextRecord>;
  /** What is left when the file ends. */
  end(): Iterable<TextRecord>;
}

/** Collects pieces of one record and forgets them once they exceed the limit, so that one endless line cannot fill the memory. */
export class Pending {
  readonly #limit: number;
  #text = '';
  #tooLong = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(piece: string): void {
    if (this.#tooLong) return;
    if (this.#text.length + piece.length > this.#limit) {
      this.#tooLong = true;
      this.#text = '';
    } else {
      this.#text += piece;
    }
  }

  take(line: number): TextRecord {
    const record = { line, text: this.#tooLong ? null : this.#text };
    this.#text = '';
    this.#tooLong = false;
    return record;
  }
}

/**
 * A JSON array: one record an element, found by counting brackets outside strings, so that the file is never parsed in
 * one piece. Text that is no JSON ends up in some record and is reported there.
 * In a document what stands behind the array is left out. `quotes` are those of its texts: Python has two.
 */
export function splitArray(maxLength: number, inDocument = false, quotes = '"'): RecordSplitter {
  const pending = new Pending(maxLength);
  let line = 1;
  let recordLine = 1;
  let depth = 0;
  let quote = '';
  let escaped = false;
  let empty = true;
  let element = 0;
  let isClosed = false;

  return {
    *push(piece) {
      if (isClosed && inDocument) return;
      let start = 0;
      for (let i = 0; i < piece.length; i++) {
        const c = piece[i];
        if (c === '\n') line++;
        if (quote !== '') {
          if (escaped) escaped = false;
          else if (c === '\\') escaped = true;
          else if (c === quote) quote = '';
          continue;
        }
        if (c === ' ' || c === '\n' || c === '\r' || c === '\t') continue;
        const closesArray = c === ']' && depth === 1;
        if ((c === ',' && depth === 1) || closesArray) {
          pending.add(piece.slice(start, i));
          start = i + 1;
          const record = pending.take(recordLine);
          if (!(empty && closesArray)) yield { line: empty ? line : record.line, text: record.text, element: ++element };
          empty = true;
          if (closesArray) depth = 0;
          if (closesArray && inDocument) {
            isClosed = true;
            return;
          }
          continue;
        }
        if (c === '[' && depth === 0 && empty) {
          depth = 1;
          start = i + 1;
          continue;
        }
        if (empty) {
          empty = false;
          recordLine = line;
        }
        if (quotes.includes(c as string)) quote = c as string;
        else if (c === '{' || c === '[') depth++;
        else if ((c === '}' || c === ']') && depth > 1) depth--;
      }
      pending.add(piece.slice(start));
    },
    *end() {
      const record = pending.take(recordLine);
      if (!empty) yield { ...record, element: element + 1 };
    },
  };
}

/** Whether a file is one JSON array: `[`, then an object, the end of the array, or nothing more on that line. */
export const looksLikeArray = (head: string): boolean => /^[\s\uFEFF]*\[[^\S\n]*(?:[{\]]|\r?\n|$)/.test(head);
