import type { PairState } from '../../../shell/losses/objective-view.ts';
import { marginOf } from '../story.ts';

/**
 * The state at another margin h, on a line through the present one: for a larger h only the rejected answer falls further, for a smaller one
 * only the chosen. A loss that reads more than the margin has at the present margin the value that it has now.
 */
export function throughState(state: PairState, h: number): PairState {
  const more = h - marginOf(state);
  return { ...state, chosen: state.chosen + Math.min(0, more), rejected: state.rejected - Math.max(0, more) };
}
