import type { RecordedStep } from '../../core/experiment.ts';

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

const cell = (value: number | string): string =>
  /[",\n\r]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);

/** The table as CSV, after `notes` in lines that begin with '#'. */
export const csvOf = ({ columns, rows }: Table, notes: readonly string[]): string =>
  `${[...notes.map((note) => `# ${note.replaceAll(/\s+/g, ' ')}`), ...[columns, ...rows].map((row) => row.map(cell).join())].join('\n')}\n`;
