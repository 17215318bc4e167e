import { ProblemList, type ReadOptions } from '../read-records.ts';
import { numberOf } from '../rows/csv-rows.ts';
import type { Note, RowSource } from '../rows/row-source.ts';
import { flatMetrics } from './flat-metrics.ts';
import { isKnownColumn, isSingleMetric, logColumn } from './log-columns.ts';
import { betaOf, type LogFacts, type NonFinite, showPlace } from './readings/series.ts';

/** Rows and columns of a log that are kept. */
const MAX_ROWS = 200_000;
const MAX_COLUMNS = 120;

export interface ReadLog extends LogFacts {
  /** rows that are means over a whole run */
  readonly summaries: number;
  readonly notes: readonly Note[];
  readonly list: ProblemList;
}

/** A log as it grows: a row a step, NaN where a column has nothing. */
class Table {
  steps: number[] = [];
  readonly columns = new Map<string, number[]>();
  /** the last row of each step */
  readonly #places = new Map<number, number>();
  /** names of columns beyond those that are kept; none of them is known */
  readonly left = new Set<string>();
  /** rows that say again what an earlier one of their step says */
  repeated = 0;

  add(step: number, values: ReadonlyMap<string, number>): void {
    // Several rows of one step, as of training and evaluation, are one.
    const before = this.#places.get(step);
    const same = (name: string, value: number): boolean | undefined => {
      const given = before === undefined ? undefined : this.columns.get(name)?.[before];
      return given === undefined ? undefined : Object.is(given, value);
    };
    const agree = [...values].map(([name, value]) => same(name, value));
    const fits = before !== undefined && !agree.includes(false);
    if (fits && !agree.includes(undefined)) this.repeated++;
    if (!fits) this.steps.push(step);
    const at = fits ? before : this.steps.length - 1;
    this.#places.set(step, at);
    for (const [name, value] of values) {
      let column = this.columns.get(name);
      if (!column) {
        if (this.columns.size >= MAX_COLUMNS && !isKnownColumn(name)) {
          this.left.add(name);
          continue;
        }
        column = [];
        this.columns.set(name, column);
      }
      column[at] = value;
    }
  }

