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
    'Its gradient weighs the gradient of each answer’s log-probability by that answer’s own advantage, and these do not cancel.',
    'Here one update on a loss of 0 makes the right answers more likely; watch the reward, not the loss.',
  ],
  study: 'often-loss-zero',
  claim: 'still-learns',
  trl: 'As of TRL 1.9.0, with `loss_type="grpo"`, `beta=0.0` and `num_iterations=1`, one update for each generation and no vLLM correction, the loss is 0 up to rounding. The default, "dapo", averages over tokens, so it is sure to be 0 only where the answers of a group have one length; with `beta` above 0 the KL shows. Log `reward` and `frac_reward_zero_std` instead.',
  papers: ['2402.03300'],
  readings: ['grpo-zero-loss'],
  related: ['equal-rewards', 'dividing-by-std', 'negative-kl'],
});
