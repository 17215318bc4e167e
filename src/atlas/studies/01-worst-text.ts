import type { Pair } from '../../core/experiment.ts';
import type { Trial } from '../../core/trial.ts';
import { defineStudy, type Stage, type World } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { answerLogits, answers, cueWeights, misled, type TwoCues, twoCues, wrongAnswers } from '../toys/two-cues.ts';

const rounds = 8;

interface Truth {
  readonly world: TwoCues;
  readonly rejected: number[];
}

/**
 * Which texts the model is shown in a round: as they are; one of another answer at times, or as often as at least one of three such is; or
 * the worst of three such and its own.
 */
type Shown = 'own' | 'any' | 'often' | 'worst';
const tries = 3;

/**
 * A round of updates from the weights so far, on texts that were chosen at them. The reference stays the base: its log-probs stand in the
 * place of rewards, of which the loss takes the difference.
 */
function round(index: number, shown: Shown) {
  return (
    { truth: { world, rejected }, seed, values: { beta = 0.5, steps = 1, swap = 0.5 } }: Pick<World<Truth>, 'truth' | 'seed' | 'values'>,
    [before]: readonly Trial[] | [] = [],
  ) => {
    const weights = before ? cueWeights(before) : world.base;
    const draws = new Draws(seed, 1 + index);
    const margin = (cues: readonly number[], answer: number, wrong: number): number => {
      const [now, base] = [answerLogits(weights, cues), answerLogits(world.base, cues)];
      return (now[answer] ?? 0) - (now[wrong] ?? 0) - ((base[answer] ?? 0) - (base[wrong] ?? 0));
    };
    const swapped = (text: readonly number[], chance = swap) => (draws.coin(chance) ? (world.text[draws.below(answers)] ?? []) : text);
    const candidatesOf = {
      own: (text: readonly number[]) => [text],
      any: (text: readonly number[]) => [swapped(text)],
      often: (text: readonly number[]) => [swapped(text, 1 - (1 - swap) ** tries)],
      worst: (text: readonly number[]) => [text, ...Array.from({ length: tries }, () => swapped(text))],
    };
    const cues = world.questions.map(({ text, image, answer }, i) => {
      const all = candidatesOf[shown](text).map((candidate) => [...candidate, ...image]);
      return all.reduce((worst, each) => (margin(each, answer, rejected[i] ?? 0) < margin(worst, answer, rejected[i] ?? 0) ? each : worst));
    });
    const pairs = world.questions.map(({ answer }, prompt): Pair => {
      const base = answerLogits(world.base, cues[prompt] ?? []);
      const wrong = rejected[prompt] ?? 0;
      return { prompt, chosen: answer, rejected: wrong, rewards: [base[answer] ?? 0, base[wrong] ?? 0] };
    });
    return {
      policy: { kind: 'features', hidden: cues, unembedding: weights.map((row) => [...row]), train: 'unembedding' } as const,
      pairs,
      objective: { expression: '-logsigmoid(beta * (logp_w - logp_l - reward_gap))', params: { beta } },
      optimizer: { kind: 'adam', learningRate: 0.02, steps } as const,
    };
  };
}

const arm = (label: string, shown: Shown) => {
  const [train, ...next] = Array.from({ length: rounds }, (_, index): Stage<Truth> => round(index, shown));
  return { label, train: train ?? round(0, shown), next };
};

