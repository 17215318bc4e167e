import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why do chosen and rejected fall together?',
  asked: [
    'both logps decrease',
    'chosen and rejected rewards both negative',
    'both log probs go down',
    'gradient entanglement',
    'margin grows but both fall',
  ],
  said: [
    'Words that two answers share after they part can give both nearly the same gradient, so one push moves both.',
    'The loss sees the margin, and the margin grows: in a small step both fall where the rejected answer’s gradient is the longer one and they are alike enough, and both rise where the chosen one’s is.',
    'In this toy the length of the shared text decides it, by a formula that the run confirms.',
  ],
  study: '34-suffix',
  claim: 'suffix-cases',
  trl: 'TRL logs both sides as `rewards/chosen` and `rewards/rejected`, and `logps/chosen`, `logps/rejected`. No setting of TRL 1.9.0 leaves these shared words out of the loss; pairs that differ in more than a few words entangle less.',
  readings: ['both-fall'],
  related: ['chosen-falls', 'squeezing', 'accuracy-one'],
});
