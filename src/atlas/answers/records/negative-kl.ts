import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why is my KL negative?',
  asked: ['negative kl divergence', 'kl below zero', 'objective/kl negative', 'kl estimate under 0', 'approx_kl negative ppo'],
  said: [
    'What is logged is an estimate from a few samples, and the mean of log-ratios is below 0 whenever samples that became less likely outweigh the others.',
    'The exact KL is never negative: here it is a few hundredths of a nat, while more than a third of the estimates from 8 samples are below 0.',
    'A KL that stays negative over many batches is another matter: then the samples are not the policy’s own, or one of the log-probabilities is wrong (a mask, dropout).',
  ],
  study: 'often-negative-kl',
  claim: 'often-below-zero',
  trl: 'TRL 1.9.0’s GRPOTrainer logs k3, which no sample makes negative, with `beta` above 0 alone; RLOOTrainer, and PPOTrainer by default, log the mean log-ratio (k1), which can be negative. Check top-k and top-p, too: they change what is sampled.',
  papers: ['2402.03300'],
  readings: ['kl-negative'],
  related: ['which-kl', 'loss-zero', 'entropy-collapse'],
});
