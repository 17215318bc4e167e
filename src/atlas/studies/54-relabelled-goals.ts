import { expectedReward } from '../../core/exact.ts';
import type { Experiment, Pair } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { logSoftmax } from '../../core/softmax.ts';
import type { Trial } from '../../core/trial.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [prompts, responses] = [16, 8];

interface Truth {
  /** [prompt][response] 1 ... 10 */
  readonly scores: number[][];
  readonly pairs: { readonly prompt: number; readonly better: number; readonly worse: number }[];
}

/** A goal from 1 to 10, on the scale from -1 to 1. */
const scaled = (goal: number): number => (goal - 5.5) / 4.5;

/** Logits a[prompt][response] + g · b[prompt][response]: each comparison is a context of its own, its prompt and its goal. */
function experimentOf(compared: readonly { prompt: number; goal: number; chosen: number; rejected: number }[], beta: number): Experiment {
  return {
    policy: {
      kind: 'features',
      hidden: compared.map(({ prompt, goal }) =>
        Array.from({ length: 2 * prompts }, (_, i) => (i === prompt ? 1 : i === prompts + prompt ? goal : 0)),
      ),
      unembedding: Array.from({ length: responses }, () => new Array<number>(2 * prompts).fill(0)),
      train: 'unembedding',
    },
    pairs: compared.map(({ chosen, rejected }, prompt): Pair => ({ prompt, chosen, rejected })),
    objective: { name: 'dpo', params: { beta } },
    optimizer: { kind: 'adam', learningRate: 0.1, steps: 100 },
  };
}

/** [prompt] log π of a policy that is asked for a goal. */
function policiesFor(goal: number, { final }: Pick<Trial, 'final'>): number[][] {
  const weights = Array.from(final['unembedding'] ?? []);
  const at = (response: number, dimension: number) => weights[2 * prompts * response + dimension] ?? Number.NaN;
  return Array.from({ length: prompts }, (_, x) =>
    logSoftmax(Array.from({ length: responses }, (_, y) => at(y, x) + goal * at(y, prompts + x))),
  );
}

/** The policy of an arm: DPO has no goal, the other is asked for 10. Where pairs are twice as many, goals were given. */
const policiesOf = ({ trial, trained, truth }: Run<Truth>): number[][] =>
  policiesFor('pairs' in trained && trained.pairs.length > truth.pairs.length ? scaled(10) : 0, trial);

/** Mean change of log π since the start, of some answers. */
function change(run: Run<Truth>, of: (pair: Truth['pairs'][number]) => number | null): number {
  const policies = policiesOf(run);
  const changes = run.truth.pairs.flatMap((pair) => {
    const answer = of(pair);
    return answer === null ? [] : [(policies[pair.prompt]?.[answer] ?? Number.NaN) + Math.log(responses)];
  });
  return mean(changes);
}
const scoreOf = ({ scores }: Truth, prompt: number, answer: number): number => scores[prompt]?.[answer] ?? Number.NaN;

export const study = defineStudy<Truth>()({
  id: '54-relabelled-goals',
  finding: 'Good losers lose less; DPO scores higher here',
  mechanism:
    'Telling the policy which score is wanted lets every pair be used twice, once in each direction. A rejected answer that was nearly as good may then be unlearned less.',
  setup:
    'Sixteen prompts with eight answers scored 1 to 10; 48 pairs; logits with one part for the prompt and one that the goal multiplies; the goal is 10 in the end.',
  leavesOut:
    'Goals enter as one number, and answers of one prompt share nothing; in the paper the model generalises over both, and DPO gains from it on several benchmarks.',
  tex: '(x,g{=}r_w):\\ y_w\\succ y_l;\\quad(x,g{=}r_l):\\ y_l\\succ y_w;\\quad\\mathcal L_{\\mathrm{DPO}}',
  parameters: { beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.02, max: 1, default: 0.1 } },
  toy: (seed, { beta }) => {
    const draws = new Draws(seed);
    const scores = Array.from({ length: prompts }, () => Array.from({ length: responses }, () => 1 + draws.below(10)));
    const pairs = Array.from({ length: 3 * prompts }, (_, i) => {
      const prompt = i % prompts;
      for (;;) {
        const [a, b] = draws.two(responses);
        const gap = (scores[prompt]?.[a] ?? 0) - (scores[prompt]?.[b] ?? 0);
        if (gap !== 0) return gap > 0 ? { prompt, better: a, worse: b } : { prompt, better: b, worse: a };
      }
    });
    const compared = pairs.map(({ prompt, better, worse }) => ({ prompt, goal: 0, chosen: better, rejected: worse }));
    return { experiment: experimentOf(compared, beta), truth: { scores, pairs } };
  },
  arms: {
    dpo: { label: 'DPO', train: ({ experiment }) => experiment },
    goals: {
      label: 'Relabelled with goals',
      train: ({ truth, values: { beta = 0.1 } }) =>
        experimentOf(
          truth.pairs.flatMap(({ prompt, better, worse }) => [
            { prompt, goal: scaled(scoreOf(truth, prompt, better)), chosen: better, rejected: worse },
            { prompt, goal: scaled(scoreOf(truth, prompt, worse)), chosen: worse, rejected: better },
          ]),
          beta,
        ),
    },
  },
  measures: {
    goodLosers: {
      label: 'change of log π, rejected answers scored 6 or more',
      unit: 'nats',
      of: (run) => change(run, ({ prompt, worse }) => (scoreOf(run.truth, prompt, worse) >= 6 ? worse : null)),
    },
    score: {
      label: 'expected score',
      of: (run) => mean(policiesOf(run).map((row, x) => expectedReward(row, run.truth.scores[x] ?? []))),
    },
  },
  plot: { kind: 'scatter', x: 'goodLosers', y: 'score' },
  claims: [
    {
      id: 'good-losers-kept',
      statement:
        'Rejected answers that score 6 or more lose at least one nat less on average where pairs are relabelled with goals and the policy is asked for 10.',
      where: 'unlearning of good rejected answers',
      kind: 'empirical',
      refutedBy: 'a smaller mean gap',
      left: ['goals', 'goodLosers'],
      right: ['dpo', 'goodLosers'],
      by: 'mean',
      bound: { atLeast: 1 },
      because: 'a factor of e in probability',
      expected: 'holds',
    },
    {
      id: 'higher-score',
      statement: 'Asked for 10, the relabelled policy has a higher expected score than DPO’s, on average.',
      where: 'the gain over DPO',
      kind: 'empirical',
      refutedBy: 'a mean gap that is not above 0',
      left: ['goals', 'score'],
      right: ['dpo', 'score'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead: 'In this toy it scores lower: a pair that is used in both directions may say less of which answer is best.',
    },
  ],
  seeds: { page: 16, test: 4 },
});
