import { rgb } from 'd3';
import { describe, expect, it } from 'vitest';
import { sharedSuffix } from '../../src/atlas/toys/entanglement/shared-suffix.ts';
import { ticksOf } from '../../src/charts/map-frame.ts';
import { moved } from '../../src/core/regime.ts';
import type { SweepResult } from '../../src/index.ts';
import { openEngine } from '../../src/index.ts';
import { csvOf } from '../../src/shell/exports/export-table.ts';
import { LinkReader, readLink, writeLink } from '../../src/shell/links/link.ts';
import { colourAt, differences, mapPicture } from '../../src/views/map/map-colours.ts';
import { mapTable } from '../../src/views/map/map-export.ts';
import { readMap, writeMap } from '../../src/views/map/map-link.ts';
import { defaultMap, freshMap, type MapState, PhaseMap } from '../../src/views/map/phase-map.svelte.ts';
import { adoptable, axesOf, cellValues, plainAxis, positionOf, shapedAxis, sweepAxis } from '../../src/views/map/toys/map-axes.ts';
import { metricsOf, regimeShares, regimesOf, runsOf } from '../../src/views/map/toys/map-metrics.ts';
import { regimeNames } from '../../src/views/map/toys/map-names.ts';
import { seedAt, seedGrid } from '../../src/views/map/toys/map-seeds.ts';
import { findBoundary, firstRates } from '../../src/views/map/toys/map-theory.ts';
import { mapExperiment, toys } from '../../src/views/map/toys/map-toys.ts';
import { mapResult } from './map-result.ts';

const bases = toys.map(({ id }) => freshMap(id).base);
const meanOf = (values: readonly number[] = []) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(bases)('axes of $toy', (base) => {
  it('cells are the middles of equal parts of the slider, and find their place again', () => {
    for (const axis of axesOf(base)) {
      if (axis.range.integer) continue;
      for (const [index, value] of cellValues(axis.range, 8).entries()) expect(positionOf(value, axis)).toBeCloseTo((index + 0.5) / 8, 12);
    }
  });

  it('set what they read, and nothing else', () => {
    for (const axis of axesOf(base)) {
      const value = cellValues(axis.range, 3)[1] ?? Number.NaN;
      const changed = axis.set(base, value);
      expect(axis.value(changed), axis.id).toBeCloseTo(value, 12);
      for (const other of axesOf(base))
        if (other.id !== axis.id) expect(other.value(changed), `${axis.id} and ${other.id}`).toBeCloseTo(other.value(base), 12);
    }
  });

  it('a cell of a sweep is the run with those settings, for every axis', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const short = { ...base, steps: 12, noise: 0.1, seed: 3 };
    const axes = axesOf(short);
    for (const [place, x] of axes.entries()) {
      const y = axes[(place + 1) % axes.length];
      if (!y) continue;
      const map = await engine.sweep({ experiment: mapExperiment(short), x: sweepAxis(x, short, 3), y: sweepAxis(y, short, 2) });
      for (const [row, yValue] of cellValues(y.range, 2).entries()) {
        const run = y.set(x.set(short, cellValues(x.range, 3)[2] ?? Number.NaN), yValue);
        const { steps } = await engine.train(mapExperiment(run, 0, [0, run.steps]));
        const change = meanOf(steps[1]?.chosenLogps) - meanOf(steps[0]?.chosenLogps);
        const inside = map.chosenLogpChange[row * 3 + 2] ?? Number.NaN;
        // the map is float32
        if (Number.isNaN(inside)) expect(Number.isFinite(change)).toBe(false);
        else expect(Math.abs(inside - change), `${x.id} and ${y.id}`).toBeLessThanOrEqual(2 ** -23 * Math.max(1, Math.abs(change)));
      }
    }
    engine.dispose();
  });
});

describe('axes of a reader', () => {
  const axis = axesOf(defaultMap.base).find(({ id }) => id === 'scale');
  it('have the ends and the scale that were asked for, where these are possible', () => {
    if (!axis) throw new Error('The toy has lost its scale.');
    const shaped = (from: number | null, to: number | null, logarithmic: boolean | null = null) =>
      shapedAxis(axis, { ...plainAxis('scale'), from, to, logarithmic }).range;
    expect(shaped(2, 4, true)).toMatchObject({ min: 2, max: 4, logarithmic: true });
    expect(shaped(null, 2.5)).toMatchObject({ min: 1, max: 2.5, logarithmic: false });
    expect(shaped(4, 2)).toMatchObject({ min: 1, max: 5 });
    expect(shaped(-3, 99)).toMatchObject({ min: 1, max: 5 });
  });
});

