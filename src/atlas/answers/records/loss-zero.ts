import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why is GRPO’s loss 0 while the model learns?',
  asked: [
    'grpo loss zero',
    'loss is 0.0 at the first step',
    'loss starts at zero and stays',
    'loss near 0 but reward rises',
    'training loss 0 rl',
    'is grpo broken',
  ],
  said: [
    'On fresh samples every probability ratio is 1, so the loss is minus the mean of the advantages, and those of a group add up to 0.',
    'Its gradient weighs each answer by its own advantage: right answers are pushed up, wrong ones down, and that does not cancel.',
    'So this loss says nothing about progress: watch the reward.',
  ],
  study: 'often-loss-zero',
  claim: 'still-learns',
  panels: [
    {
      says: 'The loss is 0 before every update. Its gradient is not.',
      up: 'loss, and length of its gradient',
      plot: { kind: 'law', y: ['loss', 'slope'], over: 'earlier', at: [0, 1, 2, 5, 10, 15, 20, 30, 40], arms: ['grpo'] },
      lines: { loss: 'the loss', slope: 'length of its gradient' },
      zero: true,
    },
    {
      says: 'So the right answers become likely all the same.',
      up: 'probability of the right answers',
      plot: { kind: 'law', y: 'right', over: 'earlier', at: [0, 1, 2, 5, 10, 15, 20, 30, 40], arms: ['grpo'] },
      lines: { grpo: 'right answers' },
      zero: true,
    },
  ],
  controls: ['earlier', 'n'],
  trl: 'As of TRL 1.9.0, with `loss_type="grpo"`, `beta=0.0` and `num_iterations=1`, one update for each generation and no vLLM correction, the loss is 0 up to rounding. The default, "dapo", averages over tokens, so it is sure to be 0 only where the answers of a group have one length; with `beta` above 0 the KL shows. Log `reward` and `frac_reward_zero_std` instead.',
  papers: ['2402.03300'],
  readings: ['grpo-zero-loss'],
  related: ['equal-rewards', 'dividing-by-std', 'negative-kl'],
});
