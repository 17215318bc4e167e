import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'k1, k2 or k3: which KL belongs in the loss?',
  asked: [
    'kl estimators',
    'k3 estimator',
    'schulman approximating kl',
    'kl in reward or in loss',
    'low variance kl',
    'unbiased kl gradient',
    'kl_penalty',
  ],
  said: [
    'As numbers, k1 and k3 are unbiased estimates of the KL to the reference; as terms of a loss they are differentiated, and that changes what they do.',
    'With the samples held fixed, k1’s gradient is 0 on average, k2’s is that of KL(π‖π_ref), and k3’s is that of KL(π_ref‖π).',
    'To hold the policy by the usual KL, put k2 into the loss, or take k1 off the rewards.',
  ],
  study: 'often-which-kl',
  claim: 'k1-pushes-nothing',
  trl: 'TRL 1.9.0’s GRPOTrainer has k3 in the loss, weighed by `beta`; `use_bias_correction_kl=True` multiplies it by the importance ratio. RLOOTrainer takes the log-ratio off the reward.',
  papers: ['2402.03300'],
  related: ['negative-kl', 'which-reference', 'forward-or-reverse-kl'],
});
