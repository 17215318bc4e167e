import { falls, type LogFacts, moveOf, type Reading, rises, seriesOf, show } from '../readings/series.ts';
import { evalTrainApart, marginsExplode, nan, saturated, stuckAtLn2 } from './breaks.ts';
import { bothFall, bothRise, chosenFalls, recovered } from './falls.ts';
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
  if (!chosen) return withoutChosen(log);
  const unit = chosen.isReward ? 'in reward' : 'nats';
  if (rises(chosen))
    return rejected && falls(rejected)
      ? `No: chosen rises by ${show(chosen.by)} ${unit}, and rejected falls`
      : `No: chosen rises by ${show(chosen.by)} ${unit}`;
  const back = recovered(log, chosen);
  if (back !== null) return back;
  if (falls(chosen)) return `Yes: chosen falls by ${show(-chosen.by)} ${unit}`;
  const isOdd = Math.abs(chosen.by) > chosen.least;
  return `No: chosen stays within ${show(chosen.least)} ${unit} of where it began${isOdd ? ', but for single rows' : ''}`;
}

/** What is said where a log does not tell how the chosen answer moved. */
function withoutChosen(log: LogFacts): string {
  const few = ['rewards/chosen', 'logps/chosen'].map((name) => seriesOf(log, name)?.values.length ?? 0).find((rows) => rows > 0);
  if (few !== undefined) return `Too few rows to tell: ${few === 1 ? '1 row has' : `${few} rows have`} the chosen answer, and 4 are needed`;
  if (log.steps.length === 1) return 'One row shows no course: these are its numbers';
  const norm = seriesOf(log, 'grad_norm')?.values ?? [];
  if (norm.length >= 3 && norm.every((value) => value === 0)) return `The gradient is 0 in all ${norm.length} rows: nothing is learnt`;
  if (seriesOf(log, 'reward')) return 'It fits none of the known stories, and a run on rewards has no chosen answer';
  return 'It fits none of the known stories, and does not say how the chosen answer moved';
}
