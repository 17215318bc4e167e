import { expect, test } from 'vitest';
import { type Experiment, ExperimentError, type OptimizerChoice, type Pair } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { toyExperiment } from './toy-policies.ts';

const sgd: OptimizerChoice = { kind: 'sgd', learningRate: 0.2, steps: 8 };
const bigram = (pairs: Pair[], optimizer = sgd): Experiment => ({ ...toyExperiment('bigram', optimizer), pairs });

describeEngines('masks', (engine, kind) => {
  const roundoff = kind === 'cpu' ? 2 ** -53 : float32Roundoff;

  test.each<[string, Experiment['objective'], OptimizerChoice]>([
    ['DPO', { name: 'dpo' }, sgd],
    ['SimPO, which reads lengths', { name: 'simpo' }, sgd],
    ['LD-DPO, which weights tokens', { name: 'dpo', params: { ldAlpha: 0.4 } }, sgd],
    ['the normalised pair update', { name: 'dpo' }, { kind: 'normalised-pair', learningRate: 0.05, steps: 8 }],
  ])('%s: a masked end trains as if it were cut off', async (_, objective, optimizer) => {
    const masked: Pair = { prompt: 0, chosen: [1, 2, 3, 0], rejected: [1, 0, 3], chosenMask: [1, 1, 0, 0], rejectedMask: [1, 1, 1] };
    const cut: Pair = { prompt: 0, chosen: [1, 2], rejected: [1, 0, 3] };
    const other: Pair = { prompt: 1, chosen: [0, 2], rejected: [2, 2, 1] };
    const train = (pair: Pair) => engine().train({ ...bigram([pair, other], optimizer), objective });
    const [a, b] = [await train(masked), await train(cut)];
    // the same numbers in the same order, but for products by 1 and sums with 0: a roundoff a step of parameters below 2
    const bound = 4 * roundoff * (optimizer.steps + 2);
    expectWithin([...(a.final['table'] ?? [])], [...(b.final['table'] ?? [])], () => bound, 'table');
    for (const [index, { loss, chosenLogps }] of a.steps.entries()) {
      expectWithin([loss], [b.steps[index]?.loss ?? Number.NaN], () => 8 * bound, `loss ${index}`);
      // what is recorded is the whole response's
      expect(chosenLogps[0] ?? Number.NaN).toBeLessThan((b.steps[index]?.chosenLogps[0] ?? Number.NaN) - 0.1);
    }
  });

  test.each([0, 0.25])('a token of which %d counts moves its row as much less, and is still read by the next one', async (part) => {
    const learningRate = 0.25;
    const pair: Pair = { prompt: 0, chosen: [1, 2, 3], rejected: [0, 3], chosenMask: [1, part, 1] };
    const experiment = bigram([pair], { kind: 'sgd', learningRate, steps: 1 });
    const { policy } = experiment;
    if (policy.kind !== 'bigram') throw new Error('The toy is not a bigram.');
    const { final } = await engine().train(experiment);
    // One step of DPO (β = 0.5) from the reference: η β / 2 times e − π in each counted row, plus for the chosen, minus for the rejected.
    const expected = policy.table.map((row) => [...row]);
    const push = (row: number, token: number, sign: number): void => {
      const logits = policy.table[row] ?? [];
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      expected[row] = (expected[row] ?? []).map(
        (value, v) => value + sign * learningRate * 0.25 * (Number(v === token) - Math.exp(logits[v] ?? 0) / total),
      );
    };
    push(0, 1, 1);
    push(policy.prompts + 1, 2, part);
    push(policy.prompts + 2, 3, 1); // reads the masked 2
    push(0, 0, -1);
    push(policy.prompts + 0, 3, -1);
    // exp and a sum of four in the engine's precision, times numbers below 1; SwiftShader's exp is good to about 2^-21
    const bound = kind === 'cpu' ? 1e-14 : 2 ** -20;
    expectWithin([...(final['table'] ?? [])], expected.flat(), () => bound, 'table');
  });

  test('the geometry is that of the counted tokens', async () => {
    const cut: Pair = { prompt: 0, chosen: [1], rejected: [0, 3] };
    const [masked] = await engine().diagnose(bigram([{ ...cut, chosen: [1, 2], chosenMask: [1, 0] }]));
    const [short] = await engine().diagnose(bigram([cut]));
    for (const key of ['chosenGradNormSq', 'rejectedGradNormSq', 'innerProduct', 'chosenRate'] as const)
      expectWithin([masked?.[key] ?? Number.NaN], [short?.[key] ?? Number.NaN], () => 32 * roundoff, key);
  });

  test('masks that fit no response, count nothing, or cannot be used are refused', async () => {
    const pair: Pair = { prompt: 0, chosen: [1, 2], rejected: [0] };
    const refused = (experiment: Experiment) => expect(engine().train(experiment)).rejects.toThrow(ExperimentError);
    await refused(bigram([{ ...pair, chosenMask: [1] }]));
    await refused(bigram([{ ...pair, chosenMask: [1, 1.5] }]));
    await refused(bigram([{ ...pair, chosenMask: [1, -0.5] }]));
    await refused(bigram([{ ...pair, rejectedMask: [0] }]));
    await refused({ ...bigram([{ ...pair, chosenMask: [1, 0] }]), objective: { name: 'dpo', params: { useWeighting: true } } });
    // sweeps take masks, but none that fits no response
    const sweep = {
      experiment: bigram([{ ...pair, chosenMask: [1] }]),
      x: { path: 'objective.params.beta', values: [0.1] },
      y: { path: 'optimizer.learningRate', values: [0.1] },
    };
    await expect(engine().sweep(sweep)).rejects.toThrow(ExperimentError);
  });
});
