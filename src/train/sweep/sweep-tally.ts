import { averagedRows, type MetricRow } from '../../backend/ensemble-layout.ts';
import { ExperimentError } from '../../core/errors.ts';
import type { Sweep, SweepResult, SweepRuns } from '../../core/experiment.ts';
import type { SweepPlan } from './sweep-plan.ts';

type Averaged = (typeof averagedRows)[number];

const byMetric = <T>(make: (name: Averaged) => T) =>
  Object.fromEntries(averagedRows.map((name) => [name, make(name)])) as Record<Averaged, T>;

/** The map of a sweep while its runs come in. */
export class SweepTally {
  readonly #plan: SweepPlan;
  readonly #sums: Record<Averaged, Float64Array>;
  readonly #topGainer: Uint32Array;
  readonly #finished: Uint32Array;
  readonly #diverged: Uint32Array;
  /** [seed][y][x]; null where nobody asked for each run */
  readonly #each: SweepRuns | null;
  /** what the call before has finished of each run, [seed][y][x] */
  readonly #earlier: ArrayLike<number> | null;
  #runs = 0;

  /** `columns` is the size of the vocabulary. Throws an ExperimentError where `resume` is not a part of this sweep. */
  constructor(plan: SweepPlan, columns: number, { perSeed = false, resume }: Pick<Sweep, 'perSeed' | 'resume'> = {}) {
    this.#plan = plan;
    const cells = plan.columns * plan.rows;
    this.#sums = byMetric(() => new Float64Array(cells));
    this.#topGainer = new Uint32Array(cells).fill(columns);
    this.#finished = new Uint32Array(cells);
    this.#diverged = new Uint32Array(cells);
    this.#each = perSeed ? { ...byMetric(() => new Float32Array(plan.runs).fill(Number.NaN)), state: new Uint8Array(plan.runs) } : null;
    this.#earlier = resume ? this.#takeUp(resume) : null;
  }

  /** Runs that have ended. */
  get runs(): number {
    return this.#runs;
  }

  /** Whether an earlier call has finished run `index`. */
  has(index: number): boolean {
    return (this.#earlier?.[index] ?? 0) > 0;
  }

  #takeUp(resume: SweepResult): ArrayLike<number> {
    const single = this.#plan.seeds === 1;
    const state = resume.perSeed?.state ?? (single ? resume.finished.map((ended, cell) => ended + (resume.diverged[cell] ?? 0)) : null);
    if (state?.length !== this.#plan.runs)
      throw new ExperimentError(
        '(sweep).resume',
        `must be a result of this sweep${single ? '' : ' that has `perSeed`'}, of ${this.#plan.runs} runs.`,
      );
    const source = resume.perSeed ?? resume;
    for (let index = 0; index < state.length; index++) {
      if (state[index] === 0) continue;
      const metrics = {
        ...byMetric((name) => [source[name][index] ?? Number.NaN]),
        topGainer: [resume.topGainer[index] ?? 0], // read of the first seed only, whose runs are the cells
        diverged: [state[index] === 2 ? 1 : 0],
      };
      this.add(index, metrics, 0);
    }
    return state;
  }

  /** Takes run `index` in, whose metrics stand at `place`. */
  add(index: number, metrics: Record<MetricRow, ArrayLike<number>>, place: number): void {
    const { x, y, seed } = this.#plan.at(index);
    const cell = y * this.#plan.columns + x;
    const hasDiverged = metrics.diverged[place] !== 0;
    this.#runs++;
    this.#finished[cell] = (this.#finished[cell] ?? 0) + 1;
    if (this.#each) this.#each.state[index] = hasDiverged ? 2 : 1;
    if (hasDiverged) {
      this.#diverged[cell] = (this.#diverged[cell] ?? 0) + 1;
      return;
    }
    for (const name of averagedRows) {
      const value = metrics[name][place] ?? Number.NaN;
      const sums = this.#sums[name];
      sums[cell] = (sums[cell] ?? 0) + value;
      if (this.#each) this.#each[name][index] = value;
    }
    if (seed === 0) this.#topGainer[cell] = metrics.topGainer[place] ?? 0;
  }

  result(): SweepResult {
    const each = this.#each;
    const means = (sums: Float64Array): Float32Array => {
      const of = new Float32Array(sums.length);
      // 0 / 0 where no run of the cell has ended well
      for (let cell = 0; cell < of.length; cell++)
        of[cell] = (sums[cell] as number) / ((this.#finished[cell] as number) - (this.#diverged[cell] as number));
      return of;
    };
    return {
      ...byMetric((name) => means(this.#sums[name])),
      topGainer: this.#topGainer.slice(),
      finished: this.#finished.slice(),
      diverged: this.#diverged.slice(),
      runs: this.#runs,
      ...(each ? { perSeed: { ...byMetric((name) => each[name].slice()), state: each.state.slice() } } : {}),
    };
  }
}
