import { expect, test } from 'vitest';
import { type Experiment, openEngine, type RegressionPolicy } from '../../src/index.ts';
import { expectWithin } from '../gpu/tolerance.ts';
import { toyPolicies } from '../gpu/toy-policies.ts';

const toy = toyPolicies['regression'] as Experiment;
const policy = toy.policy as RegressionPolicy;
const engine = await openEngine({ backend: 'cpu' });
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, k) => sum + x * (b[k] ?? Number.NaN), 0);

const errorOf = (prompt: number, response: number): number =>
  (policy.targets[prompt]?.[response] ?? Number.NaN) - dot(policy.inputs[prompt]?.[response] ?? [], policy.weights);
const oneOf = ([response]: readonly number[]): number => response ?? Number.NaN;

test('log π is the log-density of a normal law around a linear prediction', async () => {
  const { steps } = await engine.train({ ...toy, objective: { name: 'dpo' }, optimizer: { kind: 'sgd', learningRate: 0, steps: 0 } });
  for (const side of ['chosen', 'rejected'] as const) {
    const errors = toy.pairs.map(({ prompt, [side]: response }) => errorOf(prompt, oneOf(response as number[])));
    expect(Math.max(...errors.map(Math.abs))).toBeGreaterThan(0.5);
    // what the document says; the errors of this toy are below 3
    expectWithin(
      steps[0]?.[`${side}Logps`] ?? [],
      errors.map((error) => -(error ** 2) / 2 - Math.log(2 * Math.PI) / 2),
      (i) => (Math.abs(errors[i] ?? Number.NaN) < 2 ? 1e-8 : 1e-5),
      side,
    );
  }
});

test('a step up the likelihood is one down the squared error', async () => {
  const learningRate = 0.5;
  const { final } = await engine.train({ ...toy, objective: { name: 'sft' }, optimizer: { kind: 'sgd', learningRate, steps: 1 } });
  const expected = policy.weights.map((weight, k) =>
    toy.pairs.reduce((moved, { prompt, chosen, weight: share = 1 }) => {
      const response = oneOf(chosen as number[]);
      return moved + (learningRate * share * errorOf(prompt, response) * (policy.inputs[prompt]?.[response]?.[k] ?? 0)) / toy.pairs.length;
    }, weight),
  );
  // the derivative of what is left out of the normal law's sum, e^(-2π²) 4π, and of its ends, under errors below 3 and features below 3
  expectWithin([...(final['weights'] ?? [])], expected, () => 1e-4, 'weights');
});

test('what is no regression is refused by name', async () => {
  const refusals: [object, string][] = [
    [{ targets: [[1, 2, 3]] }, 'policy.inputs'],
    [{ targets: [[1], [2, 3]] }, 'policy.targets[1]'],
    [{ targets: Array.from({ length: 2 }, () => new Array<number>(18).fill(0)) }, 'policy.targets'],
    [{ weights: [1] }, 'policy.inputs[0]'],
    [{ weights: [1, 2, 3, Number.NaN] }, 'policy.weights[3]'],
  ];
  for (const [change, path] of refusals)
    await expect(
      engine.train({
        ...toy,
        objective: { name: 'dpo' },
        optimizer: { kind: 'sgd', learningRate: 1, steps: 1 },
        policy: { ...policy, ...change },
      }),
    ).rejects.toMatchObject({ path });
  await expect(
    engine.train({
      ...{ ...toy, objective: { name: 'dpo' }, optimizer: { kind: 'sgd', learningRate: 1, steps: 1 } },
      pairs: [{ prompt: 0, chosen: [0, 1], rejected: [1] }],
    }),
  ).rejects.toMatchObject({ path: 'pairs[0].chosen' });
});
