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
    'use_bias_correction_kl',
  ],
  said: [
    'For the usual KL(π‖ref) take RLOO, which takes the answer’s k1 off its reward, or set `use_bias_correction_kl=True` in TRL’s GRPO, whose k3 it corrects token by token, without what a token does to later ones.',
    'With r = ref/π of a sample, k1 = -log r, k2 = (log r)²/2 and k3 = r - 1 - log r: in the loss, with samples held fixed, k1 pushes nothing on average, k2 like KL(π‖ref), and k3 like KL(ref‖π).',
    'Near the reference k2 and k3 push nearly alike; as numbers, k1 and k3 have the KL as their mean.',
  ],
  study: 'often-which-kl',
  claim: 'k2-is-reverse',
  panels: [
    {
      says: 'As numbers: k1 and k3 are right on average; k2 is off, the further the more.',
      up: 'distance of the mean estimate from the exact KL (nats)',
      plot: { kind: 'law', y: 'bias', over: 'steps', at: [1, 5, 12, 20, 30, 45, 60], arms: ['k1', 'k2', 'k3'] },
      lines: { k1: word('k1'), k2: word('k2'), k3: word('k3') },
      zero: true,
    },
    {
      says: 'As a loss: k2 has the usual KL’s gradient; k3 parts from it, the further the more.',
      up: 'largest difference from the gradient of KL(π‖ref)',
      plot: { kind: 'law', y: 'toReverse', over: 'steps', at: [1, 5, 12, 20, 30, 45, 60], arms: ['k2', 'k3'] },
      lines: { k2: word('k2'), k3: 'k3, of KL(ref‖π)' },
      zero: true,
    },
  ],
  trl: 'TRL 1.9.0’s GRPOTrainer has k3 in the loss, weighed by `beta`; `use_bias_correction_kl=True` multiplies it by the importance ratio, and, on samples of the policy itself, so gives it the gradient of the usual KL, token by token. RLOOTrainer takes `beta` times the answer’s log-ratio off the reward.',
  papers: ['2402.03300', '2506.09477'],
  related: ['negative-kl', 'which-reference', 'forward-or-reverse-kl'],
});
