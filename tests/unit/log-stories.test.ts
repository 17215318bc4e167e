import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evidenceOf } from '../../src/data/logs/evidence.ts';
import { readingsOf } from '../../src/data/logs/readings/readings.ts';
import type { LogFacts } from '../../src/data/logs/readings/series.ts';
import { smoothed, stackOf, thinned } from '../../src/data/logs/stack.ts';
import { plainAnswer, storyOf } from '../../src/data/logs/stories/stories.ts';
import { unitOf } from '../../src/data/logs/units.ts';
import { readData } from '../../src/data/read-data.ts';
import type { TrainingLog } from '../../src/data/read-data-types.ts';
import { exampleLog, sampleLogs } from '../../src/views/run/sample-logs.ts';

const opened = async (name: string, text: string): Promise<TrainingLog> => {
  const data = await readData({ name, bytes: new TextEncoder().encode(text) });
  if (data.kind !== 'log') throw new Error(`${name} is ${data.kind}`);
  return data;
};
const report = (name: string) => opened(name, readFileSync(`tests/golden/reports/${name}`, 'utf8'));
const logOf = (columns: Record<string, number[]>, more: Partial<LogFacts> = {}): LogFacts => {
  const rows = Object.values(columns)[0]?.length ?? 0;
  return { steps: Array.from({ length: rows }, (_, i) => 10 * i), columns, nonFinite: [], beta: null, ...more };
};
const row = (log: LogFacts, id: string) => evidenceOf(log).rows.find((one) => one.id === id);

describe('the evidence of a log', () => {
  it('is what a calculator gives: means of the first and of the last fifth, rewards divided by β', () => {
    const chosen = [0, -0.1, -0.2, -0.4, -0.5, -0.7, -0.9, -1, -1.2, -1.4];
    const log = logOf({ 'rewards/chosen': chosen, 'rewards/rejected': chosen.map((value) => 2 * value) }, { beta: 0.2 });
    expect(evidenceOf(log)).toMatchObject({ averaged: 2, total: 10 });
    // (0 − 0.1) ÷ 2 ÷ 0.2 and (−1.2 − 1.4) ÷ 2 ÷ 0.2; each of a few operations in float64
    expect(row(log, 'chosen')?.early).toBeCloseTo(-0.25, 12);
    expect(row(log, 'chosen')?.late).toBeCloseTo(-6.5, 12);
    expect(row(log, 'chosen')?.how).toBe('−1.3 ÷ 0.2');
    expect(row(log, 'rejected')?.late).toBeCloseTo(-13, 12);
    expect(unitOf({ ...log, beta: null })).toBe('reward');
    expect(row({ ...log, beta: null }, 'chosen')?.late).toBeCloseTo(-1.3, 12);
  });

  it('takes β from rewards and log-probs of the same pairs: trainer_state.json', async () => {
    const log = await report('trainer_state.json');
    expect(log.beta).toBe(0.1);
    expect(row(log, 'chosen')?.late).toBeCloseTo(-19.6, 9);
  });

  it('leaves rewards without a reference alone, and says what is a mean over tokens', () => {
    const logps = [-1, -1.1, -1.2, -1.3, -1.4];
    const free = logOf({ 'logps/chosen': logps, 'rewards/chosen': logps.map((value) => 2 * value) });
    expect(unitOf(free)).toBe('per-token');
    expect(row(free, 'chosen')?.late).toBe(-1.4);
    expect(unitOf(logOf({ 'logps/chosen': logps.map((value) => 40 * value) }))).toBe('logp');
    expect(unitOf(logOf({ loss: logps }))).toBeNull();
  });
});

