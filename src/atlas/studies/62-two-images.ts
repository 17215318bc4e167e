import type { Experiment, Pair } from '../../core/experiment.ts';
import { defineStudy } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { answerLogits, answers, cueWeights, length, misled, type TwoCues, twoCues, wrongAnswers } from '../toys/two-cues.ts';

interface Truth {
  readonly world: TwoCues;
  readonly rejected: number[];
  /** another image for each question, of another answer */
  readonly others: number[][];
}

/**
 * A first token says which image is seen, the question's own (0) or the other (1); it is masked out, so that a pair compares answers given
 * either image, or one answer under both.
 */
function experimentOf(
  { world: { questions, base }, rejected, others }: Truth,
  beta: number,
  steps: number,
  compareImages: boolean,
): Experiment {
  const counted = { chosenMask: [0, 1], rejectedMask: [0, 1] };
  return {
    policy: {
      kind: 'sequence',
      form: 'features',
      prefixes: questions.flatMap(({ text, image }, prompt) => [
        { prompt, tokens: [], hidden: new Array<number>(2 * length).fill(0) },
        { prompt, tokens: [0], hidden: [...text, ...image] },
        { prompt, tokens: [1], hidden: [...text, ...(others[prompt] ?? [])] },
      ]),
      unembedding: base.map((row) => [...row]),
      train: 'unembedding',
    },
    pairs: questions.flatMap(({ answer }, prompt): Pair[] => [
      { prompt, chosen: [0, answer], rejected: [0, rejected[prompt] ?? 0], ...counted },
      ...(compareImages ? [{ prompt, chosen: [0, answer], rejected: [1, answer], ...counted }] : []),
    ]),
    objective: { name: 'dpo', params: { beta } },
    optimizer: { kind: 'adam', learningRate: 0.02, steps },
  };
}

export const study = defineStudy<Truth>()({
  id: '62-two-images',
  finding: 'Comparing two images loosens the hold of text',
  mechanism: 'Besides two answers to one image, compare one answer under two images. Only what depends on the image can tell those apart.',
  setup:
    'A policy over six answers that reads a text and an image, and leans on the text; 150 questions whose text tells the answer in 85 %, and any of the six, drawn at random, in the rest; each with a second image of another answer; 40 updates; 600 tests whose text contradicts the image.',
  leavesOut:
    'The second image is drawn, not retrieved for its likeness; and rejected answers, which the paper makes by retrieval, too, are drawn once from the base, or at random where the base is right, in six of ten.',
  tex: '\\mathcal L_{\\mathrm{DPO}}-\\log\\sigma\\Big(\\beta\\log\\frac{\\pi(y_w\\mid v)}{\\pi_{\\mathrm{ref}}(y_w\\mid v)}-\\beta\\log\\frac{\\pi(y_w\\mid\\tilde v)}{\\pi_{\\mathrm{ref}}(y_w\\mid\\tilde v)}\\Big)',
  parameters: {
    agreement: { label: 'Questions whose text tells the answer', symbol: 'a', min: 0, max: 1, default: 0.85 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.1, max: 2, default: 0.5 },
    steps: { label: 'Updates', symbol: 't', path: 'optimizer.steps', min: 5, max: 200, default: 40, integer: true },
  },
  toy: (seed, { agreement, beta, steps }) => {
    const draws = new Draws(seed);
    const world = twoCues(draws, { questions: 150, agreement });
    const truth: Truth = {
      world,
      rejected: wrongAnswers(draws, world, ({ text, image }) => answerLogits(world.base, [...text, ...image])),
      others: world.questions.map(({ answer }) => (world.image[draws.other(answer, answers)] ?? []).map((value) => value + draws.normal())),
    };
    return { experiment: experimentOf(truth, beta, steps, false), truth };
  },
  arms: {
    dpo: { label: 'DPO', train: ({ experiment }) => experiment },
    images: {
      label: 'DPO and two images',
      train: ({ truth, values: { beta = 0.5, steps = 1 } }) => experimentOf(truth, beta, steps, true),
    },
  },
  measures: { misled: { label: 'answers as the text tells', of: ({ truth, trial }) => misled(truth.world, cueWeights(trial)) } },
  plot: { kind: 'strip', y: 'misled' },
  claims: [
    {
      id: 'looks',
      statement:
        'With texts that tell the answer in 85 % of the questions and any of the six, drawn at random, in the rest, a policy that also compares two images is misled in at least 0.15 fewer of the tests than one with DPO alone, on average.',
      where: 'visual preference',
      kind: 'empirical',
      refutedBy: 'a smaller mean fall',
      left: ['dpo', 'misled'],
      right: ['images', 'misled'],
      by: 'mean',
      bound: { atLeast: 0.15 },
      because: 'about a quarter of what the text misleads DPO into',
      expected: 'holds',
    },
  ],
  seeds: { page: 12, test: 2 },
});
