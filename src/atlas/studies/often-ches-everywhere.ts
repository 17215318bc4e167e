import { defineStudy } from '../study.ts';
import { chesStart, chesToy, correlation, fallers } from '../toys/displacement/ches-pairs.ts';

export const study = defineStudy<null>()({
  id: 'often-ches-everywhere',
  finding: 'CHES ranks weakly where predictions are nearly uniform',
  mechanism:
    'CHES tells how alike two answers are, from the sums s₊ and s₋ of their hidden vectors. It replaces every coefficient of an exact formula by 1, which is a fair guess where one token outside the answers has nearly all of every prediction; in these toys not where predictions are nearly uniform.',
  setup:
    '30 pairs of tokens out of 30, a free hidden vector of 24 numbers for every prefix; how alike a pair’s vectors are is drawn. Answers of four tokens with nearly uniform predictions; answers of one to eight tokens where one common token dominates every prediction. Each pair alone, at the start of DPO.',
  leavesOut:
    'No preferred answer falls here with uniform predictions; in sets of pairs as the page on displacement has, where some do, the correlation is about -0.4.',
  tex: String.raw`\rho\big(\mathrm{CHES},\ \tfrac{d}{dt}\ln\pi(y^{+})\big),\quad\mathrm{CHES}=\langle s_{+},s_{-}\rangle-\|s_{+}\|^{2}`,
  provenance: 'our reading',
  parameters: {},
  toy: (seed) => ({ experiment: chesStart(chesToy(seed, { pairs: 30, lengths: [4, 4], common: 0 })), truth: null }),
  arms: {
    uniform: { label: 'Uniform predictions', train: ({ experiment }) => ({ diagnose: experiment }) },
    lengths: {
      label: 'One to eight tokens',
      train: ({ seed }) => ({ diagnose: chesStart(chesToy(seed, { pairs: 30, lengths: [1, 8], common: 4 })) }),
    },
  },
  measures: {
    ches: { label: 'Spearman’s rank correlation of CHES with the rate of the preferred answer', of: (run) => correlation(run) },
    normalised: {
      label: 'Spearman’s rank correlation of normalised CHES with the rate of the preferred answer',
      of: (run) => correlation(run, 'chesNormalised'),
    },
    fallers: { label: 'share of pairs whose preferred answer falls', of: fallers },
  },
  plot: { kind: 'strip', y: 'ches' },
  claims: [
    {
      id: 'ches-uniform',
      statement:
        'CHES ranks the gains of preferred answers as strongly where predictions are nearly uniform: ρ is at most -0.8 on average.',
      where: 'arXiv:2410.08847, Definition 2, where predictions are nearly uniform',
      kind: 'toy',
      refutedBy: 'a weaker correlation on average',
      left: ['uniform', 'ches'],
      by: 'mean',
      bound: { atMost: -0.8 },
      because: 'the page’s own choice: nearly the same ranking, where 0 would be no relation',
      expected: 'does not hold',
      instead:
        'CHES replaces every coefficient α of Theorem 6 by 1. That is a fair guess where one token outside the answers has nearly all of every prediction; where predictions are nearly uniform α is near 1 for equal tokens and near 0 for others, and the correlation is weak. No answer falls here.',
    },
    {
      id: 'ches-normalised',
      statement:
        'In answers of one to eight tokens, CHES divided by the lengths of the answers ranks the gains of whole answers as well: ρ is at most -0.8 on average.',
      where: 'arXiv:2410.08847, Definition 3, beyond what the paper uses it for',
      kind: 'toy',
      refutedBy: 'a weaker correlation on average',
      tex: String.raw`\rho\Big(\frac{\langle s_{+},s_{-}\rangle}{|y^{+}||y^{-}|}-\frac{\|s_{+}\|^{2}}{|y^{+}|^{2}},\ \tfrac{d}{dt}\ln\pi(y^{+})\Big)\le-0.8`,
      left: ['lengths', 'normalised'],
      by: 'mean',
      bound: { atMost: -0.8 },
      because: 'the page’s own choice: nearly the same ranking, where 0 would be no relation',
      expected: 'does not hold',
      instead:
        'The paper uses the normalised form to filter data only: it takes away the influence of the answers’ lengths, and with it what predicts a sum over tokens.',
    },
    {
      id: 'ches-lengths',
      statement: 'In answers of one to eight tokens with one dominant token, CHES itself ranks the gains: ρ is at most -0.8 on average.',
      where: 'arXiv:2410.08847, Definition 2',
      kind: 'toy',
      refutedBy: 'a weaker correlation on average',
      left: ['lengths', 'ches'],
      by: 'mean',
      bound: { atMost: -0.8 },
      because: 'the page’s own choice: nearly the same ranking, where 0 would be no relation',
      expected: 'holds',
    },
  ],
  seeds: { page: 8, test: 4 },
});
