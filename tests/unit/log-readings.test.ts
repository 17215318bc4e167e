import { describe, expect, it } from 'vitest';
import { bothFall } from '../../src/data/logs/readings/both-fall.ts';
import { bothRise } from '../../src/data/logs/readings/both-rise.ts';
import { chosenFalls } from '../../src/data/logs/readings/chosen-falls.ts';
import { evalTrainApart } from '../../src/data/logs/readings/eval-train-apart.ts';
import { grpoZeroLoss } from '../../src/data/logs/readings/grpo-zero-loss.ts';
import { klNegative } from '../../src/data/logs/readings/kl-negative.ts';
import { lengthGrows } from '../../src/data/logs/readings/length-grows.ts';
import { marginsExplode } from '../../src/data/logs/readings/margins-explode.ts';
import { nan } from '../../src/data/logs/readings/nan.ts';
import { readingsOf } from '../../src/data/logs/readings/readings.ts';
import { saturated } from '../../src/data/logs/readings/saturated.ts';
import { betaOf, type FindReading, type LogFacts } from '../../src/data/logs/readings/series.ts';
import { stuckAtLn2 } from '../../src/data/logs/readings/stuck-at-ln2.ts';
import { warmUpShort } from '../../src/data/logs/readings/warm-up-short.ts';
import { storyOf } from '../../src/data/logs/stories/stories.ts';
import { readData } from '../../src/data/read-data.ts';

/** what a test looks into by name */
type Loose = ReturnType<typeof JSON.parse>;

const ROWS = 40;
/** Noise that is the same in every run: of size 1 and of no trend. */
const noise = (i: number, k: number): number => Math.sin(12.9898 * (i + 1) + 78.233 * k);

/** ln 2, as a log rounds it */
const rounded = Number(Math.LN2.toFixed(4));

type Curve = (t: number, i: number) => number;
/** A log of 40 rows, a row each ten steps; curves are of t from 0 to 1. */
function logOf(curves: Readonly<Record<string, Curve>>, more: Partial<LogFacts> = {}): LogFacts {
  const steps = Array.from({ length: ROWS }, (_, i) => 10 * i);
  const columns = Object.fromEntries(
    Object.entries(curves).map(([name, curve], k) => [name, steps.map((_, i) => curve(i / (ROWS - 1), i) * (1 + 0.02 * noise(i, k)))]),
  );
  return { steps, columns, nonFinite: [], beta: null, ...more };
}

/** A run as it should go: chosen up, rejected down, a margin of 2. */
const healthy: Record<string, Curve> = {
  loss: (t) => Math.LN2 - 0.35 * t,
  'rewards/chosen': (t) => 0.5 * t,
  'rewards/rejected': (t) => -1.5 * t,
  'rewards/margins': (t) => 2 * t,
  'rewards/accuracies': (t) => 0.5 + 0.3 * t,
  'logps/chosen': (t) => -100 + 5 * t,
  'logps/rejected': (t) => -120 - 15 * t,
  learning_rate: (t) => 1e-6 * Math.min(1, 10 * t) * (1 - 0.5 * t),
  grad_norm: () => 5,
};
const with_ = (change: Record<string, Curve>, more?: Partial<LogFacts>): LogFacts => logOf({ ...healthy, ...change }, more);

const cases: Record<
  string,
  { find: FindReading; has: LogFacts; hasNot?: LogFacts; evidence: RegExp; fromStep?: readonly [number, number] }
