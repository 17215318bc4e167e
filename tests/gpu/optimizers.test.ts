import { expect, test } from 'vitest';
import { type Experiment, ExperimentError, type OptimizerChoice } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

const bigram = (optimizer: OptimizerChoice): Experiment => ({
  policy: {
    kind: 'bigram',
    prompts: 1,
    vocab: 3,
    table: [
      [0.4, -0.2, 0.1],
      [1, 0.3, -0.5],
      [0.2, 0.8, -0.1],
      [-0.7, 0.5, 0.9],
    ],
  },
  pairs: [
    { prompt: 0, chosen: [0, 1, 1], rejected: [2, 1, 1] },
    { prompt: 0, chosen: [1, 1], rejected: [0], weight: 0.5 },
    { prompt: 0, chosen: [2], rejected: [1, 1, 0] },
  ],
  objective: { name: 'dpo', params: { beta: 0.5 } },
  optimizer,
});

const features = (optimizer: OptimizerChoice): Experiment => ({
  policy: {
    kind: 'features',
    hidden: [
      [-1, -0.4, 1.5],
      [0.3, 0.2, -0.6],
    ],
    unembedding: [
      [-1, 0, 1],
      [-2, 1, 1],
      [1, 0, 1],
      [0, 0.2, 0.6],
    ],
  },
  pairs: [
    { prompt: 0, chosen: 0, rejected: 1 },
    { prompt: 1, chosen: 2, rejected: 0 },
  ],
  objective: { name: 'dpo', params: { beta: 0.5 } },
  optimizer,
});

describeEngines('optimisers', (engine, kind) => {
  const roundoff = kind === 'cpu' ? 1e-14 : float32Roundoff;

  test.each([
    ['bigram', bigram],
    ['features', features],
  ])('the normalised pair update moves by unit vectors: %s', async (_, make) => {
    const learningRate = 0.25;
    const experiment = make({ kind: 'normalised-pair', learningRate, steps: 1 });
    const { pairs } = experiment;
    // The lengths come from `diagnose`; a table's or features' directions are covered by the trajectories' backward pass.
    const diagnoses = await engine().diagnose(experiment);
    const start = await engine().train({ ...experiment, optimizer: { ...experiment.optimizer, steps: 0 } });
    const { final } = await engine().train(experiment);
    const names = Object.keys(final);
    const moved = names.flatMap((name) => [...(final[name] ?? [])].map((x, i) => x - (start.final[name]?.[i] ?? 0)));
    // each pair adds at most a vector of length 2
    const bound = (2 * learningRate * pairs.reduce((sum, { weight = 1 }) => sum + weight, 0)) / pairs.length;
    expect(Math.hypot(...moved)).toBeLessThanOrEqual(bound * (1 + 64 * roundoff));
    for (const [index, pair] of pairs.entries()) {
      const alone = await engine().train({ ...experiment, pairs: [{ ...pair, weight: 1 }] });
      const step = names.flatMap((name) => [...(alone.final[name] ?? [])].map((x, i) => x - (start.final[name]?.[i] ?? 0)));
      // one pair alone: ‖g_w / ‖g_w‖ - g_l / ‖g_l‖‖² = 2 (1 - cos)
      const { cosine = Number.NaN } = diagnoses[index] ?? {};
      expectWithin([Math.hypot(...step) / learningRate], [Math.sqrt(2 * (1 - cosine))], () => 200 * roundoff, `pair ${index}`);
    }
  });

  test('weight decay shrinks the parameters and is decoupled from the gradient', async () => {
    const still: OptimizerChoice = { kind: 'adam', learningRate: 0.1, steps: 3, weightDecay: 0.5 };
    // chosen and rejected alike: no gradient, so decay alone acts
    const experiment: Experiment = { ...bigram(still), pairs: [{ prompt: 0, chosen: [1], rejected: [1] }] };
    const start = experiment.policy.kind === 'bigram' ? experiment.policy.table.flat() : [];
    const { final } = await engine().train(experiment);
    expectWithin(
      final['table'] ?? [],
      start.map((x) => x * (1 - 0.1 * 0.5) ** 3),
      () => 4 * roundoff,
      'decayed table',
    );
  });

  test('mini-batches: the seed decides, a pass sees every pair once, and small steps sum to the full gradient', async () => {
    const learningRate = 2e-4;
    const experiment = bigram({ kind: 'sgd', learningRate, steps: 3, batchSize: 1 });
    const start = experiment.policy.kind === 'bigram' ? experiment.policy.table.flat() : [];
    const train = async (seed: number) => [...((await engine().train({ ...experiment, seed })).final['table'] ?? [])];
    const one = await train(1);
    expect(await train(1)).toEqual(one);
    const others = await Promise.all([2, 3, 4, 5].map(train));
    expect(others.some((other) => other.some((x, i) => x !== one[i]))).toBe(true);
    // A pass of three single-pair updates is one full-batch update of three times the rate, up to second order in the rate: each update
    // (of length ≤ rate · β / 2 · ‖g_w - g_l‖) meets a curvature of at most β² / 4 · ‖g_w - g_l‖² + β / 2 · 4 < 3: below 12 rate².
    const { final } = await engine().train({ ...experiment, optimizer: { kind: 'sgd', learningRate: 3 * learningRate, steps: 1 } });
    const full = [...(final['table'] ?? [])].map((x, i) => x - (start[i] ?? 0));
    const bound = 12 * learningRate ** 2 + 16 * roundoff;
    expectWithin(
      one.map((x, i) => x - (start[i] ?? 0)),
      full,
      () => bound,
      'one pass',
    );
    expect(Math.max(...full.map(Math.abs))).toBeGreaterThan(20 * bound);
  });

  test('bad settings are refused by name', async () => {
    const refused = async (optimizer: OptimizerChoice, path: string) => {
      const error = await engine()
        .train(bigram(optimizer))
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ExperimentError);
      expect((error as ExperimentError).path).toBe(path);
    };
    await refused({ kind: 'sgd', learningRate: 1, steps: 1, momentum: 0.9 }, 'optimizer.momentum');
    await refused({ kind: 'momentum', learningRate: 1, steps: 1, momentum: 1 }, 'optimizer.momentum');
    await refused({ kind: 'adam', learningRate: 1, steps: 1, epsilon: -1 }, 'optimizer.epsilon');
    await refused({ kind: 'sgd', learningRate: 1, steps: 1, batchSize: 4 }, 'optimizer.batchSize');
    await refused({ kind: 'rmsprop' as 'sgd', learningRate: 1, steps: 1 }, 'optimizer.kind');
  });

  test('mini-batches are refused where a statistic would still be that of all pairs', async () => {
    const small: OptimizerChoice = { kind: 'sgd', learningRate: 0.1, steps: 2, batchSize: 1 };
    const train = (objective: Experiment['objective'], optimizer = small) => engine().train({ ...bigram(optimizer), objective });
    for (const name of ['aot', 'kto', 'bco', 'cpo']) {
      const error = await train({ name }).catch((reason: unknown) => reason);
      expect((error as ExperimentError).path, name).toBe('optimizer.batchSize');
      await train({ name }, { ...small, batchSize: 3 });
    }
    // a weight of the pair's own is none of the batch
    await train({ name: 'dpo', params: { useWeighting: true } });
  });
});
