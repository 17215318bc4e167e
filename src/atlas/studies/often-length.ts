import type { Pair } from '../../core/experiment.ts';
import { defineStudy, type Run, type Stage } from '../study.ts';
import { Draws } from '../toys/draws.ts';

/** A word, and the token that ends the answer. */
const [go, stop, pairs, longest] = [0, 1, 200, 16];

/** An answer of so many tokens, its end among them. */
const answerOf = (length: number): number[] => [...new Array<number>(length - 1).fill(go), stop];

/** Expected number of tokens: a first one, and then as many as the chance to go on allows. */
function expectedLength({ trial }: Run<null>): number {
  const [a = 0, b = 0, c = 0, d = 0] = trial.final['table'] ?? [];
  const [first, again] = [1 / (1 + Math.exp(b - a)), 1 / (1 + Math.exp(d - c))];
  return 1 + first / (1 - again);
}

const by =
  (expression: string): Stage<null> =>
  ({ experiment, values: { beta = 0.1 } }) => ({ ...experiment, objective: { expression, params: { beta } } });

export const study = defineStudy<null>()({
  id: 'often-length',
  finding: 'Judges who like long answers make them longer',
  mechanism:
    'A longer answer has more tokens that go on, and each of them is pushed up with it. If the longer of two answers wins more often, the policy learns to go on; a loss of means over tokens divides that push by the length.',
  setup:
    'A policy that at each token goes on or ends, with answers of about five tokens; 200 pairs of its own answers, of which the longer wins in 70 %. DPO with β = 0.1 on sums, or on means over tokens, 100 steps at rate 1; LD-DPO and SimPO beside them.',
  leavesOut:
    'Words have no meaning here: nothing but the length tells answers apart. Means push less, so the run is less far on; trained further, they end longer than sums. LD-DPO, which lets the tokens beyond the shorter answer’s length count less, makes answers longest here.',
  tex: String.raw`\sum_t\log\frac{\pi(y_t)}{\pi_{\mathrm{ref}}(y_t)}\quad\text{or}\quad\frac1{|y|}\sum_t\log\frac{\pi(y_t)}{\pi_{\mathrm{ref}}(y_t)}`,
  provenance: 'our reading',
  parameters: {
    wins: { label: 'Pairs that the longer answer wins', symbol: 'q', min: 0, max: 1, default: 0.7 },
    beta: { label: 'Temperature', symbol: '\\beta', min: 0.02, max: 1, default: 0.1 },
  },
  toy: (seed, { wins }) => {
    const draws = new Draws(seed);
    const lengthOf = (): number => {
      let length = 1;
      while (length < longest && draws.coin(0.8)) length++;
      return length;
    };
    return {
      experiment: {
        policy: {
          kind: 'bigram',
          prompts: 1,
          vocab: 2,
          table: [
            [Math.log(4), 0],
            [Math.log(4), 0],
            [0, 0],
          ],
        },
        pairs: Array.from({ length: pairs }, (): Pair => {
          let [a, b] = [lengthOf(), lengthOf()];
          while (a === b) [a, b] = [lengthOf(), lengthOf()];
          const [longer, shorter] = [Math.max(a, b), Math.min(a, b)];
          const isLonger = draws.coin(wins) === 1;
          return { prompt: 0, chosen: answerOf(isLonger ? longer : shorter), rejected: answerOf(isLonger ? shorter : longer) };
        }),
        objective: { name: 'dpo' },
        optimizer: { kind: 'sgd', learningRate: 1, steps: 100 },
      },
      truth: null,
    };
  },
  arms: {
    sum: { label: 'Sums over tokens', train: by('-logsigmoid(beta * ((logp_w - ref_w) - (logp_l - ref_l)))') },
    desensitised: {
      label: 'LD-DPO, α = 0.5',
      train: ({ experiment, values: { beta = 0.1 } }) => ({ ...experiment, objective: { name: 'dpo', params: { beta, ldAlpha: 0.5 } } }),
    },
    simpo: {
      label: 'SimPO, at its own β = 2',
      train: ({ experiment }) => ({ ...experiment, objective: { name: 'simpo', params: { beta: 2 } } }),
    },
    mean: { label: 'Means over tokens', train: by('-logsigmoid(beta * ((logp_w - ref_w) / len_w - (logp_l - ref_l) / len_l))') },
  },
  measures: { length: { label: 'expected length of an answer', unit: 'tokens', of: expectedLength } },
  plot: { kind: 'law', y: 'length', over: 'wins', at: [0.3, 0.4, 0.5, 0.6, 0.7] },
  claims: [
    {
      id: 'longer-by-sums',
      statement:
        'Where the longer answer wins 70 % of the pairs, DPO on sums makes answers of five tokens at least three tokens longer on average.',
      where: 'length bias',
      kind: 'toy',
      refutedBy: 'a smaller mean length',
      left: ['sum', 'length'],
      by: 'mean',
      bound: { atLeast: 8 },
      because: 'five at the start, and three more',
      expected: 'holds',
    },
    {
      id: 'less-by-means',
      statement:
        'On means over tokens, at β = 0.1 and after a hundred steps, answers end at least two tokens shorter than on sums, on average.',
      where: 'length normalisation',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['sum', 'length'],
      right: ['mean', 'length'],
      by: 'mean',
      bound: { atLeast: 2 },
      because: 'two of the three tokens that sums add at least',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 3 },
});
