import { describe, expect, it } from 'vitest';
import { aloneExperiment, pairSet, togetherExperiment } from '../../src/atlas/toys/displacement/pair-set.ts';
import { defaultPairSet } from '../../src/atlas/toys/displacement/pair-set-settings.ts';
import { rankCorrelation } from '../../src/core/rank-correlation.ts';
import { crossing, keptByScore } from '../../src/data/pair-scores.ts';
import { openEngine } from '../../src/train/engine.ts';

describe('Spearman’s correlation', () => {
  it('sees order alone, and shares ranks among equals', () => {
    expect(rankCorrelation([1, 2, 3, 4], [1, 10, 100, 1000])).toBeCloseTo(1, 14);
    expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 14);
    // ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3: 4.5 / √(4.5 · 5)
    expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 14);
    expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNaN();
    expect(rankCorrelation([1, Number.NaN, 1], [1, 2, 3])).toBeNaN();
  });
});

describe('filtering and thresholds', () => {
  it('keeps the pairs of low score, and one at least', () => {
    expect(keptByScore([5, -1, 3, 0], 0.5)).toEqual([1, 3]);
    expect(keptByScore([5, -1, 3, 0], 0)).toEqual([0, 1, 2, 3]);
    expect(keptByScore([5, -1], 1)).toEqual([1]);
  });
  it('finds where values stop being negative', () => {
    expect(crossing([0, 1, 2], [-1, 1, 2])).toBe(0.5);
    expect(crossing([0, 1, 2], [1, -1, 1])).toBe(1.5);
    expect(crossing([0, 1], [0, 3])).toBe(0);
    expect(crossing([0, 1], [-2, -1])).toBeNull();
  });
});

describe('the generated set', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const settings = { ...defaultPairSet, count: 60 };
  const set = pairSet(settings);
  const all = set.pairs.map((_, index) => index);

  it('repeats itself, contradicts nothing, and has different first tokens', () => {
    expect(pairSet(settings)).toEqual(set);
    expect(set.pairs).toHaveLength(60);
    const key = (prompt: number, a: number[], b: number[]): string => `${prompt}:${a}>${b}`;
    const stated = new Set(set.pairs.map(({ prompt, chosen, rejected }) => key(prompt, chosen, rejected)));
    expect(stated.size).toBe(60);
    for (const { prompt, chosen, rejected } of set.pairs) {
      expect(chosen[0]).not.toBe(rejected[0]);
      expect(stated.has(key(prompt, rejected, chosen))).toBe(false);
    }
  });

  it('is ranked by CHES: the higher, the less the chosen response gains alone', async () => {
    const experiment = aloneExperiment(set);
    const diagnoses = await engine.diagnose(experiment);
    const { chosenLogpChange } = await engine.sweep({
      experiment,
      x: { path: 'pairs', values: set.pairs.map((pair) => [pair]) },
      y: { path: 'objective.params.lambda', values: [0] },
    });
    const scores = diagnoses.map(({ ches }) => ches ?? Number.NaN);
    expect(rankCorrelation(scores, chosenLogpChange)).toBeLessThan(-0.3);
  });

  it('stops falling, in its first small update, at the weight of Proposition 1', async () => {
    const small = { ...togetherExperiment(set, all), optimizer: { kind: 'sgd' as const, learningRate: 1e-4, steps: 1 } };
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const rate = async (objective = small.objective) =>
      mean((await engine.diagnose({ ...small, objective })).map(({ chosenRate }) => chosenRate));
    const threshold = -(await rate()) / (await rate({ expression: '-logp_w' }));
    expect(threshold).toBeGreaterThan(0); // this set displaces
    const changeAt = async (lambda: number) => {
      const { steps } = await engine.train({ ...small, objective: togetherExperiment(set, all, lambda).objective });
      return mean((steps.at(-1)?.chosenLogps ?? []).map((logp, index) => logp - (steps[0]?.chosenLogps[index] ?? Number.NaN)));
    };
    // 1 % beside the threshold: the second-order part is a ten-thousandth of the first at this step size
    expect(await changeAt(0.99 * threshold)).toBeLessThan(0);
    expect(await changeAt(1.01 * threshold)).toBeGreaterThan(0);
  });
});
