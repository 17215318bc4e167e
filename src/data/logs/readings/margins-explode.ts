import { type FindReading, fromWhen, isLong, seriesOf, show } from './series.ts';

/** A reward margin at which a pair's gradient is gone: 1 − σ(10) is 0.00005. */
const LARGE = 10;

/** The margins are far beyond what the loss can still use. */
export const marginsExplode: FindReading = (log) => {
  const margin = seriesOf(log, 'rewards/margins');
  if (!isLong(margin) || margin.late < LARGE || margin.late < 2 * Math.abs(margin.early)) return null;
  const fromStep = fromWhen(margin, (value) => value > LARGE);
  return {
    id: 'margins-explode',
    text: `The margins explode: ${show(margin.early)} at first, ${show(margin.late)} at the end. At a margin of ${LARGE} the force of DPO’s loss on a pair is 0.00009 of what it was at a margin of 0: such a pair is hardly trained any more.`,
    ...(fromStep === undefined ? {} : { fromStep }),
    causes: ['The learning rate is too large, or there are too many epochs.', 'Few pairs, or pairs that one token tells apart.'],
    remedies: [
      'Divide the learning rate by 5 to 10 (5e-7 to 5e-6 is usual for whole models).',
      'Use a loss with a target, as IPO is.',
      'Train for one epoch.',
    ],
  };
};
