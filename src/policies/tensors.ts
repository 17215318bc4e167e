/** Rows of numbers one after the other; null is the logit of what cannot occur. */
export const flatten = (rows: readonly (readonly (number | null)[])[]): Float64Array =>
  Float64Array.from(rows.flat(), (value) => value ?? Number.NEGATIVE_INFINITY);

export const scaled = (rows: readonly (readonly number[])[], factor: number): Float64Array => flatten(rows).map((value) => value * factor);
