import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Sweep, SweepOptions } from '../../src/index.ts';
import type { EngineCalls } from '../../src/shell/engine/page-engine.ts';
import { longestWait, roughTime, secondsFor } from '../../src/views/map/map-wait.ts';
import { defaultMap, type MapState, PhaseMap } from '../../src/views/map/phase-map.svelte.ts';
import { mapResult } from './map-result.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** An engine on a clock of its own: a sweep takes `fixed` seconds, and so much for each run, told in four parts. */
function timedEngine({ fixed, perRun, opening = 0 }: { fixed: number; perRun: number; opening?: number }) {
  let now = 0;
  let toOpen = opening;
  vi.spyOn(performance, 'now').mockImplementation(() => 1000 * now);
  const never = () => Promise.reject(new Error('It only sweeps.'));
  const sweep = async ({ x, y, seeds = 1, resume }: Sweep, { signal, onProgress, onPartial }: SweepOptions = {}) => {
    const runs = x.values.length * y.values.length * seeds;
    const from = resume?.runs ?? 0;
    now += fixed + toOpen;
    toOpen = 0;
    for (let part = 1; part <= 4; part++) {
      const done = from + ((runs - from) * part) / 4;
      now += (perRun * (runs - from)) / 4;
      onPartial?.({ ...mapResult([0], [0]), runs: done });
      onProgress?.(done, runs);
      await Promise.resolve();
      signal?.throwIfAborted();
    }
    return { ...mapResult([0], [0]), runs };
  };
  const calls: EngineCalls = {
    backend: 'cpu',
    train: never,
    diagnose: never,
    trainOnPolicy: never,
    matchTarget: never,
    flow: never,
    prepareSweep: never,
    trials: never,
    sweep,
  };
  return { calls, seconds: () => now };
}

const stops = (map: PhaseMap) => vi.waitFor(() => expect(map.status).not.toBe('running'), { interval: 1 });
const large: MapState = { ...defaultMap, resolution: 256, seeds: 9 };
const allRuns = 9 * (16 ** 2 + 32 ** 2 + 64 ** 2 + 128 ** 2 + 256 ** 2);

describe('a map of a link', () => {
  it('asks before it takes long, with a time that turns out true, and then trains what is left', async () => {
    const { calls, seconds } = timedEngine({ fixed: 0.1, perRun: 1e-3 });
    const map = new PhaseMap(() => calls, large);
    map.begin();
    await stops(map);
    expect(map.status).toBe('asking');
    const asked = seconds();
    expect(asked).toBeLessThan(longestWait / 2);
    const estimate = map.wait?.seconds ?? 0;
    map.begin(); // shown again: it still asks
    expect(map.status).toBe('asking');
    map.start();
    await stops(map);
    expect(map.status).toBe('finished');
    expect(map.progress).toEqual({ done: allRuns, total: allRuns });
    expect((seconds() - asked) / estimate).toBeGreaterThan(0.8);
    expect((seconds() - asked) / estimate).toBeLessThan(1.25);
    // the same link again asks nothing; another does
    map.restore({ ...large, seeds: 8 });
    await stops(map);
    expect(map.status).toBe('asking');
    map.restore(large);
    await stops(map);
    expect(map.status).toBe('finished');
  });

  it('offers the next coarser map that takes no longer than a reader waits, and keeps what is trained of it', async () => {
    const { calls, seconds } = timedEngine({ fixed: 0, perRun: 1e-3 });
    const map = new PhaseMap(() => calls, large);
    map.begin();
    await stops(map);
    // 9 · 64² runs take 37 s, and 9 · 32² take 9 s
    expect(map.wait?.smaller?.resolution).toBe(32);
    map.startSmaller();
    await stops(map);
    expect([map.status, map.resolution]).toEqual(['finished', 32]);
    expect(seconds()).toBeCloseTo(9 * (16 ** 2 + 32 ** 2) * 1e-3, 6);
    expect(map.planes[0]?.finest?.count).toBe(32);
  });

  it('asks in the middle of a level that alone takes long', async () => {
    const { calls } = timedEngine({ fixed: 0, perRun: 0.1 });
    const map = new PhaseMap(() => calls, { ...defaultMap, base: { ...defaultMap.base, steps: 2000 }, resolution: 32 });
    map.begin();
    await stops(map);
    expect(map.status).toBe('asking');
    // a quarter is done, and the next one told of the pace
    expect(map.wait?.runs).toBe(64);
    expect(map.wait?.seconds).toBeCloseTo((16 ** 2 + 32 ** 2) * 0.1 - 6.4, 6);
    expect(map.wait?.smaller).toBeNull();
  });

  it('does not take what the engine prepares first for its pace', async () => {
    const { calls } = timedEngine({ fixed: 0, perRun: 1e-3, opening: 30 });
    const map = new PhaseMap(() => calls, { ...large, resolution: 32 });
    map.begin();
    await stops(map);
    expect(map.status).toBe('finished');
  });

  it('does not ask where it is as small as the page’s own, however slow the engine', async () => {
    const { calls } = timedEngine({ fixed: 0, perRun: 0.1 });
    const map = new PhaseMap(() => calls, { ...defaultMap, resolution: 32, seeds: 2 });
    map.begin();
    await stops(map);
    expect(map.status).toBe('finished');
  });

  it('does not ask on an engine that takes little longer for many runs than for few', async () => {
    const { calls } = timedEngine({ fixed: 1, perRun: 1e-6 });
    const map = new PhaseMap(() => calls, large);
    map.begin();
    await stops(map);
    expect(map.status).toBe('finished');
  });
});

it('a map that the reader set, or that comes as it is, never asks', async () => {
  const { calls } = timedEngine({ fixed: 0, perRun: 0.01 });
  const map = new PhaseMap(() => calls);
  map.begin();
  await stops(map);
  expect(map.status).toBe('finished');
  map.setResolution(256);
  await stops(map);
  expect(map.status).toBe('finished');
  // nor does the way back to it
  map.restore({ ...map.state, resolution: 64 });
  map.restore({ ...map.state, resolution: 256 });
  await stops(map);
  expect(map.status).toBe('finished');
});

it('another engine is timed anew', async () => {
  let { calls } = timedEngine({ fixed: 0, perRun: 1e-3 });
  const map = new PhaseMap(() => calls, { ...large, resolution: 128 });
  map.begin();
  await stops(map);
  expect(map.status).toBe('asking');
  calls = timedEngine({ fixed: 0, perRun: 1e-6 }).calls;
  map.changeEngine();
  map.begin();
  await stops(map);
  expect(map.status).toBe('finished');
});

it('estimates by how much longer the last level took than the one before', () => {
  const timed = [
    { runs: 100, seconds: 1 },
    { runs: 400, seconds: 1.3 },
  ];
  expect(secondsFor([1600], timed)).toBeCloseTo(2.5, 12);
  expect(secondsFor([1600, 6400], timed)).toBeCloseTo(2.5 + 7.3, 12);
  expect(secondsFor([1600], timed.slice(0, 1))).toBeCloseTo(16, 12);
  expect(secondsFor([1600], [])).toBe(0);
});

it.each([
  [21, '20 seconds'],
  [89, '90 seconds'],
  [200, '3 minutes'],
  [7200, '2 hours'],
])('says %d s as one does', (seconds, said) => {
  expect(roughTime(seconds)).toBe(said);
});
