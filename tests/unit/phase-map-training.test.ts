// @module-tag slow
import { expect, it, vi } from 'vitest';
import { DeviceLostError, type Engine, openEngine, type Sweep, type SweepOptions, type SweepResult } from '../../src/index.ts';
import type { EngineCalls } from '../../src/shell/engine/page-engine.ts';
import { itemsOf } from '../../src/shell/exports/export.ts';
import { mapExports } from '../../src/views/map/map-export.ts';
import { defaultMap, freshMap, type MapState, PhaseMap } from '../../src/views/map/phase-map.svelte.ts';
import { runsOf } from '../../src/views/map/toys/map-metrics.ts';
import { toys } from '../../src/views/map/toys/map-toys.ts';
import { expectWithin, float32Roundoff } from '../gpu/tolerance.ts';
import { findPyTorch, readCsv, runScripts } from '../shared/pytorch.ts';

const small: MapState = { ...defaultMap, base: { ...defaultMap.base, steps: 3, noise: 0.2 }, resolution: 32, seeds: 2 };
const allRuns = 2 * (16 ** 2 + 32 ** 2);

/** An engine whose device goes away in the middle of its sweep number `at`, once. */
function losing(engine: Engine, at: number) {
  const sweeps: Sweep[] = [];
  const kept: number[] = [];
  const sweep = async (asked: Sweep, options: SweepOptions = {}): Promise<SweepResult> => {
    sweeps.push(asked);
    kept.push(asked.resume?.runs ?? 0);
    if (sweeps.length !== at) return engine.sweep(asked, options);
    const device = new AbortController();
    const lost = new DeviceLostError('The GPU device was lost.');
    return engine.sweep(asked, {
      ...options,
      signal: device.signal,
      onPartial: (partial) => {
        options.onPartial?.(partial);
        if (partial.runs > 0) device.abort(lost);
      },
    });
  };
  const calls: EngineCalls = {
    backend: engine.backend,
    train: (experiment, options) => engine.train(experiment, options),
    diagnose: (experiment, parameters) => engine.diagnose(experiment, parameters),
    trainOnPolicy: (experiment, options) => engine.trainOnPolicy(experiment, options),
    matchTarget: (experiment, options) => engine.matchTarget(experiment, options),
    flow: (experiment, options) => engine.flow(experiment, options),
    prepareSweep: () => Promise.reject(new Error('not asked for')),
    trials: (experiments, options) => engine.trials(experiments, options),
    sweep,
  };
  return { calls, sweeps, kept };
}

const stops = (map: PhaseMap) => vi.waitFor(() => expect(map.status).not.toBe('running'), { timeout: 120_000, interval: 10 });

it('keeps what was finished when the device is lost, and trains only the rest on the next engine', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const { calls, kept } = losing(engine, 2);
  let present = calls;
  const map = new PhaseMap(() => present, small);
  map.begin();
  await stops(map);
  expect(map.status).toBe('interrupted');
  const [plane] = map.planes;
  const before = plane?.finest?.result;
  expect(before?.runs).toBeGreaterThan(0);
  expect(before?.runs).toBeLessThan(2 * 32 ** 2);
  map.changeEngine();
  map.begin();
  await stops(map);
  expect(map.status).toBe('finished');
  expect(map.progress).toEqual({ done: allRuns, total: allRuns });
  expect(kept).toEqual([0, 0, before?.runs]); // the coarse level once, the fine one twice: the second time from what was kept
  // what comes after it has not trained it
  present = { ...calls, backend: 'webgpu' };
  map.changeEngine();
  expect(map.engines).toEqual(['cpu']);
  const whole = new PhaseMap(() => engine, small);
  whole.begin();
  await stops(whole);
  const [resumed, fresh] = [map, whole].map(({ planes }) => planes[0]?.finest?.result);
  if (!resumed || !fresh) throw new Error('A map is missing.');
  expect(runsOf(resumed)).toEqual(runsOf(fresh));
  engine.dispose();
});

