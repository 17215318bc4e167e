import type { Experiment, FeaturesPolicy } from '../../core/experiment.ts';
import { softmax } from '../../core/softmax.ts';
import { defineStudy, type Run } from '../study.ts';
import { at, dot, float32Roundoff, matrixOf, minus, normSq, plus, times, toyRandom, vectorOf } from '../toys/vectors.ts';

const size = 20;
const opponents = 23;
const learningRate = 1e-3;
const ordered = Array.from({ length: size * size }, (_, i) => [Math.floor(i / size), i % size] as const).filter(([w, l]) => w !== l);

const run = (policy: Experiment['policy'], chosen: number, rejected: number, rate: number, beta = 0.3): Experiment => ({
  policy,
  pairs: [{ prompt: 0, chosen, rejected }],
  objective: { name: 'dpo', params: { beta } },
  optimizer: { kind: 'sgd', learningRate: rate, steps: 1 },
});

function policyOf(seed: number): FeaturesPolicy {
  const random = toyRandom(seed);
  const hidden = [vectorOf(random, 4, 0.3)];
  return { kind: 'features', hidden, unembedding: matrixOf(random, size, 4) };
}

/** ⟨g_a, g_b⟩ = ‖h‖² ⟨e_a - π, e_b - π⟩ + ⟨W_a - W̄, W_b - W̄⟩ */
function innerProducts({ hidden, unembedding: W }: FeaturesPolicy): (a: number, b: number) => number {
  const h = at(hidden, 0);
  const pi = softmax(W.map((row) => dot(row, h)));
  const centre = W.reduce((sum, row, z) => plus(sum, times(at(pi, z), row)), [0, 0, 0, 0]);
  const centred = W.map((row) => minus(row, centre));
  return (a, b) => normSq(h) * (Number(a === b) - at(pi, a) - at(pi, b) + normSq(pi)) + dot(at(centred, a), at(centred, b));
}

/** Share of the pairs whose signs are as predicted; those that are too close to call are left out. */
function predicted({ truth, trials, values: { beta = 0.3 } }: Run<FeaturesPolicy>): number {
  const product = innerProducts(truth);
  // what rounding of log-probs below 16, and the second order, can hide
  const hidden = 64 * float32Roundoff + 200 * learningRate ** 2;
  let [right, all] = [0, 0];
  for (const [i, [w, l]] of ordered.entries()) {
    const inner = product(w, l);
    const first = [product(w, w) - inner, inner - product(l, l)].map((x) => (beta / 2) * learningRate * x);
    if (!first.every((x) => Math.abs(x) > hidden)) continue;
    const { chosenLogpChange = Number.NaN, rejectedLogpChange = Number.NaN } = trials[i]?.measures ?? {};
    all++;
    if (Math.sign(chosenLogpChange) === Math.sign(at(first, 0)) && Math.sign(rejectedLogpChange) === Math.sign(at(first, 1))) right++;
  }
  return right / all;
}

const movements = ({ trials }: Run<FeaturesPolicy>) =>
  trials.map(({ measures: { chosenLogpChange = Number.NaN, rejectedLogpChange = Number.NaN } }) => [chosenLogpChange, rejectedLogpChange]);

export const study = defineStudy<FeaturesPolicy>()({
  id: '34-one-token',
  finding: 'Both rise, both fall, or they part',
  mechanism:
    'For a loss of the margin alone that falls as it grows, two norms and an inner product leave three cases for a small step: the answers part, both fall or both rise. For one pair of single tokens and the last layer alone they always part.',
  setup:
    'All 380 ordered pairs of 20 tokens, unembeddings of four numbers from N(0, 1), hidden vector from N(0, 0.3²), both trained, one small step of DPO on each pair. And 24 unembeddings of three numbers from N(0, 1.5²), the hidden vector frozen, one step of 1 against each of 23 rejected tokens.',
  leavesOut: 'Answers of one token; with several, shared words can entangle them.',
  tex: String.raw`\ln\pi_w\uparrow\iff\langle g_w,g_l\rangle<\|g_w\|^2,\qquad\ln\pi_l\downarrow\iff\langle g_w,g_l\rangle<\|g_l\|^2`,
  provenance: 'paper',
  parameters: {
    beta: { label: 'Temperature of DPO', symbol: '\\beta', path: 'objective.params.beta', min: 0.1, max: 1, default: 0.3 },
  },
  toy: (seed) => {
    const policy = policyOf(seed);
    return { experiment: run(policy, 0, 1, learningRate), truth: policy };
  },
  arms: {
    every: { label: 'Both trained', train: ({ truth }) => ordered.map(([w, l]) => run(truth, w, l, learningRate)) },
    last: {
      label: 'Last layer alone',
      train: () =>
        Array.from({ length: opponents }, (_, z) =>
          run(
            {
              kind: 'features',
              hidden: [[0.8, -0.5, 0.3]],
              unembedding: Array.from({ length: opponents + 1 }, () => [0, 0, 0]),
              train: 'unembedding',
              noise: 1.5,
            },
            0,
            z + 1,
            1,
          ),
        ),
    },
  },
  measures: {
    predicted: { label: 'share of the pairs whose signs are as predicted', arms: ['every'], of: predicted },
    chosen: { label: 'change of ln π_w of the first pair', unit: 'nats', of: 'chosenLogpChange' },
    rejected: { label: 'change of ln π_l of the first pair', unit: 'nats', of: 'rejectedLogpChange' },
    entangled: {
      label: 'share of the pairs that move the same way',
      of: (of) => {
        const all = movements(of);
        return all.filter(([w = Number.NaN, l = Number.NaN]) => Math.sign(w) === Math.sign(l)).length / all.length;
      },
    },
    wanted: {
      label: 'smallest movement in the wanted direction, of either answer',
      unit: 'nats',
      of: (of) => Math.min(...movements(of).flatMap(([w = Number.NaN, l = Number.NaN]) => [w, -l])),
    },
  },
  plot: { kind: 'bars', y: 'entangled' },
  claims: [
    {
      id: 'case-table',
      statement:
        'Whether a small step on a loss of the margin alone that falls as it grows raises both log-probabilities, lowers both, or parts them is decided by the inner product and the norms; “preferred down, rejected up” cannot happen.',
      where: 'the cases of Table 1',
      kind: 'identity',
      refutedBy: 'another sign in one pair of one seed that is not too close to call',
      left: ['every', 'predicted'],
      by: 'each',
      bound: { atLeast: 1 },
      because: 'a sign is right or wrong',
      expected: 'holds',
    },
    {
      id: 'last-layer',
      statement:
        'With one pair of one-token answers, a loss of the margin alone that falls as it grows, and only the last layer trained, the preferred log-probability always rises and the rejected one falls.',
      where: 'one token, last layer',
      kind: 'identity',
      refutedBy: 'a movement the wrong way in one run',
      tex: String.raw`\|g_w\|^2-\langle g_w,g_l\rangle=\|h\|^2(1-\pi_w+\pi_l)>0,\quad\|g_l\|^2-\langle g_w,g_l\rangle=\|h\|^2(1-\pi_l+\pi_w)>0`,
      left: ['last', 'wanted'],
      by: 'each',
      bound: { atLeast: 1e-4 },
      because: 'above 0 by more than float32 rounds a log-probability below 16',
      expected: 'holds',
    },
  ],
  seeds: { page: 10, test: 1 },
});
