import type { RecordedStep } from '../../core/experiment.ts';
import { oneLine } from './one-line.ts';

/** Numbers by name, row by row. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | string)[])[];
}

/** What a run's table holds of each step. */
export interface TrajectoryLayout {
  readonly pairs: number;
  /** names of [prompts × K] outcomes whose log-probability and probability are listed; empty where they are not recorded */
  readonly outcomes: readonly string[];
  /** log-probs of every pair, or their means, the fallen, and how far each chosen response has moved */
  readonly detail: 'pairs' | 'means';
  /** norms and inner product of the first pair's gradients, too */
  readonly geometry: boolean;
}

/** Columns of a run, in the order in which the page and the exported script write them. */
export function trajectoryColumns({ pairs, outcomes, detail, geometry }: TrajectoryLayout): string[] {
  const each = Array.from({ length: pairs }, (_, pair) => (pairs === 1 ? '' : `_${pair}`));
  const ofPairs =
    detail === 'pairs'
      ? each.flatMap((suffix) => [`chosen_logp${suffix}`, `rejected_logp${suffix}`, `margin${suffix}`])
      : ['mean_chosen_logp', 'mean_rejected_logp', 'fallen', ...each.map((suffix) => `chosen_change${suffix}`)];
  return [
    'step',
    'loss',
    ...ofPairs,
    ...outcomes.map((name) => `logp_${name}`),
    ...outcomes.map((name) => `p_${name}`),
    ...(geometry ? ['chosen_grad_norm_sq', 'rejected_grad_norm_sq', 'inner_product', 'cosine'] : []),
  ];
}

/**
 * A run whose layout has `detail` 'pairs'. The margin is that of the log-ratios: against `start`, the reference. `geometry` lists the last
 * columns of a step, where the layout has them.
 */
export function trajectoryTable(
  layout: TrajectoryLayout,
  start: RecordedStep,
  steps: readonly RecordedStep[],
  geometry: (index: number) => readonly number[] = () => [],
): Table {
  const at = (values: readonly number[], pair: number): number => values[pair] ?? Number.NaN;
  const rows = steps.map((state, index) => [
    state.step,
    state.loss,
    ...state.chosenLogps.flatMap((chosen, pair) => {
      const rejected = at(state.rejectedLogps, pair);
      return [chosen, rejected, chosen - rejected - (at(start.chosenLogps, pair) - at(start.rejectedLogps, pair))];
    }),
    ...(layout.outcomes.length > 0 ? [...(state.outcomeLogps ?? []), ...(state.probs ?? [])] : []),
    ...geometry(index),
  ]);
  return { columns: trajectoryColumns(layout), rows };
}

/** A spreadsheet would compute with text that begins like this. */
const isFormula = (text: string): boolean => /^[=+\-@\t\r\n＝＋－＠]/.test(text) && Number.isNaN(Number(text));

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

function cell(value: number | string): string {
  const text = typeof value === 'string' && isFormula(value) ? `'${value}` : String(value);
  return /[",;\t\n\r]/.test(text) ? quoted(text) : text;
}

/** A note as one line; quoted where a spreadsheet would cut a formula out of it. */
function noteLine(note: string): string {
  const line = `# ${oneLine(note)}`;
  return line.includes('"') || line.split(/[,;]/).some(isFormula) ? quoted(line) : line;
}

/** The table as CSV, after `notes` in lines that begin with '#'. Text that a spreadsheet would take for a formula gets an apostrophe. */
export const csvOf = ({ columns, rows }: Table, notes: readonly string[]): string =>
  `${[...notes.map(noteLine), ...[columns, ...rows].map((row) => row.map(cell).join())].join('\n')}\n`;
