import type { SweepResult } from '../../src/index.ts';

/** A map of one row with these numbers; NaN marks a run that diverged. Without `lowest`, no chosen answer was lower than at its end. */
export const mapResult = (
  chosen: readonly number[],
  gainer: readonly number[],
  lowest: readonly number[] = chosen.map((change) => Math.min(0, change)),
): SweepResult => {
  const zeros = () => new Float32Array(chosen.length);
  return {
    chosenLogpChange: Float32Array.from(chosen),
    lowestChosenLogpChange: Float32Array.from(lowest),
    rejectedLogpChange: zeros(),
    margin: zeros(),
    loss: zeros(),
    topGainerProb: Float32Array.from(gainer),
    topGainer: new Uint32Array(chosen.length),
    entropy: zeros(),
    klToReference: zeros(),
    expectedReward: zeros(),
    ches: zeros(),
    finished: new Uint32Array(chosen.length).fill(1),
    diverged: Uint32Array.from(chosen, (value) => Number(Number.isNaN(value))),
    runs: chosen.length,
  };
};
