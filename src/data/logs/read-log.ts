import { ProblemList, type ReadOptions } from '../read-records.ts';
import { numberOf } from '../rows/csv-rows.ts';
import type { Note, RowSource } from '../rows/row-source.ts';
import { logColumn } from './log-columns.ts';
import { betaOf, type LogFacts, type NonFinite } from './readings/series.ts';

/** Rows and columns of a log that are kept. */
const MAX_ROWS = 200_000;
const MAX_COLUMNS = 120;

export interface ReadLog extends LogFacts {
  readonly notes: readonly Note[];
  readonly list: ProblemList;
}

/** A log as it grows: a row a step, NaN where a column has nothing. */
class Table {
  readonly steps: number[] = [];
  readonly columns = new Map<string, number[]>();

  add(step: number, values: ReadonlyMap<string, number>): void {
    const last = this.steps.length - 1;
    // Several rows of one step, as of training and evaluation, are one.
    const fits = this.steps[last] === step && [...values.keys()].every((name) => this.columns.get(name)?.[last] === undefined);
    if (!fits) this.steps.push(step);
    const at = this.steps.length - 1;
    for (const [name, value] of values) {
      let column = this.columns.get(name);
      if (!column) {
        if (this.columns.size >= MAX_COLUMNS) continue;
        column = [];
        this.columns.set(name, column);
      }
      column[at] = value;
    }
  }

  take(): Record<string, Float64Array> {
    const rows = this.steps.length;
    return Object.fromEntries(
      [...this.columns].map(([name, values]) => [name, Float64Array.from({ length: rows }, (_, i) => values[i] ?? Number.NaN)]),
    );
  }
}

/** The metric that a TensorBoard export of one metric is of: its file's name says it. */
function tensorboardMetric(name: string): string {
  const stem = name.replace(/^.*[/\\]/, '').replace(/(?:\.(?:csv|tsv|txt|gz))+$/i, '');
  return /tag-(.+)$/.exec(stem)?.[1] ?? stem;
}

/** Reads a training log from rows, of whatever wrote it. */
export async function readLog(source: RowSource, fileName: string, options: ReadOptions): Promise<ReadLog> {
  const table = new Table();
  const list = new ProblemList();
  const notes: Note[] = [];
  const nonFinite: NonFinite[] = [];
  const otherRuns = new Set<string>();
  const parts = new Map<string, Set<string>>();
  let run: string | null | undefined;
  let [rowCount, summaries, withoutStep, backwards, texts] = [0, 0, 0, 0, 0];
  const isSingle = source.columns?.some((name) => /^wall time$/i.test(name)) && source.columns.some((name) => /^value$/i.test(name));
  const metric = isSingle ? tensorboardMetric(fileName) : '';

  await source.each((row) => {
    if (row.value === null) {
      if (row.isText) texts++;
      else list.add(row, row.problem ?? '');
      return;
    }
    if (rowCount >= MAX_ROWS) return false;
    const names = Object.keys(row.value);
    // the trainer's last word: means over the whole run
    if (names.some((name) => /train_runtime|train_samples_per_second/.test(name))) {
      summaries++;
      return;
    }
    let step: number | undefined;
    const values = new Map<string, number>();
    const bad: string[] = [];
    for (const name of names) {
      const column = logColumn(isSingle && /^value$/i.test(name) ? metric : name);
      if (!column) continue;
      const value = numberOf(row.value[name], source.decimalComma);
      if (value === undefined) continue;
      if (value === null) {
        if (column !== 'step' && column.isKnown) bad.push(name);
        continue;
      }
      if (column === 'step') {
        if (step === undefined || /global_step|^step$/i.test(name)) step = value;
        continue;
      }
      run ??= column.run;
      if (column.run !== run) {
        if (column.run !== null) otherRuns.add(column.run);
        continue;
      }
      const key = column.part === 'eval' ? `eval_${column.column}` : column.column;
      if (!values.has(key)) values.set(key, value);
      const seen = parts.get(column.column) ?? new Set();
      parts.set(column.column, seen.add(column.part));
    }
    if (values.size === 0) {
      list.add(
        row,
        bad.length > 0
          ? `"${bad[0]?.slice(0, 60)}" is ${JSON.stringify(row.value[bad[0] ?? ''])?.slice(0, 40)}, which is no number`
          : 'holds no number of a training log',
      );
      return;
    }
    rowCount++;
    if (step === undefined) withoutStep++;
    const at = step ?? rowCount;
    if (at < (table.steps.at(-1) ?? Number.NEGATIVE_INFINITY)) backwards++;
    for (const [name, value] of values) if (!Number.isFinite(value)) nonFinite.push({ column: name, step: at, value });
    table.add(at, values);
  }, options);

  const all = table.take();
  const columns: Record<string, Float64Array> = {};
  const evaluated: string[] = [];
  for (const [name, values] of Object.entries(all)) {
    const plain = name.replace(/^eval_/, '');
    // What was measured in evaluation alone stands under its plain name: it is the log's only curve of it.
    if (plain !== name && !(plain in all)) {
      columns[plain] = values;
      evaluated.push(plain);
    } else columns[name] = values;
  }
  if (evaluated.length > 0)
    notes.push({
      kind: 'evaluation',
      text: `Measured in evaluation alone: ${evaluated.slice(0, 12).join(', ')}.`,
      count: evaluated.length,
    });
  if (summaries > 0)
    notes.push({ kind: 'summary', text: 'The trainer’s last row, with means over the whole run, is left out.', count: summaries });
  if (withoutStep > 0 && withoutStep < rowCount)
    notes.push({ kind: 'steps', text: 'Some rows name no step: they are counted.', count: withoutStep });
  else if (withoutStep > 0) notes.push({ kind: 'steps', text: 'No column names the step: rows are counted instead.', count: withoutStep });
  if (backwards > 0)
    notes.push({
      kind: 'restarted',
      text: `The steps go back ${backwards === 1 ? 'once' : `${backwards} times`}: the run was restarted, or several runs stand in one file.`,
      count: backwards,
    });
  if (otherRuns.size > 0)
    notes.push({
      kind: 'runs',
      text: `The file holds ${otherRuns.size + 1} runs. Read is the first, “${(run ?? '').slice(0, 60)}”.`,
      count: otherRuns.size + 1,
    });
  if (texts > 0)
    notes.push({
      kind: 'text',
      text: `${texts === 1 ? '1 line of other text is' : `${texts} lines of other text are`} passed over.`,
      count: texts,
    });
  if (nonFinite.length > 0) {
    const [first] = nonFinite;
    const steps = [...new Set(nonFinite.map(({ step }) => step))];
    notes.push({
      kind: 'nan',
      text: `Not finite: ${first?.column} is ${first?.value} at step ${first?.step}, and ${nonFinite.length - 1} more ${nonFinite.length === 2 ? 'number' : 'numbers'}.`,
      count: nonFinite.length,
      rows: steps.slice(0, 100),
    });
  }
  const chosen = columns['logps/chosen'];
  if (chosen?.some(Number.isFinite) && chosen.every((value) => !(value < -8)) && chosen.some((value) => value < 0))
    notes.push({
      kind: 'per-token',
      text: 'The chosen answers’ log-probs lie above −8. They are probably means over tokens, as TRL logs them for ORPO, SimPO and, up to 0.28, IPO; sums lie there only where answers have a few tokens.',
    });
  const { steps } = table;
  const facts = { steps, columns, nonFinite };
  return { ...facts, beta: betaOf(facts), notes, list };
}
