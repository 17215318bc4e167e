import { expect, test } from 'vitest';
import { forcesOf, type PairState } from '../../src/shell/losses/objective-view.ts';
import { throughState } from '../../src/views/displacement/more/slice.ts';

const state: PairState = { refChosen: -0.28, refRejected: -3.27, chosen: -2.1, rejected: -9.4 };
const margin = state.chosen - state.refChosen - (state.rejected - state.refRejected);

test.each(['dpo', 'dpop', 'orpo', 'simpo'])('a curve of %s over the margin goes through the present state', (name) => {
  const forces = forcesOf({ name });
  expect(forces(throughState(state, margin))).toEqual(forces(state));
});

test('away from the present state one answer falls, and the margin is the one asked for', () => {
  for (const h of [-4, 0, margin + 3]) {
    const at = throughState(state, h);
    expect(at.chosen - at.refChosen - (at.rejected - at.refRejected)).toBeCloseTo(h, 12);
    expect(at.chosen).toBeLessThanOrEqual(state.chosen);
    expect(at.rejected).toBeLessThanOrEqual(state.rejected);
    expect([at.refChosen, at.refRejected]).toEqual([state.refChosen, state.refRejected]);
  }
});