  /**
   * Its columns, in the order of the steps where each step stands once: a file may hold metric after metric. Where a run was taken up again
   * from an earlier step, what had come after that step is left out.
   */
  take(): { readonly columns: Record<string, Float64Array>; readonly replaced: number; readonly from: number } {
    let order = [...this.steps.keys()];
    const stepOf = (i: number): number => this.steps[i] ?? 0;
    let from = Number.NaN;
    if (this.#places.size === this.steps.length) order = order.sort((i, j) => stepOf(i) - stepOf(j));
    else {
      const kept: number[] = [];
      for (const i of order) {
        if (stepOf(i) < stepOf(kept.at(-1) ?? i)) from = stepOf(i);
        while (kept.length > 0 && stepOf(kept.at(-1) ?? i) > stepOf(i)) kept.pop();
        if (from === stepOf(i) && stepOf(kept.at(-1) ?? -1) === from) kept.pop();
        kept.push(i);
      }
      order = kept;
    }
    const replaced = this.steps.length - order.length;
    const columns = [...this.columns].map(([name, values]) => [name, Float64Array.from(order, (i) => values[i] ?? Number.NaN)]);
    this.steps = order.map(stepOf);
    return { columns: Object.fromEntries(columns), replaced, from };
  }
}

/** The metric that a TensorBoard export of one metric is of: its file's name says it. */
function tensorboardMetric(name: string): string {
  const stem = name.replace(/^.*[/\\]/, '').replace(/(?:\.(?:csv|tsv|txt|json|gz))+$/i, '');
  return /tag-(.+)$/.exec(stem)?.[1] ?? stem;
}

/** A number of a log. A step may be written as 5/100 or as 1,000, a share as 50 %. */
function metricOf(value: unknown, isStep: boolean, decimalComma: boolean): number | undefined | null {
  if (typeof value !== 'string') return numberOf(value, decimalComma);
  const text = value.trim();
  if (isStep) return numberOf(text.replace(/^(\d+)\s*\/\s*\d+$/, '$1').replace(/,(?=\d{3}(?:,|$))/g, ''), decimalComma);
  const share = /^([-+]?[\d.,]+)\s*%$/.exec(text);
  const number = numberOf(share?.[1] ?? text, decimalComma);
  return share && typeof number === 'number' ? number / 100 : number;
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
  let [rowCount, summaries, withoutStep, fromBars, texts] = [0, 0, 0, 0, 0];
  let last: number | undefined;
  const isSingle = source.columns !== null && isSingleMetric(source.columns);
  const metric = isSingle ? tensorboardMetric(fileName) : '';

  const hasText = source.syntax === 'lines of a console';
  await source.each((row) => {
    if (row.value === null) {
      if (row.isText) texts++;
      else list.add(row, row.problem ?? '');
      return;
    }
    if (rowCount >= MAX_ROWS) return false;
    const fields = flatMetrics(row.value);
    const names = Object.keys(fields);
    // the trainer's last word: means over the whole run
    if (names.some((name) => /train_runtime|train_samples_per_second/.test(name))) {
      summaries++;
      return;
    }
    let step: number | undefined;
    const values = new Map<string, number>();
    let [isKnown, isOther] = [false, false];
    const bad: string[] = [];
    for (const name of names) {
      const column = logColumn(isSingle && /^value$/i.test(name) ? metric : name);
      if (!column) continue;
      const value = metricOf(fields[name], column === 'step', source.decimalComma);
      if (value === undefined) continue;
      if (value === null) {
        if (column !== 'step' && column.isKnown) bad.push(name);
        continue;
      }
      if (column === 'step') {
        if (step === undefined || /global_step|^step$|updates$/i.test(name)) step = value;
        continue;
      }
      run ??= column.run;
      if (column.run !== run) {
        if (column.run !== null) otherRuns.add(column.run);
        isOther = true;
        continue;
      }
      const key = column.part === 'eval' ? `eval_${column.column}` : column.column;
      isKnown ||= column.isKnown;
      if (!values.has(key)) values.set(key, value);
      const seen = parts.get(column.column) ?? new Set();
      parts.set(column.column, seen.add(column.part));
    }
    // what a console prints beside its metrics, as a run's settings
    if (!isKnown && hasText) {
      texts++;
      return;
    }
    if (values.size === 0 && isOther) return;
    if (values.size === 0) {
      list.add(
        row,
        bad.length > 0
          ? `"${bad[0]?.slice(0, 60)}" is ${JSON.stringify(fields[bad[0] ?? ''])?.slice(0, 40)}, which is no number`
          : 'holds no number of a training log',
      );
      return;
    }
    rowCount++;
    if (step === undefined && row.shown !== undefined) fromBars++;
    else if (step === undefined) withoutStep++;
    // a row of evaluation may name none, and is of the step before
    const at = step ?? row.shown ?? last ?? rowCount;
    if (step !== undefined || row.shown !== undefined) last = at;
    for (const [name, value] of values) if (!Number.isFinite(value)) nonFinite.push({ column: name, step: at, value });
    table.add(at, values);
  }, options);

  const { columns: all, replaced, from } = table.take();
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
    notes.push({
      kind: 'summary',
      text:
        summaries === 1
          ? 'The trainer’s last row, with means over the whole run, is left out.'
          : `${summaries} rows with means over a whole run are left out.`,
      count: summaries,
    });
  const isCounted = withoutStep > 0 && withoutStep === rowCount;
  if (withoutStep > 0 && !isCounted)
    notes.push({ kind: 'steps', text: 'Some rows name no step: they are put to the one before.', count: withoutStep });
  else if (isCounted) notes.push({ kind: 'steps', text: 'No column names the step: rows are counted instead.', count: withoutStep });
  if (table.left.size > 0)
    notes.push({
      kind: 'ignored-columns',
      text: `Of the log’s other columns ${table.left.size} are not kept.`,
      count: table.left.size,
    });
  if (fromBars > 0) notes.push({ kind: 'steps', text: 'The steps are those of the progress bars before the rows.', count: fromBars });
  if (table.repeated > 0)
    notes.push({
      kind: 'repeated',
      text: `${table.repeated === 1 ? '1 row says' : `${table.repeated} rows say`} the same again, as several processes print it.`,
      count: table.repeated,
    });
  if (replaced > 0)
    notes.push({
      kind: 'restarted',
      text: `The steps go back: the run was taken up again from step ${from} on, or several runs stand in one file. The last one is kept, and ${replaced === 1 ? '1 earlier row is' : `${replaced} earlier rows are`} left out.`,
      count: replaced,
    });
  if (otherRuns.size > 0)
    notes.push({
      kind: 'runs',
      text: `The file holds ${otherRuns.size + 1} runs. Read is “${(run ?? '').slice(0, 60)}”, the first with a number.`,
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
      text: `Not finite: ${first?.column} is ${first?.value} at ${showPlace({ isCounted }, first?.step ?? 0)}, and ${nonFinite.length - 1} more ${nonFinite.length === 2 ? 'number' : 'numbers'}.`,
      count: nonFinite.length,
      rows: steps.slice(0, 100),
    });
  }
  const chosen = columns['logps/chosen'];
  if (chosen?.some(Number.isFinite) && chosen.every((value) => !(value < -8)) && chosen.some((value) => value < 0))
    notes.push({
      kind: 'per-token',
      text: 'The chosen answers’ log-probs lie above −8. They are probably means over tokens, as TRL logs them for ORPO, SimPO, CPOTrainer’s IPO and, up to 0.28, DPOTrainer’s IPO; sums lie there only where answers have a few tokens.',
    });
  const { steps } = table;
  const facts = { steps, columns, nonFinite, isCounted };
  return { ...facts, beta: betaOf(facts), summaries, notes, list };
}
