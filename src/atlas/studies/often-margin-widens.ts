import { defineStudy } from '../study.ts';
import { fallingSuffix, force, geometryOf, withLikelihood } from '../toys/entanglement/random-suffix.ts';
import { sharedSuffix } from '../toys/entanglement/shared-suffix.ts';

export const study = defineStudy<null>()({
  id: 'often-margin-widens',
  finding: 'A likelihood term can narrow the margin',
  mechanism:
    'A loss of the margin alone that falls as it grows widens it at first. With a likelihood term in the loss, the preferred answer can raise the rejected one along, and faster than itself.',
  setup:
    'Two answers that differ in the first word and go on alike, so long that both fall under DPO; DPO - λ log π(y_w), λ so large that d_w / d_l, the pull on the preferred answer over the push on the rejected one, is twice the least that turns the margin.',
  leavesOut: 'A large dose of likelihood, chosen to turn the sign; with less the margin grows.',
  tex: String.raw`\Delta(\ln\pi_w-\ln\pi_l)=\eta\,\big[d_w\|g_w\|^2-(d_w+d_l)\langle g_w,g_l\rangle+d_l\|g_l\|^2\big]`,
  provenance: 'our reading',
  parameters: {
    times: { label: 'Likelihood, as a multiple of the least that turns the margin', symbol: 'k', min: 0.5, max: 4, default: 2 },
  },
  toy: (seed) => ({ experiment: sharedSuffix(fallingSuffix(seed)), truth: null }),
  arms: {
    likelihood: {
      label: 'DPO with likelihood',
      train: ({ seed }) => geometryOf(fallingSuffix(seed)),
      next: [
        ({ seed, values: { times = 2 } }, [plain]) => {
          const {
            chosenGradNormSq: w = Number.NaN,
            rejectedGradNormSq: l = Number.NaN,
            innerProduct: inner = Number.NaN,
          } = plain?.diagnoses?.[0] ?? {};
          const ratio = (times * (l - inner)) / (inner - w);
          return geometryOf(fallingSuffix(seed), withLikelihood((ratio - 1) * force));
        },
      ],
    },
  },
  measures: {
    rate: {
      label: 'rate of the margin, as a share of ‖g_w - g_l‖²',
      of: ({ before, trial }) => {
        const [plain, pushed] = [before[0]?.diagnoses?.[0], trial.diagnoses?.[0]];
        if (!plain || !pushed) return Number.NaN;
        return (pushed.chosenRate - pushed.rejectedRate) / (plain.chosenGradNormSq + plain.rejectedGradNormSq - 2 * plain.innerProduct);
      },
    },
  },
  plot: { kind: 'strip', y: 'rate' },
  claims: [
    {
      id: 'margin-falls',
      statement: 'A small step on a preference loss widens the margin also where a likelihood term is added to it.',
      where: 'arXiv:2410.13828, d_w ≠ d_l',
      kind: 'identity',
      refutedBy: 'a margin that shrinks in one seed',
      tex: String.raw`\Delta(\ln\pi_w-\ln\pi_l)=\eta\,\big[d_w\|g_w\|^2-(d_w+d_l)\langle g_w,g_l\rangle+d_l\|g_l\|^2\big]>0`,
      left: ['likelihood', 'rate'],
      by: 'each',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead:
        'Raising the preferred answer raises the rejected one along with it where their gradients are aligned, and faster where ⟨g_w, g_l⟩ is above ‖g_w‖², as here. With enough likelihood in the loss the margin shrinks.',
    },
  ],
  seeds: { page: 15, test: 3 },
});
