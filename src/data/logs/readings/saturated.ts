import { type FindReading, fromWhen, isLong, seriesOf, show, showPlace } from './series.ts';

const FULL = 0.98;

/** The accuracy can rise no more while the margins still grow. */
export const saturated: FindReading = (log) => {
  const [accuracy, margin] = [seriesOf(log, 'rewards/accuracies'), seriesOf(log, 'rewards/margins')];
  if (!isLong(accuracy) || !isLong(margin)) return null;
  const fromStep = fromWhen(accuracy, (value) => value >= FULL);
  if (accuracy.late < FULL || fromStep === undefined) return null;
  const later = margin.values.filter((_, i) => (margin.steps[i] ?? 0) >= fromStep);
  if (later.length < 3) return null;
  const grown = margin.late - (later[0] ?? margin.late);
  if (grown < Math.max(0.1 * Math.abs(margin.late), 3 * margin.error)) return null;
  return {
    id: 'saturated',
    text: `The accuracy is all but full (${show(accuracy.late)} at the end) from ${showPlace(log, fromStep)} on, and the margin has grown by ${show(grown)} since, to ${show(margin.late)}.`,
    fromStep,
    causes: [
      'The pairs are told apart, and the loss goes on to ask for a larger margin: from here on it may overfit them.',
      'Chosen and rejected differ in something easy, such as length or format.',
    ],
    remedies: ['Stop there, or train for one epoch.', 'Use IPO, label smoothing or a smaller learning rate.', 'Judge by held-out pairs.'],
  };
};
