import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Does a larger β move the model more or less?',
  asked: [
    'what does beta do, twice or half',
    'KL coefficient',
    'beta in dpo',
    'higher beta',
    'lower beta',
    'beta 0.1 or 0.5',
    'temperature of dpo',
    'kl strength',
    'what value of beta',
  ],
  said: [
    'At first more: under gradient descent twice β moves a pair twice as far in the first steps; with Adam, which divides by the gradient’s own size, just as far.',
    'In the end, where labels of a pair disagree, less: a larger β holds the policy nearer to the reference, twice β, half as far.',
    'Where no labels disagree a run never gets to that end: steps and learning rate decide as well how far it goes.',
  ],
  study: 'often-beta',
  claim: 'end-is-inverse',
  panels: [
    {
      says: 'Twice β: twice as far in the first steps, half as far in the end.',
      up: 'how far the pair moves, as a multiple of that at β = 0.1',
      plot: { kind: 'law', y: 'relative', over: 'beta', at: [0.05, 0.07, 0.1, 0.14, 0.2, 0.3] },
      lines: { end: 'in the end', early: 'after five steps' },
      level: { at: 1, text: 'as far as with β = 0.1' },
      zero: true,
    },
  ],
  trl: '`DPOConfig(beta=0.1)` is TRL’s default, as of 1.9.0. A comparison of two values needs the same data and runs that are long enough, or the learning rate is what you compare.',
  papers: ['2305.18290'],
  related: ['which-reference', 'chosen-falls', 'over-optimisation'],
});
