import { expect, test } from 'vitest';
import { type Experiment, ExperimentError, type Policy } from '../../src/index.ts';
import '../../src/policies/further-kinds.ts';
import { definePolicy } from '../../src/policies/kinds.ts';
import { validateExperiment } from '../../src/train/validate/validate-experiment.ts';

const experiment = (policy: unknown, chosen: unknown = [0], rejected: unknown = [1]) =>
  ({
    policy,
    pairs: [{ prompt: 0, chosen, rejected }],
    objective: { name: 'dpo' },
    optimizer: { kind: 'sgd', learningRate: 1, steps: 1 },
  }) as Experiment;

function refusedAt(described: Experiment): string {
  try {
    validateExperiment(described);
  } catch (error) {
    if (error instanceof ExperimentError) return error.path;
    throw error;
  }
  return 'accepted';
}

const factorised = {
  kind: 'sequence',
  form: 'factorised',
  logits: [
    [0, 0, 0],
    [0, 1, null],
  ],
  offsets: [{ prefix: [0], logits: [1, 0, 0] }],
};
const features = {
  kind: 'sequence',
  form: 'features',
  prefixes: [
    { prompt: 0, tokens: [], hidden: [1, 0] },
    { prompt: 0, tokens: [0], hidden: [0, 1] },
  ],
  unembedding: [
    [1, 0],
    [0, 1],
  ],
};
const logLinear = { kind: 'logLinear', weights: [[1, 2]], features: { responses: 5, centres: [1, 3], width: 1 } };

test('good policies are accepted', () => {
  expect(refusedAt(experiment(factorised, [0, 1], [1]))).toBe('accepted');
  expect(refusedAt(experiment(features, [0, 1], [1]))).toBe('accepted');
  expect(refusedAt(experiment(logLinear, 4, 0))).toBe('accepted');
});

test('each bad field is named', () => {
  const refusals: [Experiment, string][] = [
    [experiment({ ...factorised, form: 'free' }), 'policy.form'],
    [experiment({ ...factorised, offsets: [{ prefix: [0], logits: [1] }] }), 'policy.offsets[0].logits'],
    [experiment({ ...factorised, offsets: [{ prefix: [3], logits: [1, 0, 0] }] }), 'policy.offsets[0].prefix[0]'],
    [experiment({ ...factorised, offsets: [{ prefix: [], logits: [1, 0, 0], position: 2 }] }), 'policy.offsets[0].position'],
    [experiment(factorised, [0, 0, 0]), 'pairs[0].chosen'],
    [experiment(factorised, [0, 2]), 'pairs[0].chosen[1]'],
    [experiment(factorised, 0), 'pairs[0].chosen'],
    [experiment({ ...factorised, noise: -1 }), 'policy.noise'],
    [experiment(features, [1, 0]), 'pairs[0].chosen'],
    [experiment({ ...features, prefixes: [...features.prefixes, features.prefixes[0]] }), 'policy.prefixes[2]'],
    [experiment({ ...features, unembedding: [[1], [0]] }), 'policy.unembedding'],
    [experiment({ ...features, scale: 0 }), 'policy.scale'],
    [experiment({ ...logLinear, weights: [[1]] }, 0, 1), 'policy.weights'],
    [experiment({ ...logLinear, features: { responses: 5, centres: [1, 3], width: 0 } }, 0, 1), 'policy.features.width'],
    [experiment(logLinear, 5, 0), 'pairs[0].chosen'],
    [experiment({ kind: 'trigram' }), 'policy.kind'],
  ];
  for (const [described, path] of refusals) expect(refusedAt(described)).toBe(path);
});

test('offsets apply where their prefix, prompt and position do, and add up', () => {
  const policy = {
    ...factorised,
    logits: [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
    prompts: 2,
    offsets: [
      { prefix: [], logits: [1, 0] },
      { prefix: [0], logits: [10, 0] },
      { prefix: [], position: 2, logits: [100, 0] },
      { prefix: [], prompt: 1, logits: [1000, 0] },
    ],
  } as Policy;
  const definition = definePolicy(policy);
  const added = (prompt: number, tokens: number[]) => {
    const positions = definition.positions(prompt, tokens);
    return positions.map(({ offset }) => definition.offsets?.[2 * offset]);
  };
  expect(added(0, [0, 0, 0])).toEqual([1, 11, 111]);
  expect(added(1, [1, 0, 0])).toEqual([1001, 1001, 1101]);
});

test('noise is drawn from the seed, for trained parameters alone', () => {
  const policy = { kind: 'features', hidden: [[1, 2]], unembedding: [[1, 0]], train: 'hidden', noise: 0.1 } as Policy;
  const values = (seed: number) => definePolicy(policy, seed).parameters.map(({ values: each }) => [...each]);
  expect(values(1)).toEqual(values(1));
  expect(values(1)[0]).not.toEqual(values(2)[0]);
  expect(values(1)[0]).not.toEqual([1, 2]);
  expect(values(1)[1]).toEqual([1, 0]);
});
