import type { Experiment } from '../../core/experiment.ts';
import { defineStudy, type Task } from '../study.ts';
import { chesStart, chesToy, correlation, fallers } from '../toys/displacement/ches-pairs.ts';
import { aloneExperiment, pairSet } from '../toys/displacement/pair-set.ts';
import { defaultPairSet } from '../toys/displacement/pair-set-settings.ts';
import { at, toyRandom } from '../toys/vectors.ts';

interface Truth {
  readonly ranked: Pick<Experiment, 'policy' | 'pairs'>;
  readonly filtered: Pick<Experiment, 'policy' | 'pairs'>;
}

const [half, all] = [20, 40];
const oneFavourite = { lengths: [4, 4], common: 4 } as const;

export const study = defineStudy<Truth>()({
  id: '09-ches',
  finding: 'Pairs with high CHES tend to gain less',
  mechanism:
    'CHES measures how much the hidden vectors of a pair overlap, with every coefficient of Theorem 6 taken as 1. Where one common token dominates every prediction, pairs with high CHES gain less at first.',
  setup:
    'Pairs of four tokens out of 30, a free hidden vector of 24 numbers for every prefix, how alike a pair’s vectors are is drawn; one common token dominates every prediction. 30 pairs at the start of DPO; 40 pairs whose halves are trained separately, β = 0.1, 10 steps of 1. And the page’s own set of 200 pairs of one to four tokens out of 12, vectors of six numbers, the likelier answer preferred.',
  headline:
    'In language models, the higher the CHES of the pairs trained on, the lower the change of the preferred answers’ log-probability; at the lowest CHES it rises.',
  leavesOut: 'Hidden vectors are free and random. In the first two sets hardly any preferred answer falls: gains are ranked.',
  tex: String.raw`\mathrm{CHES}=\Big\langle\sum_{k}h_{y^{+}_{<k}},\sum_{k'}h_{y^{-}_{<k'}}\Big\rangle-\Big\|\sum_{k}h_{y^{+}_{<k}}\Big\|^{2}`,
  provenance: 'paper',
  parameters: {
    beta: { label: 'Temperature of DPO', symbol: '\\beta', path: 'objective.params.beta', min: 0.02, max: 1, default: 0.1 },
  },
  toy: (seed) => {
    const ranked = chesToy(seed, { pairs: 30, ...oneFavourite });
    return { experiment: chesStart(ranked), truth: { ranked, filtered: chesToy(seed, { pairs: all, ...oneFavourite }) } };
  },
  arms: {
    ranked: { label: 'One favourite token', train: ({ experiment }) => ({ diagnose: experiment }) },
    set: {
      label: 'Pairs of which some fall',
      train: ({ seed }) => ({
        diagnose: { ...aloneExperiment(pairSet({ ...defaultPairSet, seed })), objective: { name: 'dpo', params: { beta: 0.1 } } },
      }),
    },
    halves: {
      label: 'Low, random and high half',
      train: ({ truth: { filtered } }) => ({ diagnose: chesStart(filtered) }),
      next: [
        ({ truth: { filtered }, seed }, [asked]): Task[] => {
          const ches = (asked?.diagnoses ?? []).map(({ ches: value }) => value ?? Number.NaN);
          const order = [...ches.keys()].sort((a, b) => at(ches, a) - at(ches, b));
          const random = toyRandom(seed + 2 ** 20).permutation(all);
          return [order.slice(0, half), random.slice(0, half), order.slice(half)].map((kept) => ({
            ...chesStart({ ...filtered, pairs: kept.map((i) => at(filtered.pairs, i)) }),
            optimizer: { kind: 'sgd', learningRate: 1, steps: 10 },
          }));
        },
      ],
    },
  },
  measures: {
    rank: {
      label: 'Spearman’s rank correlation of CHES with the rate of the preferred answer',
      arms: ['ranked', 'set'],
      of: (run) => correlation(run),
    },
    fallers: { label: 'share of pairs whose preferred answer falls', arms: ['ranked', 'set'], of: fallers },
    low: { label: 'mean change of ln π(y⁺), low half', unit: 'nats', of: 'chosenLogpChange' },
    random: {
      label: 'mean change of ln π(y⁺), random half',
      unit: 'nats',
      arms: ['halves'],
      of: ({ trials }) => trials[1]?.measures['chosenLogpChange'] ?? Number.NaN,
    },
    high: {
      label: 'mean change of ln π(y⁺), high half',
      unit: 'nats',
      arms: ['halves'],
      of: ({ trials }) => trials[2]?.measures['chosenLogpChange'] ?? Number.NaN,
    },
  },
  plot: { kind: 'strip', y: 'rank', arms: ['ranked', 'set'] },
  claims: [
    {
      id: 'ches-ranks',
      statement:
        'The higher the CHES of a pair, the less its preferred answer tends to gain at first, where one token outside the answers dominates every prediction. None falls here.',
      where: 'Definition 2 and section 5',
      kind: 'toy',
      refutedBy: 'a weaker correlation on average',
      tex: String.raw`\rho\big(\mathrm{CHES},\ \tfrac{d}{dt}\ln\pi(y^{+})\big)\le-0.8`,
      left: ['ranked', 'rank'],
      by: 'mean',
      bound: { atMost: -0.8 },
      because: 'the page’s own choice: nearly the same ranking, where 0 would be no relation',
      expected: 'holds',
    },
    {
      id: 'ches-displaced',
      statement:
        'In the page’s own set of pairs, of which some fall, the preferred answer tends to gain less the larger CHES is: ρ is between -0.3 and -0.4 on average.',
      where: 'Definition 2 and section 5, where answers fall',
      kind: 'toy',
      refutedBy: 'no correlation on average',
      tex: String.raw`\rho\big(\mathrm{CHES},\ \tfrac{d}{dt}\ln\pi(y^{+})\big)\le-0.2`,
      left: ['set', 'rank'],
      by: 'mean',
      bound: { atMost: -0.2 },
      because: 'the page’s own choice: a correlation between 0.2 and 0.4 is commonly called weak, and 0 would be no relation',
      expected: 'holds',
    },
    {
      id: 'ches-filter',
      statement:
        'Trained on the half with low CHES, preferred answers gain more on average than on the half with high CHES. On average all halves gain here.',
      where: 'section 6',
      kind: 'empirical',
      refutedBy: 'a mean gap that is not above 0',
      tex: String.raw`\overline{\Delta\ln\pi(y^{+})}\big|_{\text{low}}>\overline{\Delta\ln\pi(y^{+})}\big|_{\text{high}}`,
      left: ['halves', 'low'],
      right: ['halves', 'high'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim; the paper gives no number for a toy',
      expected: 'holds',
    },
  ],
  seeds: { page: 8, test: 4 },
});
