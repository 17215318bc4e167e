import { expect, test } from 'vitest';
import { RandomStream } from '../../src/core/rng.ts';
import type { Experiment, FactorisedSequencePolicy, FeaturesPolicy, Pair, SequenceFeaturesPolicy } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

type Vector = readonly number[];

const dot = (a: Vector, b: Vector) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
const minus = (a: Vector, b: Vector) => a.map((x, i) => x - (b[i] ?? 0));
const normSq = (a: Vector) => dot(a, a);
const softmax = (logits: Vector): number[] => {
  const total = logits.reduce((sum, x) => sum + Math.exp(x), 0);
  return logits.map((x) => Math.exp(x) / total);
};
const at = <T>(list: readonly T[], i: number): T => {
  const value = list[i];
  if (value === undefined) throw new Error(`There is no entry ${i}.`);
  return value;
};

const beta = 0.3;
/** ℓ' of DPO where the policy is still its reference, for a mean over one pair. */
const slope = -beta / 2;
const sgd = (learningRate: number) => ({ kind: 'sgd', learningRate, steps: 1 }) as const;
const experimentOf = (policy: Experiment['policy'], pairs: Pair[]): Experiment => ({
  policy,
  pairs,
  objective: { name: 'dpo', params: { beta } },
  optimizer: sgd(0),
});

const random = new RandomStream(20, 77);
const vector = (n: number, size = 1) => Array.from({ length: n }, () => size * random.normal());
const matrix = (rows: number, columns: number, size = 1) => Array.from({ length: rows }, () => vector(columns, size));

