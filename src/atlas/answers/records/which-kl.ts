import { word } from '../../../core/word.ts';
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
    'As numbers in a log k1 and k3 have the KL as their mean, and k2 is near it while the policy is near.',
    'As a loss, with the samples held fixed, k1 pushes nothing on average, k2 pushes like KL(π‖ref), and k3 like KL(ref‖π).',
    'For the usual KL, take the answer’s k1 off its reward, or put k2 of the whole answer into the loss: summed token by token it leaves out what later tokens do.',
  ],
  study: 'often-which-kl',
  claim: 'k1-pushes-nothing',
  panels: [
    {
      says: 'As numbers: k1 and k3 have the KL as their mean.',
      up: 'mean of the estimate (nats)',
      plot: { kind: 'law', y: 'value', over: 'steps', at: [1, 5, 12, 20, 30, 45, 60], arms: ['k1', 'k2', 'k3'] },
      lines: { k1: word('k1'), k2: word('k2'), k3: word('k3') },
      zero: true,
    },
    {
      says: 'As a loss: k1 pushes nothing on average; k2 and k3 push, and not alike.',
      up: 'largest entry of the expected gradient',
      plot: { kind: 'law', y: 'size', over: 'steps', at: [1, 5, 12, 20, 30, 45, 60], arms: ['k1', 'k2', 'k3'] },
      lines: { k1: word('k1'), k2: 'k2, of KL(π‖ref)', k3: 'k3, of KL(ref‖π)' },
      zero: true,
    },
  ],
  trl: 'TRL 1.9.0’s GRPOTrainer has k3 in the loss, weighed by `beta`; `use_bias_correction_kl=True` multiplies it by the importance ratio, and so gives it the gradient of the usual KL, token by token. RLOOTrainer takes `beta` times the answer’s log-ratio off the reward.',
  papers: ['2402.03300', '2506.09477'],
  related: ['negative-kl', 'which-reference', 'forward-or-reverse-kl'],
});
