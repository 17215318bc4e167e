import { ObjectiveError } from '../core/errors.ts';
import type { ObjectiveParameter, Range } from './objective.ts';

export const positive: Range = { from: 0, to: Number.POSITIVE_INFINITY, above: true };
export const nonnegative: Range = { from: 0, to: Number.POSITIVE_INFINITY };
export const real: Range = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
export const unitInterval: Range = { from: 0, to: 1 };
/** a flip rate, short of a coin toss */
export const flipRate: Range = { from: 0, to: 0.5, below: true };

/** The range in interval notation. */
export function rangeText({ from, to, above, below }: Range): string {
  const end = (value: number) => (Number.isFinite(value) ? String(value) : value > 0 ? '∞' : '-∞');
  return `${above || !Number.isFinite(from) ? '(' : '['}${end(from)}, ${end(to)}${below || !Number.isFinite(to) ? ')' : ']'}`;
}

/** Whether a value lies in the range, and still does as the float32 number that the GPU computes with. */
export function isInRange(value: number, { from, to, above, below }: Range): boolean {
  const single = Math.fround(value);
  const isIn = (x: number) => (above ? x > from : x >= from) && (below ? x < to : x <= to);
  return Number.isFinite(single) && isIn(value) && isIn(single);
}

export const show = (value: unknown): string => (typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value)));

/** The value, checked to be a number in the range. Throws an ObjectiveError that names the range. */
export function checked(owner: string, name: string, value: unknown, valid: Range): number {
  if (typeof value !== 'number' || !isInRange(value, valid))
    throw new ObjectiveError(`${owner}'s ${name} must be a number in ${rangeText(valid)}, not ${show(value)}.`);
  return value;
}

export const beta = (value = 0.1): ObjectiveParameter => ({
  default: value,
  min: Math.min(1e-3, value / 10),
  max: Math.max(5, 2 * value),
  valid: positive,
  tex: '\\beta',
  description: 'How soon the loss is content: a larger β asks for a smaller margin, or log-ratio.',
});

export const labelSmoothing = (value = 0): ObjectiveParameter => ({
  default: value,
  min: 0,
  max: 0.49,
  valid: flipRate,
  tex: '\\varepsilon',
  description: 'How often a label is believed to be wrong.',
});

export const nllWeight = (value: number, aliases: readonly string[] = []): ObjectiveParameter => ({
  default: value,
  min: 0,
  max: Math.max(2, 2 * value),
  valid: nonnegative,
  tex: '\\alpha',
  description: 'Weight of the chosen response’s negative log-likelihood; more of it pulls harder on the chosen response.',
  aliases,
});

export const targetMargin = (value: number, symbol: 'gamma' | 'delta', aliases: readonly string[] = []): ObjectiveParameter => ({
  default: value,
  min: 0,
  max: Math.max(5, 2 * value),
  valid: nonnegative,
  tex: `\\${symbol}`,
  description: 'Raises the margin that the loss asks for; a larger one keeps pushing for longer.',
  aliases,
});

/** of RRHF, on pairs and on groups */
export const rrhfParameters: Readonly<Record<string, ObjectiveParameter>> = {
  lambda: {
    default: 100,
    min: 0,
    max: 200,
    valid: nonnegative,
    tex: '\\lambda',
    description: 'Weight of the ranking against the likelihood.',
    aliases: ['rrhfWeight'],
  },
  kappa: {
    default: 1,
    min: 0,
    max: 1,
    valid: nonnegative,
    tex: '\\kappa',
    description: 'Length normalisation: 0 sums over tokens, 1 takes their mean.',
    aliases: ['lengthPenalty'],
  },
};
