import type { Experiment, RecordedStep, RunOptions, Sweep, SweepResult } from '../../core/experiment.ts';
import type { TargetExperiment, TargetStep } from '../../core/on-policy.ts';
import type { Engine } from '../../train/engine.ts';
import { scientific } from '../controls/format.ts';
import type { Agreement } from '../runs/player.svelte.ts';

/** Work that an engine has done and that another can do again: a run up to a step, a descent to a target, or a sweep. */
export type Work =
  | { readonly kind: 'run'; readonly experiment: Experiment; readonly step: RecordedStep }
  | { readonly kind: 'descent'; readonly experiment: TargetExperiment; readonly steps: readonly TargetStep[] }
  | { readonly kind: 'sweep'; readonly sweep: Sweep; readonly result: SweepResult };

/** Runs of a sweep that are done again, along each axis. */
const sampledCells = 4;

/**
 * What rounding may add to a log-probability of about this size in so many updates, in nats: each update rounds every parameter once, and
 * a log-prob moves by twice as much at most. It holds while the run does not magnify differences; at a large learning rate it may.
 */
export const roundingAllowance = (updates: number, largestLogp: number): number => 2 * Math.max(4, largestLogp) * 2 ** -24 * (updates + 2);

/** Whether rounding explains a difference, in words. */
export const allowanceWords = ({ largestDifference, allowance }: Agreement): string =>
  largestDifference <= allowance
    ? `float32’s rounding may add ${scientific(allowance)}`
    : `float32’s rounding alone adds at most ${scientific(allowance)}: this run magnifies it`;

class Differences {
  #largest = 0;
  #size = 0;
  add(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
    for (let i = 0; i < expected.length; i++) {
      const [a, e] = [actual[i] ?? Number.NaN, expected[i] ?? Number.NaN];
      if (Number.isNaN(a) && Number.isNaN(e)) continue; // diverged on both
      this.#largest = Math.max(this.#largest, Math.abs(a - e));
      if (Number.isFinite(e)) this.#size = Math.max(this.#size, Math.abs(e));
    }
  }
  after(lastStep: number): Agreement {
    return { largestDifference: this.#largest, lastStep, allowance: roundingAllowance(lastStep, this.#size) };
  }
}

export const logpsOf = ({ chosenLogps, rejectedLogps, outcomeLogps = [] }: RecordedStep): number[] => [
  ...chosenLogps,
  ...rejectedLogps,
  ...outcomeLogps,
];

/** Indices spread evenly over a list, both ends included. */
const spread = (length: number): number[] => {
  const count = Math.min(sampledCells, length);
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - 1)) / Math.max(1, count - 1)));
};

/** Does work again on `engine`, and says how far its log-probabilities are from those given. Rejects as the engine's own calls do. */
export async function compareWork(
  work: Work,
  engine: Pick<Engine, 'startRun' | 'matchTarget' | 'sweep'>,
  options: RunOptions = {},
): Promise<Agreement> {
  const differences = new Differences();
  if (work.kind === 'run') {
    const run = await engine.startRun(work.experiment);
    const { step } = work.step;
    const [expected] = await run.advance(step, [step]).finally(() => run.dispose());
    if (expected) differences.add(logpsOf(work.step), logpsOf(expected));
    return differences.after(step);
  }
  if (work.kind === 'descent') {
    const { steps } = await engine.matchTarget(work.experiment, options);
    for (const [i, { outcomeLogps }] of steps.entries()) differences.add(work.steps[i]?.outcomeLogps ?? [], outcomeLogps);
    return differences.after(steps.at(-1)?.step ?? 0);
  }
  const { sweep, result } = work;
  const { resume: _, ...plain } = sweep;
  const [columns, rows] = [spread(sweep.x.values.length), spread(sweep.y.values.length)];
  const pick = (axis: Sweep['x'], indices: readonly number[]) => ({
    ...axis,
    values: axis.values.filter((_value, i) => indices.includes(i)),
  });
  const sample = await engine.sweep({ ...plain, x: pick(sweep.x, columns), y: pick(sweep.y, rows) }, options);
  const cells = rows.flatMap((y) => columns.map((x) => y * sweep.x.values.length + x));
  for (const name of ['chosenLogpChange', 'rejectedLogpChange'] as const)
    differences.add(
      cells.map((cell) => result[name][cell] ?? Number.NaN),
      sample[name],
    );
  return differences.after(sweep.experiment.optimizer.steps);
}
