import { type FindReading, fromWhen, isLong, seriesOf, show } from './series.ts';

/** Responses become longer as training goes on. */
export const lengthGrows: FindReading = (log) => {
  const length = seriesOf(log, 'completion_length');
  if (!isLong(length) || length.early <= 0) return null;
  const grown = length.late / length.early;
  if (grown < 1.25 || length.late - length.early < 4 * length.error) return null;
  const by = length.late - length.early;
  const fromStep = fromWhen(length, (value) => value - length.early > Math.min(Math.max(4 * length.error, 0.05 * length.early), by / 4));
  return {
    id: 'length-grows',
    text: `Responses grow: from ${show(length.early)} to ${show(length.late)} tokens, ${show(grown)} times as long.`,
    ...(fromStep === undefined ? {} : { fromStep }),
    causes: [
      'Rewards or preferences that favour length.',
      'A loss that divides by each response’s own length: long wrong answers are then punished less (GRPO; Dr. GRPO removes it).',
      'Sums of log-probs can reward longer chosen responses (DPO).',
    ],
    remedies: [
      'Compare lengths of chosen and rejected.',
      'Divide by a constant (Dr. GRPO), or normalise by length (SimPO).',
      'Penalise overlong responses, and look at what is cut off.',
    ],
  };
};