describe('ticks of an axis', () => {
  const scale = { label: 'scale c', min: 1, max: 5, logarithmic: false };
  const textsOf = (axis: typeof scale, length: number) => ticksOf(axis, length, (text) => 8 * text.length).map(({ text }) => text);
  it('are as many as stand apart', () => {
    expect(textsOf(scale, 300)).toEqual(['1', '1.5', '2', '2.5', '3', '3.5', '4', '4.5', '5']);
    expect(textsOf(scale, 87)).toEqual(['1', '2', '3', '4', '5']);
    expect(textsOf(scale, 12)).toEqual(['1', '4']);
    expect(textsOf({ label: 'η', min: 1e-3, max: 10, logarithmic: true }, 90)).toEqual(['0.001', '0.1', '10']);
  });
});

describe('the toy with a suffix', () => {
  it('is the same run as without the positions that a longer suffix would need', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const base = freshMap('suffix').base;
    const own = await engine.train({ ...sharedSuffix({ ...base, update: 'plain', masked: [] }), record: [0, 60] });
    const mapped = await engine.train(mapExperiment(base, 0, [0, 60]));
    expect(mapped.steps[1]?.chosenLogps).toEqual(own.steps[1]?.chosenLogps);
    engine.dispose();
  });
});

const empty = mapResult([0], [0]);

describe('regimes', () => {
  const found = (result: SweepResult, toy: 'displacement' | 'suffix' | 'labels', thresholds: Partial<MapState['thresholds']>) => {
    const runs = runsOf(result);
    return Array.from(runs.state, (state, index) =>
      state === 1 ? regimesOf(toy).of(runs, index, { ...defaultMap.thresholds, ...thresholds }) : -1,
    );
  };

  it('of displacement follow the thresholds of the reader', () => {
    const cells = mapResult([0.1, 0, -0.1, -0.5, -3, -3, Number.NaN], [0.9, 0.1, 0.9, 0.2, 0.2, 0.8, 0.5]);
    expect(found(cells, 'displacement', { fall: 0.5 })).toEqual([0, 0, 2, 3, 3, 4, -1]);
    expect(found(cells, 'displacement', { fall: 4 })).toEqual([0, 0, 2, 2, 2, 2, -1]);
    expect(found(cells, 'displacement', { fall: 0 })).toEqual([0, 0, 4, 3, 3, 4, -1]);
    const half = { ...defaultMap.thresholds, fall: 0.5 };
    expect(regimeShares(runsOf(cells), 'displacement', half)).toEqual([2 / 6, 0, 1 / 6, 2 / 6, 1 / 6]);
    // as it comes, an answer has fallen from where headline and story say so
    expect(found(cells, 'displacement', {})).toEqual([0, 0, 4, 3, 3, 4, -1]);
    // what was down and is not any more has recovered, whether or not it is where it began
    const back = mapResult([0.1, -0.3, -0.6, 0.1], [0, 0, 0, 0], [-0.5, -0.5, -0.9, -0.4]);
    expect(found(back, 'displacement', { fall: 0.5 })).toEqual([1, 1, 3, 0]);
    expect(found(back, 'displacement', { fall: 0 })).toEqual([1, 3, 3, 1]);
    expect(regimeShares(runsOf(mapResult([Number.NaN], [0])), 'displacement', defaultMap.thresholds)).toBeNull();
  });

  it('say beside their names where they begin, with the thresholds as they are', () => {
    const rules = (toy: 'displacement' | 'labels', change: Partial<MapState['thresholds']> = {}) =>
      regimesOf(toy).regimes.map(({ rule }) => rule({ ...defaultMap.thresholds, ...change }));
    expect(rules('displacement')).toEqual([
      `chosen not down, nor ever by ${moved.nats} nats`,
      `chosen was down by ${moved.nats} nats or more, and no longer is`,
      `chosen down by under ${moved.nats} nats`,
      `chosen down by ${moved.nats} nats or more`,
      'and the answer that gained most has 50\u202f% or more',
    ]);
    expect(rules('displacement', { fall: 2.5, takeover: 0.75 }).slice(3)).toEqual([
      'chosen down by 2.5 nats or more',
      'and the answer that gained most has 75\u202f% or more',
    ]);
    expect(rules('labels', { poor: 0.4 })).toEqual(['expected reward 0.8 or more', 'from 0.4, below 0.8', 'below 0.4']);
  });

  it('of a shared suffix are the four signs of the two moves', () => {
    const cells = { ...mapResult([1, 1, -1, -1, -0.1], [0, 0, 0, 0, 0]), rejectedLogpChange: Float32Array.from([-1, 1, -1, 1, 0.1]) };
    expect(found(cells, 'suffix', { move: 0 })).toEqual([0, 1, 2, 3, 3]);
    expect(found(cells, 'suffix', { move: 0.5 })).toEqual([0, 1, 2, 3, 0]);
  });

  it('of noisy labels are levels of the reward', () => {
    const cells = { ...mapResult([0, 0, 0], [0, 0, 0]), expectedReward: Float32Array.from([0.9, 0.6, 0.1]) };
    expect(found(cells, 'labels', {})).toEqual([0, 1, 2]);
    expect(found(cells, 'labels', { good: 0.95, poor: 0.05 })).toEqual([1, 1, 1]);
  });
});

