import { logSumExp } from '../../../core/softmax.ts';

/** A hand-drawn curve: one height for each bin, a whole number from 0 to `topLevel`. */
export type Levels = readonly number[];

export const topLevel = 255;
/** Height, in levels, that an empty bin of a drawn law counts as: no outcome may be impossible. */
export const emptyLevel = 0.05;

/** One digit of a link for six bits. */
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Levels as base64url without padding. */
export function encodeLevels(levels: Levels): string {
  let text = '';
  for (let at = 0; at < levels.length; at += 3) {
    const bits = ((levels[at] ?? 0) << 16) | ((levels[at + 1] ?? 0) << 8) | (levels[at + 2] ?? 0);
    const count = Math.min(3, levels.length - at) + 1;
    for (let digit = 0; digit < count; digit++) text += digits[(bits >> (18 - 6 * digit)) & 63];
  }
  return text;
}

/** The levels of a link, or null where the text is not exactly `count` of them. */
export function decodeLevels(text: string, count: number): Levels | null {
  if (text.length !== Math.ceil((count * 8) / 6)) return null;
  const levels: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of text) {
    const value = digits.indexOf(character);
    if (value < 0) return null;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      levels.push((bits >> held) & 255);
    }
  }
  return (bits & ((1 << held) - 1)) === 0 ? levels : null; // leftover bits that say nothing must be zero: one text for each curve
}

/** The log-probabilities of a law whose bins have these heights. */
export function lawOf(levels: Levels): number[] {
  const logs = levels.map((level) => Math.log(Math.max(level, emptyLevel)));
  const logZ = logSumExp(logs);
  return logs.map((log) => log - logZ);
}

/** Heights of a law, 0 to 1, its most probable bin at 1. */
export function heightsOf(logProbs: readonly number[]): number[] {
  const peak = Math.max(...logProbs);
  return logProbs.map((logp) => Math.exp(logp - peak));
}

export const levelsOf = (heights: readonly number[]): Levels =>
  heights.map((height) => Math.round(topLevel * Math.min(1, Math.max(0, height))));
