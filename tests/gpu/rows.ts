/** Rows of logits that a kernel may get wrong, and the float64 values that it should give with the error it may make. */

/** Reproducible numbers in [0, 1). */
export function uniformNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function normalNumbers(seed: number): () => number {
  const next = uniformNumbers(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** NaN with a sign bit and a payload: arithmetic on an adapter may lose either. */
const oddNan = new Float32Array(new Uint32Array([0xff800001]).buffer)[0] as number;

/** Each maker gives the logit at column `v` of `columns`. */
const makers: Record<string, (v: number, columns: number, normal: () => number) => number> = {
  normal: (_v, _columns, normal) => 3 * normal(),
  'normal, far from 0': (_v, _columns, normal) => 500 + normal(),
  'all 0': () => 0,
  'all 1e4': () => 1e4,
  'all -1e4': () => -1e4,
  '1e4 and -1e4': (v) => (v % 3 === 1 ? 1e4 : -1e4),
  'one at 1e4': (v, columns) => (v === columns >> 1 ? 1e4 : -1e4),
  'one ahead by 20': (v, columns) => (v === columns - 1 ? 20 : 0),
  'one ahead by 86': (v, columns) => (v === columns >> 1 ? 86 : (v % 7) * 1e-3),
  'two share the lead': (v, columns) => (v === 0 || v === columns - 1 ? 15 : (v % 5) * 0.1),
  'a third masked': (v, _columns, normal) => (v % 3 === 2 ? Number.NEGATIVE_INFINITY : normal()),
  'all but the last masked': (v, columns) => (v === columns - 1 ? 2.5 : Number.NEGATIVE_INFINITY),
  'all masked': () => Number.NEGATIVE_INFINITY,
  'denormal numbers': (v) => (v % 2 ? 1e-40 : -3e-41),
  'the largest numbers': (v) => (v % 2 ? 3.4028234663852886e38 : -3.4028234663852886e38),
  'the lowest number': () => -3.4028234663852886e38,
  'climbing in steps': (v) => v * 0.25,
  'falling in steps': (v) => -v * 0.25,
  'NaN first': (v) => (v === 0 ? Number.NaN : 1),
  'NaN last': (v, columns) => (v === columns - 1 ? oddNan : 1),
  '+Infinity': (v, columns) => (v === columns >> 1 ? Number.POSITIVE_INFINITY : 1),
  'NaN among masked': (v, columns) => (v === columns >> 1 ? Number.NaN : Number.NEGATIVE_INFINITY),
};

export const rowNames = Object.keys(makers);

/** [rows, columns]: every awkward row once, in the order of `rowNames`. */
export function awkwardRows(columns: number): Float32Array<ArrayBuffer> {
  const normal = normalNumbers(columns);
  const rows = new Float32Array(rowNames.length * columns);
  for (const [row, name] of rowNames.entries())
    for (let v = 0; v < columns; v++) rows[row * columns + v] = makers[name]?.(v, columns, normal) ?? 0;
  return rows;
}

export function normalRows(rows: number, columns: number, seed: number): Float32Array<ArrayBuffer> {
  const normal = normalNumbers(seed);
  return Float32Array.from({ length: rows * columns }, () => 3 * normal());
}

export interface ReferenceRow {
  peak: number;
  /** log(1 + rest) */
  logTotal: number;
  /** how far the computed logTotal may be off */
  logTotalBound: number;
}

/** Results below the smallest normal number may be flushed. */
export const smallestNormal = 2 ** -126;

/**
 * Stats of one row in float64, with the error that arithmetic of unit roundoff u may make. A term e^(x - peak) carries the rounding of
 * its argument, |x - peak| u, and 2 ULP = 4u of its own; the sum adds one u for each addition in its longest chain; log1p is within
 * 3 ULP = 6u of its own value.
 */
export function referenceRow(row: ArrayLike<number>, roundoff: number, chain: number): ReferenceRow {
  let peak = Number.NEGATIVE_INFINITY;
  let peakAt = -1;
  let undefinedRow = false;
  for (let v = 0; v < row.length; v++) {
    const x = row[v] as number;
    if (Number.isNaN(x) || x === Number.POSITIVE_INFINITY) undefinedRow = true;
    if (x > peak) [peak, peakAt] = [x, v];
  }
  if (undefinedRow || peakAt < 0) return { peak: Number.NaN, logTotal: Number.NaN, logTotalBound: 0 };
  let rest = 0;
  let carry = 0; // compensated: the reference must not add an error of its own
  let argumentRounding = 0;
  for (let v = 0; v < row.length; v++) {
    if (v === peakAt) continue;
    const gap = (row[v] as number) - peak;
    const term = Math.exp(gap);
    const next = term - carry;
    const sum = rest + next;
    carry = sum - rest - next;
    rest = sum;
    if (term > 0) argumentRounding += -gap * term;
  }
  const restBound = roundoff * (argumentRounding + (4 + chain) * rest) + row.length * smallestNormal;
  const logTotal = Math.log1p(rest);
  return { peak, logTotal, logTotalBound: restBound / (1 + rest) + 6 * roundoff * logTotal };
}

/** log-softmax of one logit with its bound: the two subtractions round at the size of their results. */
export function referenceLogProb(x: number, { peak, logTotal, logTotalBound }: ReferenceRow, roundoff: number): [number, number] {
  const logp = x - peak - logTotal;
  const bound = logTotalBound + roundoff * (Math.abs(x - peak) + Math.abs(logp)) + 2 * smallestNormal;
  return [Math.abs(logp) > 3.4028235677973366e38 && roundoff > 2 ** -30 ? Number.NEGATIVE_INFINITY : logp, bound];
}
