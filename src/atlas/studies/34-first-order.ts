import { defineStudy, type Run } from '../study.ts';
import { longAnswers, sequenceFeatures, still } from '../toys/displacement/random-features.ts';
import { at } from '../toys/vectors.ts';

const rates = [2 ** -3, 2 ** -4];
const pair = { prompt: 0, chosen: longAnswers.chosen, rejected: longAnswers.rejected };

/** log₂ of how much the error shrinks when the step is halved, the smaller of both answers'. */
function orderOf({ before, trials }: Run<null>): number {
  const { chosenRate = Number.NaN, rejectedRate = Number.NaN } = before[0]?.diagnoses?.[0] ?? {};
  const errors = trials.map(({ measures }, i) => [
    Math.abs((measures['chosenLogpChange'] ?? Number.NaN) - at(rates, i) * chosenRate),
    Math.abs((measures['rejectedLogpChange'] ?? Number.NaN) - at(rates, i) * rejectedRate),
  ]);
  const [large, small] = [at(errors, 0), at(errors, 1)];
  // judged where there is an error to judge: where the quadratic term happens to vanish, rounding is all there is
  const orders = large.map((error, i) => Math.log2(error / at(small, i))).filter((_, i) => at(large, i) > 1e-4);
  return orders.length > 0 ? Math.min(...orders) : 2;
}

export const study = defineStudy<null>()({
  id: '34-first-order',
  finding: 'First moves follow from two norms, one product',
  mechanism: 'Which way a small step of DPO moves either answer follows from two norms and one inner product of their gradients.',
  setup:
    'Answers of four and three tokens with a free hidden vector for every prefix, drawn from N(0, 1), unembeddings from N(0, 0.7²), all trained; one step of DPO with η = 2⁻³ and one with 2⁻⁴.',
  leavesOut: 'Random vectors in place of a language model, and one step: over many, norms and inner product change as well.',
  tex: String.raw`\Delta\ln\pi_w=C\,(\|g_w\|^2-\langle g_w,g_l\rangle)+O(\eta^2),\quad\Delta\ln\pi_l=C\,(\langle g_w,g_l\rangle-\|g_l\|^2)+O(\eta^2),\quad C=-\eta\,\ell'`,
  provenance: 'paper',
  parameters: {
    beta: { label: 'Temperature of DPO', symbol: '\\beta', path: 'objective.params.beta', min: 0.02, max: 1, default: 0.3 },
  },
  toy: (seed) => ({ experiment: still(sequenceFeatures(seed, [pair.chosen, pair.rejected]), [pair]), truth: null }),
  arms: {
    steps: {
      label: 'One step and half of it',
      train: ({ experiment }) => ({ diagnose: experiment }),
      next: [({ experiment }) => rates.map((learningRate) => ({ ...experiment, optimizer: { kind: 'sgd', learningRate, steps: 1 } }))],
    },
  },
  measures: {
    order: { label: 'order of the error: log₂ of how much it shrinks when the step is halved, the smaller of both answers’', of: orderOf },
    chosen: { label: 'change of ln π_w', unit: 'nats', of: 'chosenLogpChange' },
    rejected: { label: 'change of ln π_l', unit: 'nats', of: 'rejectedLogpChange' },
  },
  plot: { kind: 'scatter', x: 'rejected', y: 'chosen' },
  claims: [
    {
      id: 'first-order',
      statement:
        'How far a small step of DPO moves both log-probabilities follows from how hard the loss pushes, two norms and one inner product of the gradients; the error is quadratic in the step.',
      where: 'the first-order formulas',
      kind: 'identity',
      refutedBy: 'an error that shrinks more slowly in more than one seed in twenty',
      left: ['steps', 'order'],
      by: { share: 0.95 },
      bound: { atLeast: 1.7 },
      because: 'a quadratic error has order 2 in the limit; 0.3 is left to the cubic term',
      expected: 'holds',
    },
  ],
  seeds: { page: 60, test: 3 },
});
