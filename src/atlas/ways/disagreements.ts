import type { VerdictKind } from '../verdict.ts';

/** A claim of a study, with the verdict that it shipped with. */
export interface Side {
  readonly study: string;
  readonly claim: string;
  readonly verdict: Exclude<VerdictKind, 'inconclusive'>;
}

/** Two claims that say opposite things, or of which one holds and the other does not. */
export interface Disagreement {
  /** in links */
  readonly id: string;
  /** what both answer */
  readonly question: string;
  readonly sides: readonly [Side, Side];
  /** where they part, in one sentence: on what condition each holds or fails */
  readonly parts: string;
}

const side =
  (verdict: Side['verdict']) =>
  (study: string, claim: string): Side => ({ study, claim, verdict });
const [holds, fails] = [side('holds'), side('does not hold')];

/** In the order of the course. A test compares every verdict with what shipped. */
export const disagreements: readonly Disagreement[] = [
  {
    id: 'two-prompts',
    question: 'May the two sides of a pair have prompts of their own?',
    sides: [holds('48-across-prompts', 'reaches-more'), fails('53-two-captions', 'generic-caption')],
    parts:
      'It helps most where no prompt has better answers than another, so that the label is about the answers; where a caption tells which image it belongs to, the caption explains much of the preference away.',
  },
  {
    id: 'push-the-loser',
    question: 'Does pushing the loser down lift the winner?',
    sides: [holds('37-negative-gradient', 'negative-gradient-opposed'), holds('34-suffix', 'both-fall')],
    parts:
      'In a small step it does where their gradients point apart; where a long shared suffix aligns the gradients, and the loser’s is the longer one, both answers fall.',
  },
  {
    id: 'ches',
    question: 'Does CHES tell which preferred answers gain least?',
    sides: [holds('09-ches', 'ches-ranks'), fails('often-ches-everywhere', 'ches-uniform')],
    parts:
      'It ranks them where one token outside the answers has nearly all of every prediction, and most of the coefficients that it takes as 1 are about 0.9; where predictions are nearly uniform, most of them are about 0.',
  },
  {
    id: 'normalised',
    question: 'Do normalised gradients keep the preferred answer up?',
    sides: [holds('34-remedies', 'normalised-helps'), fails('often-remedies-help', 'normalised-shorter')],
    parts:
      'They do where the rejected vectors are 1.4 times as long and drag the preferred answer down; at 0.7 times DPO itself raises it, and in 30 steps much further.',
  },
  {
    id: 'likelihood-term',
    question: 'Is a likelihood term all gain?',
    sides: [holds('09-no-over-never', 'sft-anchors'), fails('often-margin-widens', 'margin-falls')],
    parts:
      'The more weight it has, up to 0.3, the more probable the preferred answer stays in the first toy; in the second the margin can shrink, where the gradients are aligned and the rejected answer rises faster.',
  },
  {
    id: 'part-of-the-pairs',
    question: 'Can a part of the pairs be better than all of them?',
    sides: [holds('18-ensemble-of-judges', 'dropping-helps'), fails('35-easy-then-hard', 'selection')],
    parts:
      'It can, on average, where a quarter of all labels are wrong and most of what is dropped, as what an ensemble doubts here; the half with the larger gaps is half of the data, and better in some seeds only.',
  },
  {
    id: 'soft-labels',
    question: 'Should a doubtful label count less?',
    sides: [holds('44-strengths', 'even-noisy'), fails('69-own-labels', 'noise-aware')],
    parts:
      'Strengths that come from the judge, even with noise, end nearer to the regularised optimum than hard labels; doubts that the policy reads off its own margins mostly cost it reward.',
  },
  {
    id: 'own-judge',
    question: 'Can a policy judge for itself?',
    sides: [holds('69-own-labels', 'own-labels'), holds('06-implicit-judge', 'transfers-worse')],
    parts:
      'On prompts like those that it learned from, its own labels raise the reward, since it becomes surer of the order that it had; on texts of another kind it is right less often than a reward model of words.',
  },
  {
    id: 'explicit-reward',
    question: 'Is an explicit reward model better than DPO’s implicit one?',
    sides: [holds('12-data-first', 'algorithm-second'), fails('06-implicit-judge', 'being-explicit')],
    parts:
      'It is, on average, where it shares features between answers and DPO’s answers share nothing; with the very features of the policy, it transfers about as badly.',
  },
  {
    id: 'what-comes-first',
    question: 'Does it matter what is trained first?',
    sides: [holds('41-budget', 'cold-start'), fails('51-control-tokens', 'controls-first')],
    parts:
      'Demonstrations first decide what the comparisons are of, which are drawn from the policy then; control words are fitted to the same demonstrations first or with the rest, and steer nearly alike.',
  },
  {
    id: 'easy-first',
    question: 'Do easy pairs go first?',
    sides: [holds('35-easy-then-hard', 'over-rl'), fails('66-order-of-lessons', 'easy-first')],
    parts:
      'They give RL, which samples from where they lead, a head start over its first 15 updates, DPO’s own 60 not counted; with DPO on fixed pairs and a reset in every stage, easy to hard and hard to easy make the best answer on average so nearly as probable that they cannot be told apart here.',
  },
  {
    id: 'reverse-kl',
    question: 'Is reverse KL the faster one?',
    sides: [holds('37-kl-race', 'reverse-near'), fails('often-reverse-faster', 'reverse-far')],
    parts:
      'It is in the first step where the reward’s peak lies near one of the reference’s own; far from its mass it is still behind after 20 steps, and has overtaken after 100 for nine histograms in ten.',
  },
  {
    id: 'winners-alone',
    question: 'Do pairs teach more than good answers alone?',
    sides: [holds('37-pairs', 'dpo-over-winners'), fails('20-weak-prompts', 'than-demonstrations')],
    parts:
      'On the same pairs of a bandit, the losers add where to leave; but a demonstration of every step says which word is right among all, where a pair only ranks it above a single one.',
  },
  {
    id: 'told-what-is-wanted',
    question: 'Does telling the policy what is wanted raise the score?',
    sides: [holds('38-directions', 'turns'), fails('54-relabelled-goals', 'higher-score')],
    parts:
      'It does where each direction is tuned on the best of its own samples; where every pair is only used a second time, the other way round, it can say less of which answer is best.',
  },
  {
    id: 'one-for-all',
    question: 'Can one policy serve different aims at little cost?',
    sides: [holds('38-directions', 'price'), fails('50-max-min', 'no-compromise')],
    parts:
      'It can, at 45°, where it is told which way to weigh; where it must be the same for two groups whose rewards conflict, the larger group pays for what the smaller one gains.',
  },
  {
    id: 'made-losers',
    question: 'Are rejected answers better made than sampled?',
    sides: [holds('33-edited-errors', 'teach-faster'), fails('59-masked-image', 'than-own')],
    parts:
      'A copy with one error differs from the right answer where it matters and nowhere else; a guess without the image is much like the model’s own wrong answer, if the model hardly looks at the image.',
  },
  {
    id: 'denoised-losers',
    question: 'Does a diffusion model learn more from losers, too?',
    sides: [holds('25-diffusion', 'than-denoising'), fails('19-far-style', 'than-denoising')],
    parts:
      'It does where the reference draws both kinds and only their shares must change; where winners are far from what it draws, denoising them does the work.',
  },
];
