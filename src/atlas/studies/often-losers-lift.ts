import type { FeaturesPolicy } from '../../core/experiment.ts';
import { defineStudy } from '../study.ts';
import { added, everyLoser, randomPolicy, update, withAndWithout } from '../toys/modes/losers-push.ts';

export const study = defineStudy<FeaturesPolicy>()({
  id: 'often-losers-lift',
  finding: 'Pushing a loser can pull its winner down',
  mechanism:
    'In a small step, pushing a loser down lifts a winner whose gradient points away from the loser’s. One whose gradient is aligned it pulls down.',
  setup:
    'One prompt, 8 tokens, vectors of three numbers from N(0, 1), both trained; updates ∇ log π(y_w) - c₂ ∇ log π(y_l). Of the 7 losers the one whose gradient is most aligned with the winner’s; one step of 2⁻⁶ with c₂ = 1 and one with c₂ = 0.',
  leavesOut: 'One pair at a time, and the loser is chosen for the effect.',
  tex: String.raw`\log\pi_w:\ -\eta c_2\langle g_w,g_l\rangle`,
  provenance: 'our reading',
  parameters: { c2: { label: 'Push on the loser', symbol: 'c_2', min: 0.1, max: 2, default: 1 } },
  toy: (seed) => {
    const policy = randomPolicy(seed);
    return { experiment: update(policy, everyLoser(), 0), truth: policy };
  },
  arms: {
    aligned: {
      label: 'The most aligned loser',
      train: ({ experiment }) => ({ diagnose: experiment }),
      next: [({ truth, values: { c2 = 1 } }, [asked]) => withAndWithout(truth, asked, 'highest', c2)],
    },
  },
  measures: {
    winner: { label: 'what the push adds to log π(y_w)', unit: 'nats', of: (run) => added(run).winner },
    loser: { label: 'what the push adds to log π(y_l)', unit: 'nats', of: (run) => added(run).loser },
    chosen: { label: 'change of log π(y_w)', unit: 'nats', of: 'chosenLogpChange' },
    rejected: { label: 'change of log π(y_l)', unit: 'nats', of: 'rejectedLogpChange' },
  },
  plot: { kind: 'scatter', x: 'loser', y: 'winner' },
  claims: [
    {
      id: 'negative-gradient-aligned',
      statement: 'Pushing the loser down raises the winner also where their gradients point the same way.',
      where: 'arXiv:2404.14367, Lemma 6.2, without its condition',
      kind: 'identity',
      refutedBy: 'a winner that is lower with the push in one seed',
      tex: String.raw`\log\pi_{t+1}(y_w)\big|_{c_2>0}\ge\log\pi_{t+1}(y_w)\big|_{c_2=0}`,
      left: ['aligned', 'winner'],
      by: 'each',
      bound: { atLeast: 1e-5 },
      because: 'above 0 by more than float32 rounds a log-probability below 16',
      expected: 'does not hold',
      instead:
        'The lemma asks for an inner product of at most 0. With aligned gradients the winner is pushed down along with the loser. To first order the push adds η c₂ (‖g_l‖² - ⟨g_w, g_l⟩) to the margin: mostly more than 0, in a few draws of a hundred less.',
    },
  ],
  seeds: { page: 15, test: 3 },
});
