import type { RecordedStep } from '../../../core/experiment.ts';
import { sumOf, type Unit } from '../groups.ts';
import type { Cast } from '../story.ts';
import { type Gainer, gainerOf } from './roles.ts';

/** A run told bar by bar: a bar is to this what an answer is to the rest of the view. */
export interface BarStory {
  readonly units: readonly Unit[];
  /** both of the pair may be in one bar */
  readonly cast: Cast;
  readonly start: RecordedStep;
  readonly shown: RecordedStep;
  readonly gainer: Gainer | null;
}

/** [bars] */
export const probsOf = (units: readonly Unit[], { probs }: RecordedStep): number[] => units.map(({ tokens }) => sumOf(probs, tokens));

export const castOf = (units: readonly Unit[], { chosen, rejected }: Cast): Cast => ({
  tokens: units.map(({ name }) => name),
  chosen: units.findIndex(({ tokens }) => tokens.includes(chosen)),
  rejected: units.findIndex(({ tokens }) => tokens.includes(rejected)),
});

export function barStory(units: readonly Unit[], answers: Cast, first: RecordedStep, now: RecordedStep): BarStory {
  const cast = castOf(units, answers);
  const start = { ...first, probs: probsOf(units, first) };
  const shown = { ...now, probs: probsOf(units, now) };
  return { units, cast, start, shown, gainer: gainerOf(start, shown, cast) };
}
