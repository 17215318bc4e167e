/** Σ weight · row rowᵀ and Σ weight · target · row, summed up row by row, and what they say of a linear prediction. */
export class LeastSquares {
  readonly #dimensions: number;
  readonly #gram: Float64Array;
  readonly #products: Float64Array;

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#gram = new Float64Array(dimensions * dimensions);
    this.#products = new Float64Array(dimensions);
  }

  add(row: ArrayLike<number>, target: number, weight = 1): void {
    const d = this.#dimensions;
    for (let i = 0; i < d; i++) {
      const value = weight * (row[i] as number);
      if (value === 0) continue;
      this.#products[i] = (this.#products[i] as number) + value * target;
      for (let j = 0; j <= i; j++) this.#gram[i * d + j] = (this.#gram[i * d + j] as number) + value * (row[j] as number);
    }
  }

  /** argmin of Σ weight (target - ⟨row, w⟩)² + ridge ‖w‖², by Cholesky's decomposition; the ridge must be above 0. */
  solve(ridge: number): number[] {
    const d = this.#dimensions;
    const lower = Float64Array.from(this.#gram);
    const at = (i: number, j: number): number => lower[i * d + j] as number;
    for (let j = 0; j < d; j++) {
      let pivot = at(j, j) + ridge;
      for (let k = 0; k < j; k++) pivot -= at(j, k) ** 2;
      const root = Math.sqrt(pivot);
      lower[j * d + j] = root;
      for (let i = j + 1; i < d; i++) {
        let value = at(i, j);
        for (let k = 0; k < j; k++) value -= at(i, k) * at(j, k);
        lower[i * d + j] = value / root;
      }
    }
    const solution = Array.from(this.#products);
    for (let i = 0; i < d; i++) {
      let value = solution[i] as number;
      for (let k = 0; k < i; k++) value -= at(i, k) * (solution[k] as number);
      solution[i] = value / at(i, i);
    }
    for (let i = d - 1; i >= 0; i--) {
      let value = solution[i] as number;
      for (let k = i + 1; k < d; k++) value -= at(k, i) * (solution[k] as number);
      solution[i] = value / at(i, i);
    }
    return solution;
  }
}