describe('the charts of a log', () => {
  it('are those of which it has numbers, in nats where β is known', async () => {
    const log = await report('log-chosen-and-rejected-fall.jsonl');
    const stack = stackOf({ ...log, beta: 0.1 });
    expect(stack.map(({ id }) => id)).toEqual(['sides', 'margin', 'accuracy', 'loss', 'rate']);
    expect(stack[0]?.series[0]?.values.at(-1)).toBeCloseTo(-19.6, 9);
    expect(stackOf(logOf({ reward: [1, 2], kl: [0, 1] })).map(({ id }) => id)).toEqual(['group-reward', 'kl']);
  });

  it('smooth without moving the ends, and thin to means', () => {
    expect(smoothed([1, 2, 6, 2, 9], 3)).toEqual([1, 3, 10 / 3, 17 / 3, 9]);
    expect(thinned({ steps: [0, 1, 2, 3, 4], values: [1, 3, 5, 7, 10] }, 3)).toEqual({ steps: [1, 3, 4], values: [2, 6, 10] });
  });
});

describe('the story of a reading', () => {
  const both = (more: Record<string, number[]> = {}) =>
    logOf({
      'rewards/chosen': [0, -0.5, -1, -1.5, -2, -2.5],
      'rewards/rejected': [0, -1, -2, -3, -4, -5],
      'rewards/margins': [0, 0.5, 1, 1.5, 2, 2.5],
      ...more,
    });
  const first = (log: LogFacts) => {
    const [reading] = readingsOf(log);
    if (!reading) throw new Error('no reading');
    return { reading, story: storyOf(reading, log) };
  };

  it('answers the question, and says of each cause what the log says', () => {
    const { reading, story } = first(both());
    expect(reading.id).toBe('both-fall');
    expect(story?.headline).toMatch(/^Yes, from step \d+: chosen has fallen, rejected further$/);
    expect(story?.causes.map(({ verdict }) => verdict)).toEqual(['fits', 'pairs', 'unsaid']);
    // a likelihood term in the loss: then it does not ask for the gap alone
    expect(first(both({ nll_loss: [1, 1, 1, 1, 1, 1] })).story?.causes[0]?.verdict).toBe('no');
  });

  it('counts epochs, and looks at gradients and rates', async () => {
    const explode = (epoch: number) =>
      first(logOf({ 'rewards/margins': [0, 5, 10, 20, 40, 60], epoch: [0, 1, 2, 3, 4, 5].map((i) => (i * epoch) / 5) }));
    expect(explode(3).reading.id).toBe('margins-explode');
    expect(explode(3).story?.causes[0]).toMatchObject({ verdict: 'fits', because: 'epoch 3 at the end' });
    expect(explode(1).story?.causes[0]).toMatchObject({ verdict: 'no' });
    const stuck = (norm: number) => {
      const at = [0, 1, 2, 3].map(() => norm);
      return first(logOf({ loss: at.map(() => Math.LN2), grad_norm: at, learning_rate: at.map(() => 0) })).story?.causes;
    };
    expect(stuck(0)?.map(({ verdict }) => verdict)).toEqual(['unsaid', 'fits', 'fits']);
    expect(stuck(3)?.map(({ verdict }) => verdict)).toEqual(['unsaid', 'no', 'fits']);
  });

  it('is told of every reading of the page’s own logs, and of the example', async () => {
    const found: Record<string, string | undefined> = {};
    for (const { id, text } of await sampleLogs()) {
      const log = await opened(`${id}.jsonl`, text);
      found[id] = log.readings[0]?.id;
      for (const reading of log.readings) expect(storyOf(reading, log)?.remedies.length, reading.id).toBeGreaterThan(0);
      if (id === 'as-hoped') expect(plainAnswer(log)).toMatch(/^No: chosen rises by .*, and rejected falls$/);
    }
    expect(found).toEqual({
      'as-hoped': undefined,
      'both-fall': 'both-fall',
      'both-rise': 'both-rise',
      'stuck-at-ln2': 'stuck-at-ln2',
      'margins-explode': 'margins-explode',
      nan: 'nan',
    });
    const example = await opened('example.jsonl', await exampleLog());
    expect(example.readings[0]?.id).toBe('both-fall');
  });
});
