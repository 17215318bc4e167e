import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why do the answers grow longer?',
  asked: [
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
    'Here, where it wins 70 % of the pairs, DPO on sums over tokens more than doubles the expected length.',
    'Means over tokens, as SimPO takes them, grow it less at the same settings; if shorter answers win, all of it turns round.',
  ],
  study: 'often-length',
  claim: 'longer-by-sums',
  trl: 'In TRL 1.9.0, `DPOConfig(loss_type="sigmoid_norm")` divides by the lengths, and `ld_alpha` below 1 weighs what the longer answer has beyond the shorter one less. SimPO is in `trl.experimental.cpo` (`loss_type="simpo"`).',
  papers: ['2405.14734', '2409.06411'],
  readings: ['length-grows'],
  related: ['beta', 'chosen-falls', 'both-fall'],
});