describe('the difference of two maps', () => {
  const differenceOf = (metric: ReturnType<typeof metricsOf>[number] | null) => {
    // learned and displaced, against eroded twice
    const [first, second] = [mapResult([0.2, -3], [0, 0]), mapResult([-0.05, -0.05], [0, 0])].map((result) => [{ count: 1, result }]);
    const [only] = differences(first ?? [], second ?? [], metric, 'displacement', defaultMap.thresholds);
    return [...(only?.values ?? [])];
  };
  it('has the colour of the chosen answer where the second map is the better one, by regimes as by what the answer gained', () => {
    expect(differenceOf(null).map(Math.sign)).toEqual([-1, 1]);
    const [worse = 0, better = 0] = differenceOf(metricsOf('displacement').find(({ id }) => id === 'chosen') ?? null);
    expect(worse).toBeLessThan(0);
    expect(better).toBeGreaterThan(0);
    const [orange, blue] = [0, 1].map((at) => rgb(colourAt({ signed: true }, at)));
    expect(orange && orange.r > orange.b).toBe(true);
    expect(blue && blue.b > blue.r).toBe(true);
  });
});

describe('names of regimes on the map', () => {
  // rows from the lower end: a narrow strip that is taken over, an island of one cell, the rest learned
  const rows = ['llllllTT', 'llllllTT', 'llllllTT', 'llTlllTT', 'llllllTT', 'llllllTT', 'llllllTT', 'llllllTT'];
  const cells = rows.flatMap((row) => [...row].map((sign) => sign === 'T'));
  const level = {
    count: 8,
    result: mapResult(
      cells.map((isTaken) => (isTaken ? -3 : 1)),
      cells.map((isTaken) => (isTaken ? 0.9 : 0)),
    ),
  };
  const names = regimeNames(level, 'displacement', defaultMap.thresholds);

  it('stand in the largest area of each, where the most is free around them', () => {
    expect(names.map(({ text }) => text)).toEqual(['learned', 'taken over']);
    const [learned, taken] = names;
    for (const name of names) expect(cells[Math.floor(name.at[1] * 8) * 8 + Math.floor(name.at[0] * 8)]).toBe(name === taken);
    expect(taken?.at[0]).toBeGreaterThan(0.75);
    expect(learned?.room).toBeGreaterThan(taken?.room ?? 1);
  });

  it('are left out where an area is small', () => {
    const few = cells.map((isTaken, cell) => isTaken && cell === 26);
    const result = mapResult(
      few.map((isTaken) => (isTaken ? -3 : 1)),
      few.map((isTaken) => (isTaken ? 0.9 : 0)),
    );
    expect(regimeNames({ count: 8, result }, 'displacement', defaultMap.thresholds).map(({ text }) => text)).toEqual(['learned']);
  });
});

describe('files', () => {
  it('the table holds every metric of every run, and marks one that diverged', () => {
    const table = mapTable(
      [
        { objective: 'A, B', result: mapResult([1, Number.NaN], [0, 0]) },
        { objective: 'C', result: mapResult([3, 4], [0, 0]) },
      ],
      { label: 'a, b', values: [1, 2] },
      { label: 'y', values: [5] },
      { toy: 'displacement', seed: 7, thresholds: defaultMap.thresholds },
    );
    const [head, first, second, ...rest] = csvOf(table, []).trim().split('\n');
    expect(head?.startsWith('objective,"a, b",y,seed,')).toBe(true);
    expect(first?.startsWith('"A, B",1,5,7,1,')).toBe(true);
    expect(second).toMatch(/^"A, B",2,5,7,+diverged$/);
    expect(first).toMatch(/,learned,finished$/);
    expect(rest).toHaveLength(2);
    expect(rest[0]?.split(',')).toHaveLength(metricsOf('displacement').length + 6);
  });
});

