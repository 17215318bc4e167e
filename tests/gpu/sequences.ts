import type { Backend, RowWish, SequenceTask, Storage } from '../../src/backend/backend.ts';
import { type BackendUnderTest, chainOf } from './backends.ts';
import { normalRows, referenceLogProb, referenceRow, smallestNormal, uniformNumbers } from './rows.ts';

/** A batch of sequences whose masked positions hold what would spoil a sum. */
export interface Sequences {
  sequences: number;
  positions: number;
  columns: number;
  logits: Float32Array<ArrayBuffer>;
  tokens: Uint32Array<ArrayBuffer>;
  mask: Uint32Array<ArrayBuffer>;
}

export function makeSequences(sequences: number, positions: number, columns: number, seed: number): Sequences {
  const rows = sequences * positions;
  const next = uniformNumbers(seed);
  const logits = normalRows(rows, columns, seed);
  const tokens = Uint32Array.from({ length: rows }, () => Math.floor(next() * columns));
  // The first position counts; the last counted one holds nearly all its mass on its token.
  const mask = Uint32Array.from({ length: rows }, (_, row) => (row % positions === 0 || next() > 0.2 ? 1 : 0));
  for (let row = 0; row < rows; row++) {
    const first = row * columns;
    if (row % 5 === 1 && mask[row]) logits[first + (tokens[row] as number)] = 30;
    if (mask[row]) continue;
    logits.fill(row % 2 ? Number.NaN : Number.POSITIVE_INFINITY, first, first + columns);
    tokens[row] = 0xffffffff;
  }
  return { sequences, positions, columns, logits, tokens, mask };
}

export interface OnBackend {
  task: SequenceTask;
  dispose(): void;
}

/** Uploads the batch and computes its row stats. */
export function uploadSequences(backend: Backend, batch: Sequences, wish: RowWish = {}): OnBackend {
  const { sequences, positions, columns } = batch;
  const rows = sequences * positions;
  const owned = {
    logits: backend.upload(batch.logits),
    tokens: backend.upload(batch.tokens),
    mask: backend.upload(batch.mask),
    stats: backend.allocate('float', 2 * rows),
  };
  backend.logSumExp({ rows, columns, ...owned, ...wish });
  return {
    task: { sequences, positions, columns, ...owned },
    dispose: () => {
      for (const storage of Object.values<Storage>(owned)) storage.dispose();
    },
  };
}

/** log-prob of the logit at (row, v) in float64, with the bound derived in rows.ts. */
export function referenceOf({ sequences, positions, columns, logits }: Sequences, under: BackendUnderTest, wish: RowWish = {}) {
  const chain = chainOf(under, sequences * positions, columns, wish);
  return (row: number) => {
    const values = logits.subarray(row * columns, (row + 1) * columns);
    const reference = referenceRow(values, under.roundoff, chain);
    return (v: number) => referenceLogProb(values[v] as number, reference, under.roundoff);
  };
}

/**
 * -slope (softmax - 1[token]) of one side in float64. exp turns the error of a log-prob into a relative one and adds 2 ULP = 4u of its own;
 * the product with the slope adds u. The token's own term is e^logp - 1 within 6 ULP = 12u.
 */
export function referenceGradients(batch: Sequences, slopes: ArrayLike<number>, side: number, under: BackendUnderTest, wish: RowWish = {}) {
  const { sequences, positions, columns, tokens, mask } = batch;
  const at = referenceOf(batch, under, wish);
  const expected = new Float64Array(batch.logits.length);
  const bounds = new Float64Array(batch.logits.length);
  for (let row = 0; row < sequences * positions; row++) {
    if (!mask[row]) continue;
    const slope = slopes[side * sequences + Math.floor(row / positions)] as number;
    const logProb = at(row);
    for (let v = 0; v < columns; v++) {
      const [logp, bound] = logProb(v);
      const isToken = v === tokens[row];
      const i = row * columns + v;
      const prob = Math.exp(logp);
      const term = isToken ? Math.expm1(logp) : prob;
      expected[i] = -slope * term;
      const relative = isToken ? 12 * under.roundoff * Math.abs(term) : 5 * under.roundoff * term;
      const carried = prob > 0 ? prob * bound * 1.01 : 0; // what cannot occur has an infinite log, and no error
      bounds[i] = Math.abs(slope) * (carried + relative + 2 * smallestNormal) + smallestNormal;
    }
  }
  return { expected, bounds };
}
