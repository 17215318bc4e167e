import type { Experiment, Pair } from '../../core/experiment.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { dot } from '../../core/vectors.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, subtract, weightsOf } from '../toys/scorer.ts';
import { type Bigram, drawTexts, followCounts, rowsOf, wordCounts } from '../toys/tokens/bigram-texts.ts';

const [words, length, tests] = [16, 6, 400];
type Couple = readonly [better: readonly number[], worse: readonly number[]];

interface Truth {
  /** log-probabilities of the policy before training */
  readonly base: number[][];
  /** as people labelled them, with errors */
  readonly training: Couple[];
  /** new texts of the same kind, and of another, told apart by what they are worth */
  readonly inside: Couple[];
  readonly outside: Couple[];
}

/** A score of a text. */
type Judge = (text: readonly number[]) => number;
type Judged = 'training' | 'inside' | 'outside';

/** Share of couples that a judge tells right, a tie counting half. */
const accuracy = (couples: readonly Couple[], judge: Judge): number =>
  couples.reduce((sum, [better, worse]) => sum + (1 + Math.sign(judge(better) - judge(worse))) / 2, 0) / couples.length;

/** log π - log π_ref of the DPO policy, up to β. */
function implicit({ truth: { base }, trial }: Run<Truth>): Judge {
  const table = Array.from(trial.final['table'] ?? []);
  const gains = base.map((row, r) => {
    const logps = logSoftmax(table.slice(r * words, (r + 1) * words));
    return row.map((logp, word) => (logps[word] ?? Number.NaN) - logp);
  });
  return (text) => rowsOf(text).reduce((sum, row, t) => sum + (gains[row]?.[text[t] ?? 0] ?? Number.NaN), 0);
}

const explicit =
  (features: (text: readonly number[], words: number) => number[]) =>
  ({ trial }: Run<Truth>): Judge => {
    const weights = weightsOf(trial);
    return (text) => dot(weights, features(text, words));
  };

const judges: Readonly<Record<'implicit' | 'words' | 'follows', (run: Run<Truth>) => Judge>> = {
  implicit,
  words: explicit(wordCounts),
  follows: explicit(followCounts),
};

/** Which judge an arm trained is told by its policy: a bigram, or a scorer of as many features as it has. */
function judgeOf(run: Run<Truth>): Judge {
  const { policy } = run.trained;
  if (policy.kind === 'bigram') return judges.implicit(run);
  return (policy.kind === 'features' && policy.unembedding[0]?.length === words ? judges.words : judges.follows)(run);
}

const told =
  (which: Judged) =>
  (run: Run<Truth>): number =>
    accuracy(run.truth[which], judgeOf(run));

const fitExplicit = ({ training }: Truth, features: (text: readonly number[], words: number) => number[]): Experiment =>
  fitScorer(
    training.map(([better, worse]) => subtract(features(better, words), features(worse, words))),
    { learningRate: 0.15, steps: 60 },
  );

