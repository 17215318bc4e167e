import type { RunOptions, Sweep } from '../../core/experiment.ts';
import type { Engine } from '../../train/engine.ts';
import type { Agreement } from '../runs/player.svelte.ts';
import { logpsOf, roundingAllowance, type Work } from './engine-comparison.ts';

/** Runs of a sweep that are done again, along each axis. */
const sampledCells = 4;

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
