import type { FeaturesPolicy } from '../../core/experiment.ts';
import { defineStudy, type Run } from '../study.ts';
import { added, everyLoser, randomPolicy, update, withAndWithout } from '../toys/modes/losers-push.ts';
import { at, float32Roundoff, worst } from '../toys/vectors.ts';

/** Three of the losers in turn. */
const losers = [0, 3, 6];

/** Largest difference of formula and engine over the losers, as a share of the largest value. */
function error({ trials, values: { c2 = 0.7 } }: Run<FeaturesPolicy>): number {
  const [measured, exact]: [number[], number[]] = [[], []];
  for (let i = 0; i + 1 < trials.length; i += 2) {
    const [plain, pushed] = [at(trials[i]?.diagnoses ?? [], 0), at(trials[i + 1]?.diagnoses ?? [], 0)];
    measured.push(pushed.chosenRate - plain.chosenRate, pushed.rejectedRate - plain.rejectedRate);
    exact.push(-c2 * plain.innerProduct, -c2 * plain.rejectedGradNormSq);
  }
  return worst(measured.map((value, i) => value - at(exact, i))) / worst(exact);
}

export const study = defineStudy<FeaturesPolicy>()({
  id: '37-negative-gradient',
  finding: 'Pushing a loser down can lift the winner',
  mechanism:
    'A small push on a loser moves the winner by the inner product of both gradients: up where they point apart, down where they point the same way.',
  setup:
    'A prompt and 8 tokens, each with a vector of three numbers from N(0, 1), all trained; updates c₁ ∇ log π(y_w) - c₂ ∇ log π(y_l) with c₁ = 1. First-order rates with c₂ = 0.7 less those with c₂ = 0, against three losers in turn; and one step of 2⁻⁶ with c₂ = 1 and one with 0, against the loser whose gradient is least aligned with the winner’s.',
  leavesOut: 'One pair at a time; the lemma is of expectations over data.',
  tex: String.raw`\log\pi_w:\ -\eta c_2\langle g_w,g_l\rangle,\qquad\log\pi_l:\ -\eta c_2\|g_l\|^2`,
  provenance: 'our reading',
  parameters: { c2: { label: 'Push on the loser, first order', symbol: 'c_2', min: 0.1, max: 2, default: 0.7 } },
  toy: (seed) => {
    const policy = randomPolicy(seed);
    return { experiment: update(policy, everyLoser(), 0), truth: policy };
  },
  arms: {
    rates: {
      label: 'Three losers',
      train: ({ truth, values: { c2 = 0.7 } }) =>
        losers.flatMap((loser) => [0, c2].map((push) => ({ diagnose: update(truth, [at(everyLoser(), loser)], push) }))),
    },
    opposed: {
      label: 'The least aligned loser',
      train: ({ experiment }) => ({ diagnose: experiment }),
      next: [({ truth }, [asked]) => withAndWithout(truth, asked, 'lowest')],
    },
  },
  measures: {
    error: { label: 'largest difference of formula and engine, as a share of the largest value', arms: ['rates'], of: error },
    winner: { label: 'what the push adds to log π(y_w)', unit: 'nats', arms: ['opposed'], of: (run) => added(run).winner },
    loser: { label: 'what the push adds to log π(y_l)', unit: 'nats', arms: ['opposed'], of: (run) => added(run).loser },
    chosen: { label: 'change of log π(y_w)', unit: 'nats', of: 'chosenLogpChange' },
    rejected: { label: 'change of log π(y_l)', unit: 'nats', of: 'rejectedLogpChange' },
  },
  plot: { kind: 'scatter', x: 'loser', y: 'winner', arms: ['opposed'] },
  claims: [
    {
      id: 'negative-gradient-exact',
      statement:
        'To first order, pushing the loser down changes winner and loser by amounts that the inner product and the norm of their gradients give.',
      where: 'Lemma 6.2, first order',
      kind: 'identity',
      refutedBy: 'a difference beyond rounding in one seed',
      left: ['rates', 'error'],
      by: 'each',
      bound: { atMost: { cpu: 1e-12, webgpu: 512 * float32Roundoff } },
      because: 'rounding alone: a few hundred products of numbers below 10, in float32 on WebGPU and in float64 on the CPU',
      expected: 'holds',
    },
    {
      id: 'negative-gradient-opposed',
      statement:
        'Where the gradients of winner and loser point apart, a small push on the loser leaves the winner higher, and the margin wider, than no push does.',
      where: 'Lemma 6.2',
      kind: 'identity',
      refutedBy: 'a winner that is lower with the push in one seed',
      tex: String.raw`\langle g_w,g_l\rangle<0,\ \eta\text{ small}\ \Rightarrow\ \log\pi_{t+1}(y_w)\big|_{c_2>0}\ge\log\pi_{t+1}(y_w)\big|_{c_2=0}`,
      left: ['opposed', 'winner'],
      by: 'each',
      bound: { atLeast: 1e-5 },
      because: 'above 0 by more than float32 rounds a log-probability below 16',
      expected: 'holds',
    },
  ],
  seeds: { page: 15, test: 3 },
});
