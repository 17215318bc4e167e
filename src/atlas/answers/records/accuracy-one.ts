import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Accuracy is 1.0. Why does the model still answer as before?',
  asked: [
    'rewards/accuracies 1.0',
    'accuracy saturated',
    'reward accuracy 100% but generations unchanged',
    'model did not change after dpo',
    'margins grow but outputs same',
    'ranking accuracy',
  ],
  said: [
    'The logged accuracy, `rewards/accuracies`, counts pairs whose margin has grown since the reference, by however little.',
    'To rank a pair right, the policy must first make up for what the reference holds against the chosen answer, which may be much.',
    'Here 92 % of the pairs have a positive margin and 86 % are ranked right; and what a real model says most often need not be either answer of a pair.',
  ],
  study: '13-rankings',
  claim: 'margin-is-not-rank',
  trl: 'TRL 1.9.0 logs `logps/chosen` and `logps/rejected` as means over a batch: for the ranking, compute both of each held-out pair yourself. They are sums over tokens, so longer answers have lower ones.',
  readings: ['saturated'],
  related: ['stuck-at-ln2', 'both-fall', 'beta'],
});
