import { expect, test } from 'vitest';
import { type Engine, type Experiment, measureNames, openEngine, type Trial, type TrialExperiment } from '../../src/index.ts';
import { areWorthSpreading, spreadTrials, type Trier } from '../../src/shell/engine/spread/spread-trials.ts';

const experiment: Experiment = {
  policy: { kind: 'tabular', logits: [[0.3, 0, -0.4]], noise: 0.2 },
  pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
  objective: { name: 'dpo', params: { beta: 0.5 } },
  optimizer: { kind: 'sgd', learningRate: 0.1, steps: 30 },
};
const trials: readonly TrialExperiment[] = Array.from({ length: 23 }, (_, seed) => {
  if (seed % 5 === 1) return { ...experiment, seed, stages: [{ objective: { name: 'ipo' } }] };
  if (seed % 5 === 2)
    return {
      ...{ policy: experiment.policy, rewards: [[1, 0, 0.5]], method: { kind: 'reinforce' }, seed },
      sampling: { groups: 2, n: 3, rounds: 4, updates: 2 },
      optimizer: { kind: 'adam', learningRate: 0.1 },
    };
  return { ...experiment, seed };
});
const engines = (count: number): Promise<Engine[]> => Promise.all(Array.from({ length: count }, () => openEngine({ backend: 'cpu' })));
const measures = measureNames;

test.each([1, 2, 3, 30])('%i engines give the bits of one', async (count) => {
  const [one, several] = [await openEngine({ backend: 'cpu' }), await engines(count)];
  const told: number[] = [];
  const result = await spreadTrials(several, trials, { measures, onProgress: (done, total) => told.push(done / total) });
  expect(result).toEqual(await one.trials(trials, { measures }));
  expect(told.at(-1)).toBe(1);
  expect(told).toEqual([...told].sort((a, b) => a - b));
});

test('what a call before has finished is not trained again', async () => {
  const [one, ...several] = await engines(4);
  if (!one) throw new Error('no engine');
  const whole = await one.trials(trials, { measures });
  const resume = new Map([...whole.entries()].filter(([index]) => index % 3 !== 1));
  const fresh: number[] = [];
  const result = await spreadTrials(several, trials, { measures, resume, onPartial: (_, news) => fresh.push(...news) });
  expect(result).toEqual(whole);
  expect(fresh.sort((a, b) => a - b)).toEqual([...trials.keys()].filter((index) => index % 3 === 1));
});

test('cancelled ones tell what they have, and reject with the reason; so does the fault of one engine', async () => {
  const cancel = new AbortController();
  const reason = new Error('enough');
  let kept: ReadonlyMap<number, Trial> = new Map();
  const running = spreadTrials(await engines(2), trials, {
    ...{ record: [3], signal: cancel.signal },
    onPartial: (finished) => {
      kept = finished;
      if (finished.size === 4) cancel.abort(reason);
    },
  });
  await expect(running).rejects.toBe(reason);
  expect(kept.size).toBeGreaterThanOrEqual(4);
  expect(kept.size).toBeLessThan(trials.length);
  const [sound] = await engines(1);
  const failing: Trier = { trials: () => Promise.reject(new Error('lost')) };
  await expect(spreadTrials([sound as Engine, failing], trials)).rejects.toThrow('lost');
});

test('few short ones are not worth it, nor what is none', () => {
  expect(areWorthSpreading(trials)).toBe(false);
  expect(areWorthSpreading(Array.from({ length: 10_000 }, () => experiment))).toBe(true);
  const endless = Array.from({ length: 3 }, () => ({ ...experiment, optimizer: { ...experiment.optimizer, steps: 1e6 } }));
  expect(areWorthSpreading(endless)).toBe(true);
  for (const wrong of [undefined, {}, [null, null], [{ ...experiment, optimizer: undefined }, experiment]])
    expect(areWorthSpreading(wrong as unknown as TrialExperiment[])).toBe(false);
});
