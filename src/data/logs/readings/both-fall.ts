import { beganAt, type FindReading, falls, inNats, moveOf, seriesOf, show, showPlace } from './series.ts';

/** Chosen and rejected lose log-probability. */
export const bothFall: FindReading = (log) => {
  const [chosen, rejected] = [moveOf(log, 'chosen'), moveOf(log, 'rejected')];
  if (!chosen || !rejected || !falls(chosen) || !falls(rejected)) return null;
  const margin = seriesOf(log, 'rewards/margins');
  const fromStep = beganAt(chosen);
  const end = chosen.series.steps.at(-1);
  const what = chosen.isReward ? 'rewards' : 'log-probs';
  return {
    id: 'both-fall',
    text: `Both fall: over the last rows, up to ${showPlace(log, end ?? 0)}, the ${what} have moved by ${show(chosen.by)} (chosen) and ${show(rejected.by)} (rejected)${margin && margin.late > 0 ? `, while the margin is ${show(margin.late)}` : ''}. ${inNats(log, chosen.by, chosen.isReward)} Where the probability went, a log cannot show.`.replace(
      '  ',
      ' ',
    ),
    ...(fromStep === undefined ? {} : { fromStep }),
    causes: [
      'A loss of the margin alone that falls as it grows is lowered where both fall and the rejected response falls faster.',
      'Chosen and rejected are alike, so that what pushes one down takes the other along.',
    ],
    remedies: [
      'Add the chosen response’s own likelihood (loss_type=["sigmoid", "sft"]), or a penalty as DPO-Positive has.',
      'Use a lower learning rate or a larger β.',
      'Leave out pairs whose responses are nearly the same.',
    ],
  };
};
