import { defineStudy, type Run, type Stage } from '../study.ts';
import { everyGroup, twoAnswers } from '../toys/answer-groups.ts';

const even = 0.5;

/** How much further the right answer's logit is moved above the wrong one's than it was. */
const pushOn = ({ trial, values: { right = 0.95 } }: Run<null>, prompt: number): number => {
  const logits = trial.final['logits'] ?? [];
  const [before = 0, other = 0] = twoAnswers(prompt === 0 ? right : even);
  return (logits[2 * prompt] ?? Number.NaN) - (logits[2 * prompt + 1] ?? Number.NaN) - (before - other);
};

const scaled =
  (scaleRewards: 'group' | 'none'): Stage<null> =>
  ({ experiment }) => ({ ...experiment, objective: { name: 'grpo', params: { scaleRewards } } });

export const study = defineStudy<null>()({
  id: 'often-divided-by-deviation',
  finding: 'Dividing by the deviation favours extreme prompts',
  mechanism:
    'The rewards of a group differ little where nearly all answers are right, or nearly all are wrong. Dividing by their deviation makes such a group push harder beside others.',
  setup:
    'Two prompts with a right and a wrong answer each: one is answered right half of the time, the other nearly always. One update of GRPO in expectation over all groups of 32, with and without the division.',
  leavesOut: 'Two answers a prompt, and prompts that share nothing. Which weights serve the training best is another question.',
  tex: String.raw`\hat A_i=\frac{r_i-\bar r}{\mathrm{std}(r)+10^{-4}},\quad\mathbb E[\text{push}]\propto\sqrt{p(1-p)}\ (K\to\infty)\ \text{in place of}\ p(1-p)`,
  provenance: 'our reading',
  parameters: {
    right: { label: 'Share of right answers of the prompt', symbol: 'p', min: 0.02, max: 0.98, default: 0.95 },
    n: { label: 'Answers in a group', symbol: 'K', min: 2, max: 64, default: 32, integer: true },
  },
  toy: (_, { right, n }) => ({
    experiment: {
      policy: { kind: 'tabular', logits: [twoAnswers(right), twoAnswers(even)] },
      pairs: [],
      groups: everyGroup([right, even], n),
      objective: { name: 'grpo' },
      optimizer: { kind: 'sgd', learningRate: 0.1, steps: 1 },
    },
    truth: null,
  }),
  arms: {
    divided: { label: 'Divided by the deviation', train: scaled('group') },
    plain: { label: 'Not divided', train: scaled('none') },
  },
  measures: {
    weight: { label: 'push on the prompt, as a share of that on the half-right one', of: (run) => pushOn(run, 0) / pushOn(run, 1) },
  },
  plot: { kind: 'law', y: 'weight', over: 'right', at: [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98] },
  claims: [
    {
      id: 'plain-is-p-one-minus-p',
      statement: 'Not divided, a prompt’s expected push is proportional to p (1 - p): at 95 % right answers 0.19 of that at one half.',
      where: 'the variance of a right-or-wrong reward',
      kind: 'identity',
      refutedBy: 'a ratio above 0.1905',
      left: ['plain', 'weight'],
      by: 'each',
      bound: { atMost: 0.1905 },
      because: 'a proof: .95 · .05 / .25 = .19; moves of 4.6e-3 to 4.8e-2 in logits below 4 are off by 4 · 2⁻²⁴, below one in a thousand',
      expected: 'holds',
    },
    {
      id: 'divided-weighs-more',
      statement:
        'Divided by the deviation of groups of 32, the prompt with 95 % right answers weighs at least 1.9 times as much beside a half-right one as it does undivided.',
      where: 'difficulty bias (arXiv:2503.20783)',
      kind: 'toy',
      refutedBy: 'a smaller weight: nothing here is drawn',
      left: ['divided', 'weight'],
      by: 'each',
      bound: { atLeast: 0.361 },
      because: '1.9 times .19',
      expected: 'holds',
    },
  ],
  seeds: { page: 1, test: 1 },
});
