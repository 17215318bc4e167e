import type { DrawnAnswer, GroupUpdate } from './group-update.ts';

/** How a push is made up: of ratio and advantage, of the advantage alone, of nothing because it is clipped, or of something else. */
export interface PushParts {
  readonly kind: 'clipped' | 'ratio' | 'plain' | 'other';
  /** the ratio counts as the cap */
  readonly isCapped: boolean;
  /** what is left beyond that, as of a KL in the loss; 0: nothing */
  readonly rest: number;
}

/** Below this a difference is rounding. */
const none = 1e-9;

/** What the engine's push of an answer consists of; null before it is computed. */
export function pushParts({ clip, usesRatio, hasMore }: GroupUpdate, { push, ratio, advantage, clipped }: DrawnAnswer): PushParts | null {
  if (push === null) return null;
  if (!advantage) return { kind: 'other', isCapped: false, rest: 0 };
  const isCapped = clip.kind === 'cap' && ratio > clip.high;
  const isClipped = clip.kind === 'clip' && clipped !== null;
  const base = isClipped ? 0 : (usesRatio ? Math.min(ratio, clip.kind === 'cap' ? clip.high : ratio) : 1) * advantage.value;
  const rest = Math.abs(push - base) < none ? 0 : push - base;
  // without a KL in the loss the rest would be a soft gate: the engine's number stands by itself
  if (rest !== 0 && !hasMore) return { kind: 'other', isCapped: false, rest: 0 };
  return { kind: isClipped ? 'clipped' : usesRatio ? 'ratio' : 'plain', isCapped, rest };
}
