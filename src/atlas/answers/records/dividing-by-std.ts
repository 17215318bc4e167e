import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Does dividing by the standard deviation hurt?',
  asked: [
    'drgrpo',
    'advantage whitening',
    'normalise advantages',
    'dr grpo',
    'difficulty bias',
    'std normalization of advantages',
    'scale_rewards',
    'normalise advantages by std',
    'question-level difficulty bias',
  ],
  said: [
    'Rewards of a group differ little where nearly all answers are right, or nearly all are wrong, and dividing by their deviation makes such groups push harder.',
    'Here a prompt with 95 % right answers weighs 0.19 of an even one undivided, and 0.38 divided, in groups of 32.',
    'So it changes which prompts are trained on, towards the very easy and the very hard; whether that hurts is a question about your prompts.',
  ],
  study: 'often-divided-by-deviation',
  claim: 'divided-weighs-more',
  trl: 'In TRL 1.9.0, `GRPOConfig(scale_rewards="none")` leaves the division out; "group" is the default, "batch" divides by the deviation of the whole batch. `loss_type="dr_grpo"` alone does not change it.',
  papers: ['2503.20783'],
  related: ['equal-rewards', 'loss-zero', 'pass-at-k'],
});
