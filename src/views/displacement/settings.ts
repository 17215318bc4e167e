import { pastAt } from '../../atlas/toys/forked-run.ts';
import { defaultSettings, partsOf, type ToySettings, trainPresets } from '../../atlas/toys/no-over-never.ts';

export { defaultSettings, type PastUpdates, partsOf, type ToySettings, trainPresets } from '../../atlas/toys/no-over-never.ts';
export { isInRange, rangeText } from '../../objectives/parameters.ts';

/** The range of a numeric setting; a logarithmic slider spends equal lengths on equal ratios. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly logarithmic: boolean;
  readonly integer: boolean;
}

export const ranges = {
  learningRate: { min: 1e-4, max: 1000, logarithmic: true, integer: false },
  scale: { min: 1, max: 5, logarithmic: false, integer: false },
  steps: { min: 10, max: 2000, logarithmic: true, integer: true },
} as const satisfies Record<'learningRate' | 'scale' | 'steps', Range>;

/** Where a value stands on its slider, 0 to 1; a value beyond the slider stands at its end. */
export function toPosition(value: number, { min, max, logarithmic }: Range): number {
  const inside = Math.min(max, Math.max(min, value));
  return logarithmic ? Math.log(inside / min) / Math.log(max / min) : (inside - min) / (max - min);
}

/** The slider of an objective's parameter: logarithmic where its ends are two decades apart. */
export const rangeOf = ({ min, max }: { min: number; max: number }): Range => ({
  min,
  max,
  logarithmic: min > 0 && max / min >= 100,
  integer: false,
});

/** The value at a place on the slider, rounded to three significant digits and kept in the range. */
export function fromPosition(position: number, { min, max, logarithmic, integer }: Range): number {
  const exact = logarithmic ? min * (max / min) ** position : min + (max - min) * position;
  const rounded = Number(exact.toPrecision(integer ? 2 : 3));
  return Math.min(max, Math.max(min, integer ? Math.round(rounded) : rounded));
}

/**
 * What a reader typed: the value, or what is wrong with it in words. A decimal comma is understood. `refuse` says why a number is not
 * valid, where that is not simply the slider's range.
 */
export function parseEntry(
  text: string,
  { min, max, integer }: Range,
  refuse: (value: number) => string | null = (value) => (value < min || value > max ? `Between ${min} and ${max}.` : null),
): { value: number } | { problem: string } {
  const value = Number(text.trim().replace(',', '.').replace('\u2212', '-'));
  if (text.trim() === '' || !Number.isFinite(value)) return { problem: 'Enter a number.' };
  const refusal = refuse(value);
  if (refusal !== null) return { problem: refusal };
  if (integer && !Number.isInteger(value)) return { problem: 'A whole number.' };
  return { value };
}

/** What a run begins with: a fork cannot have it otherwise. */
const beginnings = ['train', 'scale', 'vectors'] as const;

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

/** Playback speeds in updates a second; the last trains as fast as the page can draw. */
export const speeds = [5, 15, 30, 60, 240, Number.POSITIVE_INFINITY] as const;
export const defaultSpeed = 30;

export const isDefault = (settings: ToySettings): boolean =>
  settings.past === undefined &&
  (Object.keys(defaultSettings) as (keyof ToySettings)[]).every(
    (key) => JSON.stringify(settings[key]) === JSON.stringify(defaultSettings[key]),
  );
