import type { Experiment } from '../../core/experiment.ts';
import { defineStudy, type Stage } from '../study.ts';
import { linearPairs } from '../toys/entanglement/linear-pairs.ts';

const dpo = (toy: Pick<Experiment, 'policy' | 'pairs'>): Experiment => ({
  ...toy,
  objective: { name: 'dpo', params: { beta: 0.3 } },
  optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
});
const asked =
  (alike: boolean): Stage<null> =>
  ({ seed, values: { pairs = 20 } }) => ({ diagnose: dpo(linearPairs(seed, pairs, alike)) });

export const study = defineStudy<null>()({
  id: '34-shared-words',
  finding: 'Shared words make answers move together more often',
  mechanism:
    'Where two answers share a word, and the hidden vectors before it are alike, that word’s gradients in both mostly point the same way. Unrelated answers have hidden vectors of their own here, and gradients nearly at a right angle; in the paper’s trained models words that differ tend to oppose each other.',
  setup:
    'Answers of five words out of twelve, one trained layer of eight numbers a word, hidden vectors from N(0, 1), the rejected answer’s a copy scaled by 0.6 to 1.5 with every number moved by N(0, 0.1²), or of its own; 20 pairs of each kind a seed, at the start of DPO.',
  headline:
    'With GPT-2 on sentiment, the gradients of answers of one token come to oppose each other; those of answers with a shared suffix align.',
  leavesOut: 'Random vectors in place of a trained model; each pair by itself, and one small step.',
  tex: String.raw`P(\text{same way}\mid\text{shared suffix})-P(\text{same way}\mid\text{unrelated})`,
  provenance: 'our reading',
  parameters: { pairs: { label: 'Pairs of each kind', symbol: 'n', min: 5, max: 100, default: 20, integer: true } },
  toy: (seed, { pairs }) => ({ experiment: dpo(linearPairs(seed, pairs, true)), truth: null }),
  arms: {
    shared: { label: 'Shared suffix', train: asked(true) },
    unrelated: { label: 'Unrelated', train: asked(false) },
  },
  measures: {
    together: {
      label: 'share of pairs whose log-probabilities move the same way',
      of: ({ trial: { diagnoses = [] } }) =>
        diagnoses.filter(({ pattern }) => pattern !== 'chosen-up-rejected-down').length / diagnoses.length,
    },
    cosine: {
      label: 'mean cosine of the two gradients',
      of: ({ trial: { diagnoses = [] } }) => diagnoses.reduce((sum, { cosine }) => sum + cosine, 0) / diagnoses.length,
    },
  },
  plot: { kind: 'strip', y: 'together' },
  claims: [
    {
      id: 'suffix-together',
      statement:
        'In a small step of DPO, both log-probabilities move the same way in many more of the pairs that share all words but the first than of unrelated pairs, on average over the seeds.',
      where: 'short and long suffix',
      kind: 'toy',
      refutedBy: 'a smaller mean difference of the shares',
      tex: String.raw`P(\text{same way}\mid\text{shared suffix})-P(\text{same way}\mid\text{unrelated})\ge0.2`,
      left: ['shared', 'together'],
      right: ['unrelated', 'together'],
      by: 'mean',
      bound: { atLeast: 0.2 },
      because: 'the page’s own choice: a fifth of all pairs',
      expected: 'holds',
    },
  ],
  seeds: { page: 10, test: 4 },
});
