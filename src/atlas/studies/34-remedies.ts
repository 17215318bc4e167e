import { defineStudy, type Run } from '../study.ts';
import { changesOf, chosenAtMargin, remedies, remedy, updates } from '../toys/entanglement/shared-words.ts';
import { at } from '../toys/vectors.ts';

const shared = remedies(1.4);

/** How much more ln π of the whole preferred answer changes with normalised gradients, where both margins have gained the same. */
function aboveAtEqualMargin({ trials: [plain, normalised] }: Run<null>): number {
  const [a, b] = [changesOf(plain?.steps ?? []), changesOf(normalised?.steps ?? [])];
  const gained = Math.min(at(a.margin, updates), at(b.margin, updates));
  return chosenAtMargin(b, gained) - chosenAtMargin(a, gained);
}

export const study = defineStudy<null>()({
  id: '34-remedies',
  finding: 'Two remedies help where rejected vectors are longer',
  mechanism:
    'Gradients of equal length, or shared words left out of the loss, can keep the rejected answer’s longer gradient from dragging the preferred one down.',
  setup:
    'Answers of six words that differ in the first, one trained layer, the rejected answer’s hidden vectors 1.4 times as long, every number moved by N(0, 0.1²); 30 steps of 0.2 of DPO with β = 0.1, the same on the first word alone, or 30 of 0.01 with normalised gradients. The margins reached differ; for equal ones both are read where the margin has gained what the slower of the two gains.',
  leavesOut:
    'The paper names both remedies; their formulas were not seen, and these are the page’s own forms. With rejected vectors 0.7 times as long they do not help: see “Often said”.',
  tex: shared.tex,
  provenance: 'our reading',
  parameters: shared.parameters,
  toy: shared.toy,
  arms: {
    ...shared.arms,
    both: {
      label: 'DPO and normalised, at equal margin',
      train: ({ seed, values: { ratio = 1.4 } }) => [remedy(seed, ratio, 'dpo'), remedy(seed, ratio, 'normalised')],
    },
  },
  measures: {
    ...shared.measures,
    above: {
      label: 'how much more ln π of the whole preferred answer changes than under DPO, at the same margin',
      unit: 'nats',
      arms: ['both'],
      of: aboveAtEqualMargin,
    },
  },
  plot: { kind: 'scatter', x: 'margin', y: 'chosen', arms: ['dpo', 'normalised', 'sparse'] },
  record: Array.from({ length: updates + 1 }, (_, step) => step),
  claims: [
    {
      id: 'normalised-helps',
      statement:
        'Over 30 steps on a pair that shares its suffix, and whose rejected vectors are 1.4 times as long, normalised gradients mostly keep the preferred answer above where DPO leaves it.',
      where: 'normalised gradients, in this page’s form',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which it ends higher',
      left: ['normalised', 'chosen'],
      right: ['dpo', 'chosen'],
      by: { share: 0.9 },
      bound: { atLeast: 0 },
      because: 'the preferred answer ends higher than under DPO; the share of draws is the page’s own choice',
      expected: 'holds',
    },
    {
      id: 'normalised-equal-margin',
      statement:
        'Where the rejected vectors are 1.4 times as long, normalised gradients leave the preferred answer, in nearly all draws, higher than DPO does at the update at which it has gained the same margin.',
      where: 'normalised gradients, in this page’s form, at equal margin',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which it is higher',
      tex: String.raw`\Delta\ln\pi_w^{\text{normalised}}>\Delta\ln\pi_w^{\text{DPO}}\quad\text{at}\quad\Delta m^{\text{normalised}}=\Delta m^{\text{DPO}}`,
      left: ['both', 'above'],
      by: { share: 0.95 },
      bound: { atLeast: 0 },
      because: 'the preferred answer is higher than under DPO; the share of draws is the page’s own choice',
      expected: 'holds',
    },
    {
      id: 'sparse-helps',
      statement:
        'Where the rejected vectors are 1.4 times as long, leaving the shared words out of the loss keeps the preferred answer, in nearly all draws, above where DPO leaves it.',
      where: 'token masking, in this page’s form',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which it ends higher',
      left: ['sparse', 'chosen'],
      right: ['dpo', 'chosen'],
      by: { share: 0.95 },
      bound: { atLeast: 0 },
      because: 'the preferred answer ends higher than under DPO; the share of draws is the page’s own choice',
      expected: 'holds',
    },
  ],
  seeds: { page: 60, test: 3 },
});
