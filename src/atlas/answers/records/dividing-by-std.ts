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
    'Where nearly all answers of a group are right, or nearly all wrong, rewards differ little, and dividing by their deviation makes the group push harder than it would undivided.',
    'Here a prompt with 95 % right answers pushes 0.19 times as hard as a half-right one undivided, and 0.38 times divided, in groups of 32: twice as much, and still less than the half-right one.',
    'So more of the training goes to the very easy and the very hard prompts than would without; whether that hurts depends on yours.',
  ],
  study: 'often-divided-by-deviation',
  claim: 'divided-weighs-more',
  panels: [
    {
      says: 'Divided, prompts that are nearly always right, or nearly never, push harder than undivided.',
      up: 'push, as a multiple of that of a half-right prompt',
      plot: {
        kind: 'law',
        y: 'weight',
        over: 'right',
        at: [0.05, 0.2, 0.5, 0.8, 0.95],
        arms: ['plain', 'divided'],
      },
      lines: { divided: 'divided by the deviation', plain: 'not divided' },
      zero: true,
    },
  ],
  trl: 'In TRL 1.9.0, `GRPOConfig(scale_rewards="none")` leaves the division out; "group" is the default, "batch" divides by the deviation of the whole batch. `loss_type="dr_grpo"` alone does not change it.',
  papers: ['2503.20783'],
  related: ['equal-rewards', 'loss-zero', 'pass-at-k'],
});