describeEngines('theorems on the dynamics of preference losses', (engine, kind) => {
  // Rates are sums of at most a few hundred products of numbers below 10, each rounded a few times.
  const bound = kind === 'cpu' ? 1e-11 : 512 * float32Roundoff;

  /** First-order rates of several responses under the loss of the first pair alone. */
  async function rates(policy: Experiment['policy'], pair: Pair, others: readonly Pair['chosen'][] = []) {
    const pairs = [pair, ...others.map((chosen): Pair => ({ ...pair, chosen, weight: 0 }))];
    const diagnoses = await engine().diagnose(experimentOf(policy, pairs));
    return {
      // the mean over pairs divides the first pair's share
      chosen: diagnoses.map(({ chosenRate }) => chosenRate * pairs.length),
      rejected: at(diagnoses, 0).rejectedRate * pairs.length,
      diagnosis: at(diagnoses, 0),
    };
  }

  /** The rates that the engine's own steps show: from steps η and 2 η, correct to second order. */
  async function measuredRate(experiment: Experiment): Promise<number> {
    const step = kind === 'cpu' ? 1e-4 : 2 ** -6;
    const change = async (learningRate: number) => {
      const { steps } = await engine().train({ ...experiment, optimizer: sgd(learningRate), record: [0, 1] });
      return at(at(steps, 1).chosenLogps, 0) - at(at(steps, 0).chosenLogps, 0);
    };
    return (4 * (await change(step)) - (await change(2 * step))) / (2 * step);
  }
  // third derivatives below 10 times step², and the rounding of log-probs divided by the step
  const measuredBound = kind === 'cpu' ? 1e-6 : 10 * 2 ** -12 + 64 * 16 * float32Roundoff;

  test.each([0, 1, 2, 3])('theorems 4 and 5 of arXiv:2410.08847, one prompt and one token: case %i', async () => {
    const [V, d] = [6, 3];
    const policy: FeaturesPolicy = { kind: 'features', hidden: [vector(d)], unembedding: matrix(V, d) };
    const [h, W] = [at(policy.hidden, 0), policy.unembedding];
    const pi = softmax(W.map((row) => dot(row, h)));
    const [p, m] = [0, 1];
    const [pp, pm] = [at(pi, p), at(pi, m)];
    const dW = minus(at(W, p), at(W, m));
    const others = W.map((_, z) => z).filter((z) => z !== p && z !== m);
    const m4 = (1 - pp) * normSq(at(W, p)) + pm * normSq(at(W, m)) + (1 - pp + pm) * normSq(h);
    const alignment = others.reduce((sum, z) => sum + at(pi, z) * dot(at(W, z), dW), 0);
    const theorem4 = -slope * (m4 - (1 - pp + pm) * dot(at(W, p), at(W, m)) - alignment);
    const c = (pm - pp) * normSq(h) - W.reduce((sum, row, z) => sum + at(pi, z) * dot(row, dW), 0);
    const theorem5 = others.map((z) => -slope * (dot(at(W, z), dW) + c));

    const pair: Pair = { prompt: 0, chosen: p, rejected: m };
    const { chosen } = await rates(policy, pair, others);
    expectWithin(chosen, [theorem4, ...theorem5], () => bound, 'rates');
    expectWithin([await measuredRate(experimentOf(policy, [pair]))], [theorem4], () => measuredBound, 'rate of a step');
  });

  test.each([0, 1, 2])('theorems 6 and 7, several tokens, and CHES: case %i', async () => {
    const [V, d] = [5, 3];
    const [plus, minusTokens, z] = [
      [0, 2, 3, 2],
      [1, 2, 2],
      [4, 0, 2],
    ];
    const prefixes = [plus, minusTokens, z].flatMap((tokens) => tokens.map((_, k) => tokens.slice(0, k)));
    const distinct = [...new Map(prefixes.map((tokens) => [tokens.join(), tokens])).values()];
    const policy: SequenceFeaturesPolicy = {
      kind: 'sequence',
      form: 'features',
      prefixes: distinct.map((tokens) => ({ prompt: 0, tokens, hidden: vector(d) })),
      unembedding: matrix(V, d, 0.7),
    };
    const W = policy.unembedding;
    const hiddenOf = (tokens: readonly number[], k: number) =>
      (policy.prefixes.find((prefix) => prefix.tokens.join() === tokens.slice(0, k).join())?.hidden ?? []) as Vector;
    const piOf = (tokens: readonly number[], k: number) => softmax(W.map((row) => dot(row, hiddenOf(tokens, k))));
    const residual = (tokens: readonly number[], k: number) => piOf(tokens, k).map((x, v) => Number(v === tokens[k]) - x);
    /** Σ_{k,k'} ⟨residuals⟩ ⟨hidden vectors⟩ of two responses */
    const cross = (a: readonly number[], b: readonly number[]) =>
      a.reduce(
        (sum, _, k) =>
          sum + b.reduce((inner, __, l) => inner + dot(residual(a, k), residual(b, l)) * dot(hiddenOf(a, k), hiddenOf(b, l)), 0),
        0,
      );
    const pi = piOf(plus, 0);
    const [p, m] = [0, 1];
    const dW = minus(at(W, p), at(W, m));
    const S =
      -(1 - at(pi, p) + at(pi, m)) * dot(at(W, p), at(W, m)) -
      W.reduce((sum, row, v) => sum + (v === p || v === m ? 0 : at(pi, v) * dot(row, dW)), 0);
    const spread = plus.slice(1).reduce((sum, token, k) => {
      const mean = at(W, 0).map((_, j) => W.reduce((total, row, v) => total + at(piOf(plus, k + 1), v) * at(row, j), 0));
      return sum + normSq(minus(at(W, token), mean));
    }, 0);
    const m6 = (1 - at(pi, p)) * normSq(at(W, p)) + at(pi, m) * normSq(at(W, m)) + spread;
    const theorem6 = -slope * (m6 + S - cross(plus, minusTokens) + cross(plus, plus));
    const c = -W.reduce((sum, row, v) => sum + at(pi, v) * dot(row, dW), 0);
    const theorem7 = -slope * (c + dot(at(W, at(z, 0)), dW) - cross(z, minusTokens) + cross(z, plus));

    const pair: Pair = { prompt: 0, chosen: plus, rejected: minusTokens };
    const { chosen, diagnosis } = await rates(policy, pair, [z]);
    expectWithin(chosen, [theorem6, theorem7], () => 4 * bound, 'rates');
    expectWithin([await measuredRate(experimentOf(policy, [pair]))], [theorem6], () => 4 * measuredBound, 'rate of a step');

    const sum = (tokens: readonly number[]) =>
      tokens.reduce((total: Vector, _, k) => hiddenOf(tokens, k).map((x, j) => x + (total[j] ?? 0)), []);
    const [sPlus, sMinus] = [sum(plus), sum(minusTokens)];
    expectWithin(
      [diagnosis.ches ?? 0, diagnosis.chesNormalised ?? 0],
      [dot(sPlus, sMinus) - normSq(sPlus), dot(sPlus, sMinus) / 12 - normSq(sPlus) / 16],
      () => bound,
      'CHES',
    );
  });

  test.each([0, 1, 2])('theorem 8, many prompts: what another pair adds is the printed term: case %i', async () => {
    const [V, d] = [5, 3];
    const policy: FeaturesPolicy = { kind: 'features', hidden: matrix(3, d), unembedding: matrix(V, d) };
    const pairs: Pair[] = [
      { prompt: 0, chosen: 0, rejected: 1 },
      { prompt: 1, chosen: 2, rejected: 0 }, // contradicts the first
      { prompt: 2, chosen: 3, rejected: 4 },
    ];
    const { hidden, unembedding: W } = policy;
    const pi = softmax(W.map((row) => dot(row, at(hidden, 0))));
    const diagnose = async (chosenPairs: Pair[]) =>
      at(await engine().diagnose(experimentOf(policy, chosenPairs)), 0).chosenRate * chosenPairs.length;
    const alone = await diagnose(pairs.slice(0, 1));
    const terms = pairs.slice(1).map(({ prompt, chosen, rejected }) => {
      const alpha = Number(chosen === 0) - Number(rejected === 0) + at(pi, rejected as number) - at(pi, chosen as number);
      return -slope * alpha * dot(at(hidden, 0), at(hidden, prompt));
    });
    expectWithin([await diagnose(pairs)], [alone + terms.reduce((sum, x) => sum + x, 0)], () => 4 * bound, 'rate with the others');
  });

  test('T1: one token and the last layer alone are always the ideal case', async () => {
    for (let trial = 0; trial < 8; trial++) {
      const policy: FeaturesPolicy = { kind: 'features', hidden: [vector(3)], unembedding: matrix(6, 3), train: 'unembedding' };
      const h2 = normSq(at(policy.hidden, 0));
      const pi = softmax(policy.unembedding.map((row) => dot(row, at(policy.hidden, 0))));
      const { diagnosis } = await rates(policy, { prompt: 0, chosen: 2, rejected: 5 });
      const [w, l] = [at(pi, 2), at(pi, 5)];
      expectWithin(
        [diagnosis.innerProduct, diagnosis.chosenGradNormSq, diagnosis.rejectedGradNormSq],
        [normSq(pi) - w - l, 1 - 2 * w + normSq(pi), 1 - 2 * l + normSq(pi)].map((x) => x * h2),
        () => bound,
        'gradient geometry',
      );
      expect(diagnosis.pattern).toBe('chosen-up-rejected-down');
    }
  });

  /** One differing token, then m times the same one, with probability p after the chosen and p′ after the rejected first token. */
  const suffix = (m: number, p: number, q: number): [FactorisedSequencePolicy, Pair] => [
    {
      kind: 'sequence',
      form: 'factorised',
      logits: [[0.4, 0.4, 0.2].map(Math.log), ...Array.from({ length: m }, () => [0, 0, null])],
      offsets: [
        { prefix: [0], logits: [Math.log(p), Math.log(1 - p), 0] },
        { prefix: [1], logits: [Math.log(q), Math.log(1 - q), 0] },
      ],
    },
    { prompt: 0, chosen: [0, ...new Array(m).fill(0)], rejected: [1, ...new Array(m).fill(0)] },
  ];

  test('T2: a shared suffix, with its printed numbers', async () => {
    for (const [m, p, q, cosine] of [
      [0, 0.8, 0.5, -0.786],
      [2, 0.8, 0.5, -0.038],
      [3, 0.8, 0.5, 0.125],
      [9, 0.8, 0.5, 0.534],
      [20, 0.8, 0.5, 0.745],
      [4, 0.6, 0.2, 0.656],
      [9, 0.5, 0.8, null],
    ] as const) {
      const { chosen, rejected, diagnosis } = await rates(...suffix(m, p, q));
      const C = -slope;
      expectWithin(
        [at(chosen, 0) / C, rejected / C],
        [1 - 2 * m * (1 - p) * (p - q), -1 - 2 * m * (1 - q) * (p - q)],
        () => 8 * bound,
        `m = ${m}`,
      );
      if (cosine !== null) expectWithin([diagnosis.cosine], [cosine], () => 6e-4, `printed cosine at m = ${m}`);
      const pattern =
        p > q && 2 * m * (1 - p) * (p - q) > 1
          ? 'both-down'
          : q > p && 2 * m * (1 - q) * (q - p) > 1
            ? 'both-up'
            : 'chosen-up-rejected-down';
      expect(diagnosis.pattern, `m = ${m}`).toBe(pattern);
    }
    const { diagnosis } = await rates(...suffix(8, 0.6, 0.2));
    expectWithin([diagnosis.rejectedGradNormSq, diagnosis.chosenGradNormSq], [10.8, 3.12], () => 1e-4, 'printed norms');
  });

  test('the normalised pair update turns the suffix cases into the ideal one, with its printed numbers', async () => {
    const step = kind === 'cpu' ? 1e-6 : 2 ** -8;
    for (const [m, p, q, up, down] of [
      [8, 0.6, 0.2, 0.342, -0.637],
      [12, 0.5, 0.8, 0.971, -0.468],
    ] as const) {
      const [policy, pair] = suffix(m, p, q);
      const { steps } = await engine().train({
        ...experimentOf(policy, [pair]),
        optimizer: { kind: 'normalised-pair', learningRate: step, steps: 1 },
        record: [0, 1],
      });
      const change = (side: 'chosenLogps' | 'rejectedLogps') => (at(at(steps, 1)[side], 0) - at(at(steps, 0)[side], 0)) / step;
      // three printed digits; second order: half the curvature, at most m / 2 · ‖Δθ / η‖² < m per unit of the step
      expectWithin([change('chosenLogps'), change('rejectedLogps')], [up, down], () => 6e-4 + m * step, `m = ${m}`);
    }
  });

  test('the case table of arXiv:2410.13828 over 10,000 pairs; chosen down with rejected up never occurs', async () => {
    const [V, d] = [100, 4];
    const policy: FeaturesPolicy = { kind: 'features', hidden: [vector(d, 0.2)], unembedding: matrix(V, d) };
    const [h, W] = [at(policy.hidden, 0), policy.unembedding];
    const pi = softmax(W.map((row) => dot(row, h)));
    const mean = h.map((_, k) => W.reduce((sum, row, v) => sum + at(pi, v) * at(row, k), 0));
    const centred = W.map((row) => minus(row, mean));
    // ⟨g_a, g_b⟩ = ‖h‖² ⟨e_a - π, e_b - π⟩ + ⟨W_a - W̄, W_b - W̄⟩
    const product = (a: number, b: number) =>
      normSq(h) * (Number(a === b) - at(pi, a) - at(pi, b) + normSq(pi)) + dot(at(centred, a), at(centred, b));
    const learningRate = kind === 'cpu' ? 1e-6 : 1e-3;
    const tokens = W.map((_, v) => v);
    const { chosenLogpChange, rejectedLogpChange } = await engine().sweep({
      experiment: { ...experimentOf(policy, [{ prompt: 0, chosen: 0, rejected: 1 }]), optimizer: sgd(learningRate) },
      x: { path: 'pairs[0].chosen', values: tokens },
      y: { path: 'pairs[0].rejected', values: tokens },
    });
    const counts: Record<string, number> = {};
    for (const chosen of tokens)
      for (const rejected of tokens) {
        if (chosen === rejected) continue;
        const inner = product(chosen, rejected);
        const first = [product(chosen, chosen) - inner, inner - product(rejected, rejected)].map((x) => -slope * learningRate * x);
        const seen = [chosenLogpChange, rejectedLogpChange].map((map) =>
          at([...map.subarray(rejected * V + chosen, rejected * V + chosen + 1)], 0),
        );
        // A sign is decided where the first order exceeds what rounding of log-probs below 16 and the second order can hide.
        const hidden = (kind === 'cpu' ? 1e-14 : 64 * float32Roundoff) + 200 * learningRate ** 2;
        const decided = first.map((x) => Math.abs(x) > hidden);
        for (const side of [0, 1])
          if (decided[side]) expect(Math.sign(at(seen, side)), `${chosen} over ${rejected}`).toBe(Math.sign(at(first, side)));
        if (decided[0] && decided[1]) {
          const pattern = `${at(seen, 0) > 0 ? 'up' : 'down'}, ${at(seen, 1) > 0 ? 'up' : 'down'}`;
          counts[pattern] = (counts[pattern] ?? 0) + 1;
        }
      }
    expect(Object.keys(counts).sort()).toEqual(['down, down', 'up, down', 'up, up']);
    expect(Object.values(counts).reduce((sum, n) => sum + n, 0)).toBeGreaterThan(kind === 'cpu' ? 9700 : 5000);
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(30);
  });

  test('a tabular policy never displaces: every single pair rises, whatever the step', async () => {
    const logits = vector(40, 1.5);
    const tokens = logits.map((_, v) => v);
    const { chosenLogpChange, rejectedLogpChange } = await engine().sweep({
      experiment: {
        ...experimentOf({ kind: 'tabular', logits: [logits] }, [{ prompt: 0, chosen: 0, rejected: 1 }]),
        optimizer: { kind: 'sgd', learningRate: 2, steps: 5 },
      },
      x: { path: 'pairs[0].chosen', values: tokens },
      y: { path: 'pairs[0].rejected', values: tokens },
    });
    for (const [cell, change] of chosenLogpChange.entries()) {
      if (cell % 40 === Math.floor(cell / 40)) continue;
      expect(change).toBeGreaterThan(0);
      expect(rejectedLogpChange[cell]).toBeLessThan(0);
    }
  });
});
