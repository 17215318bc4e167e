import { beganAt, type FindReading, inNats, moveOf, rises, show } from './series.ts';

/** Chosen and rejected gain log-probability. */
export const bothRise: FindReading = (log) => {
  const [chosen, rejected] = [moveOf(log, 'chosen'), moveOf(log, 'rejected')];
  if (!chosen || !rejected || !rises(chosen) || !rises(rejected)) return null;
  const fromStep = beganAt(rejected);
  return {
    id: 'both-rise',
    text: `Both rise: chosen by ${show(chosen.by)}, rejected by ${show(rejected.by)} (${chosen.isReward ? 'implicit rewards' : 'log-probs'}). ${inNats(log, rejected.by, rejected.isReward)}`.trim(),
    ...(fromStep === undefined ? {} : { fromStep }),
    causes: [
      'The pairs are unlike what the reference writes: a step towards their style can raise both.',
      'A likelihood term (ORPO, or an sft term) pulls up what both have in common, or no fine-tuning on such answers came before.',
    ],
    remedies: ['Fine-tune on the chosen responses first.', 'Lower the weight of the likelihood term.'],
  };
};
