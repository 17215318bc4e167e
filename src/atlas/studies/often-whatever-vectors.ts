import type { FeaturesPolicy, Pair } from '../../core/experiment.ts';
import { softmax } from '../../core/softmax.ts';
import { defineStudy, type Run, type Task } from '../study.ts';
import { jittered } from '../toys/displacement/near-no-over-never.ts';
import { chosenToken, defaultSettings, rejectedToken } from '../toys/displacement/no-over-never.ts';
import { still } from '../toys/displacement/random-features.ts';
import { at, dot, matrixOf, toyRandom } from '../toys/vectors.ts';

const yes = 2;
const [tokens, draws] = [6, 10];

/** Asks for the geometry of every pair of tokens, for ten hidden vectors. */
function everyPair(seed: number, size: number, train: 'hidden' | 'both'): Task {
  const random = toyRandom(seed);
  const policy: FeaturesPolicy = {
    kind: 'features',
    hidden: matrixOf(random, draws, size),
    unembedding: matrixOf(random, tokens, size),
    train,
  };
  const pairs = Array.from({ length: draws * tokens * tokens }, (_, i): Pair => {
    const [place, prompt] = [i % (tokens * tokens), Math.floor(i / (tokens * tokens))];
    return { prompt, chosen: place % tokens, rejected: Math.floor(place / tokens) };
  }).filter((pair) => pair.chosen !== pair.rejected);
  return { diagnose: still(policy, pairs) };
}

/** Gain of π(Yes) where π(No) fell and the margin grew, else 0. */
function gainOfYes({ trained: { policy }, trial: { outcomeLogps = [], measures } }: Run<null>): number {
  const { hidden, unembedding } = policy as FeaturesPolicy;
  const before = softmax(unembedding.map((row) => dot(row, at(hidden, 0))));
  const after = outcomeLogps.map(Math.exp);
  const fell = (after[chosenToken] ?? Number.NaN) < at(before, chosenToken);
  return fell && (measures['loss'] ?? Number.NaN) < Math.LN2 ? (after[yes] ?? Number.NaN) - at(before, yes) : 0;
}

export const study = defineStudy<null>()({
  id: 'often-whatever-vectors',
  finding: 'In this toy, most random vectors displace nothing',
  mechanism:
    'A preferred answer falls only where vectors lie in a certain way. Toys are chosen to show it; among these random vectors it is the exception, and rarer with more numbers or with both vectors trained.',
  setup:
    'The toy “No over Never”, a pair of single tokens, with every number of its vectors moved by N(0, 0.3²), the hidden vector trained with DPO, β = 0.1, 100 steps of 1. And six tokens with vectors of three or eight numbers from N(0, 1), every pair of tokens for 10 hidden vectors a seed, the hidden vector trained or both.',
  leavesOut: 'Vectors of language models are neither random nor of three numbers.',
  tex: String.raw`P\big(\|g_w\|^{2}<\langle g_w,g_l\rangle\big)`,
  provenance: 'our reading',
  parameters: {
    jitter: { label: 'Deviation of the toy’s vectors', symbol: 's', min: 0, max: 0.5, default: 0.3 },
  },
  toy: (seed, { jitter }) => ({
    experiment: {
      policy: jittered(seed, 'hidden', jitter),
      pairs: [{ prompt: 0, chosen: chosenToken, rejected: rejectedToken }],
      objective: defaultSettings.objective,
      optimizer: { kind: 'sgd', learningRate: defaultSettings.learningRate, steps: 100 },
    },
    truth: null,
  }),
  arms: {
    moved: { label: '“No over Never”, moved', train: ({ experiment }) => experiment },
    hidden3: { label: 'Three numbers, hidden vector trained', train: ({ seed }) => everyPair(seed, 3, 'hidden') },
    both3: { label: 'Three numbers, both trained', train: ({ seed }) => everyPair(seed, 3, 'both') },
    hidden8: { label: 'Eight numbers, hidden vector trained', train: ({ seed }) => everyPair(seed, 8, 'hidden') },
    both8: { label: 'Eight numbers, both trained', train: ({ seed }) => everyPair(seed, 8, 'both') },
  },
  measures: {
    yes: { label: 'gain of π(Yes) where π(No) fell and the margin grew, else 0', arms: ['moved'], of: gainOfYes },
    loss: { label: 'loss', of: 'loss' },
    falls: {
      label: 'share of the pairs whose preferred token falls at first order',
      arms: ['hidden3', 'both3', 'hidden8', 'both8'],
      of: ({ trial: { diagnoses = [] } }) =>
        diagnoses.filter(({ chosenGradNormSq, innerProduct }) => chosenGradNormSq < innerProduct).length / diagnoses.length,
    },
  },
  plot: { kind: 'bars', y: 'falls', arms: ['hidden3', 'both3', 'hidden8', 'both8'] },
  claims: [
    {
      id: 'no-over-never-far',
      statement: '“Yes” takes the place of “No” as well where every number of the toy’s vectors is moved by about 0.3.',
      where: 'arXiv:2410.08847, section 3, for other vectors',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which “Yes” gains so much',
      left: ['moved', 'yes'],
      by: { share: 0.95 },
      bound: { atLeast: 0.5 },
      because: 'the page’s own choice: half of all probability, where the undisturbed toy gains 0.87',
      expected: 'does not hold',
      instead:
        'The toy’s vectors are chosen for it. Moved by N(0, 0.1²), “Yes” still gains so much in nearly all draws, by N(0, 0.2²) in about three of four, by N(0, 0.3²) in a third to a half and by N(0, 0.5²) in about a quarter, where “No” falls in about four of five.',
    },
    {
      id: 'loss-falls-anyway',
      statement: 'Wherever the mass goes in these draws, the loss falls: on average from 0.69 to at most 0.6.',
      where: 'arXiv:2410.08847, section 3, for other vectors',
      kind: 'toy',
      refutedBy: 'a larger mean loss',
      left: ['moved', 'loss'],
      by: 'mean',
      bound: { atMost: 0.6 },
      because: 'the page’s own choice: clearly below ln 2, where it begins',
      expected: 'holds',
    },
    {
      id: 'displacement-rare',
      statement:
        'For six tokens with random vectors of three numbers, the hidden one trained, a small step lowers the preferred token in at most a fifth of the cases.',
      where: 'arXiv:2410.08847, section 4, for random vectors',
      kind: 'toy',
      refutedBy: 'a larger mean share',
      left: ['hidden3', 'falls'],
      by: 'mean',
      bound: { atMost: 0.2 },
      because: 'the page’s own choice: one in five is the exception, where a coin would give half',
      expected: 'holds',
    },
  ],
  seeds: { page: 20, test: 4 },
});
