import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Forward or reverse KL: which should I distil with?',
  asked: [
    'seqkd',
    'jsd',
    'mode collapse',
    'forward kl',
    'reverse kl distillation',
    'mode seeking or mass covering',
    'on-policy distillation',
    'gkd',
    'minillm',
    'jensen-shannon',
  ],
  said: [
    'Forward KL, maximum likelihood of the teacher’s answers, asks for all that the teacher says; reverse KL asks that what the student says be likely for the teacher.',
    'Where the student gives one bad answer 70 % of the time, reverse KL empties it sooner; at 98 %, forward KL halves it sooner.',
    'What the student hardly ever says forward KL finds sooner, and reverse KL may overtake it later: neither wins in general.',
  ],
  study: '37-kl-race',
  claim: 'dominant-bin',
  panels: [
    {
      says: 'One bad answer at 70 %: reverse KL empties it sooner.',
      up: 'probability of the bad answer',
      plot: { kind: 'lines', y: 'leading', updates: [0, 1, 2, 4, 6, 8, 10, 15, 20], arms: ['leadForward', 'leadReverse'] },
      lines: { leadForward: 'forward KL', leadReverse: 'reverse KL' },
      zero: true,
    },
    {
      says: 'Good answers that the student hardly ever gives: forward KL starts sooner, reverse overtakes it.',
      up: 'expected reward (the teacher’s aim)',
      plot: { kind: 'lines', y: 'earned', updates: [0, 10, 20, 30, 40, 50, 60, 80, 100], arms: ['farForward', 'farReverse'] },
      lines: { farForward: 'forward KL', farReverse: 'reverse KL' },
      zero: true,
    },
  ],
  trl: 'In TRL 1.9.0, `trl.experimental.gkd` interpolates: its `beta` of 0 is forward, 1 reverse KL, and `lmbda` is the share of the student’s own answers. It does not differentiate through sampling; `trl.experimental.minillm` uses a policy gradient.',
  related: ['which-kl', 'entropy-collapse', 'sft-first'],
});