> = {
  'both-fall': {
    find: bothFall,
    has: with_({ 'rewards/chosen': (t) => -2 * Math.max(0, t - 0.25), 'rewards/rejected': (t) => -4 * t }),
    hasNot: with_({ 'rewards/chosen': (t) => 0.01 * t, 'rewards/rejected': (t) => -4 * t }),
    evidence: /Both fall.*−1\.\d.*−3\.\d.*divided by your β/,
    fromStep: [100, 250],
  },
  'both-rise': {
    find: bothRise,
    has: with_({ 'rewards/rejected': (t) => 0.4 * t }),
    evidence: /Both rise: chosen by 0\.\d+, rejected by 0\.\d+/,
    fromStep: [1, 200],
  },
  'chosen-falls': {
    find: chosenFalls,
    has: with_({ 'rewards/chosen': (t) => -0.8 * t, 'rewards/rejected': () => 0.01 }),
    hasNot: with_({ 'rewards/chosen': (t) => -0.8 * t, 'rewards/accuracies': () => 0.5 }),
    evidence: /climbs from 0\.5\d* to 0\.7\d*/,
    fromStep: [1, 200],
  },
  'stuck-at-ln2': {
    find: stuckAtLn2,
    has: {
      ...with_({}),
      columns: { loss: Array(ROWS).fill(rounded), 'rewards/chosen': Array(ROWS).fill(0), 'rewards/rejected': Array(ROWS).fill(0) },
    },
    hasNot: { ...with_({}), columns: { loss: Array(ROWS).fill(rounded), 'rewards/chosen': Array(ROWS).fill(0.1) } },
    evidence: /0\.6931 in all 40 rows/,
    fromStep: [0, 0],
  },
  nan: {
    find: nan,
    has: with_(
      { loss: (t, i) => (i >= 12 ? Number.NaN : Math.LN2 - t), grad_norm: (_, i) => (i >= 12 ? Number.NaN : 5) },
      {
        nonFinite: [
          { column: 'loss', step: 120, value: Number.NaN },
          { column: 'grad_norm', step: 120, value: Number.NaN },
          { column: 'loss', step: 130, value: Number.NaN },
        ],
      },
    ),
    hasNot: with_({}, { nonFinite: [{ column: 'epoch', step: 120, value: Number.NaN }] }),
    evidence: /from step 120 on: loss, grad_norm .* in 2 of 40 rows/,
    fromStep: [120, 120],
  },
  saturated: {
    find: saturated,
    has: with_({ 'rewards/accuracies': (t) => (t < 0.4 ? 0.6 + t : 1), 'rewards/margins': (t) => 6 * t }),
    hasNot: {
      ...with_({ 'rewards/margins': () => 2 }),
      columns: { 'rewards/accuracies': Array(ROWS).fill(1), 'rewards/margins': Array(ROWS).fill(2) },
    },
    evidence: /full .* from step 1\d0 on.*grown by [23]\.\d/,
    fromStep: [130, 180],
  },
  'margins-explode': {
    find: marginsExplode,
    has: with_({ 'rewards/margins': (t) => 40 * t * t }),
    hasNot: with_({ 'rewards/margins': (t) => 6 * t }),
    evidence: /at the end/,
    fromStep: [190, 220],
  },
  'length-grows': {
    find: lengthGrows,
    has: with_({ completion_length: (t) => 200 + 300 * t }),
    hasNot: with_({ completion_length: () => 200 }),
    evidence: /from 2\d\d to 4\d\d tokens/,
    fromStep: [30, 100], // it grows from the first row on: by a twentieth more than over the first fifth at t = 0.13
  },
  'warm-up-short': {
    find: warmUpShort,
    has: with_({ learning_rate: (t) => 1e-5 * (1 - t), loss: (t) => Math.LN2 - 0.2 * t + (t > 0.02 && t < 0.12 ? 0.6 : 0) }),
    hasNot: with_({ loss: (t) => Math.LN2 - 0.2 * t + (t > 0.02 && t < 0.12 ? 0.6 : 0) }), // the same jump after a warm-up of a tenth
    evidence: /jumps from 0\.\d+ to 1\.\d+/,
    fromStep: [10, 40],
  },
  'eval-train-apart': {
    find: evalTrainApart,
    has: with_({ eval_loss: (t) => 0.6 - 0.1 * Math.sin(Math.PI * Math.min(1, t)) + 0.3 * Math.max(0, t - 0.5) }),
    hasNot: with_({ eval_loss: (t) => Math.LN2 - 0.3 * t }),
    evidence: /evaluation loss is lowest at step \d+/,
    fromStep: [130, 230],
  },
  'kl-negative': {
    find: klNegative,
    has: with_({ kl: (t, i) => (i % 4 === 3 ? -0.01 : 0.02 + t / 10) }),
    hasNot: with_({ kl: (t) => 0.001 + t }),
    evidence: /negative in 10 of 40 rows/,
    fromStep: [30, 30],
  },
  'grpo-zero-loss': {
    find: grpoZeroLoss,
    has: logOf({ loss: () => 0, reward: (t) => t, kl: (t) => t / 100, grad_norm: () => 0.4, completion_length: () => 100 }),
    hasNot: logOf({ loss: () => 0.3, reward: (t) => t, grad_norm: () => 0.4, completion_length: () => 100 }),
    evidence: /below 0\.001 in size in 40 of 40 rows.*norm is not: 0\.\d/,
    fromStep: [0, 0],
  },
};

describe.each(Object.entries(cases))('%s', (id, { find, has, hasNot, evidence, fromStep }) => {
  it('is read where the log has it, with its evidence and its step', () => {
    const reading = find(has);
    expect(reading).toMatchObject({ id, text: expect.stringMatching(evidence) });
    expect(readingsOf(has).map((each) => each.id)).toContain(id);
    const [least, most] = fromStep ?? [0, 0];
    expect(reading?.fromStep).toBeGreaterThanOrEqual(least);
    expect(reading?.fromStep).toBeLessThanOrEqual(most);
    expect([reading?.causes.length, reading?.remedies.length].every(Number)).toBe(true);
  });

  it('is not read where it has not', () => {
    expect(find(hasNot ?? with_({}))).toBeNull();
    expect(find(with_({}))).toBeNull();
    expect(find({ steps: [], columns: {}, nonFinite: [], beta: null })).toBeNull();
  });
});

