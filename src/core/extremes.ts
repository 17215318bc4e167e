// Math.max and Math.min take a list as arguments, of which there may be some hundred thousand at most.

/** The largest of any number of values; -∞ of none, NaN where one is. */
export function largestOf(values: Iterable<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) largest = Math.max(largest, value);
  return largest;
}

/** The least of any number of values; ∞ of none, NaN where one is. */
export function leastOf(values: Iterable<number>): number {
  let least = Number.POSITIVE_INFINITY;
  for (const value of values) least = Math.min(least, value);
  return least;
}
