import { bothFall } from './both-fall.ts';
import { bothRise } from './both-rise.ts';
import { chosenFalls } from './chosen-falls.ts';
import { evalTrainApart } from './eval-train-apart.ts';
import { grpoZeroLoss } from './grpo-zero-loss.ts';
import { klNegative } from './kl-negative.ts';
import { lengthGrows } from './length-grows.ts';
import { marginsExplode } from './margins-explode.ts';
import { nan, nanRows } from './nan.ts';
import { saturated } from './saturated.ts';
import type { FindReading, LogFacts, Reading } from './series.ts';
import { stuckAtLn2 } from './stuck-at-ln2.ts';
import { warmUpShort } from './warm-up-short.ts';

/** Strongest first: what makes a run worthless, then what it is mostly asked about, then what may well be meant so. */
const finders: readonly FindReading[] = [
  ...[nan, stuckAtLn2, marginsExplode, bothFall, chosenFalls, bothRise],
  ...[evalTrainApart, saturated, warmUpShort, lengthGrows, klNegative, grpoZeroLoss, nanRows],
];

/** What a log shows, strongest first; none where it fits none. */
export const readingsOf = (log: LogFacts): Reading[] => finders.flatMap((find) => find(log) ?? []);
