import { RandomStream } from '../../src/core/rng.ts';
import type { Experiment, OptimizerChoice, Policy } from '../../src/index.ts';
import '../../src/policies/further-kinds.ts';
import { definePolicy } from '../../src/policies/kinds.ts';

const random = new RandomStream(11, 99);
const matrix = (rows: number, columns: number, size = 0.8) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => size * random.normal()));

/** One policy of each kind with pairs that use several contexts, repeated contexts, shared prefixes and weights. */
export const toyPolicies: Record<string, Pick<Experiment, 'policy' | 'pairs'>> = {
  tabular: {
    policy: { kind: 'tabular', logits: matrix(2, 6) },
    pairs: [
      { prompt: 0, chosen: 1, rejected: 4 },
      { prompt: 1, chosen: 0, rejected: 5, weight: 0.5 },
      // a weight of its own, lest the gradient of response 1 vanish at the start: Adam would follow its rounding
      { prompt: 0, chosen: 2, rejected: 1, weight: 0.7 },
    ],
  },
  features: {
    policy: { kind: 'features', hidden: matrix(2, 4), unembedding: matrix(7, 4) },
    pairs: [
      { prompt: 0, chosen: 1, rejected: 4 },
      { prompt: 1, chosen: 0, rejected: 5 },
    ],
  },
  'features, hidden only': {
    policy: { kind: 'features', hidden: matrix(1, 3), unembedding: matrix(5, 3), train: 'hidden', scale: 1.5 },
    pairs: [{ prompt: 0, chosen: 1, rejected: 4 }],
  },
  bigram: {
    policy: { kind: 'bigram', prompts: 2, vocab: 4, table: matrix(6, 4) },
    pairs: [
      { prompt: 0, chosen: [1, 2, 3], rejected: [1, 0, 3, 0] },
      { prompt: 1, chosen: [0, 2], rejected: [2, 2, 1] },
    ],
  },
  'sequence, factorised': {
    policy: {
      kind: 'sequence',
      form: 'factorised',
      logits: [[0.2, -0.3, 0.5], ...matrix(3, 2).map((row) => [...row, null])],
      offsets: [
        { prefix: [0], logits: [0.7, -0.4, 0] },
        { prefix: [1], logits: [-0.2, 0.3, 0] },
        { prefix: [1, 0], position: 2, logits: [0.4, 0, 0] },
      ],
    },
    pairs: [
      { prompt: 0, chosen: [0, 0, 0, 0], rejected: [1, 0, 0, 0] },
      { prompt: 0, chosen: [2, 1], rejected: [0, 1, 1] },
    ],
  },
  'sequence, features': {
    policy: {
      kind: 'sequence',
      form: 'features',
      prefixes: [[], [1], [1, 2], [0], [0, 2]].map((tokens) => ({ prompt: 0, tokens, hidden: matrix(1, 3)[0] ?? [] })),
      unembedding: matrix(4, 3),
    },
    pairs: [
      { prompt: 0, chosen: [1, 2, 3], rejected: [0, 2, 3] },
      { prompt: 0, chosen: [1, 0], rejected: [1, 3] },
    ],
  },
  logLinear: {
    policy: { kind: 'logLinear', weights: matrix(2, 3), features: { responses: 9, centres: [1, 4, 7], width: 1.5 } },
    pairs: [
      { prompt: 0, chosen: 1, rejected: 8 },
      { prompt: 1, chosen: 4, rejected: 5 },
    ],
  },
  // one short distribution, which the ensemble's shader writes out; the last response but one holds nearly all mass
  'tabular, one prompt': {
    policy: { kind: 'tabular', logits: [[...matrix(1, 5).flat(), 9, 0.3]] },
    pairs: [
      { prompt: 0, chosen: 1, rejected: 5 },
      { prompt: 0, chosen: 2, rejected: 6, weight: 0.5 },
      { prompt: 0, chosen: 5, rejected: 1, weight: 0.7 },
    ],
  },
  'features, one prompt': {
    policy: { kind: 'features', hidden: matrix(1, 3), unembedding: matrix(6, 3) },
    pairs: [
      { prompt: 0, chosen: 1, rejected: 5 },
      { prompt: 0, chosen: 2, rejected: 1, weight: 0.7 },
    ],
  },
  'features, unembedding only': {
    policy: { kind: 'features', hidden: matrix(1, 3), unembedding: matrix(5, 3), train: 'unembedding' },
    pairs: [{ prompt: 0, chosen: 1, rejected: 4 }],
  },
  'logLinear, base': {
    policy: { kind: 'logLinear', weights: matrix(2, 3), features: matrix(6, 3), base: matrix(1, 6).flat() },
    pairs: [
      { prompt: 0, chosen: 1, rejected: 5 },
      { prompt: 0, chosen: 4, rejected: 2, weight: 0.7 },
    ],
  },
  'logLinear, base of each prompt': {
    policy: { kind: 'logLinear', weights: matrix(3, 2), features: matrix(5, 2), base: matrix(3, 5) },
    pairs: [
      { prompt: 0, chosen: 1, rejected: 4 },
      { prompt: 2, chosen: 4, rejected: 0 },
    ],
  },
  mlp: {
    policy: {
      kind: 'mlp',
      inputs: matrix(3, 2),
      hidden: { weights: matrix(4, 2), bias: matrix(1, 4).flat() },
      output: { weights: matrix(5, 4), bias: matrix(1, 5).flat() },
    },
    pairs: [
      { prompt: 0, chosen: 1, rejected: 4 },
      { prompt: 2, chosen: 0, rejected: 3, weight: 0.5 },
      { prompt: 0, chosen: 2, rejected: 1, weight: 0.7 },
    ],
  },
  regression: {
    policy: {
      kind: 'regression',
      inputs: [matrix(3, 4), matrix(3, 4)],
      targets: matrix(2, 3),
      weights: matrix(1, 4).flat(),
    },
    pairs: [
      { prompt: 0, chosen: [1], rejected: [0] },
      { prompt: 1, chosen: [0], rejected: [2], weight: 0.5 },
      { prompt: 0, chosen: [2], rejected: [1], weight: 0.7 },
    ],
  },
};

/** Names of those that ensembles can train. */
export const toysSideBySide: readonly string[] = Object.entries(toyPolicies).flatMap(([name, { policy }]) =>
  definePolicy(policy).fused ? [name] : [],
);

/** An experiment on one of the toy policies. */
export function toyExperiment(name: string, optimizer: OptimizerChoice, noise = 0): Experiment {
  const toy = toyPolicies[name];
  if (!toy) throw new Error(`There is no toy '${name}'.`);
  const policy: Policy = noise > 0 ? { ...toy.policy, noise } : toy.policy;
  return { policy, pairs: toy.pairs, objective: { name: 'dpo', params: { beta: 0.5 } }, optimizer };
}
