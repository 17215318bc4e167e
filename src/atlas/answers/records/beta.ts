import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'What does β do, twice or half?',
  asked: [
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
    'Two things, in opposite directions: under plain gradient descent a larger β pushes harder at the start, and where labels disagree it ends nearer to the reference.',
    'Here, with eight labels of ten for one answer, twice β moves the pair twice as far in the first steps (with Adam just as far), and leaves it half as far at the end.',
    'Where no label disagrees there is no end to reach: then the number of steps and the learning rate decide, beside β, how far it goes.',
  ],
  study: 'often-beta',
  claim: 'end-is-inverse',
  trl: '`DPOConfig(beta=0.1)` is TRL’s default, as of 1.9.0. A comparison of two values needs the same data and runs that are long enough, or the learning rate is what you compare.',
  papers: ['2305.18290'],
  related: ['which-reference', 'chosen-falls', 'over-optimisation'],
});
