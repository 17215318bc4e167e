import { expectedReward, klDivergence } from '../../core/exact.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { defineStudy, type Run } from '../study.ts';
import { banditReward } from '../toys/modes/bandit.ts';
import { race, raceToy, rewardAt, targetOf, temperature } from '../toys/modes/kl-race.ts';
import { descent } from '../toys/modes/two-outcomes.ts';
import { at, float32Roundoff, toyRandom, vectorOf, worst } from '../toys/vectors.ts';

interface Truth {
  readonly reference: readonly number[];
  /** a start with about 70 % on one bad answer */
  readonly leading: readonly number[];
}

const [near, far] = [20, 70];
const size = 10;
const target = logSoftmax(Array.from({ length: size }, (_, z) => Math.log(z === 3 ? 0.45 : z === 7 ? 0.46 : 0.01)));
const emptied = { rate: 0.5, record: [0, 10] };

/** Largest departure from β log Z over the recorded steps, with the engine's own divergence. */
function departure({ truth: { reference }, trial: { descent: steps = [] }, values: { beta = 0.1 } }: Run<Truth>): number {
  const rewards = banditReward(far);
  const logZ = at(reference, 0) + at(rewards, 0) / beta - at(targetOf(reference, far, beta), 0);
  return worst(
    steps.map(
      ({ outcomeLogps, divergences: [divergence = Number.NaN] }) =>
        expectedReward(outcomeLogps, rewards) - beta * klDivergence(outcomeLogps, reference) + beta * divergence - beta * logZ,
    ),
  );
}

export const study = defineStudy<Truth>()({
  id: '37-kl-race',
  finding: 'Reverse KL starts faster where mass already is',
  mechanism:
    'Maximising reward less a KL penalty minimises a reverse KL to a tilted reference; filtered or weighted likelihood, a forward KL. Here reverse KL starts faster where the policy has mass already, and slower where it has little.',
  setup:
    'The paper’s bandit of 100 bins, its reference drawn anew as a histogram of 10,000 samples, and one more in each bin, for each seed; reward with its peak at bin 20, near one of the reference’s own, or at 70, where it has little mass; exact gradient descent on the logits towards q ∝ π_ref exp(r / 0.1), step size 1. And ten answers, logit 3 for the first, N(0, 0.1²) added everywhere; the target has 0.45 and 0.46 at two others and 0.01 elsewhere, normalised; 10 steps of 0.5.',
  leavesOut: 'Exact gradients, where the paper samples, and free logits for its networks.',
  tex: String.raw`\mathbb E_\pi[r]-\beta\,\mathrm{KL}(\pi\,\|\,\pi_{\text{ref}})=\beta\log Z-\beta\,\mathrm{KL}(\pi\,\|\,\pi^{*})`,
  provenance: 'our reading',
  parameters: { beta: temperature },
  toy: (seed) => raceToy(seed, { leading: vectorOf(toyRandom(seed), size, 0.1).map((x, z) => x + (z === 0 ? 3 : 0)) }),
  arms: {
    identity: race('Reverse KL, far peak, 60 steps', far, 'reverse', [0, 1, 5, 20, 60]),
    nearForward: race('Forward KL, near peak', near, 'forward', [0, 1]),
    nearReverse: race('Reverse KL, near peak', near, 'reverse', [0, 1]),
    farForward: race('Forward KL, far peak', far, 'forward', [0, 100]),
    farReverse: race('Reverse KL, far peak', far, 'reverse', [0, 100]),
    leadForward: { label: 'Forward KL, a bad lead', train: ({ truth: { leading } }) => descent([leading], [target], 'forward', emptied) },
    leadReverse: { label: 'Reverse KL, a bad lead', train: ({ truth: { leading } }) => descent([leading], [target], 'reverse', emptied) },
  },
  measures: {
    departure: { label: 'largest departure from the constant over the steps', arms: ['identity'], of: departure },
    near: {
      label: 'expected reward after 1 step, peak at bin 20',
      arms: ['nearForward', 'nearReverse'],
      of: (run) => rewardAt(run, 1, near),
    },
    far: {
      label: 'expected reward after 100 steps, peak at bin 70',
      arms: ['farForward', 'farReverse'],
      of: (run) => rewardAt(run, 1, far),
    },
    leading: {
      label: 'probability of the leading answer at the end',
      arms: ['leadForward', 'leadReverse'],
      of: ({ trial }) => Math.exp(trial.outcomeLogps?.[0] ?? Number.NaN),
    },
    earned: {
      label: 'expected reward at the end, peak at bin 70',
      arms: ['farForward', 'farReverse'],
      of: ({ trial }) => expectedReward(trial.outcomeLogps ?? [], banditReward(far)),
    },
    lead: {
      label: 'probability left on the leading answer after 10 steps',
      arms: ['leadForward', 'leadReverse'],
      of: ({ trial }) => Math.exp(trial.descent?.[1]?.outcomeLogps[0] ?? Number.NaN),
    },
  },
  plot: { kind: 'strip', y: 'far', arms: ['farForward', 'farReverse'] },
  claims: [
    {
      id: 'reward-is-reverse-kl',
      statement:
        'Reward less a KL penalty is a constant less β times the reverse KL to one target, all along the way: maximising one minimises the other.',
      where: 'Lemma 6.1',
      kind: 'identity',
      refutedBy: 'a departure beyond rounding in one seed',
      tex: String.raw`E_\pi[r]-\beta\,\mathrm{KL}(\pi\,\|\,\pi_{\text{ref}})+\beta\,\mathrm{KL}(\pi\,\|\,\pi^{*})=\beta\log Z,\quad\pi^{*}\propto\pi_{\text{ref}}e^{r/\beta}`,
      left: ['identity', 'departure'],
      by: 'each',
      bound: { atMost: { cpu: 1e-12, webgpu: 128 * 32 * float32Roundoff } },
      because: 'rounding of sums over 100 bins of log-probabilities below 32',
      expected: 'holds',
    },
    {
      id: 'reverse-near',
      statement:
        'With the reward’s peak at bin 20, near one of the reference’s own, reverse KL earns more than forward KL in the very first step, for nearly all histograms.',
      where: 'mode-seeking',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which it is ahead',
      left: ['nearReverse', 'near'],
      right: ['nearForward', 'near'],
      by: { share: 0.95 },
      bound: { atLeast: 1e-4 },
      because: 'above 0 by more than float32 rounds an expected reward',
      expected: 'holds',
    },
    {
      id: 'reverse-overtakes',
      statement:
        'At the far peak reverse KL has overtaken forward KL after 100 steps, for at least nine histograms in ten; a few take longer.',
      where: 'mode-seeking',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which it has',
      left: ['farReverse', 'far'],
      right: ['farForward', 'far'],
      by: { share: 0.9 },
      bound: { atLeast: 1e-4 },
      because: 'above 0 by more than float32 rounds an expected reward',
      expected: 'holds',
    },
    {
      id: 'dominant-bin',
      statement:
        'From a policy with about 70 % on one bad answer, reverse KL leaves less of it after 10 steps than forward KL does, in nearly all draws; from one with 98 % forward KL would halve it sooner.',
      where: 'mode-seeking',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which reverse KL leaves less after 10 steps',
      tex: String.raw`\pi_{10}^{\text{reverse}}(0)<\pi_{10}^{\text{forward}}(0)`,
      left: ['leadForward', 'lead'],
      right: ['leadReverse', 'lead'],
      by: { share: 0.95 },
      bound: { atLeast: 0.02 },
      because: 'the page’s own choice: two percentage points',
      expected: 'holds',
    },
  ],
  seeds: { page: 60, test: 3 },
});
