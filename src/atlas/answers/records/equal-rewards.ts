import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'What does a group with equal rewards teach?',
  asked: [
    'zero variance groups',
    'frac_reward_zero_std high',
    'all rewards the same',
    'reward std is 0',
    'no learning signal',
    'dynamic sampling dapo',
    'advantages are zero',
  ],
  said: [
    'Nothing, where the loss has no KL or entropy term: an advantage is a reward less the mean of its group, so where all rewards are equal every advantage is 0.',
    'Of a prompt that is answered right 95 % of the time, about two thirds of the groups of eight are of this kind, and an update on those alone moves nothing.',
    'They still cost their samples, and they dilute the mean over groups.',
  ],
  study: 'often-equal-rewards',
  claim: 'most-are-equal',
  trl: 'TRL 1.9.0 logs their share as `frac_reward_zero_std` (not with `scale_rewards="batch"`). If it is near 1, take harder or easier prompts, larger groups (`num_generations`), or a reward with more than two values.',
  papers: ['2503.14476'],
  related: ['dividing-by-std', 'loss-zero', 'pass-at-k'],
});
