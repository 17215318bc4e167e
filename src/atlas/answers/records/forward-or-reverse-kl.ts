import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Forward or reverse KL: which should I distil with?',
  asked: [
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
    'Reverse KL is the faster one to leave a bad answer that the student gives most of the time, unless it gives it nearly always.',
    'Towards answers that the student hardly ever gives it is the slower one, for its gradient there carries the student’s own small probability.',
  ],
  study: '37-kl-race',
  claim: 'dominant-bin',
  trl: 'In TRL 1.9.0, `trl.experimental.gkd` interpolates: its `beta` of 0 is forward, 1 reverse KL, and `lmbda` is the share of the student’s own answers.',
  related: ['which-kl', 'entropy-collapse', 'sft-first'],
});
