import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why do the answers grow longer?',
  asked: [
    'overlong',
    'too long',
    'length bias',
    'responses get longer',
    'length exploitation',
    'verbosity',
    'answers shrink',
    'length normalisation simpo',
    'ld-dpo',
    'output length increases during dpo',
  ],
  said: [
    'If the longer of two answers wins more often, going on is what the pairs teach: each of its tokens is pushed up.',
    'Here, where it wins 70 % of the pairs, a hundred steps of DPO on sums over tokens more than double the expected length, on average.',
    'Means over tokens push less, and at these settings grow it less; with β = 0.3, or three times the steps, they end longer than sums.',
  ],
  study: 'often-length',
  claim: 'longer-by-sums',
  trl: 'In TRL 1.9.0, `DPOConfig(loss_type="sigmoid_norm")` divides by the lengths, and `ld_alpha` below 1 weighs what the longer answer has beyond the shorter one less. SimPO is in `trl.experimental.cpo`: `CPOConfig(loss_type="simpo", cpo_alpha=0.0)`. In GRPO, `loss_type="grpo"` divides by each answer’s own length and so punishes long wrong answers less; the default, "dapo", does not.',
  papers: ['2405.14734', '2409.06411'],
  readings: ['length-grows'],
  related: ['beta', 'chosen-falls', 'both-fall'],
});
