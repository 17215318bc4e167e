import { beganAt, type FindReading, falls, inNats, isLong, moveOf, seriesOf, show } from './series.ts';

/** The accuracy climbs while the chosen responses become less likely: likelihood displacement. */
export const chosenFalls: FindReading = (log) => {
  const chosen = moveOf(log, 'chosen');
  const accuracy = seriesOf(log, 'rewards/accuracies');
  if (!chosen || !isLong(accuracy) || !falls(chosen)) return null;
  if (accuracy.late - accuracy.early < Math.max(0.02, 2 * accuracy.error)) return null;
  const fromStep = beganAt(chosen);
  return {
    id: 'chosen-falls',
    text: `The chosen responses lose probability (by ${show(chosen.by)}${chosen.isReward ? ' in implicit reward' : ' nats'}) while the accuracy climbs from ${show(accuracy.early)} to ${show(accuracy.late)}. ${inNats(log, chosen.by, chosen.isReward)}`.trim(),
    ...(fromStep === undefined ? {} : { fromStep }),
    causes: ['Accuracy counts which response gained more, and not whether one gained: displacement need not lower it.'],
    remedies: ['Watch logps/chosen beside the accuracy, and stop where it falls.', 'Add the chosen response’s own likelihood to the loss.'],
  };
};
