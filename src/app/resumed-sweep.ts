import type { Sweep, SweepResult } from '../core/experiment.ts';

const maps = [
  'chosenLogpChange',
  'rejectedLogpChange',
  'margin',
  'loss',
  'topGainerProb',
  'topGainer',
  'entropy',
  'klToReference',
  'finished',
  'diverged',
] as const satisfies readonly (keyof SweepResult)[];

/** The part of a sweep that is still to be trained, row by row, and what has been trained before. */
export class ResumedSweep {
  readonly #sweep: Sweep;
  #known: SweepResult | null = null;
  /** rows of the whole sweep that the part holds, in its order */
  #rows: readonly number[];

  constructor(sweep: Sweep) {
    this.#sweep = sweep;
    this.#rows = sweep.y?.values?.map((_, row) => row) ?? [];
  }

  /** What is left; null where every row is finished. */
  get part(): Sweep | null {
    if (this.#known === null) return this.#sweep;
    const { y } = this.#sweep;
    return this.#rows.length === 0 ? null : { ...this.#sweep, y: { ...y, values: this.#rows.map((row) => y.values[row] ?? Number.NaN) } };
  }

  /** Runs finished before the part was begun. */
  get runsBefore(): number {
    return this.#runs - this.#rows.length * this.#columns * this.#seeds;
  }

  get runs(): number {
    return this.#runs;
  }

  /** The whole map: what was known, and the part's rows in their places. */
  merge(part: SweepResult): SweepResult {
    if (this.#known === null) return part;
    const columns = this.#columns;
    const whole = copyOf(this.#known);
    for (const [from, row] of this.#rows.entries())
      for (const name of maps) whole[name].set(part[name].subarray(from * columns, (from + 1) * columns), row * columns);
    return { ...whole, runs: whole.finished.reduce((sum, count) => sum + count, 0) };
  }

  /** The part was broken off at this map: rows that are finished are not trained again. */
  keep(whole: SweepResult): void {
    const columns = this.#columns;
    this.#known = whole;
    this.#rows = this.#sweep.y.values.flatMap((_, row) => {
      const counts = whole.finished.subarray(row * columns, (row + 1) * columns);
      return counts.every((count) => count >= this.#seeds) ? [] : [row];
    });
  }

  get #columns(): number {
    return this.#sweep.x.values.length;
  }
  get #seeds(): number {
    return this.#sweep.seeds ?? 1;
  }
  get #runs(): number {
    return this.#columns * this.#sweep.y.values.length * this.#seeds;
  }
}

function copyOf(result: SweepResult): SweepResult {
  const copy = { ...result };
  for (const name of maps) Object.assign(copy, { [name]: result[name].slice() });
  return copy;
}