export const study = defineStudy<Truth>()({
  id: '01-worst-text',
  finding: 'Training on the worst text weakens the shortcut',
  mechanism:
    'Trained on the worst of several changes of the text, a policy gains less by answering from the text alone, and comes to lean less on it. In this toy most of that is how often the text is changed; choosing the worst adds a little.',
  setup:
    'A policy over six answers with two cues, text and image; 150 pairs of a right and a wrong answer, to questions whose text tells the answer in 85 %, and any of the six, drawn at random, in the rest; eight rounds of six updates, in each of which the text is the one with the largest loss, of its own and three that are swapped with a chance of one half each (its own in the first round, where all losses are equal). 600 test questions, whose text tells another answer.',
  headline: 'Hallucination 26.4 % → 13.2 % with 4800 pairs.',
  leavesOut:
    'Both the paper and its code have more than the first term, and not the same: the paper prints a spectral term on hidden states, λ = 0.1; the released trainer adds a pair of two images, and a triplet of spectral distances with a margin of 0.5. The toy has the term that they share. Its changes are swaps of the whole text, and the worst by the loss is chosen once a round; the released code compares no losses: it makes one change, of words drawn at random, those less like the image rather more often, and takes that for the worst.',
  tex: '\\min_\\theta\\max_{\\varphi}\\;-\\log\\sigma\\big(m_\\theta(v,\\varphi(q))\\big)\\;+\\;\\lambda\\,\\mathcal L_{\\mathrm{freq}}',
  parameters: {
    agreement: { label: 'Questions whose text tells the answer', symbol: 'a', min: 0, max: 1, default: 0.85 },
    swap: { label: 'Chance that a text is changed', symbol: '\\omega', min: 0, max: 1, default: 0.5 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.1, max: 2, default: 0.5 },
    steps: { label: 'Updates in a round', symbol: 't', path: 'optimizer.steps', min: 1, max: 30, default: 6, integer: true },
  },
  toy: (seed, { agreement, beta, swap, steps }) => {
    const draws = new Draws(seed);
    const world = twoCues(draws, { questions: 150, agreement });
    const truth: Truth = {
      world,
      rejected: wrongAnswers(draws, world, ({ text, image }) => answerLogits(world.base, [...text, ...image])),
    };
    const values = { beta, steps, swap, agreement };
    return { experiment: round(0, 'own')({ truth, seed, values }), truth };
  },
  arms: {
    dpo: arm('DPO', 'own'),
    any: arm('Any change of the text', 'any'),
    often: arm('Any change, as often as one of three', 'often'),
    worst: arm('The worst of three changes', 'worst'),
  },
  measures: { misled: { label: 'answers as the text tells', of: ({ truth, trial }) => misled(truth.world, cueWeights(trial)) } },
  plot: { kind: 'strip', y: 'misled' },
  claims: [
    {
      id: 'looks',
      statement:
        'With texts that tell the answer in 85 % of the questions and any of the six, drawn at random, in the rest, training on the worst text leaves, where the text tells another answer, at least 15 percentage points fewer of the answers misled than DPO does, on average.',
      where: 'the min–max objective',
      kind: 'empirical',
      refutedBy: 'a smaller mean fall',
      left: ['dpo', 'misled'],
      right: ['worst', 'misled'],
      by: 'mean',
      bound: { atLeast: 0.15 },
      because: 'nearly a third of what the text misleads DPO into',
      expected: 'holds',
    },
    {
      id: 'worst-not-any',
      statement:
        'Training on the worst of several texts misleads fewer answers than training on one random change, by at least 3 percentage points on average.',
      where: 'the inner maximum, and how often it changes the text',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['any', 'misled'],
      right: ['worst', 'misled'],
      by: 'mean',
      bound: { atLeast: 0.03 },
      because: 'eighteen of the 600 tests',
      expected: 'holds',
    },
    {
      id: 'how-often',
      statement:
        'A random change made in seven texts of eight, as often as at least one of three is, misleads at least 6 percentage points fewer answers on average than one made in half of them.',
      where: 'the inner maximum, which changes the text more often as well; the toy’s question',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['any', 'misled'],
      right: ['often', 'misled'],
      by: 'mean',
      bound: { atLeast: 0.06 },
      because: 'half of the 0.12 by which the worst of three misleads fewer',
      expected: 'holds',
    },
  ],
  seeds: { page: 12, test: 2 },
});
