import { defineStudy } from '../study.ts';
import { remedies, updates } from '../toys/entanglement/shared-words.ts';

const shared = remedies(0.7);

export const study = defineStudy<null>()({
  id: 'often-remedies-help',
  finding: 'Remedies can cost where nothing drags down',
  mechanism:
    'Normalised gradients and masked words can protect a preferred answer that the shared words pull down. Where the shared words raise it, they take that help away.',
  setup:
    'Answers of six words that differ in the first, one trained layer, the rejected answer’s hidden vectors 0.7 times as long; 30 steps of 0.2 of DPO with β = 0.1, the same on the first word alone, or 30 of 0.01 with normalised gradients.',
  leavesOut:
    'The margins that are reached differ: on average about 4.7 nats by DPO, 3.7 by the first word alone, 0.8 by normalised gradients.',
  tex: shared.tex,
  provenance: 'our reading',
  parameters: shared.parameters,
  toy: shared.toy,
  arms: shared.arms,
  measures: shared.measures,
  plot: { kind: 'scatter', x: 'margin', y: 'chosen' },
  record: [0, updates],
  claims: [
    {
      id: 'normalised-shorter',
      statement:
        'Normalised gradients keep the preferred answer above where DPO leaves it also where the rejected vectors are shorter, 0.7 times as long.',
      where: 'arXiv:2410.13828, normalised gradients, in this page’s form, without their condition',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which it ends higher',
      left: ['normalised', 'chosen'],
      right: ['dpo', 'chosen'],
      by: { share: 0.9 },
      bound: { atLeast: 0 },
      because: 'the preferred answer ends higher than under DPO; the share of draws is the page’s own choice',
      expected: 'does not hold',
      instead:
        'With rejected vectors 1.4 times as long they help in nearly all draws after 30 steps, with equal lengths in about one of ten (at equal margin in more), with 0.7 in none. There DPO itself raises the preferred answer, and raises it further, at equal margin as well.',
    },
    {
      id: 'sparse-shorter',
      statement:
        'Leaving the shared words out of the loss keeps the preferred answer above where DPO leaves it also where the rejected vectors are shorter, 0.7 times as long.',
      where: 'arXiv:2410.13828, token masking, in this page’s form, without its condition',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which it ends higher',
      left: ['sparse', 'chosen'],
      right: ['dpo', 'chosen'],
      by: { share: 0.95 },
      bound: { atLeast: 0 },
      because: 'the preferred answer ends higher than under DPO; the share of draws is the page’s own choice',
      expected: 'does not hold',
      instead:
        'With rejected vectors 1.4 times as long it helps in all draws, with equal lengths in about half, with 0.7 in none: there the shared words raise the preferred answer under DPO.',
    },
  ],
  seeds: { page: 60, test: 30 },
});
