import { bestOfN } from '../../core/exact.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { dot } from '../../core/vectors.ts';
import { massOf } from '../measures.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, subtract, weightsOf } from '../toys/scorer.ts';

const cells = 80;
const line = Array.from({ length: cells }, (_, i) => -3 + (6 * i) / (cells - 1));
const fromMode = (x: number): number => Math.min(Math.abs(x - 1.2), Math.abs(x + 1.2));
const strange = [...line.keys()].filter((i) => fromMode(line[i] ?? 0) >= 0.5);
const bump = (x: number, centre: number, variance: number) => Math.exp(-((x - centre) ** 2) / (2 * variance));
const features = line.map((x) => Array.from({ length: 14 }, (_, k) => bump(x, -3 + (6 * k) / 13, 0.25 ** 2)));

/** log π of the imitation policy: two good modes, and a fifth of the mass anywhere. */
const imitation = (share: number): number[] =>
  logSoftmax(line.map((x) => Math.log(((1 - share) * (bump(x, 1.2, 0.04) + bump(x, -1.2, 0.04))) / 13.2 + share / cells)));

const implicitReward = ({ trial }: Run): number[] => features.map((row) => dot(row, weightsOf(trial)));

export const study = defineStudy<null>()({
  id: '05-implicit-reward',
  finding: 'A preference policy can sift an imitator’s actions',
  mechanism:
    'A policy trained on preferences is a reward as well: its log-ratio to where it began. Picking the best of a few actions of the imitator by it leaves out most of the strange ones in this toy.',
  setup:
    'Actions on a line of 80 cells, two good modes and a fifth of the imitator’s mass anywhere, which makes 15 % of its actions strange; DPO on 300 pairs with 14 bumps; best of eight by the log-ratio.',
  leavesOut:
    'Likelihoods are exact on a line. In the paper a difference of denoising errors stands for the log-ratio, the second formula here, on a robot, over long tasks; it need not rank actions as the log-ratio does, which the toy knows and takes. Its released code trains -σ of the margin, without a logarithm; the toy trains DPO.',
  tex: 'a^\\star=\\arg\\max_{a_i\\sim\\pi_{\\mathrm{SFT}}}\\ \\beta\\log\\frac{\\pi_{\\mathrm{DPO}}(a_i)}{\\pi_{\\mathrm{SFT}}(a_i)};\\qquad\\text{on the robot}\\ \\ \\hat r(a)=-\\beta\\,\\mathbb E_{t,\\epsilon}\\big[\\|a-\\hat a_{\\mathrm{DPO}}(a_t,t)\\|^2-\\|a-\\hat a_{\\mathrm{SFT}}(a_t,t)\\|^2\\big]',
  parameters: {
    candidates: { label: 'Actions to pick from', symbol: 'N', min: 1, max: 32, default: 8, integer: true },
    share: { label: 'Imitator’s mass anywhere', symbol: '\\varepsilon', min: 0.02, max: 0.6, default: 0.2 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.1, max: 2, default: 0.5 },
  },
  toy: (seed, { share, beta }) => {
    const draws = new Draws(seed);
    const imitator = imitation(share);
    const worth = (cell: number) => Number(!strange.includes(cell)) + 0.25 * draws.normal();
    const compared = Array.from({ length: 300 }, () => {
      const [a, b] = [draws.fromLogits(imitator), draws.fromLogits(imitator)];
      const [w, l] = worth(a) > worth(b) ? [a, b] : [b, a];
      return subtract(features[w] ?? [], features[l] ?? []);
    });
    return { experiment: fitScorer(compared, { beta, steps: 80 }), truth: null };
  },
  arms: { dpo: { label: 'DPO', train: ({ experiment }) => experiment } },
  measures: {
    imitator: { label: 'strange actions of the imitator', of: ({ values: { share = 0 } }) => massOf(imitation(share), strange) },
    policy: {
      label: 'strange actions of the DPO policy',
      of: (run) => {
        const reward = implicitReward(run);
        return massOf(logSoftmax(imitation(run.values['share'] ?? 0).map((value, i) => value + (reward[i] ?? 0))), strange);
      },
    },
    picked: {
      label: 'strange actions of the best of N',
      of: (run) => {
        const { share = 0, candidates = 1 } = run.values;
        return massOf(Array.from(bestOfN(imitation(share), implicitReward(run), candidates), Math.log), strange);
      },
    },
  },
  plot: { kind: 'law', y: 'picked', over: 'candidates', at: [1, 2, 4, 8, 16] },
  claims: [
    {
      id: 'than-imitating',
      statement:
        'Picking the best of eight by the implicit reward takes, in most seeds, at least 0.1 off the imitator’s share of strange actions.',
      where: 'reranking by the implicit reward',
      kind: 'toy',
      refutedBy: 'more than one seed in five with a smaller fall',
      left: ['dpo', 'imitator'],
      right: ['dpo', 'picked'],
      by: { share: 0.8 },
      bound: { atLeast: 0.1 },
      because: 'more than half of all that there are',
      expected: 'holds',
    },
    {
      id: 'than-sampling',
      statement:
        'Picking the best of eight by the implicit reward takes a strange action, on average, no more often than the DPO policy itself.',
      where: 'reranking against sampling',
      kind: 'toy',
      refutedBy: 'a mean above the policy’s',
      left: ['dpo', 'policy'],
      right: ['dpo', 'picked'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 3 },
});