it('rests while it is hidden and goes on; a change of a setting starts it again, and only then', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const { calls, sweeps } = losing(engine, -1);
  const map = new PhaseMap(() => calls, small);
  map.begin();
  map.pause();
  expect(map.status).toBe('paused');
  map.begin();
  await stops(map);
  expect(map.status).toBe('finished');
  const before = sweeps.length;
  map.move(3, -2); // the crosshair alone
  map.setThresholds({ fall: 2 });
  map.colourBy('margin');
  map.restore(map.state);
  expect(map.status).toBe('finished');
  expect(sweeps).toHaveLength(before);
  map.change({ steps: 4 });
  expect(map.status).toBe('running');
  map.cancel();
  expect(map.status).toBe('cancelled');
  map.begin(); // the reader has stopped it
  expect(map.status).toBe('cancelled');
  map.resume();
  await stops(map);
  expect(map.status).toBe('finished');
  engine.dispose();
});

it('every run of a random sample equals the same run done alone, with both objectives of a comparison', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const { calls } = losing(engine, -1);
  const map = new PhaseMap(() => calls, { ...small, other: { name: 'ipo', params: { beta: 0.1 } } });
  map.begin();
  await stops(map);
  expect(map.objectives.map(({ entry }) => entry?.id)).toEqual(['dpo', 'ipo']);
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  for (let sample = 0; sample < 12; sample++) {
    map.point([random(), random()]);
    const at = map.cursor;
    await vi.waitFor(() => expect(map.replay?.at).toBe(at), { timeout: 5000, interval: 5 });
    const { replay } = map;
    if (!replay || !at) throw new Error('There is no replay.');
    const { index } = map.runAt(at);
    expect(replay.runs).toHaveLength(2);
    for (const [plane, steps] of replay.runs.entries()) {
      const finest = map.planes[plane]?.finest;
      if (!finest) throw new Error('There is no map.');
      const change = (steps.at(-1)?.chosenLogps[0] ?? 0) - (steps[0]?.chosenLogps[0] ?? 0);
      expect(runsOf(finest.result).chosenLogpChange[index]).toBe(Math.fround(change)); // a run alone is float64
    }
  }
  engine.dispose();
});

it('records every update of a run only where a pointer rests and the run is told in words', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const { calls } = losing(engine, -1);
  const recorded: number[] = [];
  const counting: EngineCalls = {
    ...calls,
    train: (experiment, options) => {
      recorded.push(experiment.record?.length ?? Number.NaN);
      return calls.train(experiment, options);
    },
  };
  const mapOf = (toy: 'displacement' | 'suffix') => {
    const fresh = freshMap(toy, small);
    return new PhaseMap(() => counting, { ...fresh, base: { ...fresh.base, steps: 250 } });
  };
  const told = mapOf('displacement');
  for (let move = 0; move < 5; move++) told.point([0.1 + move / 10, 0.5]); // passes by
  await vi.waitFor(() => expect(told.replay?.runs[0]).toHaveLength(251), { timeout: 5000, interval: 5 });
  expect(recorded).toEqual([101, 251]);

  recorded.length = 0;
  const other = mapOf('suffix');
  other.point([0.3, 0.5]);
  await vi.waitFor(() => expect(other.replay?.runs[0]?.at(-1)?.step).toBe(250), { timeout: 5000, interval: 5 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(recorded).toEqual([101]);
  engine.dispose();
});

it('probes stay at their places and are trained again with every change', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const { calls } = losing(engine, -1);
  const map = new PhaseMap(() => calls, small);
  map.begin();
  map.point([0.3, 0.7]);
  await vi.waitFor(() => expect(map.replay).not.toBeNull(), { timeout: 5000 });
  map.pin();
  const before = map.probes[0]?.replay?.runs;
  map.change({ noise: 0.4 });
  await vi.waitFor(() => expect(map.probes[0]?.replay).not.toBeNull(), { timeout: 5000 });
  // the middle of the run's place, of 64 runs across and 32 up, in four digits
  expect(map.probes[0]?.at).toEqual([19.5 / 64, 22.5 / 32].map((share) => Math.round(1e4 * share) / 1e4));
  expect(map.state.probes).toEqual([map.probes[0]?.at]);
  expect(map.probes[0]?.replay?.runs).not.toEqual(before);
  // a link brings its own, which are trained
  map.restore({ ...map.state, probes: [[0.5, 0.25]] });
  await vi.waitFor(
    () =>
      expect(map.probes.map(({ at, replay }) => [at, replay?.at])).toEqual([
        [
          [0.5, 0.25],
          [0.5, 0.25],
        ],
      ]),
    { timeout: 5000 },
  );
  await stops(map);
  engine.dispose();
});

