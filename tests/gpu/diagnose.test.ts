import { expect, test } from 'vitest';
import type { Experiment, Parameters } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { float32Roundoff } from './tolerance.ts';

const features: Experiment = {
  policy: {
    kind: 'features',
    hidden: [
      [-1, -0.5, 1.5],
      [0.3, 0.8, -0.2],
    ],
    unembedding: [
      [-1, 0, 1],
      [-2, 1, 1],
      [1, 0, 1],
      [0.4, -0.6, 0.2],
    ],
  },
  pairs: [
    { prompt: 0, chosen: 0, rejected: 1 },
    { prompt: 1, chosen: 2, rejected: 3 },
  ],
  objective: { name: 'dpo', params: { beta: 0.4 } },
  optimizer: { kind: 'sgd', learningRate: 1e-3, steps: 1 },
  record: [0, 1],
};
const bigram: Experiment = {
  ...features,
  policy: {
    kind: 'bigram',
    prompts: 2,
    vocab: 3,
    table: [
      [0.1, -0.4, 0.3],
      [0.5, 0.2, -0.1],
      [0.7, -0.2, 0.1],
      [-0.3, 0.4, 0.2],
      [0.6, 0.1, -0.5],
    ],
  },
  pairs: [
    { prompt: 0, chosen: [0, 1, 2, 2], rejected: [1, 1, 2, 2] },
    { prompt: 1, chosen: [2, 0], rejected: [0, 0, 0], weight: 2 },
  ],
};

describeEngines('diagnose', (engine, kind) => {
  test.each([
    ['features', features],
    ['hidden only', { ...features, policy: { ...features.policy, train: 'hidden' } } as Experiment],
    ['bigram', bigram],
  ])('%s: rates are what a small step does', async (_, experiment) => {
    const diagnoses = await engine().diagnose(experiment);
    // A central difference in the step size, on the float64-sized step that each engine can resolve: its error is of third order in
    // the step, plus the log-probs' rounding divided by the step.
    const eta = kind === 'cpu' ? 1e-4 : 0.02;
    const trainedAt = async (learningRate: number) => {
      const { steps } = await engine().train({ ...experiment, optimizer: { kind: 'sgd', learningRate, steps: 1 } });
      return steps[1];
    };
    const [half, full] = [await trainedAt(eta / 2), await trainedAt(eta)];
    const start = await trainedAt(0);
    const bound = kind === 'cpu' ? 1e-6 : 5e-4 + (16 * 8 * float32Roundoff) / eta;
    for (const [pair, { chosenRate, rejectedRate }] of diagnoses.entries()) {
      // Richardson: 4 f(η/2) - f(η) - 3 f(0) = f'(0) η + O(η³)
      const slope = (side: 'chosenLogps' | 'rejectedLogps') => {
        const at = (state: typeof start) => state?.[side][pair] ?? Number.NaN;
        return (4 * at(half) - at(full) - 3 * at(start)) / eta;
      };
      expect(Math.abs(slope('chosenLogps') - chosenRate)).toBeLessThan(bound);
      expect(Math.abs(slope('rejectedLogps') - rejectedRate)).toBeLessThan(bound);
    }
  });

  test('norms and inner products obey Cauchy–Schwarz and give the pattern', async () => {
    for (const experiment of [features, bigram])
      for (const { chosenGradNormSq: w, rejectedGradNormSq: l, innerProduct: inner, pattern } of await engine().diagnose(experiment)) {
        expect(inner * inner).toBeLessThanOrEqual(w * l * (1 + 1e-6));
        const expected = inner > w ? 'both-down' : inner > l ? 'both-up' : 'chosen-up-rejected-down';
        expect(pattern).toBe(expected);
      }
  });

  test('single token, last layer alone: the closed forms of the gradients', async () => {
    // g_y = (e_y - π) hᵀ, so ‖g_w‖² = ‖h‖² (1 - 2 π_w + ‖π‖²) and ⟨g_w, g_l⟩ = ‖h‖² (‖π‖² - π_w - π_l)
    const experiment = { ...features, policy: { ...features.policy, train: 'unembedding' } } as Experiment;
    const { steps } = await engine().train({ ...experiment, optimizer: { kind: 'sgd', learningRate: 0, steps: 0 }, record: [0] });
    const diagnoses = await engine().diagnose(experiment);
    if (experiment.policy.kind !== 'features') throw new Error('not a features policy');
    const { hidden, unembedding } = experiment.policy;
    const columns = unembedding.length;
    for (const [index, pair] of experiment.pairs.entries()) {
      const probs = (steps[0]?.probs ?? []).slice(pair.prompt * columns, (pair.prompt + 1) * columns);
      const [w, l] = [probs[pair.chosen as number] ?? 0, probs[pair.rejected as number] ?? 0];
      const square = probs.reduce((sum, p) => sum + p * p, 0);
      const h = (hidden[pair.prompt] ?? []).reduce((sum, x) => sum + x * x, 0);
      const bound = h * (kind === 'cpu' ? 1e-13 : 64 * float32Roundoff);
      expect(Math.abs((diagnoses[index]?.chosenGradNormSq ?? 0) - h * (1 - 2 * w + square))).toBeLessThan(bound);
      expect(Math.abs((diagnoses[index]?.innerProduct ?? 0) - h * (square - w - l))).toBeLessThan(bound);
      expect(diagnoses[index]?.pattern).toBe('chosen-up-rejected-down');
    }
  });

  test('at given parameters, with the reference left where it was', async () => {
    const { final } = await engine().train({ ...bigram, optimizer: { kind: 'sgd', learningRate: 0.5, steps: 20 }, record: [20] });
    const later = await engine().diagnose(bigram, final);
    const now = await engine().diagnose(bigram);
    expect(later[0]?.chosenRate).not.toBeCloseTo(now[0]?.chosenRate ?? 0, 4);
    const table: Parameters = { table: Float64Array.from((bigram.policy as { table: number[][] }).table.flat()) };
    expect(await engine().diagnose(bigram, table)).toEqual(now);
  });
});
