import { defineStudy } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { answerLogits, answers, cueWeights, fitTwoCues, length, misled, type TwoCues, twoCues, wrongAnswers } from '../toys/two-cues.ts';

interface Truth {
  readonly world: TwoCues;
  /** rejected answers: drawn with the image hidden, by the model as it is, and any */
  readonly masked: number[];
  readonly own: number[];
  readonly any: number[];
}

const train =
  (rejected: 'masked' | 'own' | 'any') =>
  ({ truth, values: { beta = 0.5, steps = 1 } }: { truth: Truth; values: Readonly<Record<string, number>> }) => {
    const { questions, base } = truth.world;
    return fitTwoCues(
      questions.map(({ text, image }) => [...text, ...image]),
      questions.map(({ answer }, i) => [answer, truth[rejected][i] ?? 0]),
      base,
      { beta, steps },
    );
  };

export const study = defineStudy<Truth>()({
  id: '59-masked-image',
  finding: 'Blind guesses can be useful rejected answers',
  mechanism:
    'What a model answers with the image hidden is what its language alone suggests. As rejected answers, such guesses can teach it to look more.',
  setup:
    'A policy over six answers that reads a text and an image, and leans on the text; 200 questions whose text tells the answer in half of them, and any of the six, drawn at random, in the rest; 600 tests whose text contradicts the image. DPO with three kinds of rejected answers; where what the model guesses, without the image or with it, is right, as nearly half are, any wrong answer takes its place.',
  leavesOut:
    'Such sampling is one part of the paper, competitive there without further annotation, beside comparisons of data sets and of offline with online training. It keeps each sentence up to a random point, regenerates the rest with attention to most of the image masked, and tries again where the answer is too near the truth; only when several tries have failed does it draw freely. The toy is that last resort, with no image at all, so what fails here says nothing against the rest.',
  tex: 'y_l\\sim\\pi(\\cdot\\mid x,\\text{image hidden}),\\quad\\mathcal L_{\\mathrm{DPO}}',
  parameters: {
    agreement: { label: 'Questions whose text tells the answer', symbol: 'a', min: 0, max: 1, default: 0.5 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.1, max: 2, default: 0.5 },
    steps: { label: 'Updates', symbol: 't', path: 'optimizer.steps', min: 5, max: 300, default: 30, integer: true },
  },
  toy: (seed, { agreement, beta, steps }) => {
    const draws = new Draws(seed);
    const world = twoCues(draws, { questions: 200, agreement, lean: 0.5 });
    const truth: Truth = {
      world,
      masked: wrongAnswers(draws, world, ({ text }) =>
        answerLogits(
          world.base.map((row) => row.slice(0, length)),
          text,
        ),
      ),
      own: wrongAnswers(draws, world, ({ text, image }) => answerLogits(world.base, [...text, ...image])),
      any: wrongAnswers(draws, world, () => new Array<number>(answers).fill(0)),
    };
    return { experiment: train('masked')({ truth, values: { beta, steps } }), truth };
  },
  arms: {
    masked: { label: 'Guesses without the image', train: train('masked') },
    own: { label: 'The model’s own answers', train: train('own') },
    any: { label: 'Any wrong answer', train: train('any') },
  },
  measures: { misled: { label: 'answers as the text tells', of: ({ truth, trial }) => misled(truth.world, cueWeights(trial)) } },
  plot: { kind: 'strip', y: 'misled' },
  claims: [
    {
      id: 'than-any',
      statement:
        'A model that rejects guesses made without the image is misled in fewer of the tests than one that rejects any wrong answer, by at least 0.03 on average.',
      where: 'bias-driven hallucination sampling',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['any', 'misled'],
      right: ['masked', 'misled'],
      by: 'mean',
      bound: { atLeast: 0.03 },
      because: 'eighteen of the 600 tests',
      expected: 'holds',
    },
    {
      id: 'than-own',
      statement:
        'A model that rejects guesses made without the image is misled in fewer of the tests than one that rejects its own wrong answers, by at least 0.05 on average.',
      where: 'against sampling from the model',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['own', 'misled'],
      right: ['masked', 'misled'],
      by: 'mean',
      bound: { atLeast: 0.05 },
      because: 'thirty of the 600 tests',
      expected: 'does not hold',
      instead:
        'In this toy the model hardly looks at the image to begin with, so its own wrong answers are much the same guesses; and any wrong answer stands in for the nearly half that are right, of either kind.',
    },
  ],
  seeds: { page: 16, test: 4 },
});
