import { describe, expect, test } from 'vitest';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

const { NEGATIVE_INFINITY, NaN: nan, POSITIVE_INFINITY } = Number;

/** Repeatable numbers, roughly normal with deviation 3. */
function noise(length: number, seed = 1): number[] {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length }, () => 3 * (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3));
}

/** Float64 log-softmax of one row, in the plainest possible words: independent of both engines. */
function logSoftmaxOf(row: readonly number[]): number[] {
  if (row.some((x) => Number.isNaN(x) || x === POSITIVE_INFINITY)) return row.map(() => nan);
  const top = row.reduce((a, b) => Math.max(a, b));
  if (top === NEGATIVE_INFINITY) return row.map(() => nan);
  const at = row.indexOf(top);
  const others = row.reduce((sum, x, i) => (i === at ? sum : sum + Math.exp(x - top)), 0);
  return row.map((x) => x - top - Math.log1p(others));
}

const single = (row: readonly number[]) => [...Float32Array.from(row)];

const rows: Record<string, number[]> = {
  'one column': [3.25],
  'one column at -1e4': [-1e4],
  'two equal': [1.5, 1.5],
  'all equal': new Array(1000).fill(-7.125),
  'huge spread': [1e4, -1e4, 0, 9999, 1e4 - 0.5],
  'all at 1e4': single(noise(64).map((x) => 1e4 + x)),
  'all at -1e4': single(noise(65).map((x) => -1e4 + x)),
  'one token holds nearly all mass': [20, ...single(noise(62))],
  'masked tokens': [0.5, NEGATIVE_INFINITY, -1, NEGATIVE_INFINITY, 2],
  'masked first': [NEGATIVE_INFINITY, NEGATIVE_INFINITY, 1, 2],
  'one token left': [NEGATIVE_INFINITY, 4, NEGATIVE_INFINITY],
  denormals: [1e-40, -1e-41, 0, 2e-39],
  'float32 extremes': [3.4e38, -3.4e38, 0],
  'random 63': single(noise(63, 5)),
  'random 257': single(noise(257, 7)),
  'random 4099': single(noise(4099, 9)),
  '131072 columns': single(noise(131072, 11)),
  'rising 131072': single(Array.from({ length: 131072 }, (_, i) => i / 4096)),
  'all -Infinity': [NEGATIVE_INFINITY, NEGATIVE_INFINITY, NEGATIVE_INFINITY],
  'a NaN': [1, nan, 2],
  '+Infinity': [1, POSITIVE_INFINITY, 2],
};

/**
 * x - peak is exact to half an ulp; log(1 + rest) errs by the rounding of `rest`, whose V terms, each within 3 ulps, are summed in
 * chains of at most V: relative error up to V roundoffs in the worst case and about sqrt(V) of them in practice, bounded here by
 * 4 + V / 256 (parts of a split row hold 256 terms), times d log(1 + rest) = rest / (1 + rest) < 1.
 */
const rowBound = (row: readonly number[], exact: number): number => (4 + row.length / 256 + Math.abs(exact)) * 2 * float32Roundoff;

describeEngines('adversarial rows', (engine, kind) => {
  const bound = (row: readonly number[], exact: number) => (kind === 'cpu' ? 1e-13 * (1 + Math.abs(exact)) : rowBound(row, exact));

  test.each(Object.entries(rows))('log-softmax: %s', async (_, row) => {
    const logits = engine().tensor(Float32Array.from(row), [1, row.length]);
    const exact = logSoftmaxOf([...Float32Array.from(row)]);
    // a result beyond float32's largest number is infinite there
    const expected = kind === 'cpu' ? exact : exact.map((logp) => (logp < -3.4028235e38 ? NEGATIVE_INFINITY : logp));
    expectWithin(await engine().logSoftmax(logits).read(), expected, (i) => bound(row, exact[i] ?? 0));
  });

  test.each(Object.entries(rows))('sequence log-prob and gradient: %s', async (_, row) => {
    const [B, T, V] = [2, 2, row.length];
    const exact = logSoftmaxOf([...Float32Array.from(row)]);
    const token = exact.indexOf(exact.reduce((a, b) => (b > a ? b : a)));
    const last = V - 1;
    // One sequence counts the row twice; the other has whatever can go wrong at a masked position.
    const logits = Float32Array.from([...row, ...row, ...row, ...new Array(V).fill(nan)]);
    const side = {
      logits: engine().tensor(logits, [B, T, V]),
      tokens: engine().tensor(Uint32Array.from([Math.max(0, token), last, Math.max(0, token), 0xffffffff]), [B, T]),
      mask: engine().tensor(Uint32Array.from([1, 1, 1, 0]), [B, T]),
    };
    const at = (index: number) => exact[index] ?? nan;
    const logps = [at(Math.max(0, token)) + at(last), at(Math.max(0, token))];
    const tolerance = (i: number) => 2 * bound(row, Math.abs(logps[i] ?? 0));
    expectWithin(await engine().sequenceLogProbs(side).read(), logps, tolerance, 'log-probs');

    const beta = 0.5;
    const reference = Float32Array.from(logps.map((logp) => (Number.isFinite(logp) ? logp : 0)));
    const result = engine().preferenceGradients(
      { chosen: side, rejected: side, refChosenLogps: reference, refRejectedLogps: reference },
      { name: 'dpo', params: { beta } },
    );
    const gradient = await result.chosenGrad.read();
    const defined = logps.map((logp) => !Number.isNaN(logp));
    for (const [sequence, isDefined] of defined.entries()) {
      for (let t = 0; t < T; t++) {
        const isCounted = sequence === 0 || t === 0;
        const target = sequence === 0 && t === 1 ? last : Math.max(0, token);
        const got = gradient.subarray((sequence * T + t) * V, (sequence * T + t + 1) * V);
        // chosen = rejected, and refs equal: z = 0 wherever the log-prob is finite, so the slope is -beta / 2 / B
        const slope = -beta / 2 / B;
        const infinite = isDefined && !Number.isFinite(logps[sequence] ?? 0);
        if (infinite) continue; // -Infinity minus -Infinity: no derivative exists
        const expected = exact.map((logp, v) =>
          !isCounted ? 0 : isDefined ? -slope * (v === target ? Math.expm1(logp) : Math.exp(logp)) : nan,
        );
        // d exp(x) = exp(x) dx, so the log-prob's absolute error is the softmax's relative error, plus 3 ulps of exp
        expectWithin(
          got,
          expected,
          (v) => Math.abs(slope) * (bound(row, exact[v] ?? 0) + 8 * float32Roundoff) + 2 ** -126,
          `gradient ${sequence}, ${t}`,
        );
      }
    }
  });

  test('a probability next to 1 keeps its relative accuracy', async () => {
    // log π = -log(1 + e^-20): 2e-9 would be 0 if the log-sum-exp were rounded at 20 first
    const logps = await engine()
      .logSoftmax(engine().tensor(Float32Array.from([20, 0]), [1, 2]))
      .read();
    const exact = -Math.log1p(Math.exp(-20));
    expect(Math.abs((logps[0] ?? 0) / exact - 1)).toBeLessThan(kind === 'cpu' ? 1e-12 : 8 * float32Roundoff);
  });
});

describe('the oracle of this file', () => {
  test('sums to one', () => {
    for (const [name, row] of Object.entries(rows)) {
      const total = logSoftmaxOf(row).reduce((sum, logp) => sum + Math.exp(logp), 0);
      if (!Number.isNaN(total)) expect(Math.abs(total - 1), name).toBeLessThan(1e-9);
    }
  });
});
