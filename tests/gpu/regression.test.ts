import { expect, test } from 'vitest';
import type { Experiment, OptimizerChoice, RegressionPolicy } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { toyExperiment } from './toy-policies.ts';

const learningRate = 0.5;
const sgd: OptimizerChoice = { kind: 'sgd', learningRate, steps: 1 };
const { policy: toy, pairs } = toyExperiment('regression', sgd);
const policy = toy as RegressionPolicy;
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, k) => sum + x * (b[k] ?? Number.NaN), 0);

const inputOf = (prompt: number, response: number): number[] => policy.inputs[prompt]?.[response] ?? [];
const errorOf = (prompt: number, response: number): number =>
  (policy.targets[prompt]?.[response] ?? Number.NaN) - dot(inputOf(prompt, response), policy.weights);
const only = (response: number | number[]): number => (typeof response === 'number' ? response : (response[0] ?? Number.NaN));

describeEngines('regression', (engine, kind) => {
  const roundoff = kind === 'cpu' ? 2 ** -53 : float32Roundoff;

  test('log π is the log-density of a normal law around a linear prediction', async () => {
    const { steps } = await engine().train(toyExperiment('regression', { ...sgd, steps: 0 }));
    for (const side of ['chosen', 'rejected'] as const) {
      const errors = pairs.map(({ prompt, [side]: response }) => errorOf(prompt, only(response)));
      expect(Math.max(...errors.map(Math.abs))).toBeGreaterThan(0.5);
      expect(Math.max(...errors.map(Math.abs))).toBeLessThan(3);
      expectWithin(
        steps[0]?.[`${side}Logps`] ?? [],
        errors.map((error) => -(error ** 2) / 2 - Math.log(2 * Math.PI) / 2),
        // what the type says of either error, and a few roundings of logits below 100
        (i) => (Math.abs(errors[i] ?? Number.NaN) < 2 ? 1e-8 : 1e-5) + 8 * 100 * roundoff,
        side,
      );
    }
  });

  test('a step up the likelihood is one down the squared error', async () => {
    const { final } = await engine().train({ ...toyExperiment('regression', sgd), objective: { name: 'sft' } });
    const expected = policy.weights.map((start, k) =>
      pairs.reduce((moved, { prompt, chosen, weight = 1 }) => {
        const [input, error] = [inputOf(prompt, only(chosen)), errorOf(prompt, only(chosen))];
        return moved + (learningRate * weight * error * (input[k] ?? Number.NaN)) / pairs.length;
      }, start),
    );
    expect(Math.max(...expected.map((weight, k) => Math.abs(weight - (policy.weights[k] ?? 0))))).toBeGreaterThan(0.05);
    // by an error, log π changes as fast as the error up to 8 times what a lost end of the law holds, below 1e-5; features are below 3
    expectWithin([...(final['weights'] ?? [])], expected, () => 3e-4 + 8 * 100 * roundoff, 'weights');
  });

  test('the normalised pair update steps along unit gradients', async () => {
    const { final } = await engine().train(toyExperiment('regression', { kind: 'normalised-pair', learningRate, steps: 1 }));
    const unit = (prompt: number, response: number): number[] => {
      const input = inputOf(prompt, response);
      return input.map((x) => (Math.sign(errorOf(prompt, response)) * x) / Math.sqrt(dot(input, input)));
    };
    const expected = policy.weights.map((start, k) =>
      pairs.reduce((moved, { prompt, chosen, rejected, weight = 1 }) => {
        const [up, down] = [unit(prompt, only(chosen))[k] ?? Number.NaN, unit(prompt, only(rejected))[k] ?? Number.NaN];
        return moved + (learningRate * weight * (up - down)) / pairs.length;
      }, start),
    );
    // a unit vector is that of the features, whatever the error's size; entries are quotients of sums of 17 terms
    expectWithin([...(final['weights'] ?? [])], expected, () => 64 * 17 * roundoff, 'weights');
  });

  test('what is no regression is refused by name', async () => {
    const refusals: [Partial<RegressionPolicy>, string][] = [
      [{ targets: [[1, 2, 3]] }, 'policy.inputs'],
      [{ targets: [[1], [2, 3]] }, 'policy.targets[1]'],
      [{ targets: Array.from({ length: 2 }, () => new Array<number>(18).fill(0)) }, 'policy.targets'],
      [{ weights: [1] }, 'policy.inputs[0]'],
      [{ weights: [1, 2, 3, Number.NaN] }, 'policy.weights[3]'],
    ];
    const experiment: Experiment = toyExperiment('regression', sgd);
    for (const [change, path] of refusals)
      await expect(engine().train({ ...experiment, policy: { ...policy, ...change } })).rejects.toMatchObject({ path });
    const two = { ...experiment, pairs: [{ prompt: 0, chosen: [0, 1], rejected: [1] }] };
    await expect(engine().train(two)).rejects.toMatchObject({ path: 'pairs[0].chosen' });
  });
});
