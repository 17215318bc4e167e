import { expect, test } from 'vitest';
import type { Experiment, Parameters } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin } from './tolerance.ts';

/** Adam divides a gradient by its own size: if rounding were left of terms that should cancel, it would be followed like any other. */
const optimizer: Experiment['optimizer'] = { kind: 'adam', learningRate: 0.05, steps: 12 };

const outcomes = [0.3, -0.2, 0.5, 0.1, -0.4, 0.2, 0];
const matrix = (rows: number, columns: number) =>
  Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (__, column) => Math.sin(1 + row * columns + 2 * column)));
/** Three pairs of the first four outcomes; the others are named by none. */
const pairs = (prompt: number): Experiment['pairs'] => [
  { prompt: 0, chosen: 0, rejected: 1 },
  { prompt, chosen: 2, rejected: 3, weight: 0.7 },
  { prompt: 0, chosen: 1, rejected: 2, weight: 0.4 },
];

interface Case extends Pick<Experiment, 'policy' | 'pairs'> {
  readonly name: string;
  /** DPO where none is named */
  readonly objective?: string;
  readonly tensor: string;
  /** [first, end) of the tensor: what stays, and what moves */
  readonly still: readonly [number, number];
  readonly moved: readonly [number, number];
}

/** Outcome 1 is rejected by one pair and chosen by the other, whose slopes are the same. */
const opposed: Pick<Case, 'objective' | 'pairs'> = {
  objective: '-beta * margin',
  pairs: [
    { prompt: 0, chosen: 0, rejected: 1 },
    { prompt: 0, chosen: 1, rejected: 2 },
  ],
};

const cases: readonly Case[] = [
  {
    name: 'a table of one prompt',
    policy: { kind: 'tabular', logits: [outcomes] },
    pairs: pairs(0),
    ...{ tensor: 'logits', still: [4, 7], moved: [0, 4] },
  },
  {
    name: 'a table of two prompts',
    policy: { kind: 'tabular', logits: [outcomes, [...outcomes].reverse()] },
    pairs: pairs(1),
    ...{ tensor: 'logits', still: [4, 9], moved: [0, 3] },
  },
  {
    name: 'an unembedding that one hidden vector reads',
    policy: { kind: 'features', hidden: matrix(1, 3), unembedding: matrix(7, 3) },
    pairs: pairs(0),
    ...{ tensor: 'unembedding', still: [12, 21], moved: [0, 12] },
  },
  {
    name: 'an unembedding that two hidden vectors read',
    policy: { kind: 'features', hidden: matrix(2, 3), unembedding: matrix(7, 3) },
    pairs: pairs(1),
    ...{ tensor: 'unembedding', still: [12, 21], moved: [0, 12] },
  },
  {
    name: 'the first tokens of a bigram',
    policy: { kind: 'bigram', prompts: 1, vocab: 5, table: matrix(6, 5) },
    pairs: [
      { prompt: 0, chosen: [0, 3], rejected: [1] },
      { prompt: 0, chosen: [1, 2, 0], rejected: [0, 4], weight: 0.4 },
    ],
    ...{ tensor: 'table', still: [2, 5], moved: [0, 2] },
  },
  {
    name: 'a table, where one pair takes away what another adds',
    policy: { kind: 'tabular', logits: [outcomes] },
    ...opposed,
    ...{ tensor: 'logits', still: [1, 2], moved: [2, 3] },
  },
  {
    name: 'an unembedding, where one pair takes away what another adds',
    policy: { kind: 'features', hidden: matrix(1, 3), unembedding: matrix(7, 3) },
    ...opposed,
    ...{ tensor: 'unembedding', still: [3, 6], moved: [6, 9] },
  },
];

describeEngines('gradients that cancel', (engine, kind) => {
  // What is left of some terms below 1 in float64, over Adam's epsilon: it is not followed. In float32 it would be, so nothing may be left.
  const rounding = kind === 'cpu' ? (12 * 0.05 * 8 * 2 ** -53) / 1e-8 : 0;

  test.each(cases)('leave in place, to the bit, what no pair moves: $name', async ({ policy, pairs, objective, tensor, still, moved }) => {
    const experiments = [0.1, 0.3, 1.5].map(
      (beta): Experiment => ({
        policy,
        pairs,
        objective: { ...(objective ? { expression: objective } : { name: 'dpo' }), params: { beta } },
        optimizer,
      }),
    );
    const start = await engine().train({ ...(experiments[0] as Experiment), optimizer: { ...optimizer, steps: 0 } });
    const alone = await Promise.all(experiments.map((experiment) => engine().train(experiment)));
    const packed = await engine().trials(experiments);
    const part = (final: Parameters, [first, end]: readonly [number, number]) => [...(final[tensor] ?? [])].slice(first, end);
    for (const { final } of [...alone, ...packed]) {
      expectWithin(part(final, still), part(start.final, still), () => (objective ? rounding : 0));
      const before = part(start.final, moved);
      // twelve moves of at most the rate, less where the gradient turns
      for (const [i, x] of part(final, moved).entries()) expect(Math.abs(x - (before[i] ?? x))).toBeGreaterThan(1e-3);
    }
  });
});