describe('the seeds of a cell', () => {
  it('share its square without gaps, as one reads', () => {
    for (let seeds = 1; seeds <= 9; seeds++) {
      const grid = seedGrid(seeds);
      expect(grid.across * grid.down).toBe(seeds);
      const found = Array.from({ length: grid.down }, (_, row) =>
        Array.from({ length: grid.across }, (__, column) => seedAt(column, grid.down - 1 - row, grid)),
      ).flat();
      expect(found).toEqual(Array.from({ length: seeds }, (_, seed) => seed));
    }
  });

  it('are drawn one by one, each with its own colour, the coarser level where the finer has not come', () => {
    const coarse = { count: 1, at: (index: number) => 0xff000010 + index };
    const fine = { count: 2, at: (index: number) => (index === 4 ? 0 : 0xff000020 + index) };
    const { columns, rows, pixels } = mapPicture([coarse, fine], 2);
    expect([columns, rows]).toEqual([4, 2]);
    const red = Array.from({ length: 8 }, (_, pixel) => pixels[4 * pixel]);
    // [seed][y][x] of the fine level: 0 to 3 and 4 to 7, of which 4 (the second seed, lower left) shows the coarse one
    expect(red).toEqual([0x20, 0x11, 0x21, 0x25, 0x22, 0x26, 0x23, 0x27]);
  });

  it('are found again by their place', () => {
    const map = new PhaseMap(() => null, { ...defaultMap, seeds: 6, resolution: 32 });
    const { base, seed, index } = map.runAt([(5 + 0.9) / 32, (3 + 0.1) / 32]);
    expect([map.x.value(base), map.y.value(base)]).toEqual([cellValues(map.x.range, 32)[5], cellValues(map.y.range, 32)[3]]);
    expect(seed).toBe(5); // lower right of three across and two down
    expect(index).toBe(5 * 32 * 32 + 3 * 32 + 5);
  });
});

describe('theory', () => {
  it('is the sign of a small first step of the engine, in both toys that have a formula', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    let compared = 0;
    for (const toy of ['displacement', 'suffix'] as const) {
      for (const objective of [
        { name: 'dpo', params: { beta: 0.3 } },
        { name: 'rpo', params: { beta: 0.3, alpha: 0.05 } },
        { name: 'simpo', params: { beta: 2, gamma: 0.5 } },
      ]) {
        const base = { ...freshMap(toy).base, objective, steps: 1, learningRate: 1e-5 };
        const rates = firstRates(base);
        const [x, y] = toy === 'suffix' ? ['suffix', 'afterRejected'] : ['scale', 'similarity'];
        const axes = axesOf(base);
        const [across, up] = [axes.find(({ id }) => id === x), axes.find(({ id }) => id === y)];
        if (!rates || !across || !up) throw new Error('The toy has lost its theory or its axes.');
        for (const [xValue, yValue] of cellValues(across.range, 5).flatMap((a) => cellValues(up.range, 4).map((b) => [a, b] as const))) {
          const run = up.set(across.set(base, xValue), yValue);
          const { steps } = await engine.train(mapExperiment(run, 0, [0, 1]));
          const { chosen, rejected } = rates(run);
          for (const [rate, side] of [
            [chosen, 'chosenLogps'],
            [rejected, 'rejectedLogps'],
          ] as const) {
            const moved = ((steps[1]?.[side][0] ?? Number.NaN) - (steps[0]?.[side][0] ?? Number.NaN)) / base.learningRate;
            // second order in a step of 1e-5, with curvatures of at most a few hundred here
            expect(Math.abs(moved - rate), `${toy} ${objective.name} ${xValue} ${yValue}`).toBeLessThan(1e-3 * Math.max(1, Math.abs(rate)));
            compared++;
          }
        }
      }
    }
    expect(compared).toBe(240);
    engine.dispose();
  });

  it("draws the toy's c* = 2.208, the entanglement interval, and the p′ at which a suffix of eight entangles", async () => {
    const axisOf = (base: MapState['base'], id: string) => {
      const axis = axesOf(base).find((one) => one.id === id);
      if (!axis) throw new Error(`There is no axis ${id}.`);
      return axis;
    };
    /** where the path crosses, along x */
    const crossings = (path: string | null | undefined) =>
      [...(path ?? '').matchAll(/[ML]([\d.]+),([\d.]+)/g)]
        .map(([, x, y]) => [Number(x), Number(y)] as const)
        .filter(([x, y]) => x > 0.01 && x < 0.99 && y > 0.01 && y < 0.99)
        .map(([x]) => x);
    const { base } = defaultMap;
    const scale = axisOf(base, 'scale');
    const found = crossings((await findBoundary(base, scale, axisOf(base, 'learningRate')))?.chosen);
    expect(found.length).toBeGreaterThan(20);
    // a sixth of a cell of the grid of 96
    for (const x of found) expect(Math.abs(x - positionOf(2.208, scale))).toBeLessThan(0.0016);

    // m = 8, p = 0.6, p′ = 0.2: the entanglement interval of d_w/d_l is (1.500, 2.308)
    const weighted = { ...freshMap('suffix').base, objective: adoptable.find(({ id }) => id === 'p.k')?.objective ?? base.objective };
    const ratio = axisOf(weighted, 'p.k');
    const interval = await findBoundary(weighted, ratio, axisOf(weighted, 'learningRate'));
    for (const [path, at] of [
      [interval?.chosen, 1.5],
      [interval?.rejected, 2.308],
    ] as const) {
      expect(crossings(path).length).toBeGreaterThan(20);
      for (const x of crossings(path)) expect(Math.abs(x - positionOf(at, ratio))).toBeLessThan(0.0016);
    }

    // m = 8 and p = 0.6: 1 = 2 m (1 - p)(p - p') at p' = 0.44375
    const suffix = freshMap('suffix').base;
    const rejected = axisOf(suffix, 'afterRejected');
    const turns = crossings((await findBoundary(suffix, rejected, axisOf(suffix, 'learningRate')))?.chosen);
    expect(turns.length).toBeGreaterThan(20);
    for (const x of turns) expect(Math.abs(x - positionOf(0.44375, rejected))).toBeLessThan(0.0016);
  });

  it('has no boundary for a toy without a formula', async () => {
    const { base } = freshMap('labels');
    const [x, y] = axesOf(base);
    expect(x && y && (await findBoundary(base, x, y))).toBeNull();
  });
});

