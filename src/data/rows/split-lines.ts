import { Pending, type RecordSplitter, type TextRecord } from './split-records.ts';

/** A record a line. Blank lines are left out. `maxLength` is in UTF-16 units. */
export function splitLines(maxLength: number): RecordSplitter {
  const pending = new Pending(maxLength);
  let line = 1;

  function* take(): Generator<TextRecord, void> {
    const { text } = pending.take(line);
    if (text === null || text.trim() !== '') yield { line, text: text?.replace(/\r$/, '') ?? null };
    line++;
  }

  return {
    *push(piece) {
      let start = 0;
      for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
        pending.add(piece.slice(start, end));
        yield* take();
        start = end + 1;
      }
      pending.add(piece.slice(start));
    },
    end: take,
  };
}
