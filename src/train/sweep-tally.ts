import type { MetricRow } from '../backend/ensemble-layout.ts';
import type { SweepResult } from '../core/experiment.ts';
import type { SweepPlan } from './sweep-plan.ts';

const averaged = ['chosenLogpChange', 'rejectedLogpChange', 'margin', 'loss', 'topGainerProb', 'entropy', 'klToReference'] as const;

/** The map of a sweep while its runs come in. */
export class SweepTally {
  readonly #plan: SweepPlan;
  readonly #sums: Record<(typeof averaged)[number], Float64Array>;
  readonly #topGainer: Uint32Array;
  readonly #finished: Uint32Array;
  readonly #diverged: Uint32Array;
  #runs = 0;

  /** `columns` is the size of the vocabulary. */
  constructor(plan: SweepPlan, columns: number) {
    this.#plan = plan;
    const cells = plan.columns * plan.rows;
    this.#sums = Object.fromEntries(averaged.map((name) => [name, new Float64Array(cells)])) as Record<
      (typeof averaged)[number],
      Float64Array
    >;
    this.#topGainer = new Uint32Array(cells).fill(columns);
    this.#finished = new Uint32Array(cells);
    this.#diverged = new Uint32Array(cells);
  }

  /** Takes run `index` in, whose metrics stand at `place`. */
  add(index: number, metrics: Record<MetricRow, ArrayLike<number>>, place: number): void {
    const { x, y, seed } = this.#plan.at(index);
    const cell = y * this.#plan.columns + x;
    this.#runs++;
    this.#finished[cell] = (this.#finished[cell] ?? 0) + 1;
    if (metrics.diverged[place] !== 0) {
      this.#diverged[cell] = (this.#diverged[cell] ?? 0) + 1;
      return;
    }
    for (const name of averaged) {
      const sums = this.#sums[name];
      sums[cell] = (sums[cell] ?? 0) + (metrics[name][place] ?? Number.NaN);
    }
    if (seed === 0) this.#topGainer[cell] = metrics.topGainer[place] ?? 0;
  }

  result(): SweepResult {
    const means = averaged.map((name) => {
      const mean = (sum: number, cell: number) => sum / ((this.#finished[cell] ?? 0) - (this.#diverged[cell] ?? 0));
      return [name, Float32Array.from(this.#sums[name], mean)] as const; // 0 / 0 where no run of the cell has ended well
    });
    return {
      ...(Object.fromEntries(means) as Record<(typeof averaged)[number], Float32Array>),
      topGainer: this.#topGainer.slice(),
      finished: this.#finished.slice(),
      diverged: this.#diverged.slice(),
      runs: this.#runs,
    };
  }
}