describe('axes with another objective', () => {
  it.each(adoptable)('$id: choosing it trains an objective that has it, with the same β', ({ id }) => {
    const map = new PhaseMap(() => null, {
      ...defaultMap,
      base: { ...defaultMap.base, objective: { name: 'dpo', params: { beta: 0.7 } } },
    });
    expect(map.axes.some((axis) => axis.id === id)).toBe(false);
    map.setX(plainAxis(id));
    expect(map.x.id).toBe(id);
    expect(map.objectives[0]?.parameters.find(({ name }) => name === 'beta')?.value).toBe(0.7);
    const { reader } = readLink(writeLink('stop/map', writeMap(map.state)));
    expect(readMap(reader).x).toEqual(plainAxis(id));
    expect(reader.finish()).toEqual([]);
  });
});

describe('links to a map', () => {
  it('that name no threshold keep half a nat where they are of version 1 or 2, and have the page’s own since', () => {
    const fallOf = (fields: Record<string, string>) => readMap(new LinkReader(new URLSearchParams(fields))).thresholds.fall;
    expect(fallOf({ v: '1' })).toBe(0.5);
    expect(fallOf({ v: '1', fall: '0.1' })).toBe(moved.nats);
    expect(fallOf({ v: '3' })).toBe(moved.nats);
    expect(fallOf({ v: '3', fall: '0.5' })).toBe(0.5);
    for (const fall of [0.1, 0.5, 2]) {
      const state = { ...defaultMap, thresholds: { ...defaultMap.thresholds, fall } };
      expect(readMap(readLink(writeLink('map', writeMap(state))).reader)).toEqual(state);
    }
  });

  it('refuse an axis that the objective lacks, and two that are one', () => {
    const { reader } = readLink('v=1&view=map&x=p.gamma&y=scale&cells=7&xfrom=-4&seeds=10&flip=0.2');
    const state = readMap(reader);
    expect(state.x).toEqual(plainAxis('scale'));
    expect(state.y.id).not.toBe('scale');
    expect(state.seeds).toBe(1);
    expect(
      reader
        .finish()
        .map(({ key }) => key)
        .sort(),
    ).toEqual(['cells', 'flip', 'seeds', 'x', 'xfrom', 'y']);
  });

  it('read the objective that is compared, and refuse what is wrong with it', () => {
    const read = (text: string) => {
      const { reader } = readLink(`v=1&view=map&${text}`);
      return { state: readMap(reader), problems: reader.finish().map(({ key }) => key) };
    };
    expect(read('compare=yes&o.objective=simpo&o.p.beta=3').state.other).toMatchObject({ name: 'simpo', params: { beta: 3 } });
    expect(read('compare=yes&o.objective=nothing').problems).toEqual(['o.objective']);
    expect(read('o.objective=simpo').problems).toEqual(['o.objective']);
  });
});

it('a result of one seed is read as its runs', () => {
  expect([...runsOf(empty).state]).toEqual([1]);
});
