import type { TokenisedPairs } from './bigram-experiment.ts';

/**
 * What is known of a pair before it is trained, at a bigram policy. Its logits are table[row], that is Wᵀ e_row: the hidden vector of a
 * position is the one-hot vector of the row it reads (the prompt, or the word before), frozen, and the table is the unembedding.
 */
export interface PairGeometry {
  /** ⟨s_w, s_l⟩ - ‖s_w‖² (arXiv:2410.08847, Definition 2); s counts how often a response reads each row */
  ches: Float64Array;
  /** both sums divided by their lengths (Definition 3) */
  chesNormalised: Float64Array;
  /**
   * ⟨∇ log π(y_w), ∇ log π(y_l)⟩ - ‖∇ log π(y_w)‖²: how fast log π(y_w) falls at first, per unit of -∂loss/∂margin, where the loss is of
   * the margin and this pair trains alone. CHES is the same sum over pairs of positions with every coefficient α replaced by 1 (Theorem 6
   * names them): here the coefficients are the true ones.
   */
  fall: Float64Array;
  /** ‖∇ log π(y_w)‖² */
  chosenSquares: Float64Array;
  /** log π(y_w), log π(y_l) */
  chosenLogps: Float64Array;
  rejectedLogps: Float64Array;
}

/** How a response uses one row of the table: how often it reads the row, and how often each token follows. */
interface Use {
  reads: number;
  tokens: Map<number, number>;
}
type RowUse = Map<number, Use>;

function rowUse(prompt: number, prompts: number, response: readonly number[]): RowUse {
  const rows: RowUse = new Map();
  for (const [position, token] of response.entries()) {
    const previous = response[position - 1];
    const row = previous === undefined ? prompt : prompts + previous;
    let use = rows.get(row);
    if (!use) {
      use = { reads: 0, tokens: new Map() };
      rows.set(row, use);
    }
    use.reads++;
    use.tokens.set(token, (use.tokens.get(token) ?? 0) + 1);
  }
  return rows;
}

/**
 * The geometry of every pair at `table`, [prompts + V, V] log-probabilities. ∇ log π(y) is Σ_row n_row,y e_y - c_row π_row in each row,
 * with c_row reads of the row and n_row,y times y after it: inner products need only π at the tokens used and ‖π_row‖².
 */
export function pairGeometry(
  { pairs, prompts }: Pick<TokenisedPairs, 'pairs' | 'prompts'>,
  table: readonly (readonly number[])[],
): PairGeometry {
  const result: PairGeometry = {
    ches: new Float64Array(pairs.length),
    chesNormalised: new Float64Array(pairs.length),
    fall: new Float64Array(pairs.length),
    chosenSquares: new Float64Array(pairs.length),
    chosenLogps: new Float64Array(pairs.length),
    rejectedLogps: new Float64Array(pairs.length),
  };
  const squares = new Map<number, number>();
  const squareOf = (row: number): number => {
    let square = squares.get(row);
    if (square === undefined) {
      square = (table[row] ?? []).reduce((sum, logp) => sum + Math.exp(2 * logp), 0);
      squares.set(row, square);
    }
    return square;
  };
  const logpOf = (row: number, token: number): number => table[row]?.[token] ?? Number.NaN;
  const eachUse = (a: RowUse, b: RowUse, visit: (row: number, a: Use, b: Use) => void): void => {
    for (const [row, use] of a) {
      const other = b.get(row);
      if (other) visit(row, use, other);
    }
  };
  const hidden = (a: RowUse, b: RowUse): number => {
    let sum = 0;
    eachUse(a, b, (_row, { reads }, other) => {
      sum += reads * other.reads;
    });
    return sum;
  };
  const gradients = (a: RowUse, b: RowUse): number => {
    let sum = 0;
    eachUse(a, b, (row, one, other) => {
      for (const [token, times] of one.tokens) sum += times * ((other.tokens.get(token) ?? 0) - other.reads * Math.exp(logpOf(row, token)));
      for (const [token, times] of other.tokens) sum -= times * one.reads * Math.exp(logpOf(row, token));
      sum += one.reads * other.reads * squareOf(row);
    });
    return sum;
  };
  const logp = (use: RowUse): number => {
    let sum = 0;
    for (const [row, { tokens }] of use) for (const [token, times] of tokens) sum += times * logpOf(row, token);
    return sum;
  };
  for (const [index, { prompt, chosen, rejected }] of pairs.entries()) {
    const [w, l] = [rowUse(prompt, prompts.length, chosen), rowUse(prompt, prompts.length, rejected)];
    const [between, own] = [hidden(w, l), hidden(w, w)];
    result.ches[index] = between - own;
    result.chesNormalised[index] = between / (chosen.length * rejected.length) - own / chosen.length ** 2;
    const square = gradients(w, w);
    result.chosenSquares[index] = square;
    result.fall[index] = gradients(w, l) - square;
    result.chosenLogps[index] = logp(w);
    result.rejectedLogps[index] = logp(l);
  }
  return result;
}
