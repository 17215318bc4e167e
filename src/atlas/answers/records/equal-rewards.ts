import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'What does a group with equal rewards teach?',
  asked: [
    'every score is 1',
    'all correct or all wrong',
    'zero variance groups',
    'frac_reward_zero_std high',
    'all rewards the same',
    'reward std is 0',
    'no learning signal',
    'dynamic sampling dapo',
    'advantages are zero',
  ],
  said: [
    'Nothing, where the loss has no KL or entropy term: an advantage is a reward less the mean of its group, so equal rewards make every advantage 0.',
    'Of a prompt that is answered right 95 % of the time, about two thirds of the groups of eight are like that.',
    'They still cost their samples, and they dilute the mean over groups.',
  ],
  study: 'often-equal-rewards',
  claim: 'most-are-equal',
  panels: [
    {
      says: 'The nearer a prompt is to always or never, the more of its groups have equal rewards.',
      up: 'share of groups',
      plot: { kind: 'law', y: 'share', over: 'right', at: [0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99], arms: ['all'] },
      lines: { all: 'equal rewards' },
      zero: true,
    },
    {
      says: 'Those push nothing, and the more there are, the less all groups push.',
      up: 'how far one update moves the logits apart',
      plot: { kind: 'law', y: 'push', over: 'right', at: [0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] },
      lines: { all: 'all groups', equal: 'equal rewards' },
      zero: true,
    },
  ],
  trl: 'TRL 1.9.0 logs their share as `frac_reward_zero_std` (not with `scale_rewards="batch"`). If it is near 1, take harder or easier prompts, larger groups (`num_generations`), or a reward with more than two values.',
  papers: ['2503.14476'],
  related: ['dividing-by-std', 'loss-zero', 'pass-at-k'],
});