const scriptOptions = { title: 'A test.', notes: [], objective: 'the loss' };

it('hands out its settings, every run and the objectives; nothing before it is trained', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const map = new PhaseMap(() => engine, { ...small, other: { name: 'simpo' } });
  expect(() => mapExports(map)).toThrow(/Nothing has been trained/);
  map.begin();
  await stops(map);
  const exports = mapExports(map);
  expect(itemsOf(exports).filter(({ of }) => of !== null)).toHaveLength(4);
  expect(exports.seed).toBe('0 to 1');
  const table = exports.table?.();
  expect(table?.rows).toHaveLength(2 * 2 * 32 ** 2);
  const { maps, settings } = (exports.data?.() ?? {}) as { maps: { runs: { chosenLogpChange: Float32Array } }[]; settings: MapState };
  expect(settings.resolution).toBe(32);
  const column = table?.columns.findIndex((name) => name.startsWith('Change of log π(chosen)')) ?? -1;
  expect(table?.rows.map((row) => row[column])).toEqual(maps.flatMap(({ runs }) => [...runs.chosenLogpChange]));
  engine.dispose();
});

const found = findPyTorch();
it.skipIf('missing' in found)(
  'missing' in found ? `scripts of single runs: ${found.missing}` : 'the script of the run that is pointed at ends where the map says',
  async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const ends: { name: string; script: string; expected: number[] }[] = [];
    for (const { id } of toys) {
      const fresh = freshMap(id, defaultMap);
      const state: MapState = { ...fresh, base: { ...fresh.base, steps: 5, noise: 0.2, seed: 3 }, resolution: 32, seeds: 2 };
      const map = new PhaseMap(() => engine, { ...state, other: { name: 'ipo', params: { beta: 0.3 } } });
      map.begin();
      await stops(map);
      map.point([0.62, 0.31]);
      await vi.waitFor(() => expect(map.replay).not.toBeNull(), { timeout: 120_000, interval: 10 });
      const { index } = map.runAt([0.62, 0.31]);
      for (const [which, { finest }] of map.planes.entries()) {
        if (!finest) throw new Error('A map is missing.');
        const runs = runsOf(finest.result);
        const expected = [runs.chosenLogpChange, runs.rejectedLogpChange, runs.loss].map((values) => values[index] ?? Number.NaN);
        ends.push({
          name: `${id}, objective ${which}`,
          script: mapExports(map).script?.(scriptOptions, which) ?? '',
          expected,
        });
      }
      map.dispose();
    }
    const written = runScripts(
      'python' in found ? found.python : '',
      ends.map(({ script }) => script),
    ).map(readCsv);
    for (const [index, { name, expected }] of ends.entries()) {
      const { columns, rows } = written[index] ?? { columns: [], rows: [] };
      const change = (prefix: string) => {
        const places = columns.flatMap((column, place) => (column.startsWith(prefix) ? [place] : []));
        return places.reduce((sum, place) => sum + (rows.at(-1)?.[place] ?? 0) - (rows[0]?.[place] ?? 0), 0) / places.length;
      };
      expect(rows.at(-1)?.[0], name).toBe(5);
      // a map holds what was computed in float64 as float32
      const got = [change('chosen_logp'), change('rejected_logp'), rows.at(-1)?.[1] ?? Number.NaN];
      expectWithin(got, expected, (i) => 1e-9 + 2 * float32Roundoff * Math.abs(expected[i] ?? 0), name);
    }
    engine.dispose();
  },
  300_000,
);