it('a loss that is next to 0 at the start alone is not said to be 0', () => {
  const starting = logOf({ loss: (t) => (t === 0 ? 0 : 0.05), reward: (t) => t, grad_norm: () => 0.4, completion_length: () => 100 });
  const reading = grpoZeroLoss(starting);
  expect(reading?.text).toMatch(/^The loss starts next to 0 \(below 0\.001 in size in 1 of 40 rows\)/);
  expect(reading && storyOf(reading, starting)?.headline).toBe('The loss starts next to 0, which by itself is usual with GRPO');
  const staying = cases['grpo-zero-loss']?.has;
  expect(staying && grpoZeroLoss(staying)?.text).toMatch(/^The loss is next to 0/);
});

it('a log that counts its rows is not told of how many steps to warm up', () => {
  const jumping = cases['warm-up-short']?.has;
  const [reading] = jumping ? readingsOf(jumping).filter(({ id }) => id === 'warm-up-short') : [];
  if (!jumping || !reading) throw new Error('The warm-up is not read.');
  const settingOf = (log: LogFacts) => storyOf(reading, log)?.remedies[0]?.setting;
  expect(settingOf(jumping)).toBe('warmup_steps=39');
  expect(settingOf({ ...jumping, isCounted: true })).toBe('warmup_steps=…');
});

it('a log that fits none gets none', () => {
  expect(readingsOf(with_({}))).toEqual([]);
});

it('NaN that a file has is told from what it lacks', async () => {
  const rows = [0, 1, 2, 3].map(
    (step) => `{"loss": ${step === 2 ? 'NaN' : 0.6 - step / 10}, ${step % 2 ? '"epoch": 1,' : ''} "step": ${step}}`,
  );
  const log: Loose = await readData({ name: 'x', bytes: new TextEncoder().encode(rows.join('\n')) });
  expect(log.readings.map(({ id, fromStep }: { id: string; fromStep: number }) => [id, fromStep])).toEqual([['nan', 2]]);
});

describe('β', () => {
  const steps = [0, 1, 2, 3];
  it('is known where rewards and log-probs of the same pairs change together', () => {
    const reference = -50;
    const logps = [-50, -52.5, -54, -59];
    const rewards = logps.map((logp) => 0.25 * (logp - reference));
    expect(betaOf({ steps, columns: { 'rewards/chosen': rewards, 'logps/chosen': logps } })).toBe(0.25);
  });
  it('is unknown where batches differ, and in rewards alone', () => {
    expect(betaOf({ steps, columns: { 'rewards/chosen': [0, -0.1, -0.2, -0.3], 'logps/chosen': [-50, -30, -70, -44] } })).toBeNull();
    expect(betaOf({ steps, columns: { 'rewards/chosen': [0, -0.1, -0.2, -0.3] } })).toBeNull();
  });
});

it('rewards without a reference are not taken for a fall', () => {
  // SimPO: the reward is β times the mean log-prob, and below 0 from the start
  const logps: Curve = (t) => -1.2 + 0.2 * t;
  const log = logOf({
    'rewards/chosen': logps,
    'rewards/rejected': logps,
    'logps/chosen': logps,
    'logps/rejected': logps,
    'rewards/margins': () => 0,
  });
  const scaled = {
    ...log,
    columns: { ...log.columns, 'rewards/chosen': Array.from(log.columns['logps/chosen'] ?? [], (value) => 2 * value) },
  };
  expect(bothFall(scaled)).toBeNull();
});

it('reads every row of a log that has hundreds of thousands', () => {
  const rows = 300_000;
  const column = (curve: (t: number) => number) => Float64Array.from({ length: rows }, (_, i) => curve(i / rows));
  const columns = {
    kl: column((t) => -1 - t),
    learning_rate: column((t) => 1e-6 * (1 - t)),
    grad_norm: column((t) => 1 + 9 * Number(t > 0.5)),
    loss: column(() => Math.LN2),
    eval_loss: column((t) => 0.5 + t),
  };
  const found = readingsOf({ steps: Array.from({ length: rows }, (_, i) => i), columns, nonFinite: [], beta: null } as unknown as LogFacts);
  expect(found.find(({ id }) => id === 'kl-negative')?.text).toMatch(/300.?000 of 300.?000 rows, −2(\.0+)? at the lowest/);
});
