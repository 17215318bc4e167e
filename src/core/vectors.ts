/** Small vectors as plain arrays. */

export const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
export const norm = (a: readonly number[]): number => Math.sqrt(dot(a, a));
export const cosine = (a: readonly number[], b: readonly number[]): number => dot(a, b) / (norm(a) * norm(b));
export const withNorm = (a: readonly number[], length: number): number[] => {
  const scale = length / norm(a);
  return a.map((value) => value * scale);
};

/** `moved` turned within the plane of both until its cosine with `fixed` is `wanted`; its length stays. */
export function withCosine(fixed: readonly number[], moved: readonly number[], wanted: number): number[] {
  const along = withNorm(fixed, 1);
  const away = (vector: readonly number[]) => {
    const part = dot(vector, along);
    return vector.map((value, i) => value - part * (along[i] ?? 0));
  };
  let across = away(moved);
  // Parallel vectors span no plane: any direction across will do, and the axis least along `fixed` is surely one.
  if (norm(across) <= 1e-9 * norm(moved)) {
    const least = along.reduce((best, value, i) => (Math.abs(value) < Math.abs(along[best] ?? 0) ? i : best), 0);
    across = away(along.map((_, i) => Number(i === least)));
  }
  const side = withNorm(across, Math.sqrt(Math.max(0, 1 - wanted ** 2)));
  return withNorm(
    along.map((value, i) => wanted * value + (side[i] ?? 0)),
    norm(moved),
  );
}
