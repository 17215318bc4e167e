import type { OnPolicyExperiment } from '../../core/on-policy.ts';
import { distributionsOf } from '../measures.ts';
import { defineStudy, type Run, type World } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const answers = 60;

interface Truth {
  /** 0 or 1 */
  readonly quality: number[];
  /** from 0 to 1; what the score likes a little, and nobody should */
  readonly flaw: number[];
}

/** The same score for every arm: quality, and a little for the flaw. */
const sampled = ({ experiment, truth: { quality, flaw }, values: { bonus = 0 } }: World<Truth>): OnPolicyExperiment => ({
  policy: experiment.policy,
  rewards: [quality.map((q, y) => q + bonus * (flaw[y] ?? 0))],
  method: { objective: { name: 'reinforce', params: { scaleRewards: 'group' } } },
  sampling: { groups: 8, n: 8, rounds: 60, updates: 1 },
  optimizer: { kind: 'adam', learningRate: 0.15 },
});

const expectedOf = (run: Run<Truth>, value: (truth: Truth, y: number) => number): number =>
  (distributionsOf(run)[0] ?? []).reduce((sum, logp, y) => sum + Math.exp(logp) * value(run.truth, y), 0);

export const study = defineStudy<Truth>()({
  id: '04-win-rates',
  finding: 'Sampled win rates hack less than standardised scores',
  mechanism:
    'Dividing a group’s scores by their deviation makes full-sized advantages of differences however small. A win rate is counted from verdicts, which here are nearly coin flips where two answers score nearly alike.',
  setup:
    'Sixty answers, good or bad, each with a flaw between 0 and 1 that a score likes a little: quality + 0.05 · flaw. GRPO’s advantages in groups of eight, from the scores or from the share of others that an answer beats, by drawn verdicts or exactly; 60 updates of 8 groups.',
  leavesOut:
    'The verdicts come from the same score, as a coin with the probability σ(Δ / 0.15); the paper asks a preference model about images. In the released code a tie, or a verdict that cannot be read, counts a half; here no verdict is a tie. Nothing is clipped, and there is no KL to a reference.',
  tex: 'r_i=\\frac1{G-1}\\sum_{j\\ne i}\\Big(\\mathbf 1[y_i\\succ y_j]+\\tfrac{1}{2}\\,\\mathbf 1[\\text{tie}]\\Big),\\qquad A_i=\\frac{r_i-\\bar r}{\\mathrm{std}(r)+\\epsilon},\\qquad\\Pr(y_i\\succ y_j)=\\sigma\\Big(\\frac{\\hat r_i-\\hat r_j}{T}\\Big)',
  parameters: {
    bonus: { label: 'What the score gives for the flaw', symbol: 'b', min: 0, max: 0.5, default: 0.05 },
    temperature: { label: 'Temperature of the verdicts', symbol: 'T', path: 'verdicts.temperature', min: 0.01, max: 1, default: 0.15 },
  },
  toy: (seed) => {
    const draws = new Draws(seed);
    const quality = draws.coins(answers);
    const flaw = Array.from({ length: answers }, () => draws.uniform());
    return {
      experiment: {
        policy: { kind: 'tabular', logits: [new Array<number>(answers).fill(0)] },
        pairs: [],
        objective: { name: 'sft' },
        optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
      },
      truth: { quality, flaw },
    };
  },
  arms: {
    scores: { label: 'Scores', train: sampled },
    wins: { label: 'Win rates, verdicts drawn', train: (world) => ({ ...sampled(world), verdicts: { temperature: 0.15 } }) },
    exact: {
      label: 'Win rates, exact',
      train: (world) => ({ ...sampled(world), verdicts: { temperature: 0.15, kind: 'expected' } }),
    },
  },
  measures: {
    worth: { label: 'quality less flaw', of: (run) => expectedOf(run, ({ quality, flaw }, y) => (quality[y] ?? 0) - (flaw[y] ?? 0)) },
    quality: { label: 'quality', of: (run) => expectedOf(run, ({ quality }, y) => quality[y] ?? 0) },
  },
  plot: { kind: 'strip', y: 'worth' },
  claims: [
    {
      id: 'hacks-less',
      statement:
        'With one score behind both, win rates of drawn verdicts end, in most seeds, at least 0.01 higher in quality less flaw than the scores do.',
      where: 'pairwise preference rewards against pointwise ones',
      kind: 'empirical',
      refutedBy: 'a smaller gain in more than a fifth of the seeds',
      left: ['wins', 'worth'],
      right: ['scores', 'worth'],
      by: { share: 0.8 },
      bound: { atLeast: 0.01 },
      because: 'a fiftieth of the flaw of an answer that is drawn at random',
      expected: 'holds',
    },
    {
      id: 'keeps-quality',
      statement: 'Win rates of drawn verdicts cost at most 0.01 of the quality on average.',
      where: 'what the pairwise reward costs',
      kind: 'toy',
      refutedBy: 'a larger mean loss',
      left: ['scores', 'quality'],
      right: ['wins', 'quality'],
      by: 'mean',
      bound: { atMost: 0.01 },
      because: 'one answer in a hundred',
      expected: 'holds',
    },
    {
      id: 'wins-alone',
      statement: 'Exact win rates, without a draw of verdicts, gain at least 0.01 over the scores on average.',
      where: 'what it is in win rates that helps',
      kind: 'toy',
      refutedBy: 'a smaller mean gain',
      left: ['exact', 'worth'],
      right: ['scores', 'worth'],
      by: 'mean',
      bound: { atLeast: 0.01 },
      because: 'the gain that is asked of drawn verdicts',
      expected: 'does not hold',
      instead: 'Standardised, exact win rates blow up small gaps as the scores do. What helps in this toy is that verdicts are drawn.',
    },
  ],
  seeds: { page: 16, test: 4 },
});
