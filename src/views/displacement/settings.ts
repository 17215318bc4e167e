import { partsOf, type ToySettings, trainPresets } from '../../atlas/toys/displacement/no-over-never.ts';
import { pastAt } from '../../atlas/toys/forked-run.ts';

/** What a run begins with: a fork cannot have it otherwise. */
const beginnings = ['train', 'scale', 'vectors', 'sync'] as const;

/**
 * The settings after a change. Choosing what is trained brings that choice's own step size and scale. A change of what a run begins with
 * leaves the fork: the new settings hold from update 0.
 */
export function changeSettings(settings: ToySettings, change: Partial<ToySettings>): ToySettings {
  const preset = change.train && change.train !== settings.train ? trainPresets[change.train] : {};
  const { past, ...rest } = { ...settings, ...preset, ...change };
  const isForked = past && past.length > 0 && ('past' in change || !beginnings.some((key) => key in change));
  return isForked ? { ...rest, past } : rest;
}

/** The settings of a run that has these settings up to update `at`, and may have others from there on. */
export const forkedAt = (settings: ToySettings, at: number): ToySettings =>
  changeSettings(settings, { past: pastAt(partsOf(settings), at) });
