import { word } from '../../../core/word.ts';
import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Which KL estimator is the noisiest?',
  asked: [
    'variance of k1 k2 k3',
    'high variance kl estimate',
    'low variance estimator',
    'kl spikes',
    'k3 explodes',
    'kl loss spike grpo',
    'noisy kl',
    'k3 gradient variance',
    'exp overflow in k3',
  ],
  said: [
    'With r = ref/π of a sample, k1 = -log r, k2 = (log r)²/2 and k3 = r - 1 - log r: near the reference k1 is the noisiest, and k3 is steady.',
    'Where the policy has given up what the reference likes, k3 is the noisiest: it contains r itself, which is huge for a sampled answer that the policy now hardly gives.',
    'So is its gradient: here, 60 steps away from the reference, it is several times as noisy as that of k2.',
  ],
  study: 'often-which-kl',
  claim: 'k3-is-wild-far-away',
  panels: [
    {
      says: 'As a number: near the reference k1 spreads most, far away k3 does.',
      up: 'deviation of one sample’s estimate (nats)',
      plot: { kind: 'law', y: 'spread', over: 'steps', at: [1, 5, 12, 20, 30, 45, 60], arms: ['k1', 'k2', 'k3'] },
      lines: { k1: word('k1'), k2: word('k2'), k3: word('k3') },
      zero: true,
    },
    {
      says: 'As a loss: far away k3’s gradient is the noisiest by far.',
      up: 'deviation of one sample’s gradient',
      plot: { kind: 'law', y: 'noise', over: 'steps', at: [1, 5, 12, 20, 30, 45, 60], arms: ['k1', 'k2', 'k3'] },
      lines: { k1: word('k1'), k2: word('k2'), k3: word('k3') },
      zero: true,
    },
  ],
  trl: 'TRL 1.9.0’s GRPOTrainer uses k3 in the loss and in the log, with `beta` above 0 alone. If `kl` jumps while the reward does not, look at the samples of that step for an answer that the reference finds far likelier than the policy.',
  papers: ['2506.09477'],
  related: ['which-kl', 'negative-kl', 'loss-zero'],
});
