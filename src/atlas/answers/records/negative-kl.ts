import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why is my KL negative?',
  asked: ['negative kl divergence', 'kl below zero', 'objective/kl negative', 'kl estimate under 0', 'approx_kl negative ppo'],
  said: [
    'What is logged is then k1, the mean of log π - log π_ref over a few samples, and such a mean can fall below 0.',
    'The exact KL never does: here it is a few hundredths of a nat, while on average more than a third of the estimates from 8 samples are negative.',
    'If it stays negative over many batches, the samples are not the policy’s own, or a log-probability is wrong (a mask, dropout).',
  ],
  study: 'often-negative-kl',
  claim: 'often-below-zero',
  panels: [
    {
      says: 'Eight of ten estimates lie in the band: with few samples it reaches below 0.',
      up: 'KL (nats)',
      plot: { kind: 'law', y: ['high', 'exact', 'low'], over: 'samples', at: [2, 4, 8, 16, 32, 64, 128], arms: ['dpo'] },
      lines: { high: 'a tenth is above', exact: 'exact KL', low: 'a tenth is below' },
      band: ['high', 'low'],
      zero: true,
    },
    {
      says: 'The more samples, the fewer estimates are negative.',
      up: 'share of estimates below 0',
      plot: { kind: 'law', y: 'negative', over: 'samples', at: [2, 4, 8, 16, 32, 64, 128], arms: ['dpo'] },
      lines: { dpo: 'below 0' },
      zero: true,
    },
  ],
  trl: 'TRL 1.9.0’s GRPOTrainer logs k3, which no sample makes negative, with `beta` above 0 alone; RLOOTrainer, and PPOTrainer by default, log the mean log-ratio (k1), which can be negative. Check top-k and top-p, too: they change what is sampled.',
  papers: ['2402.03300'],
  readings: ['kl-negative'],
  related: ['which-kl', 'loss-zero', 'entropy-collapse'],
});
