import type { Encoding } from '../open/encoding.ts';
import { MAX_LINE_LENGTH, readRecords } from '../read-records.ts';
import { withoutAnsi } from '../rows/ansi.ts';
import type { Row, RowSource } from '../rows/row-source.ts';
import { splitLines } from '../rows/split-lines.ts';
import { isLogRow, logColumn } from './log-columns.ts';
import { namedStep } from './metric-line.ts';

const NAME = String.raw`[A-Za-z_][\w./() @-]{0,80}?`;
const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf)`;
/** "• Loss: 0.69", "  train_loss  =  0.57" */
const LINE = new RegExp(String.raw`^\s*(?:[-*•·▪]\s+)?(${NAME})\s*[:=]\s*(${NUMBER})\s*$`, 'i');
const CELL_NAME = new RegExp(`^${NAME}$`);
const CELL_NUMBER = new RegExp(`^(?:${NUMBER})$`, 'i');
const BARS = /[|│┃║]/;
const RULE = /^[\s\-=+*_─━═╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝╠╣╟╢┏┓┗┛┣┫╞╡|│┃║]{4,}$/;

interface BlockRow {
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * Rows of a console in which each metric has a line or a cell of its own, and each step a block of them: as Stable-Baselines, NeMo RL and
 * rich tables print them. `take` is given line after line and answers with the block that a line ends; `end` with the last.
 */
function blocks(): { take(text: string, line: number): BlockRow | null; end(): BlockRow | null } {
  let row: Record<string, unknown> = {};
  let begin = 0;
  let step: number | undefined;
  let group = '';
  const flush = (): BlockRow | null => {
    const value = Object.keys(row).some((name) => logColumn(name) === 'step') || step === undefined ? row : { ...row, step };
    const known = Object.keys(value).flatMap((name) => {
      const column = logColumn(name);
      return column === 'step' ? 'step' : column?.isKnown ? column.column : [];
    });
    // settings have a rate and a β, too
    const isMeasured = known.some((name) => !['step', 'epoch', 'learning_rate', 'beta'].includes(name));
    const done = known.length >= 2 && isMeasured && isLogRow(value) ? { line: begin, value } : null;
    row = {};
    group = '';
    return done;
  };
  const metricsOf = (text: string): [name: string, value: string][] => {
    if (!BARS.test(text)) {
      const [, name, value] = LINE.exec(text) ?? [];
      return name !== undefined && value !== undefined ? [[name, value]] : [];
    }
    const cells = text.split(BARS).map((cell) => cell.trim());
    const [head] = cells.filter((cell) => cell !== '');
    if (head?.endsWith('/') && cells.filter((cell) => cell !== '').length === 1) group = head;
    return cells.flatMap((cell, i) => {
      const next = cells[i + 1] ?? '';
      return CELL_NAME.test(cell) && CELL_NUMBER.test(next) ? [[group + cell, next] as [string, string]] : [];
    });
  };
  return {
    take(given, line) {
      const text = withoutAnsi(given).trimEnd();
      const found = text.length > 2000 ? [] : metricsOf(text);
      const header = found.length === 0 ? namedStep(text) : undefined;
      let done: BlockRow | null = null;
      // a rule below a block, the next step's headline, or a metric that was there
      if (
        Object.keys(row).length > 0 &&
        ((BARS.test(text) === false && RULE.test(text)) || header !== undefined || found.some(([name]) => name in row))
      )
        done = flush();
      if (header !== undefined) step = header;
      for (const [name, value] of found) {
        if (Object.keys(row).length === 0) begin = line;
        row[name] = Number.isNaN(Number(value)) ? value : Number(value);
      }
      return done;
    },
    end: flush,
  };
}

/** Whether the beginning of a text has such blocks. */
export function hasBlocks(head: string): boolean {
  const reader = blocks();
  for (const [i, text] of head.slice(0, 200_000).split('\n').entries()) if (reader.take(text, i + 1)) return true;
  return reader.end() !== null;
}

/** The rows of such a text. */
export const blockSource = (blob: Blob, encoding: Encoding): RowSource => ({
  syntax: 'lines of a console',
  unit: 'line',
  columns: null,
  decimalComma: false,
  notes: [],
  async each(onRow: (row: Row) => boolean | undefined, options) {
    const reader = blocks();
    let isOver = false;
    await readRecords(
      blob,
      encoding.charset,
      splitLines(MAX_LINE_LENGTH),
      ({ line, text }) => {
        const row = text === null ? null : reader.take(text, line);
        isOver = row !== null && onRow(row) === false;
        return !isOver;
      },
      options,
    );
    const last = reader.end();
    if (!isOver && last) onRow(last);
  },
});
