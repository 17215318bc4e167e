/** What a full bar may stand for: few enough that a scale stays where numbers change a little. */
const levels = [1, 2, 5];

/** What a full bar stands for, of numbers of either sign: the least of 1, 2 or 5 times a power of ten that none is above; 1 of none or zeros. */
export function fullBarOf(values: readonly number[]): number {
  const largest = Math.max(0, ...values.map(Math.abs).filter(Number.isFinite));
  if (largest === 0) return 1;
  const decade = 10 ** Math.floor(Math.log10(largest));
  // the division may round up by a little: a number that is a level is not above it
  const part = (largest / decade) * (1 - 1e-12);
  return (levels.find((level) => part <= level) ?? 10) * decade;
}
