import { dot } from '../../core/vectors.ts';
import { defineStudy } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, pairAccuracy, subtract, weightsOf } from '../toys/scorer.ts';

const [bits, tests, learningRate] = [6, 600, 0.1];

interface Truth {
  readonly ordinary: number[][];
  /** the same answer to two prompts, of which it serves the first better */
  readonly prompts: number[][];
  readonly more: number[][];
  readonly test: number[][];
}

/** Prompt bits times answer bits, the answer bits alone, and its length. */
const featuresOf = (prompt: readonly number[], answer: readonly number[], length: number): number[] => [
  ...prompt.flatMap((x) => answer.map((y) => x * (2 * y - 1))),
  ...answer.map((y) => 2 * y - 1),
  length,
];
const served = (prompt: readonly number[], answer: readonly number[]): number =>
  dot(
    prompt,
    answer.map((y) => 2 * y - 1),
  );

export const study = defineStudy<Truth>()({
  id: '10-two-prompts',
  finding: 'Between two prompts, an answer’s length cancels',
  mechanism:
    'One answer compared under two prompts says nothing of its length or style: what belongs to the answer alone cancels. What hangs on the prompt is left: here only whether the answer does what was asked.',
  setup:
    'Six possible instructions, answers of six bits and a length that goes with winning in training and with losing in the test; 120 comparisons of answers; in the two other arms 240, or 120 of prompts besides, of which a third compare a prompt with itself and teach nothing; 600 tests.',
  leavesOut:
    'The paper’s aim is that many instructions at once are followed; length is this page’s example. Its second term, between samples, is not here. Instructions and answers are bits, and the shortcut is built in: ordinary comparisons are kept, and length keeps its weight.',
  tex: '-\\log\\sigma\\big(r(x_w,y)-r(x_l,y)\\big)',
  parameters: {
    pairs: { label: 'Comparisons', symbol: 'n', min: 50, max: 1000, default: 120, integer: true },
    shortcut: { label: 'How much longer winners are', symbol: '\\delta', min: 0, max: 3, default: 2 },
  },
  toy: (seed, { pairs, shortcut }) => {
    const draws = new Draws(seed);
    const compare = (count: number, longer: number) =>
      Array.from({ length: count }, () => {
        for (;;) {
          const prompt = draws.coins(bits, 0.4);
          const [a, b] = [draws.coins(bits), draws.coins(bits)];
          const gap = served(prompt, a) - served(prompt, b);
          if (gap === 0) continue;
          const [winner, loser] = gap > 0 ? [a, b] : [b, a];
          const difference = subtract(
            featuresOf(prompt, winner, longer + 0.5 * draws.normal()),
            featuresOf(prompt, loser, 0.5 * draws.normal()),
          );
          return { prompt, winner, difference };
        }
      });
    const ordinary = compare(pairs, shortcut);
    const prompts = ordinary.map(({ prompt, winner }) => {
      const kept = prompt.map((x, i) => x * (winner[i] ?? 0));
      const broken = winner.map((y, i) => (y === 0 && draws.coin(0.4) ? 1 : (kept[i] ?? 0)));
      return subtract(featuresOf(kept, winner, 0), featuresOf(broken, winner, 0));
    });
    const differences = ordinary.map(({ difference }) => difference);
    return {
      experiment: fitScorer(differences, { learningRate }),
      truth: {
        ordinary: differences,
        prompts,
        more: [...differences, ...compare(pairs, shortcut).map(({ difference }) => difference)],
        test: compare(tests, -shortcut).map(({ difference }) => difference),
      },
    };
  },
  arms: {
    ordinary: { label: 'Comparisons of answers', train: ({ experiment }) => experiment },
    more: { label: 'Twice as many of them', train: ({ truth }) => fitScorer(truth.more, { learningRate }) },
    prompts: { label: 'Answers and prompts', train: ({ truth }) => fitScorer([...truth.ordinary, ...truth.prompts], { learningRate }) },
  },
  measures: {
    accuracy: { label: 'accuracy where length misleads', of: ({ truth, trial }) => pairAccuracy(weightsOf(trial), truth.test) },
    length: { label: 'weight of length', of: ({ trial }) => weightsOf(trial).at(-1) ?? Number.NaN },
  },
  plot: { kind: 'strip', y: 'accuracy' },
  claims: [
    {
      id: 'no-shortcut',
      statement:
        'Where length is reversed in the test, comparing prompts as well raises accuracy by at least 5 percentage points on average.',
      where: 'the term within a sample',
      kind: 'toy',
      refutedBy: 'a smaller mean gain',
      left: ['prompts', 'accuracy'],
      right: ['ordinary', 'accuracy'],
      by: 'mean',
      bound: { atLeast: 0.05 },
      because: 'two and a half deviations of what 600 tests leave in one seed',
      expected: 'holds',
    },
    {
      id: 'not-more-data',
      statement:
        'Where length is reversed in the test, comparing prompts as well also beats twice as many ordinary comparisons, by at least 5 percentage points on average.',
      where: 'the same number of comparisons',
      kind: 'toy',
      refutedBy: 'a smaller mean gain over them',
      left: ['prompts', 'accuracy'],
      right: ['more', 'accuracy'],
      by: 'mean',
      bound: { atLeast: 0.05 },
      because: 'two and a half deviations of what 600 tests leave in one seed',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 2 },
});
