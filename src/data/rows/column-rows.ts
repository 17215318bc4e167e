import type { Encoding } from '../open/encoding.ts';
import { MAX_LINE_LENGTH, readRecords, TOO_LONG } from '../read-records.ts';
import { isKnownName } from './csv-rows.ts';
import type { RowSource } from './row-source.ts';
import { splitLines } from './split-lines.ts';

/** A table whose columns stand below one another, as pandas prints it, or of which bars stand between the cells, as of Markdown. */
export interface DrawnTable {
  readonly names: readonly string[];
  /** line on which the header stands, from 1 */
  readonly line: number;
  readonly as: 'Markdown' | 'columns';
}

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
const isRule = (line: string): boolean => /^\s*\|?(?:\s*:?-{2,}:?\s*\|)+\s*:?-*:?\s*\|?\s*$/.test(line);
const wordsOf = (line: string): string[] => {
  const wide = line.trim().split(/\s{2,}|\t/);
  return wide.length > 1 ? wide : line.trim().split(/\s+/);
};
const isNumeric = (cell: string): boolean => /^[-+−]?(?:[\d.,]+(?:e[-+]?\d+)?|nan|inf)$/i.test(cell);

/** The table of Markdown in a text of which names are known, wherever it stands: a model card has several. */
export function markdownTable(head: string): DrawnTable | null {
  if (!/^\s*\|.*\|/m.test(head)) return null;
  const lines = head.split('\n');
  for (const [i, line] of lines.entries()) {
    if (!isRule(line) || i === 0) continue;
    const names = cellsOf(lines[i - 1] ?? '');
    if (names.length > 1 && names.filter(isKnownName).length > 1) return { names, line: i, as: 'Markdown' };
  }
  return null;
}

/** A table of numbers in columns with blanks between them: names that are known, and rows of as many numbers, or of one more before them. */
export function columnTable(head: string): DrawnTable | null {
  const lines = head.slice(0, 20_000).split('\n');
  const at = lines.findIndex((line) => line.trim() !== '');
  const header = lines[at] ?? '';
  const names = wordsOf(header);
  if (names.length < 2 || names.filter(isKnownName).length < Math.max(2, names.length / 2) || /[{}",;|=]/.test(header)) return null;
  const [next] = lines.slice(at + 1).filter((line) => line.trim() !== '');
  const cells = next?.trim().split(/\s+/) ?? [];
  const fits = cells.length === names.length || (cells.length === names.length + 1 && /^\s/.test(header));
  return fits && cells.every(isNumeric) ? { names, line: at + 1, as: 'columns' } : null;
}

/** The file in which MLflow keeps one metric: a time in milliseconds, the value and the step on each line, without a header. */
export function metricFile(head: string): DrawnTable | null {
  const lines = head.slice(0, 20_000).trimEnd().split('\n').slice(0, 50);
  const fits = lines.every((line) => /^\d{13} [-+]?(?:[\d.]+(?:e[-+]?\d+)?|nan|inf(?:inity)?) \d+\s*$/i.test(line));
  return fits ? { names: ['Wall time', 'Value', 'Step'], line: 0, as: 'columns' } : null;
}

/** The rows of such a table. */
export function drawnSource(blob: Blob, encoding: Encoding, { names, line: headerLine, as }: DrawnTable): RowSource {
  let isOver = false;
  const split = as === 'Markdown' ? cellsOf : (text: string) => text.trim().split(/\s+/);
  return {
    syntax: as === 'Markdown' ? 'table of Markdown' : 'table in columns',
    unit: 'line',
    columns: names,
    decimalComma: false,
    notes: [],
    each(onRow, options) {
      isOver = false;
      return readRecords(
        blob,
        encoding.charset,
        splitLines(MAX_LINE_LENGTH),
        ({ line, text }) => {
          if (line <= headerLine) return;
          if (text === null) return onRow({ line, value: null, problem: TOO_LONG });
          if (as === 'Markdown' && isRule(text)) return;
          isOver ||= as === 'Markdown' && !text.includes('|');
          if (isOver) return false;
          const all = split(text);
          const cells = as === 'columns' && all.length === names.length + 1 ? all.slice(1) : all;
          if (cells.length !== names.length)
            return onRow({ line, value: null, problem: `has ${cells.length} fields where the header has ${names.length}` });
          return onRow({ line, value: Object.fromEntries(names.map((name, i) => [name, cells[i]])) });
        },
        options,
      );
    },
  };
}
