import { describe, expect, it } from 'vitest';
import type { RecordedStep } from '../../src/core/experiment.ts';
import { tokenisePairs } from '../../src/data/bigram-experiment.ts';
import { countContexts, meanWordProbabilities, summariseStep, wordChanges } from '../../src/data/summary.ts';

const recorded = (step: number, chosenLogps: number[], rejectedLogps: number[]): RecordedStep => ({
  step,
  loss: 0.5,
  losses: [],
  chosenLogps,
  rejectedLogps,
});

it('summariseStep compares with the first step', () => {
  const summary = summariseStep(recorded(0, [-1, -2, -3], [-1, -1, -1]), recorded(7, [-0.5, -4, -3], [-2, -3, -4]));
  expect(summary).toEqual({
    step: 7,
    loss: 0.5,
    meanChosenLogp: -2.5,
    meanRejectedLogp: -3,
    fallen: 1,
    ranked: 2 / 3,
    rewarded: 2 / 3,
    chosenChanges: Float64Array.of(0.5, -2, 0),
    rejectedChanges: Float64Array.of(-1, -2, -3),
  });
});

describe('words', () => {
  const data = tokenisePairs(
    [
      { line: 1, prompt: 'p', chosen: 'a b a', rejected: 'b' },
      { line: 2, prompt: 'q', chosen: 'a', rejected: 'b a' },
    ],
    { maxTokens: 48, maxWords: 255 },
  );

  it('countContexts counts how often each row is read', () => {
    // p twice, q twice; after a: b; after b: a, a; after <unk>: never
    expect(countContexts(data)).toEqual(Float64Array.of(2, 2, 1, 2, 0));
  });

  it('meanWordProbabilities is the weighted mean of the rows, and shifts of a row do not matter', async () => {
    const table = [0, 0, Math.log(3), Math.log(1), 1000, 1000];
    // rows (1/2, 1/2), (3/4, 1/4), (1/2, 1/2), read once, twice, never
    const mean = await meanWordProbabilities(table, Float64Array.of(1, 2, 0), 2);
    // three roundings of numbers below 3
    expect(Math.abs((mean[0] ?? 0) - (0.5 + 2 * 0.75) / 3)).toBeLessThan(4 * Number.EPSILON);
    expect(Math.abs((mean[1] ?? 0) - (0.5 + 2 * 0.25) / 3)).toBeLessThan(4 * Number.EPSILON);
  });

  it('wordChanges sorts by change and leaves out words that stayed', () => {
    const { gained, lost } = wordChanges(
      ['a', 'b', 'c', 'd', 'e'],
      Float64Array.of(0.2, 0.2, 0.2, 0.2, 0.2),
      Float64Array.of(0.25, 0.3, 0.2, 0.1, 0.15),
      2,
    );
    expect(gained.map(({ word }) => word)).toEqual(['b', 'a']);
    expect(lost.map(({ word }) => word)).toEqual(['d', 'e']);
  });
});
