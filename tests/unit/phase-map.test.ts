import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLink, writeLink } from '../../src/app/link.ts';
import { axesOf, cellValues, mapExperiment } from '../../src/app/map-axes.ts';
import { readMap, writeMap } from '../../src/app/map-link.ts';
import { mapCsv, metrics, regimesOf } from '../../src/app/map-metrics.ts';
import { defaultMap, type MapState, positionOf, resolutions } from '../../src/app/phase-map.svelte.ts';
import { ranges } from '../../src/app/settings.ts';
import type { SweepResult } from '../../src/index.ts';
import { openEngine } from '../../src/index.ts';

describe('axes', () => {
  it('cells are the middles of equal parts of the slider, and find their place again', () => {
    for (const axis of axesOf(defaultMap.base)) {
      if (axis.range.integer) continue;
      for (const [index, value] of cellValues(axis.range, 8).entries()) expect(positionOf(value, axis)).toBeCloseTo((index + 0.5) / 8, 12);
    }
  });

  it('set what they read, and nothing else', () => {
    for (const axis of axesOf(defaultMap.base)) {
      const value = cellValues(axis.range, 3)[1] ?? Number.NaN;
      const changed = axis.set(defaultMap.base, value);
      expect(axis.value(changed)).toBe(value);
      for (const other of axesOf(defaultMap.base))
        if (other.id !== axis.id) expect(other.value(changed)).toBe(other.value(defaultMap.base));
    }
  });

  it('a cell of a sweep is the run with those settings', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const [x, y] = [axesOf(defaultMap.base).find(({ id }) => id === 'scale'), axesOf(defaultMap.base).find(({ id }) => id === 'p.beta')];
    if (!x || !y) throw new Error('The toy has lost its axes.');
    const base = { ...defaultMap.base, steps: 40 };
    const values = { x: cellValues(x.range, 3), y: cellValues(y.range, 2) };
    const map = await engine.sweep({
      experiment: mapExperiment(base),
      x: { path: x.path, values: values.x },
      y: { path: y.path, values: values.y },
    });
    for (const [row, yValue] of values.y.entries())
      for (const [column, xValue] of values.x.entries()) {
        const { steps } = await engine.train(mapExperiment(y.set(x.set(base, xValue), yValue), [0, 40]));
        const change = (steps[1]?.chosenLogps[0] ?? 0) - (steps[0]?.chosenLogps[0] ?? 0);
        expect(map.chosenLogpChange[row * 3 + column]).toBeCloseTo(change, 6); // the map is float32
      }
    engine.dispose();
  });
});

const result = (chosen: number[], gainer: number[]): SweepResult => {
  const zeros = new Float32Array(chosen.length);
  return {
    chosenLogpChange: Float32Array.from(chosen),
    rejectedLogpChange: zeros,
    margin: zeros,
    loss: zeros,
    topGainerProb: Float32Array.from(gainer),
    topGainer: new Uint32Array(chosen.length),
    entropy: zeros,
    klToReference: zeros,
    expectedReward: zeros,
    ches: zeros,
    finished: new Uint32Array(chosen.length).fill(1),
    diverged: Uint32Array.from(chosen, (value) => Number(Number.isNaN(value))),
    runs: chosen.length,
  };
};

describe('regimes', () => {
  it('follow the thresholds of the reader', () => {
    const cells = result([0.1, 0, -0.1, -0.5, -3, -3, Number.NaN], [0.9, 0.1, 0.9, 0.2, 0.2, 0.8, 0.5]);
    expect([...regimesOf(cells, { fall: 0.5, takeover: 0.5 })]).toEqual([0, 0, 1, 2, 2, 3, -1]);
    expect([...regimesOf(cells, { fall: 4, takeover: 0.5 })]).toEqual([0, 0, 1, 1, 1, 1, -1]);
  });

  it('the CSV holds every metric of every cell', () => {
    const text = mapCsv(result([1, 2], [0, 0]), { label: 'a, b', values: [1, 2] }, { label: 'y', values: [5] }, ['note']);
    const [note, head, ...rows] = text.split('\n');
    expect(note).toBe('# note');
    expect(head?.startsWith('"a, b",y,')).toBe(true);
    expect(rows).toHaveLength(2);
    expect(rows[1]?.split(',')).toHaveLength(metrics.length + 3);
  });
});

describe('links to a map', () => {
  const number = ({ min, max, integer }: { min: number; max: number; integer: boolean }) =>
    integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
  const states: fc.Arbitrary<MapState> = fc.record({
    base: fc.record({
      vectors: fc.constant(defaultMap.base.vectors),
      train: fc.constantFrom('both', 'hidden', 'unembedding'),
      scale: number(ranges.scale),
      learningRate: number(ranges.learningRate),
      steps: number(ranges.steps),
      objective: fc.double({ min: 0.01, max: 3, noNaN: true }).map((beta) => ({ name: 'dpo', params: { beta } })),
    }),
    x: fc.constantFrom('scale', 'p.beta'),
    y: fc.constantFrom('learningRate', 'steps'),
    resolution: fc.constantFrom(...resolutions),
    metric: fc.constantFrom('regime', ...metrics.map(({ id }) => id)),
    thresholds: fc.record({ fall: fc.double({ min: 0, max: 20, noNaN: true }), takeover: fc.double({ min: 0, max: 1, noNaN: true }) }),
  }) as fc.Arbitrary<MapState>;

  it('bring every state back', () => {
    fc.assert(
      fc.property(states, (state) => {
        const { view, reader } = readLink(writeLink('map', writeMap(state)));
        expect(view).toBe('map');
        expect(readMap(reader)).toEqual(state);
        expect(reader.finish()).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuse an axis that the objective lacks, and two that are one', () => {
    const { reader } = readLink('v=1&view=map&x=p.gamma&y=scale&cells=7');
    const state = readMap(reader);
    expect(state.x).toBe('scale');
    expect(state.y).not.toBe('scale');
    expect(
      reader
        .finish()
        .map(({ key }) => key)
        .sort(),
    ).toEqual(['cells', 'x', 'y']);
  });
});
