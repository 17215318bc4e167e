import { leastOf } from '../../../core/extremes.ts';
import { type FindReading, fromWhen, isLong, medianOf, seriesOf, show, showPlace } from './series.ts';

/** Training goes on to improve, and evaluation does not. */
export const evalTrainApart: FindReading = (log) => {
  const [train, evaluated] = [seriesOf(log, 'loss'), seriesOf(log, 'eval_loss')];
  if (isLong(train) && evaluated && evaluated.values.length >= 3) {
    const best = leastOf(evaluated.values);
    const bestStep = evaluated.steps[evaluated.values.indexOf(best)] ?? 0;
    const last = evaluated.values.at(-1) ?? best;
    const rises = last - best > Math.max(0.03 * Math.abs(best), 0.01) && bestStep !== evaluated.steps.at(-1);
    if (rises && isNoChance(evaluated.values, last - best) && train.late < train.early - 2 * train.error && last > train.late) {
      return {
        id: 'eval-train-apart',
        text: `Evaluation and training part: the evaluation loss is lowest at ${showPlace(log, bestStep)} (${show(best)}) and ${show(last)} at the end, while the training loss falls to ${show(train.late)}.`,
        fromStep: bestStep,
        causes,
        remedies,
      };
    }
  }
  const [inTraining, heldOut] = [seriesOf(log, 'rewards/accuracies'), seriesOf(log, 'eval_rewards/accuracies')];
  if (!isLong(inTraining) || !heldOut || heldOut.values.length < 3) return null;
  const gap = inTraining.late - heldOut.late;
  if (gap < Math.max(0.1, 3 * inTraining.error)) return null;
  const fromStep = fromWhen(inTraining, (value) => value > heldOut.late + 0.05);
  return {
    id: 'eval-train-apart',
    text: `Evaluation and training part: the accuracy is ${show(inTraining.late)} in training and ${show(heldOut.late)} on held-out pairs.`,
    ...(fromStep === undefined ? {} : { fromStep }),
    causes,
    remedies,
  };
};

/** Whether a rise since the lowest of a few evaluations is more than their wiggling. */
function isNoChance(values: readonly number[], rise: number): boolean {
  const after = values.slice(values.indexOf(leastOf(values)));
  if (values.length < 5) return after.every((value, i) => i === 0 || value >= (after[i - 1] ?? value));
  // second differences of a smooth curve are next to 0; of noise their spread is √6 times its own
  const second = values.slice(2).map((value, i) => Math.abs(value - 2 * (values[i + 1] ?? 0) + (values[i] ?? 0)));
  return rise > (2 * 1.4826 * medianOf(second)) / Math.sqrt(6);
}

const causes = ['The training pairs are learnt by heart.', 'Held-out pairs are of another kind than those of training.'];
const remedies = [
  'Stop at the best evaluation.',
  'Use fewer epochs, a lower learning rate, or more pairs.',
  'Leave out duplicates among the training pairs: they are learnt by heart first.',
];
