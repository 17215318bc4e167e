import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why is my KL negative?',
  asked: ['negative kl divergence', 'kl below zero', 'objective/kl negative', 'kl estimate under 0', 'approx_kl negative ppo'],
  said: [
    'What is logged is an estimate from a few samples, and the mean of log-ratios is below 0 whenever samples that became less likely outweigh the others.',
    'The exact KL is never negative: here it is a few hundredths of a nat, while more than a third of the estimates from 8 samples are below 0.',
    'A KL that stays negative over many batches is another matter: then the samples are not the policy’s own.',
  ],
  study: 'often-negative-kl',
  claim: 'often-below-zero',
  trl: 'TRL 1.9.0’s GRPOTrainer logs k3, which no sample makes negative. Trainers that log the mean log-ratio (k1) show negative values; check top-k, top-p and temperature of the sampler too, for they change what is sampled.',
  papers: ['2402.03300'],
  readings: ['kl-negative'],
  related: ['which-kl', 'loss-zero', 'entropy-collapse'],
});
