import { defaultSettings, type ToySettings, trainPresets } from '../experiments/no-over-never.ts';
import { dpo } from '../objectives/families/dpo.ts';

export { defaultSettings, type ToySettings, trainPresets } from '../experiments/no-over-never.ts';

/** The range of a numeric setting; a logarithmic slider spends equal lengths on equal ratios. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly logarithmic: boolean;
  readonly integer: boolean;
}

const beta = dpo.parameters['beta'];

export const ranges = {
  beta: { min: beta?.min ?? 1e-3, max: beta?.max ?? 5, logarithmic: true, integer: false },
  learningRate: { min: 1e-3, max: 1000, logarithmic: true, integer: false },
  scale: { min: 1, max: 5, logarithmic: false, integer: false },
  steps: { min: 10, max: 2000, logarithmic: true, integer: true },
} as const satisfies Record<'beta' | 'learningRate' | 'scale' | 'steps', Range>;

/** Where a value stands on its slider, 0 to 1. */
export function toPosition(value: number, { min, max, logarithmic }: Range): number {
  return logarithmic ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
}

/** The value at a place on the slider, rounded to three significant digits and kept in the range. */
export function fromPosition(position: number, { min, max, logarithmic, integer }: Range): number {
  const exact = logarithmic ? min * (max / min) ** position : min + (max - min) * position;
  const rounded = Number(exact.toPrecision(integer ? 2 : 3));
  return Math.min(max, Math.max(min, integer ? Math.round(rounded) : rounded));
}

/** What a reader typed: the value, or what is wrong with it in words. A decimal comma is understood. */
export function parseEntry(text: string, { min, max, integer }: Range): { value: number } | { problem: string } {
  const value = Number(text.trim().replace(',', '.').replace('\u2212', '-'));
  if (text.trim() === '' || !Number.isFinite(value)) return { problem: 'Enter a number.' };
  if (value < min || value > max) return { problem: `Between ${min} and ${max}.` };
  if (integer && !Number.isInteger(value)) return { problem: 'A whole number.' };
  return { value };
}

/** The settings after a change. Choosing what is trained brings that choice's own step size and scale. */
export function changeSettings(settings: ToySettings, change: Partial<ToySettings>): ToySettings {
  const preset = change.train && change.train !== settings.train ? trainPresets[change.train] : {};
  return { ...settings, ...preset, ...change };
}

/** Playback speeds in updates a second; the last trains as fast as the page can draw. */
export const speeds = [5, 15, 30, 60, 240, Number.POSITIVE_INFINITY] as const;
export const defaultSpeed = 30;

export const isDefault = (settings: ToySettings): boolean =>
  (Object.keys(defaultSettings) as (keyof ToySettings)[]).every((key) => settings[key] === defaultSettings[key]);
