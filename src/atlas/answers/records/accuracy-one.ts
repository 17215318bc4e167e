import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Accuracy is 1.0. Why does the model still answer as before?',
  asked: [
    'rewards/accuracies 1.0',
    'margin above 0',
    'accuracy saturated',
    'reward accuracy 100% but generations unchanged',
    'model did not change after dpo',
    'margins grow but outputs same',
    'ranking accuracy',
  ],
  said: [
    'The logged accuracy, `rewards/accuracies`, only asks whether a pair’s margin has grown since the reference, by however little.',
    'Where the reference put the rejected answer far ahead, the policy still prefers it until that lead is made up.',
    'Here about nine pairs in ten count as accurate after 60 updates, and fewer are ranked right; what a real model says most often need not be either answer of a pair.',
  ],
  study: '13-rankings',
  claim: 'margin-is-not-rank',
  panels: [
    {
      says: 'The logged accuracy is high at once. The ranking follows later.',
      up: 'share of pairs',
      plot: { kind: 'lines', y: ['reward', 'ranked'], updates: [1, 5, 10, 20, 30, 40, 60, 80, 100], arms: ['dpo'] },
      lines: { reward: 'logged accuracy', ranked: 'ranked right' },
    },
    {
      says: 'The further the reference leans, the fewer are ranked right. The accuracy does not notice.',
      up: 'share of pairs',
      plot: { kind: 'law', y: ['reward', 'ranked'], over: 'spread', at: [1, 3, 6, 12, 25, 50, 80], arms: ['dpo'] },
      lines: { reward: 'logged accuracy', ranked: 'ranked right' },
    },
  ],
  controls: ['spread', 'beta'],
  trl: 'TRL 1.9.0 logs `logps/chosen` and `logps/rejected` as means over a batch: for the ranking, compute both of each held-out pair yourself. They are sums over tokens, so longer answers mostly have lower ones.',
  readings: ['saturated'],
  related: ['stuck-at-ln2', 'both-fall', 'beta'],
});
