import type { Group } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { defineStudy, type Run, type Stage } from '../study.ts';
import { Draws } from '../toys/draws.ts';

/** A word, and the token that ends the answer. */
const [go, stop, longest, groups, n, updates] = [0, 1, 40, 16, 8, 6] as const;
/** An answer to the first prompt is right if it is longer than `least`, one to the second if it is shorter than `most`. */
const [least, most] = [3, 8];

const answerOf = (length: number): number[] => [...new Array<number>(length - 1).fill(go), stop];
const chance = (a: number, b: number): number => 1 / (1 + Math.exp(b - a));

/** Chances to go on: after the prompt, by prompt, and after a word. */
function chancesIn(table: ArrayLike<number>): { first: number[]; again: number } {
  const at = (row: number): number => chance(table[2 * row] ?? 0, table[2 * row + 1] ?? 0);
  return { first: [at(0), at(1)], again: at(2) };
}
/** Expected number of tokens, over both prompts. */
function expectedLength({ trial }: Run<null>): number {
  const { first, again } = chancesIn(trial.final['table'] ?? []);
  return mean(first.map((f) => 1 + f / (1 - again)));
}
/** Expected share of right answers, over both prompts. */
function right({ trial }: Run<null>): number {
  const { first, again } = chancesIn(trial.final['table'] ?? []);
  const longer = (f: number, than: number): number => f * again ** (than - 1);
  return mean([longer(first[0] ?? 0, least), 1 - longer(first[1] ?? 0, most - 1)]);
}

const isRight = (prompt: number, length: number): boolean => (prompt === 0 ? length > least : length < most);

/** For a stage that makes no update. */
const nothing: Group = { prompt: 0, responses: [answerOf(1), answerOf(2)], rewards: [0, 1] };

/** One update on groups that are drawn from the policy as it is then; none beyond as many as are asked for. */
const update =
  (name: 'grpo' | 'dapo' | 'dr_grpo', at: number): Stage<null> =>
  ({ experiment, seed, values: { updates: asked = updates } }, [before]) => {
    const draws = new Draws(seed, at);
    const start = experiment.policy.kind === 'bigram' ? experiment.policy.table : [];
    const table = before ? start.map((_, row) => [...(before.final['table'] ?? []).slice(2 * row, 2 * row + 2)]) : start;
    const { first, again } = chancesIn(table.flat() as number[]);
    const lengthOf = (prompt: number): number => {
      let length = 1;
      while (length < longest && draws.coin(length === 1 ? (first[prompt] ?? 0) : again)) length++;
      return length;
    };
    return {
      ...experiment,
      policy: { ...experiment.policy, table } as typeof experiment.policy,
      groups:
        at >= asked
          ? [nothing]
          : [0, 1].flatMap((prompt) =>
              Array.from({ length: groups }, (): Group => {
                const lengths = Array.from({ length: n }, () => lengthOf(prompt));
                return { prompt, responses: lengths.map(answerOf), rewards: lengths.map((length) => (isRight(prompt, length) ? 1 : 0)) };
              }),
            ),
      objective: { name, params: { scaleRewards: 'group' } },
      optimizer: { ...experiment.optimizer, steps: at < asked ? 1 : 0 },
    };
  };
const arm = (label: string, name: 'grpo' | 'dapo' | 'dr_grpo') => ({
  label,
  train: update(name, 0),
  next: Array.from({ length: updates - 1 }, (_, k) => update(name, k + 1)),
});

export const study = defineStudy<null>()({
  id: 'often-length-groups',
  finding: 'What divides by the length decides the length',
  mechanism:
    'Where each answer’s tokens are averaged, a token of a long answer counts less, right or wrong. So a long wrong answer is pushed down little for each token, and mistakes of short answers decide; where all tokens count alike, those of long ones do.',
  setup:
    'A policy that at each token goes on or ends, with answers of about five tokens. On one prompt answers of up to three tokens are wrong, on another those of eight or more; six updates at rate 4 of GRPO with its mean over each answer’s tokens, over all tokens, or with one divisor, each on 16 fresh groups of eight for each prompt.',
  leavesOut:
    'Nothing but the length tells right from wrong, and how long an answer goes on is shared by both prompts. The two prompts are chosen so that they pull against each other: with the first alone answers grow under either average, with the second alone they shrink under either.',
  tex: String.raw`\frac1K\sum_i\frac1{|y_i|}\sum_t\hat A_i\log\pi(y_{i,t})\quad\text{or}\quad\frac1{\sum_i|y_i|}\sum_i\sum_t\hat A_i\log\pi(y_{i,t})`,
  provenance: 'our reading',
  parameters: {
    updates: { label: 'Updates', symbol: 't', min: 0, max: updates, default: updates, integer: true },
  },
  toy: () => ({
    experiment: {
      policy: {
        kind: 'bigram',
        prompts: 2,
        vocab: 2,
        table: [
          [Math.log(4), 0],
          [Math.log(4), 0],
          [Math.log(4), 0],
          [0, 0],
        ],
      },
      pairs: [],
      objective: { name: 'grpo' },
      optimizer: { kind: 'sgd', learningRate: 4, steps: 1 },
    },
    truth: null,
  }),
  arms: {
    answer: arm('Mean over each answer’s tokens', 'grpo'),
    token: arm('Mean over all tokens', 'dapo'),
    constant: arm('One divisor for all', 'dr_grpo'),
  },
  measures: {
    length: { label: 'expected length of an answer', unit: 'tokens', of: expectedLength },
    right: { label: 'right answers', of: right },
  },
  plot: { kind: 'law', y: 'length', over: 'updates', at: [0, 2, 4, 6] },
  claims: [
    {
      id: 'per-answer-longer',
      statement:
        'On two prompts that pull the length in opposite directions, GRPO’s mean over each answer ends at least half a token longer than a mean over all tokens, on average.',
      where: 'response-level length bias (arXiv:2503.20783)',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['answer', 'length'],
      right: ['token', 'length'],
      by: 'mean',
      bound: { atLeast: 0.5 },
      because: 'a tenth of the length at the start',
      expected: 'holds',
    },
    {
      id: 'per-token-shorter',
      statement:
        'On two prompts that pull the length in opposite directions, the mean over all tokens makes answers shorter than the five tokens that they began with, on average.',
      where: 'token-level loss (arXiv:2503.14476)',
      kind: 'toy',
      refutedBy: 'a mean length of five or more',
      left: ['token', 'length'],
      by: 'mean',
      bound: { atMost: 5 },
      because: 'the length at the start',
      expected: 'holds',
    },
    {
      id: 'per-answer-grows',
      statement:
        'On two prompts that pull the length in opposite directions, GRPO’s mean over each answer makes answers longer than the five tokens that they began with, on average.',
      where: 'response-level length bias (arXiv:2503.20783)',
      kind: 'toy',
      refutedBy: 'a mean length of five or less',
      left: ['answer', 'length'],
      by: 'mean',
      bound: { atLeast: 5 },
      because: 'the length at the start',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 3 },
});
