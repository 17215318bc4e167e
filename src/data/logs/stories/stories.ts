import { type LogFacts, moveOf, type Reading, show } from '../readings/series.ts';
import { evalTrainApart, marginsExplode, nan, saturated, stuckAtLn2 } from './breaks.ts';
import { bothFall, bothRise, chosenFalls } from './falls.ts';
import { grpoZeroLoss, klNegative, lengthGrows, warmUpShort } from './others.ts';
import type { Story, Tell } from './story.ts';

const tellers: Readonly<Record<string, Tell>> = {
  'both-fall': bothFall,
  'both-rise': bothRise,
  'chosen-falls': chosenFalls,
  'eval-train-apart': evalTrainApart,
  'grpo-zero-loss': grpoZeroLoss,
  'kl-negative': klNegative,
  'length-grows': lengthGrows,
  'margins-explode': marginsExplode,
  nan,
  saturated,
  'stuck-at-ln2': stuckAtLn2,
  'warm-up-short': warmUpShort,
};

/** What is said of a reading, from the log's own numbers; null where there is nothing to add. */
export const storyOf = ({ id, fromStep }: Reading, log: LogFacts): Story | null => tellers[id]?.(log, fromStep) ?? null;

/** The answer to whether the good answer falls, of a log that fits none of the readings. */
export function plainAnswer(log: LogFacts): string {
  const [chosen, rejected] = [moveOf(log, 'chosen'), moveOf(log, 'rejected')];
  if (!chosen) return 'It fits none of the known stories, and does not say how the chosen answer moved';
  const unit = chosen.isReward ? 'in reward' : 'nats';
  if (chosen.by >= chosen.least)
    return rejected && rejected.by <= -rejected.least
      ? `No: chosen rises by ${show(chosen.by)} ${unit}, and rejected falls`
      : `No: chosen rises by ${show(chosen.by)} ${unit}`;
  if (chosen.by <= -chosen.least) return `Yes: chosen falls by ${show(-chosen.by)} ${unit}`;
  return `No: chosen stays within ${show(chosen.least)} ${unit} of where it began`;
}
