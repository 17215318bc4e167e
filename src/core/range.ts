/** The range of a numeric setting; a logarithmic slider spends equal lengths on equal ratios. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly logarithmic: boolean;
  readonly integer: boolean;
}

/** Where a value stands on its slider, 0 to 1; a value beyond the slider stands at its end. */
export function toPosition(value: number, { min, max, logarithmic }: Range): number {
  const inside = Math.min(max, Math.max(min, value));
  return logarithmic ? Math.log(inside / min) / Math.log(max / min) : (inside - min) / (max - min);
}

/** The slider of an objective's parameter: logarithmic where its ends are two decades apart. */
export const rangeOf = ({ min, max }: { min: number; max: number }): Range => ({
  min,
  max,
  logarithmic: min > 0 && max / min >= 100,
  integer: false,
});

/** The value at a place on the slider, rounded to three significant digits and kept in the range. */
export function fromPosition(position: number, { min, max, logarithmic, integer }: Range): number {
  const exact = logarithmic ? min * (max / min) ** position : min + (max - min) * position;
  const rounded = Number(exact.toPrecision(integer ? 2 : 3));
  return Math.min(max, Math.max(min, integer ? Math.round(rounded) : rounded));
}

/**
 * What a reader typed: the value, or what is wrong with it in words. A decimal comma is understood. `refuse` says why a number is not
 * valid, where that is not simply the slider's range.
 */
export function parseEntry(
  text: string,
  { min, max, integer }: Range,
  refuse: (value: number) => string | null = (value) => (value < min || value > max ? `Between ${min} and ${max}.` : null),
): { value: number } | { problem: string } {
  const value = Number(text.trim().replace(',', '.').replace('\u2212', '-'));
  if (/[.,].*[.,]/.test(text)) return { problem: 'One comma or point only, before the decimals.' };
  if (text.trim() === '' || !Number.isFinite(value)) return { problem: 'Enter a number.' };
  const refusal = refuse(value);
  if (refusal !== null) return { problem: refusal };
  if (integer && !Number.isInteger(value)) return { problem: 'A whole number.' };
  return { value };
}
