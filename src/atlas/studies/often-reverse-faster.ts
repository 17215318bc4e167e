import { defineStudy } from '../study.ts';
import { race, raceToy, rewardAt, temperature } from '../toys/modes/kl-race.ts';
import { type Draw, drawsOf, equalStart, firstSteps, oneStep, shareOf } from '../toys/modes/two-outcomes.ts';

interface Truth {
  readonly reference: readonly number[];
  readonly draws: readonly Draw[];
}
const far = 70;

export const study = defineStudy<Truth>()({
  id: 'often-reverse-faster',
  finding: 'Reverse KL is slow to move rare answers',
  mechanism:
    'Reverse KL weighs its push by the present probability. At first it is slower than forward KL to raise what is rare now and much likelier in the target, and can be faster with what is likely.',
  setup:
    'The bandit of 100 bins, its reference a histogram of 10,000 samples, and one more in each bin, for each seed; reward with its peak at bin 70, where the reference has little mass; exact gradient descent towards q ∝ π_ref exp(r / 0.1), 20 steps of 1. And 64 starts and targets over five outcomes a seed, the first two outcomes equally likely at the start; one step of 0.5.',
  leavesOut: 'Exact gradients and free logits.',
  tex: String.raw`\Delta^{f}_y=\eta\,(q_y-p_y),\qquad\Delta^{r}_y=\eta\,p_y\big(\log\tfrac{q_y}{p_y}+\mathrm{KL}(p\,\|\,q)\big)`,
  provenance: 'our reading',
  parameters: { beta: temperature },
  toy: (seed) => raceToy(seed, { draws: drawsOf(seed, equalStart) }),
  arms: {
    forward: race('Forward KL, far peak', far, 'forward', [0, 20]),
    reverse: race('Reverse KL, far peak', far, 'reverse', [0, 20]),
    start: { label: 'Both, equal start', train: ({ truth: { draws } }) => oneStep(draws) },
  },
  measures: {
    reward: { label: 'expected reward after 20 steps', arms: ['forward', 'reverse'], of: (run) => rewardAt(run, 1, far) },
    faster: {
      label: 'share of the draws in which reverse KL is faster',
      arms: ['start'],
      of: (run) =>
        shareOf(
          firstSteps(run, run.truth.draws),
          () => true,
          (gap) => gap > 0,
        ),
    },
  },
  plot: { kind: 'strip', y: 'reward', arms: ['forward', 'reverse'] },
  claims: [
    {
      id: 'reverse-far',
      statement: 'With the peak at bin 70, far from the reference’s mass, reverse KL earns more than forward KL after 20 steps as well.',
      where: 'arXiv:2404.14367, mode-seeking, at the far peak',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which it is ahead',
      left: ['reverse', 'reward'],
      right: ['forward', 'reward'],
      by: { share: 0.95 },
      bound: { atLeast: 1e-4 },
      because: 'above 0 by more than float32 rounds an expected reward',
      expected: 'does not hold',
      instead:
        'A bin with much target and little policy is pushed by its present probability: exact reverse KL starts slower here. After 100 steps it has overtaken, for more than nine histograms in ten.',
    },
    {
      id: 'equal-start-always',
      statement:
        'Of two outcomes that are equally likely now, one step of reverse KL favours the better one more than one of forward KL, whatever their probability.',
      where: 'arXiv:2404.14367, about Theorem 6.5, equal start, for any probabilities',
      kind: 'identity',
      refutedBy: 'one draw of one seed in which it does not',
      tex: String.raw`p_a=p_b,\ q_a>q_b\ \Rightarrow\ \Delta^{r}>\Delta^{f}`,
      left: ['start', 'faster'],
      by: 'each',
      bound: { atLeast: 1 },
      because: 'the condition decides every case that is not too close to call',
      expected: 'does not hold',
      instead:
        'The theorem has constants, and they matter: with p = 0.1 and q = (0.6, 0.2) forward KL moves the two 3.6 times as far apart. Reverse KL weighs its push by the present probability.',
    },
  ],
  seeds: { page: 60, test: 59 },
});
