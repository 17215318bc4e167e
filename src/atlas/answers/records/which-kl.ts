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
    'Of the log-ratio of policy and reference, k1 is the mean, k2 half the mean square, k3 a form that is never negative; as terms of a loss they are differentiated, and that changes what they do.',
    'With the samples held fixed, k1’s gradient is 0 on average, k2’s is that of KL(π‖π_ref), and k3’s is that of KL(π_ref‖π).',
    'To hold the policy by the usual KL, take the answer’s k1 off its reward, or put k2 of the whole answer into the loss; summed token by token, k2 leaves out what later tokens do.',
  ],
  study: 'often-which-kl',
  claim: 'k1-pushes-nothing',
  trl: 'TRL 1.9.0’s GRPOTrainer has k3 in the loss, weighed by `beta`; `use_bias_correction_kl=True` multiplies it by the importance ratio, and so gives it the gradient of the usual KL, token by token. RLOOTrainer takes `beta` times the answer’s log-ratio off the reward.',
  papers: ['2402.03300', '2506.09477'],
  related: ['negative-kl', 'which-reference', 'forward-or-reverse-kl'],
});
