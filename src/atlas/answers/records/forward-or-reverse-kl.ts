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
    'From a student that gives one bad answer 70 % of the time, reverse KL leaves less of it after ten steps; from one at 98 % it is the slower.',
    'Towards answers that the student hardly ever gives it starts slower, for its gradient there carries the student’s own small probability, and may overtake later.',
  ],
  study: '37-kl-race',
  claim: 'dominant-bin',
  plot: { kind: 'strip', y: 'lead', arms: ['leadForward', 'leadReverse'] },
  trl: 'In TRL 1.9.0, `trl.experimental.gkd` interpolates: its `beta` of 0 is forward, 1 reverse KL, and `lmbda` is the share of the student’s own answers. It does not differentiate through sampling; `trl.experimental.minillm` uses a policy gradient.',
  related: ['which-kl', 'entropy-collapse', 'sft-first'],
});
