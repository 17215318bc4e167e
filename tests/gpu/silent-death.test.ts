import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { defaultSettings, noOverNever } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { SurvivingEngine } from '../../src/shell/engine/surviving-engine.svelte.ts';
import { readData } from '../../src/shell/files/read-data.ts';

// A worker that the browser kills sends no word. To the page, one that is terminated behind its back has died the same way.
const workers: Worker[] = [];
beforeEach(() => {
  vi.stubGlobal(
    'Worker',
    class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        workers.push(this);
      }
    },
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
  workers.length = 0;
});

const killNewest = (): void => workers.at(-1)?.terminate();
const experiment = noOverNever({ ...defaultSettings, steps: 60 });

describe.each(['cpu', 'webgpu'] as const)('a worker of the %s engine that dies without a word', (backend) => {
  const open = () => SurvivingEngine.open(backend, { pauses: [0] });

  test('is followed by another, where the run goes on to the same end', async () => {
    const undisturbed = await open();
    const expected = await undisturbed.train({ ...experiment, record: [60] });
    undisturbed.dispose();
    const engine = await open();
    const run = await engine.startRun(experiment);
    await run.advance(20);
    killNewest();
    const steps = await run.advance(40, [60]);
    expect(steps).toEqual(expected.steps);
    expect(engine.backend).toBe(backend);
    expect(engine.news).toMatchObject({ kind: 'started', reason: expect.stringMatching(/ended the engine’s worker/) });
    expect(workers).toHaveLength(3);
    engine.dispose();
  });

  test('is followed by another, where trials go on with those that had not finished', async () => {
    const trials = Array.from({ length: 6 }, (_, seed) => ({ ...experiment, policy: { ...experiment.policy, noise: 0.1 }, seed }));
    const undisturbed = await open();
    const expected = await undisturbed.trials(trials, { record: [60], measures: ['margin'] });
    undisturbed.dispose();
    const engine = await open();
    const told: number[] = [];
    const result = await engine.trials(trials, {
      ...{ record: [60], measures: ['margin'] },
      onPartial: (finished, fresh) => {
        told.push(...fresh);
        if (finished.size === 3) killNewest();
      },
    });
    expect(result).toEqual(expected);
    expect(new Set(told).size).toBe(trials.length);
    expect(told.slice(3).some((index) => told.slice(0, 3).includes(index))).toBe(false);
    expect(engine.news).toMatchObject({ kind: 'started' });
    engine.dispose();
  });

  test('is noticed while it works, and one that always dies is given up', async () => {
    const engine = await open();
    const training = engine.train(
      { ...experiment, optimizer: { ...experiment.optimizer, steps: 1_000_000 }, record: [0] },
      { onProgress: killNewest },
    );
    // the CPU engine's, too, dies: then there is none
    await expect(training).rejects.toThrow(/could not be started again/);
    expect(engine.news?.kind).toBe('stopped');
    expect(workers.length).toBeGreaterThan(3);
    engine.dispose();
  });
});

test('a worker that dies after a comparison is followed by another at the next one', async () => {
  const engine = await SurvivingEngine.open('webgpu');
  const run = await engine.startRun(experiment);
  await run.advance(5, [5]);
  expect(await engine.compare()).not.toBeNull();
  killNewest();
  await expect.poll(() => engine.compare().then(Boolean, () => false)).toBe(true);
  engine.dispose();
});

test('a worker that dies as it reads a file is said to have broken', async () => {
  const line = JSON.stringify({ prompt: 'p', chosen: 'a b c', rejected: 'd e f' });
  const reading = readData(
    { kind: 'any', name: 'pairs.jsonl', file: new Blob(Array.from({ length: 200_000 }, () => `${line}\n`)), maxRows: 1000 },
    { onProgress: killNewest },
  );
  await expect(reading).rejects.toThrow(/took more memory than the browser gives/);
});
