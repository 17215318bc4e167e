import { fixed } from './format.ts';

/** A share in whole percent: '<1 %' and '>99 %' for what would read as none, or as all. Less than a millionth of a percent is rounding. */
export function wholePercent(share: number): string {
  const [value, rounding] = [100 * share, 1e-6];
  const text = value > rounding && value < 0.5 ? '<1' : value >= 99.5 && value < 100 - rounding ? '>99' : fixed(value, 0);
  return `${text}\u202f%`;
}
