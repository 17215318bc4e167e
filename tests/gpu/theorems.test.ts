import { expect, test } from 'vitest';
import { still } from '../../src/atlas/toys/displacement/random-features.ts';
import { at, dot, matrixOf, normSq, toyRandom, vectorOf } from '../../src/atlas/toys/vectors.ts';
import { softmax } from '../../src/core/softmax.ts';
import type { FactorisedSequencePolicy, FeaturesPolicy, Pair, Policy } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

/** ℓ' of DPO with β = 0.3 where the policy is still its reference, for a mean over one pair. */
const slope = -0.3 / 2;
const random = toyRandom(20);

// What the studies of the same theorems leave to numbers known from elsewhere.
describeEngines('printed numbers of theorems on preference losses', (engine, kind) => {
  // Rates are sums of at most a few hundred products of numbers below 10, each rounded a few times.
  const bound = kind === 'cpu' ? 1e-11 : 512 * float32Roundoff;

  const diagnosed = async (policy: Policy, pair: Pair) => at(await engine().diagnose(still(policy, [pair])), 0);

  test('T1: one token and the last layer alone are always the ideal case', async () => {
    for (let trial = 0; trial < 8; trial++) {
      const policy: FeaturesPolicy = {
        kind: 'features',
        hidden: [vectorOf(random, 3)],
        unembedding: matrixOf(random, 6, 3),
        train: 'unembedding',
      };
      const h2 = normSq(at(policy.hidden, 0));
      const pi = softmax(policy.unembedding.map((row) => dot(row, at(policy.hidden, 0))));
      const diagnosis = await diagnosed(policy, { prompt: 0, chosen: 2, rejected: 5 });
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
      const diagnosis = await diagnosed(...suffix(m, p, q));
      const C = -slope;
      expectWithin(
        [diagnosis.chosenRate / C, diagnosis.rejectedRate / C],
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
    const diagnosis = await diagnosed(...suffix(8, 0.6, 0.2));
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
        ...still(policy, [pair]),
        optimizer: { kind: 'normalised-pair', learningRate: step, steps: 1 },
        record: [0, 1],
      });
      const change = (side: 'chosenLogps' | 'rejectedLogps') => (at(at(steps, 1)[side], 0) - at(at(steps, 0)[side], 0)) / step;
      // three printed digits; second order: half the curvature, at most m / 2 · ‖Δθ / η‖² < m per unit of the step
      expectWithin([change('chosenLogps'), change('rejectedLogps')], [up, down], () => 6e-4 + m * step, `m = ${m}`);
    }
  });
});
