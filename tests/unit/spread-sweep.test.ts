import { expect, test } from 'vitest';
import { type Engine, openEngine, type Sweep, type SweepResult } from '../../src/index.ts';
import { isWorthSpreading, pageSweep, spreadSweep } from '../../src/shell/engine/spread/spread-sweep.ts';

const experiment: Sweep['experiment'] = {
  policy: {
    kind: 'features',
    hidden: [[1, 0.5]],
    unembedding: [
      [1, 1],
      [0.8, 1.4],
      [-0.3, 0.2],
    ],
    noise: 0.2,
    train: 'both',
  },
  pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
  objective: { name: 'dpo', params: { beta: 0.5 } },
  optimizer: { kind: 'sgd', learningRate: 0.1, steps: 30 },
};
const sweep: Sweep = {
  experiment,
  x: { path: 'objective.params.beta', values: [0.1, 0.4, 1, 3, 9] },
  y: { path: 'optimizer.learningRate', values: [0.01, 0.3, 1e200] }, // the last overflows
  seeds: 4,
};
const engines = (count: number): Promise<Engine[]> => Promise.all(Array.from({ length: count }, () => openEngine({ backend: 'cpu' })));

test.each([1, 2, 3, 7, 20])('%i engines give the bits of one', async (count) => {
  const [one, several] = [await openEngine({ backend: 'cpu' }), await engines(count)];
  for (const perSeed of [false, true]) {
    const told: number[] = [];
    const result = await spreadSweep(several, { ...sweep, perSeed }, { onProgress: (done, total) => told.push(done / total) });
    const alone = await one.sweep({ ...sweep, perSeed });
    expect(result).toEqual(alone);
    expect(alone.diverged.some(Boolean) && alone.diverged.some((n) => n === 0)).toBe(true);
    expect(told.at(-1)).toBe(1);
    expect(Math.max(...told)).toBe(1);
  }
});

test('what a call before has finished is not trained again', async () => {
  const several = await engines(3);
  const whole = await spreadSweep(several, { ...sweep, perSeed: true });
  const trained: number[] = [];
  const counted = several.map((engine) => ({
    async sweep(asked: Sweep, options: Parameters<Engine['sweep']>[1]) {
      const result = await engine.sweep(asked, options);
      trained.push(result.runs - 45);
      return result;
    },
  }));
  const state = whole.perSeed?.state.map((value, run) => (run % 4 === 1 ? 0 : value));
  if (!whole.perSeed || !state) throw new Error('no seeds');
  const told: number[] = [];
  const resume: SweepResult = { ...whole, perSeed: { ...whole.perSeed, state } };
  const result = await spreadSweep(counted, { ...sweep, perSeed: true, resume }, { onProgress: (done) => told.push(done) });
  expect(result.perSeed).toEqual(whole.perSeed);
  expect(trained).toEqual([5, 5, 5]);
  expect(Math.min(...told)).toBeGreaterThanOrEqual(45);
});

test('a cancelled sweep tells what it has, and rejects with the reason', async () => {
  const cancel = new AbortController();
  const reason = new Error('enough');
  const parts: SweepResult[] = [];
  const running = spreadSweep(
    await engines(2),
    { ...sweep, seeds: 200 },
    {
      signal: cancel.signal,
      onPartial: (partial) => {
        parts.push(partial);
        cancel.abort(reason);
      },
    },
  );
  await expect(running).rejects.toBe(reason);
  const last = parts.at(-1);
  expect(last?.perSeed).toBeUndefined();
  expect(last?.runs).toBeGreaterThan(0);
  expect(last?.runs).toBeLessThan(3000);
});

test('where one engine fails the others stop, and the error is its own', async () => {
  const [sound, other] = await engines(2);
  if (!sound || !other) throw new Error('no engines');
  let stopped = false;
  const running = spreadSweep(
    [
      {
        sweep: async (asked, options) => {
          options?.signal?.addEventListener('abort', () => {
            stopped = true;
          });
          return sound.sweep({ ...asked, seeds: 4 }, options);
        },
      },
      { sweep: () => Promise.reject(new Error('lost')) },
    ],
    sweep,
  );
  await expect(running).rejects.toThrow('lost');
  expect(stopped).toBe(true);
});

test('small sweeps are not worth it', () => {
  expect(isWorthSpreading(sweep)).toBe(false);
  expect(isWorthSpreading({ ...sweep, seeds: 1000 })).toBe(true);
  expect(isWorthSpreading({ ...sweep, seeds: 1000, share: { index: 0, of: 2 } })).toBe(false); // one is not shared again
});

test('the page spreads what is worth it, and opens the other engines only then', async () => {
  const [first, other] = await engines(2);
  if (!first || !other) throw new Error('no engines');
  let opened = 0;
  const helpers = async () => {
    opened++;
    return [other];
  };
  const alone = await first.sweep(sweep);
  expect(await pageSweep(first, helpers, sweep)).toEqual(alone);
  expect(opened).toBe(0);
  const long = { ...sweep, experiment: { ...experiment, optimizer: { ...experiment.optimizer, steps: 4000 } } };
  expect(await pageSweep(first, helpers, long)).toEqual(await first.sweep(long));
  expect(opened).toBe(1);
});

test('a share is trained alone, and one that is none is refused', async () => {
  const [engine] = await engines(1);
  if (!engine) throw new Error('no engine');
  const told: number[] = [];
  const share = { index: 1, of: 4 };
  const part = await engine.sweep({ ...sweep, share }, { onProgress: (done, total) => told.push(total - done) });
  expect([...part.finished]).toEqual(Array.from({ length: 15 }, (_, cell) => (cell % 4 === 1 ? 4 : 0)));
  expect(part.runs).toBe(16);
  expect(told.at(-1)).toBe(0);
  for (const wrong of [{ index: 4, of: 4 }, { index: 0, of: 0 }, { index: 0.5, of: 2 }, null])
    await expect(engine.sweep({ ...sweep, share: wrong as unknown as typeof share })).rejects.toThrow('(sweep).share');
});

test('maps on the way are asked for only where somebody hears of them', async () => {
  const [engine] = await engines(1);
  if (!engine) throw new Error('no engine');
  const heard: boolean[] = [];
  const listening = {
    sweep(asked: Sweep, options: Parameters<Engine['sweep']>[1]) {
      heard.push(options?.onPartial !== undefined);
      return engine.sweep(asked, options);
    },
  };
  await spreadSweep([listening], sweep);
  await spreadSweep([listening], sweep, { onPartial: () => {} });
  expect(heard).toEqual([false, true]);
});

test.each([
  {},
  { x: sweep.x },
  { ...sweep, experiment: {} },
  { ...sweep, seeds: 1e12 },
  { ...sweep, seeds: Number.NaN },
  { ...sweep, seeds: 1000.5 },
])('what is no sweep, or too large a one, is left to one engine: %j', (wrong) => expect(isWorthSpreading(wrong as Sweep)).toBe(false));
