import { expect, test } from 'vitest';
import type { Experiment } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

const start = [0.4, -0.3, 0.1, 0.9];
const scoreRun = (objective: Experiment['objective'], pairs: Experiment['pairs'], steps: number, learningRate = 1): Experiment => ({
  policy: { kind: 'tabular', logits: [start] },
  pairs,
  objective,
  optimizer: { kind: 'sgd', learningRate, steps },
  record: [0, steps],
});

describeEngines('reward models as tables of scores', (engine, kind) => {
  test('one update is that of the Bradley–Terry model, and leaves all other scores alone', async () => {
    const pairs = [{ prompt: 0, chosen: 0, rejected: 2, rewards: [2, 0.5] as [number, number] }];
    for (const [objective, slope] of [
      [{ name: 'bradley_terry', params: { tau: 0.5 } }, 2 / (1 + Math.exp(2 * 0.3))],
      [{ name: 'bradley_terry_margin' }, 1 / (1 + Math.exp(0.3 - 1.5))],
      [{ name: 'reward_regression', params: { tau: 0.5, delta: 1 } }, -2 * (0.3 / 0.5 - 1)],
    ] as const) {
      const { final } = await engine().train(scoreRun(objective, pairs, 1));
      // a score below 2 is rounded once, and the softmax's parts of both responses cancel up to a few roundoffs
      const bound = kind === 'cpu' ? 1e-14 : 16 * float32Roundoff;
      expectWithin(final['logits'] ?? [], [0.4 + slope, -0.3, 0.1 - slope, 0.9], () => bound, objective.name);
    }
  });

  test('answers both ways lead to the log-odds of the answers', async () => {
    const pairs = [
      { prompt: 0, chosen: 1, rejected: 3, weight: 1.6 },
      { prompt: 0, chosen: 3, rejected: 1, weight: 0.4 },
    ];
    const { final } = await engine().train(scoreRun({ name: 'bradley_terry' }, pairs, 80, 2));
    const [, a = 0, , b = 0] = final['logits'] ?? [];
    // the step contracts the error by 1 - 2 · 2 · p (1 - p) = 0.36 at the optimum; float32 leaves a few roundoffs over that rate
    expect(Math.abs(a - b - Math.log(4))).toBeLessThan(kind === 'cpu' ? 1e-12 : 64 * float32Roundoff);
    expect(a + b).toBeCloseTo(0.6, 5);
  });
});
