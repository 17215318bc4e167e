import { Pending, type RecordSplitter, type TextRecord } from './split-records.ts';

const SEPARATES = new Set([',', ';', '\t', '|', '\n']);

/** A quoted field may hold line breaks: rows end where a line ends outside quotes. Blank rows are left out. `maxLength` is in UTF-16 units. */
export function splitCsvRows(maxLength: number): RecordSplitter {
  const pending = new Pending(maxLength);
  let line = 1;
  let rowLine = 1;
  let inQuotes = false;
  /** a quote opens a field at its beginning alone */
  let isFresh = true;

  function* take(): Iterable<TextRecord> {
    const row = pending.take(rowLine);
    rowLine = line;
    if (row.text?.trim() !== '') yield { ...row, text: row.text?.replace(/\r$/, '') ?? null }; // no trim: tabs at the ends separate fields
  }

  return {
    *push(piece) {
      let start = 0;
      for (let i = 0; i < piece.length; i++) {
        const c = piece[i];
        if (c === '"' && (inQuotes || isFresh)) {
          inQuotes = !inQuotes;
          isFresh = !inQuotes; // a doubled quote closes and opens again
        } else if (!inQuotes) isFresh = isFresh ? c === ' ' || SEPARATES.has(c as string) : SEPARATES.has(c as string);
        if (c !== '\n') continue;
        line++;
        if (inQuotes) continue;
        pending.add(piece.slice(start, i));
        start = i + 1;
        yield* take();
      }
      pending.add(piece.slice(start));
    },
    end: take,
  };
}

export type Separator = ',' | ';' | '\t' | '|';

/** The fields of one row as RFC 4180 has them, trimmed; null where a quote is not closed, or stands inside a field. */
export function csvFields(row: string, separator: Separator): string[] | null {
  const fields: string[] = [];
  let rest = row;
  for (;;) {
    const quoted = /^ *"((?:[^"]|"")*)" */.exec(rest);
    const end = quoted ? quoted[0].length : rest.indexOf(separator);
    if (quoted) fields.push((quoted[1] ?? '').replaceAll('""', '"').trim());
    else {
      const field = end < 0 ? rest : rest.slice(0, end);
      if (field.includes('"') && separator !== '\t') return null; // between tabs quotes are marks like any other
      fields.push(field.trim());
    }
    if (end < 0 || end >= rest.length) return fields;
    if (rest[end] !== separator) return null;
    rest = rest.slice(end + 1);
  }
}

/** The separator of a header: the one that cuts it into most fields. */
export const separatorOf = (header: string): Separator =>
  ([',', ';', '\t', '|'] as const).reduce((best, one) => (header.split(one).length > header.split(best).length ? one : best));
