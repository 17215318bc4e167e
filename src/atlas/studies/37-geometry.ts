import { defineStudy } from '../study.ts';
import { authorsThreshold, type BanditRun, bandit, banditRun, rewardOf } from '../toys/modes/bandit-runs.ts';

const far = ['far'] as const;
const arm = (label: string, run: BanditRun) => ({ label, train: () => banditRun(run) });
const half = 'the page’s own choice: more than half of the largest reward there is';
const slowly = 'over few seeds: the 59 that “95 % of all seeds” takes would need minutes';

export const study = defineStudy<null>()({
  id: '37-geometry',
  finding: 'Far peaks gain most from on-policy samples',
  mechanism:
    'Where the reward’s peak lies far from the reference, samples of the reference rarely show it, and sampling from the policy can earn far more. Near the reference’s mass it hardly matters here.',
  setup: `The bandit of 100 bins from the paper’s code, exact reference, free logits; each round draws 10 groups of 10 samples, of the policy (online) or of the reference (offline), ranks them by reward and makes 5 updates of Adam at 0.05, 300 in all. Reward with its peak at bin 70 (far) or 20 (near); best-of-10, IPO (target 10) and DPO (β = 1) on all 45 pairs of a group, or without those whose rewards differ by less than ${authorsThreshold}. And 200 updates of DPO on samples of a third law: uniform, or 0.999 of a bump about bin 16.`,
  headline: 'On-policy sampling helps most where the reward’s peak is far from the reference.',
  leavesOut:
    'Free logits for the paper’s networks, which generalise from bin to bin, and one state. Offline samples are drawn anew each round, where the authors’ scripts keep one set; and all methods have one learning rate, where those scripts have several.',
  tex: String.raw`E_{\pi^{\text{online}}_{300}}[R]-E_{\pi^{\text{offline}}_{300}}[R]`,
  provenance: 'our reading',
  parameters: {
    rate: { label: 'Learning rate', symbol: '\\eta', path: 'optimizer.learningRate', min: 0.01, max: 0.5, default: 0.05 },
  },
  toy: () => ({ experiment: bandit(), truth: null }),
  arms: {
    bestOffline: arm('Best-of-10, offline', { method: 'best-of-n', source: 'offline' }),
    bestOnline: arm('Best-of-10, online', { method: 'best-of-n', source: 'online' }),
    ipoOffline: arm('IPO, offline', { method: 'ipo', source: 'offline' }),
    ipoOnline: arm('IPO, online', { method: 'ipo', source: 'online' }),
    dpoOffline: arm('DPO, offline', { method: 'dpo', source: 'offline' }),
    dpoOnline: arm('DPO, online', { method: 'dpo', source: 'online' }),
    ipoThreshold: arm('IPO, offline, with the threshold', { method: 'ipo', source: 'offline', threshold: authorsThreshold, towards: far }),
    dpoThreshold: arm('DPO, offline, with the threshold', { method: 'dpo', source: 'offline', threshold: authorsThreshold, towards: far }),
    covered: arm('DPO, data that covers the peak', { method: 'dpo', source: 'covered', towards: far, updates: 200 }),
    uncovered: arm('DPO, data that does not', { method: 'dpo', source: 'uncovered', towards: far, updates: 200 }),
  },
  measures: {
    far: { label: 'expected reward, far peak', of: (run) => rewardOf(run, 'far') },
    near: {
      label: 'expected reward, near peak',
      arms: ['bestOffline', 'bestOnline', 'ipoOffline', 'ipoOnline', 'dpoOffline', 'dpoOnline'],
      of: (run) => rewardOf(run, 'near'),
    },
  },
  plot: { kind: 'bars', y: 'far', arms: ['bestOffline', 'bestOnline', 'ipoOffline', 'ipoOnline', 'dpoOffline', 'dpoOnline'] },
  claims: [
    {
      id: 'geometry-far',
      statement:
        'With the reward’s peak at bin 70, far from the reference, best-of-10, IPO and DPO each gain at least 0.6 of reward on average by sampling from the policy instead of the reference, if they train on all pairs of a group.',
      where: 'condition C1',
      kind: 'empirical',
      refutedBy: 'a method whose mean gain is smaller',
      left: ['bestOnline', 'far'],
      right: ['bestOffline', 'far'],
      and: [
        { left: ['ipoOnline', 'far'], right: ['ipoOffline', 'far'] },
        { left: ['dpoOnline', 'far'], right: ['dpoOffline', 'far'] },
      ],
      by: 'mean',
      bound: { atLeast: 0.6 },
      because: `${half}; ${slowly}`,
      expected: 'holds',
    },
    {
      id: 'geometry-far-threshold',
      statement: `With the peak at bin 70, all three gain at least 0.6 also if offline IPO and DPO leave out pairs whose rewards differ by less than ${authorsThreshold}, as the authors’ script for IPO does, which is set to the peak at bin 20.`,
      where: 'condition C1, with the authors’ threshold',
      kind: 'toy',
      refutedBy: 'a method whose mean gain is smaller',
      left: ['bestOnline', 'far'],
      right: ['bestOffline', 'far'],
      and: [
        { left: ['ipoOnline', 'far'], right: ['ipoThreshold', 'far'] },
        { left: ['dpoOnline', 'far'], right: ['dpoThreshold', 'far'] },
      ],
      by: 'mean',
      bound: { atLeast: 0.6 },
      because: `${half}; ${slowly}`,
      expected: 'does not hold',
      instead:
        'Only best-of-10 gains so much, about 0.68. Offline IPO and DPO learn far more from the pairs that are left, and gain about 0.35 each by sampling from the policy; about 0.31 and 0.28 if the threshold holds online too. Most pairs at this peak compare rewards of nearly 0.',
    },
    {
      id: 'geometry-near',
      statement:
        'With the reward’s peak at bin 20, near a peak of the reference’s own, offline data is nearly as good: on average each of the three loses at most 0.1 of reward.',
      where: 'condition C1',
      kind: 'empirical',
      refutedBy: 'a method that loses more on average',
      left: ['bestOnline', 'near'],
      right: ['bestOffline', 'near'],
      and: [
        { left: ['ipoOnline', 'near'], right: ['ipoOffline', 'near'] },
        { left: ['dpoOnline', 'near'], right: ['dpoOffline', 'near'] },
      ],
      by: 'mean',
      bound: { atMost: 0.1 },
      because: `the page’s own choice: a tenth of the largest reward there is; ${slowly}`,
      expected: 'holds',
    },
    {
      id: 'coverage',
      statement:
        'With the same far peak and the same reference, offline DPO earns about 0.7 on data that covers the peak, and next to nothing on data that hardly ever sees it.',
      where: 'condition C2',
      kind: 'empirical',
      refutedBy: 'a smaller mean gap',
      tex: String.raw`E_{\pi_{200}}[R_1]\big|_{\text{data covers the peak}}-E_{\pi_{200}}[R_1]\big|_{\text{data does not}}\ge0.5`,
      left: ['covered', 'far'],
      right: ['uncovered', 'far'],
      by: 'mean',
      bound: { atLeast: 0.5 },
      because: `the page’s own choice: half of the largest reward there is; ${slowly}`,
      expected: 'holds',
    },
  ],
  seeds: { page: 5, test: 2 },
});
