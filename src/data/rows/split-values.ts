import { withoutAnsi } from './ansi.ts';
import { looseValue } from './loose-json.ts';
import { Pending, type RecordSplitter, type TextRecord } from './split-records.ts';

/** Where an object may begin: a brace before a name, before its own end, or at the end of a line. */
const BEGINNING = /\{(?=\s*(?:["'}]|$))/;

/** How far an object has been read. */
interface Scan {
  /** open brackets, the innermost last */
  open: string;
  /** the quote of the text that is open, or '' */
  quote: string;
}

/** Reads on in a piece of text; the place behind the object's end, or -1 where it does not end there. */
function scanObject(text: string, from: number, scan: Scan): number {
  for (let i = from; i < text.length; i++) {
    const c = text[i] as string;
    if (scan.quote !== '') {
      if (c === '\\') i++;
      else if (c === scan.quote) scan.quote = '';
    } else if (c === '"' || c === "'") scan.quote = c;
    else if (c === '{' || c === '[') scan.open += c;
    else if (c === '}' || c === ']') {
      scan.open = scan.open.slice(0, -1);
      if (scan.open === '') return i + 1;
    }
  }
  return -1;
}

/** The place behind the end of the object that begins at `from`; -1 where it does not end. */
export const objectEnd = (text: string, from: number): number => scanObject(text, from, { open: '', quote: '' });

/**
 * Objects one after the other: one a line as JSONL has them, several on a line, or each over several lines; beside other text, as a console
 * prints it. A line without an object, or with one that does not close, is a record of its own: what is wrong with it is said there, and
 * the next line begins anew. `maxLength` is in UTF-16 units.
 */
export function splitValues(maxLength: number): RecordSplitter {
  const lineText = new Pending(maxLength);
  let line = 1;
  /** the lines of an object that is not closed yet */
  let lines: string[] = [];
  let held = 0;
  let firstLine = 1;
  let scan: Scan = { open: '', quote: '' };

  /** What a line holds by itself; the rest of it that opens an object, if `mayOpen`. */
  function* single(text: string, at: number, mayOpen: boolean): Generator<TextRecord, void> {
    let from = 0;
    let found = false;
    for (;;) {
      const begin = text.slice(from).search(BEGINNING);
      if (begin < 0) break;
      const start = from + begin;
      const state: Scan = { open: '', quote: '' };
      const end = scanObject(text, start, state);
      if (end < 0) {
        if (!mayOpen || state.quote !== '') break; // no text goes on in the next line
        lines = [text.slice(start)];
        held = text.length - start;
        firstLine = at;
        scan = state;
        return;
      }
      const before = text.slice(from, start).trim();
      yield { line: at, text: text.slice(start, end), ...(before === '' ? {} : { before: before.slice(-300) }) };
      found = true;
      from = end;
    }
    // a progress bar is drawn again and again on one line
    if (!found) for (const part of text.split('\r')) if (part.trim() !== '') yield { line: at, text: part.trim() };
  }

  /** The lines that were held do not make an object: each is read by itself. */
  function* release(): Generator<TextRecord, void> {
    const broken = lines;
    const at = firstLine;
    lines = [];
    held = 0;
    yield { line: at, text: (broken[0] ?? '').trim() };
    for (const [i, text] of broken.entries()) if (i > 0) yield* single(text, at + i, false);
  }

  function* take(): Generator<TextRecord, void> {
    const taken = lineText.take(line);
    const text = taken.text === null ? null : withoutAnsi(taken.text);
    if (text === null) {
      if (lines.length > 0) yield* release();
      yield { line, text: null };
    } else if (lines.length === 0) yield* single(text, line, true);
    else {
      // In an object, and in no list of it, no brace begins a line.
      const isAnew = scan.open === '{' && /^\s*\{/.test(text) && !/[:[]\s*$/.test(lines.at(-1) ?? '');
      if (isAnew || held + text.length > maxLength) {
        yield* release();
        yield* single(text, line, true);
      } else {
        const end = scanObject(text, 0, scan);
        lines.push(text);
        held += text.length;
        if (end >= 0) {
          const whole = [...lines.slice(0, -1), text.slice(0, end)].join('\n');
          if (looseValue(whole) === undefined) {
            yield* release(); // brackets that close by chance: each line is read by itself
            line++;
            return;
          }
          lines = [];
          yield { line: firstLine, text: whole };
          const rest = text.slice(end).replace(/^\s*,/, '');
          if (rest.trim() !== '') yield* single(rest, line, true);
        } else if (scan.quote !== '') yield* release();
      }
    }
    line++;
  }

  return {
    *push(piece) {
      let start = 0;
      for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
        lineText.add(piece.slice(start, end));
        yield* take();
        start = end + 1;
      }
      lineText.add(piece.slice(start));
    },
    *end() {
      yield* take();
      if (lines.length > 0) yield* release();
    },
  };
}
