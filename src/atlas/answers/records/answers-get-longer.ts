import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why do the answers grow longer?',
  asked: [
    'overlong',
    'too long',
    'length bias',
    'responses get longer',
    'length exploitation',
    'verbosity',
    'answers shrink',
    'length normalisation simpo',
    'ld-dpo',
    'output length increases during dpo',
  ],
  said: [
    'If the longer of two answers wins more often, the pairs teach the policy to go on.',
    'Here, where it wins 70 % of the pairs, a hundred steps of DPO on sums over tokens take the expected length from 5 tokens to about 11, on average.',
    'Dividing by the length slows that and does not end it: with β = 0.3 (try it), or three times the steps, means over tokens end longer than sums.',
  ],
  study: 'often-length',
  claim: 'longer-by-sums',
  panels: [
    {
      says: 'The length follows what wins.',
      up: 'expected length (tokens)',
      plot: { kind: 'law', y: 'length', over: 'wins', at: [0.3, 0.5, 0.7], arms: ['sum', 'mean'] },
      lines: { sum: 'DPO on sums', mean: 'DPO on means' },
      level: { at: 5, text: 'at the start' },
    },
    {
      says: 'LD-DPO counts the end of the longer answer half, and goes furthest here.',
      up: 'expected length (tokens)',
      plot: { kind: 'lines', y: 'length', updates: [0, 25, 50, 100], arms: ['sum', 'mean', 'simpo', 'desensitised'] },
      lines: { sum: 'DPO on sums', mean: 'DPO on means', simpo: 'SimPO, β = 2', desensitised: 'LD-DPO, α = 0.5' },
      level: { at: 5, text: 'at the start' },
    },
  ],
  trl: 'In TRL 1.9.0, `DPOConfig(loss_type="sigmoid_norm")` divides by the lengths. SimPO is in `trl.experimental.cpo`: `CPOConfig(loss_type="simpo", cpo_alpha=0.0)`. `ld_alpha` below 1 (LD-DPO) weighs less what the longer answer has beyond the shorter one, its end among it: in this toy, where nothing but the length tells answers apart, the end that is pushed down (of the shorter) then counts more than the one that is pulled up, and answers grow longer still.',
  papers: ['2405.14734', '2409.06411'],
  readings: ['length-grows'],
  related: ['grpo-length', 'beta', 'over-optimisation'],
});