export const study = defineStudy<Truth>()({
  id: '06-implicit-judge',
  finding: 'An implicit judge can fit better, transfer worse',
  mechanism:
    'The reward that DPO’s policy implies is a sum over what the policy is made of, here of which word follows which. It fits the comparisons closely, and has learned little that is true of combinations that they had three times at most, as about two in five words of the other law are.',
  setup:
    'Texts of six out of 16 words; what a text is worth is the mean of its words. 300 noisy comparisons of texts of one bigram law; tests of that law and of another. DPO on a bigram policy, against a reward model that counts words, or one that counts word pairs.',
  headline: 'Over five shifted settings, the implicit reward model loses 3 % of accuracy on average, and 7 % at most.',
  leavesOut:
    'The toy’s gap comes from its features: a table of word pairs for the policy, single words for the reward model. Here the implicit reward is worse already on new texts of the same kind. In the paper both are language models, and fit the training set about alike.',
  tex: '\\hat r_\\theta(x,y)=\\beta\\log\\frac{\\pi_\\theta(y\\mid x)}{\\pi_{\\mathrm{ref}}(y\\mid x)}\\quad\\text{vs}\\quad-\\log\\sigma\\big(r_\\phi(y_w)-r_\\phi(y_l)\\big)',
  parameters: {
    pairs: { label: 'Comparisons', symbol: 'n', min: 50, max: 2000, default: 300, integer: true },
    noise: { label: 'Temperature of the labels', symbol: '\\tau', min: 0.1, max: 4, default: 0.5 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.05, max: 2, default: 0.3 },
  },
  toy: (seed, { pairs: count, noise, beta }) => {
    const draws = new Draws(seed);
    const values = draws.normals(words);
    const worth = (text: readonly number[]): number => text.reduce((sum, word) => sum + (values[word] ?? 0), 0) / length;
    const [base, other]: [Bigram, Bigram] = [draws.normalRows(words + 1, words, 1.5), draws.normalRows(words + 1, words, 1.5)];
    const couples = (law: Bigram, n: number, swap: (gap: number) => boolean): Couple[] => {
      const texts = drawTexts(draws, law, 2 * n, length);
      return Array.from({ length: n }, (_, i): Couple => {
        const [a, b] = [texts[2 * i] ?? [], texts[2 * i + 1] ?? []];
        return swap(worth(a) - worth(b)) ? [b, a] : [a, b];
      });
    };
    const truth: Truth = {
      base: base.map((row) => logSoftmax(row)),
      training: couples(base, count, (gap) => !draws.prefers((Math.sqrt(length) * gap) / noise)),
      inside: couples(base, tests, (gap) => gap < 0),
      outside: couples(other, tests, (gap) => gap < 0),
    };
    const experiment: Experiment = {
      policy: { kind: 'bigram', prompts: 1, vocab: words, table: truth.base },
      pairs: truth.training.map(([chosen, rejected]): Pair => ({ prompt: 0, chosen: [...chosen], rejected: [...rejected] })),
      objective: { name: 'dpo', params: { beta } },
      optimizer: { kind: 'adam', learningRate: 0.15, steps: 60 },
    };
    return { experiment, truth };
  },
  arms: {
    implicit: { label: 'Implicit, word pairs', train: ({ experiment }) => experiment },
    explicit: { label: 'Explicit, words', train: ({ truth }) => fitExplicit(truth, wordCounts) },
    follows: { label: 'Explicit, word pairs', train: ({ truth }) => fitExplicit(truth, followCounts) },
  },
  measures: {
    training: { label: 'accuracy on the comparisons trained on', of: told('training') },
    inside: { label: 'accuracy on new texts', of: told('inside') },
    outside: { label: 'accuracy on texts of another kind', of: told('outside') },
    drop: { label: 'accuracy lost on texts of another kind', of: (run) => told('inside')(run) - told('outside')(run) },
  },
  plot: { kind: 'strip', y: 'outside' },
  claims: [
    {
      id: 'fits-better',
      statement:
        'On the comparisons that both were trained on, the implicit reward is, in most seeds, right at least as often as an explicit one of words.',
      where: 'accuracy within the distribution of training',
      kind: 'toy',
      refutedBy: 'a lower accuracy in more than a fifth of the seeds',
      left: ['implicit', 'training'],
      right: ['explicit', 'training'],
      by: { share: 0.8 },
      bound: { atLeast: 0 },
      because: 'the sign is the claim; labels are noisy, so fitting all of them is no merit',
      expected: 'holds',
    },
    {
      id: 'transfers-worse',
      statement:
        'On texts of another kind, an explicit reward of words is, in most seeds, right at least 0.1 more often than the implicit one.',
      where: 'accuracy under a shift of the distribution',
      kind: 'empirical',
      refutedBy: 'a smaller difference in more than a fifth of the seeds',
      left: ['explicit', 'outside'],
      right: ['implicit', 'outside'],
      by: { share: 0.8 },
      bound: { atLeast: 0.1 },
      because: 'forty of the 400 tests',
      expected: 'holds',
    },
    {
      id: 'loses-more',
      statement:
        'Going from new texts of the same kind to another kind, the implicit reward loses at least 0.03 more accuracy than an explicit one of words, on average.',
      where: 'mean drop over shifted settings',
      kind: 'empirical',
      refutedBy: 'a smaller mean difference',
      left: ['implicit', 'drop'],
      right: ['explicit', 'drop'],
      by: 'mean',
      bound: { atLeast: 0.03 },
      because: 'the mean drop of 3 % that the paper reports',
      expected: 'holds',
    },
    {
      id: 'being-explicit',
      statement:
        'It is being explicit that helps: an explicit reward model of word pairs, too, is on average right at least 0.1 more often than the implicit reward on texts of another kind.',
      where: 'what the gap comes from',
      kind: 'toy',
      refutedBy: 'a smaller mean difference',
      left: ['follows', 'outside'],
      right: ['implicit', 'outside'],
      by: 'mean',
      bound: { atLeast: 0.1 },
      because: 'forty of the 400 tests',
      expected: 'does not hold',
      instead: 'In this toy it is what the judge reads: with the features of the policy, an explicit reward transfers about as badly.',
    },
  ],
  seeds: { page: 16, test: 3 },
});
