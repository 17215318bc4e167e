/** Least squares with an intercept: weights [1 + d] of an intercept and the columns, by the normal equations and elimination. */
export function leastSquares(rows: readonly (readonly number[])[], targets: readonly number[]): number[] {
  const inputs = rows.map((row) => [1, ...row]);
  const size = inputs[0]?.length ?? 0;
  const system = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (__, j) => inputs.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0)),
    inputs.reduce((sum, row, n) => sum + (row[i] ?? 0) * (targets[n] ?? 0), 0),
  ]);
  for (let i = 0; i < size; i++) {
    const pivot = system[i] ?? [];
    // the matrix is positive definite where there are more rows than columns, so no rows need to be exchanged
    for (let r = 0; r < size; r++) {
      const row = system[r] ?? [];
      const factor = r === i ? 0 : (row[i] ?? 0) / (pivot[i] ?? Number.NaN);
      for (let c = i; c <= size; c++) row[c] = (row[c] ?? 0) - factor * (pivot[c] ?? 0);
    }
  }
  return system.map((row, i) => (row[size] ?? Number.NaN) / (row[i] ?? Number.NaN));
}

/** 1 - E|f(x') - f_lin(x')| of the linear function that fits best at some points near x: how faithful a local explanation is. */
export function fidelity(near: readonly (readonly number[])[], f: (point: readonly number[]) => number): number {
  const values = near.map(f);
  const [intercept = 0, ...weights] = leastSquares(near, values);
  const errors = near.map((row, i) =>
    Math.abs((values[i] ?? 0) - row.reduce((sum, value, k) => sum + value * (weights[k] ?? 0), intercept)),
  );
  return 1 - errors.reduce((a, b) => a + b, 0) / errors.length;
}
