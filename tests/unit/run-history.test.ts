import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettings, noOverNever, partsOf, type ToySettings } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { ranges } from '../../src/atlas/toys/ranges.ts';
import type { RecordedStep } from '../../src/core/experiment.ts';
import { RandomStream } from '../../src/core/rng.ts';
import { sameFields } from '../../src/core/same.ts';
import { openEngine } from '../../src/index.ts';
import { restoreRuns, writeRuns } from '../../src/shell/runs/run-file.ts';
import { mostRuns, mostStates, RunHistory } from '../../src/shell/runs/run-history.svelte.ts';
import { nameRun } from '../../src/shell/runs/run-kind.ts';
import { writeToy } from '../../src/views/displacement/displacement-link.ts';
import { changeSettings, forkedAt } from '../../src/views/displacement/settings.ts';
import { toyFacts, toyRuns } from '../../src/views/displacement/toy-runs.ts';

const changed = (change: Partial<ToySettings>): ToySettings => changeSettings(defaultSettings, change);
const nameOf = (settings: ToySettings, before: ToySettings): string => nameRun(toyFacts(settings), toyFacts(before));

/** A run as an engine would record it. */
function statesOf(settings: ToySettings, count = 3, seed = 1): RecordedStep[] {
  const random = new RandomStream(seed, 7);
  return Array.from({ length: Math.min(count, settings.steps + 1) }, (_, step) => {
    const outcomeLogps = Array.from({ length: 6 }, () => -8 * random.uniform());
    const loss = random.normal();
    const [chosen = 0, rejected = 0] = outcomeLogps;
    return {
      step,
      loss,
      losses: [loss],
      chosenLogps: [chosen],
      rejectedLogps: [rejected],
      outcomeLogps,
      probs: outcomeLogps.map(Math.exp),
    };
  });
}
const run = (settings: ToySettings, count?: number, seed?: number) => ({
  settings,
  states: statesOf(settings, count, seed),
  engine: 'cpu' as const,
  finished: true,
});

describe('a run is named by what changed', () => {
  it.each<[Partial<ToySettings>, string]>([
    [{ learningRate: 0.5 }, 'η 0.5'],
    [{ objective: { name: 'dpo', params: { beta: 0.3 } } }, 'β 0.3'],
    [{ train: 'both' }, 'η 0.1, trains h and W, c 3'],
    [{ steps: 200, learningRate: 2 }, 'η 2, updates 200'],
    [{ vectors: { ...defaultSettings.vectors, hidden: [1, 2, 3] } }, 'h (1, 2, 3)'],
    [changeSettings(forkedAt(defaultSettings, 30), { learningRate: 0.2 }), 'forked at 30, η 0.2'],
    [{}, 'the same again'],
  ])('%j: %s', (change, name) => {
    expect(nameOf(changed(change), defaultSettings)).toBe(name);
  });

  it('a parameter that is gone, and many changes, are said too', () => {
    expect(nameOf(changed({ objective: { expression: '-(logp_w - logp_l)' } }), defaultSettings)).toBe(
      'objective -(logp_w - logp_l), no β',
    );
    expect(nameOf(defaultSettings, forkedAt(defaultSettings, 30))).toBe('not forked at 30');
    expect(nameOf(defaultSettings, changed({ vectors: { ...defaultSettings.vectors, hidden: [1, 2, 3] } }))).toBe('h as given');
    const much = changed({ train: 'both', steps: 30, learningRate: 3, scale: 2 });
    expect(nameOf(much, defaultSettings)).toBe('η 3, trains h and W, c 2 and 1 more');
    expect(nameRun(toyFacts(defaultSettings), null)).toBe('the first run');
  });
});

describe('forked settings', () => {
  it('keep what trained until the fork, and follow changes after it', () => {
    const forked = changeSettings(forkedAt(defaultSettings, 30), { learningRate: 0.2 });
    expect(partsOf(forked)).toEqual([
      { until: 30, objective: defaultSettings.objective, learningRate: 1 },
      { until: 100, objective: defaultSettings.objective, learningRate: 0.2 },
    ]);
    const again = changeSettings(forkedAt(forked, 50), { objective: { name: 'ipo' } });
    expect(partsOf(again).map(({ until }) => until)).toEqual([30, 50, 100]);
    // a fork before the last one forgets it
    expect(partsOf(forkedAt(again, 20)).map(({ until }) => until)).toEqual([20, 100]);
    // fewer updates than the fork: the run ends in its past
    expect(partsOf({ ...again, steps: 40 }).map(({ until }) => until)).toEqual([30, 40]);
  });

  it('changing what a run begins with leaves the fork', () => {
    const forked = forkedAt(defaultSettings, 30);
    expect(sameFields(forked, defaultSettings)).toBe(false);
    for (const change of [{ train: 'both' }, { scale: 2 }, { vectors: defaultSettings.vectors }, { past: [] }] as Partial<ToySettings>[])
      expect(changeSettings(forked, change).past).toBeUndefined();
    expect(changeSettings(forked, { ...defaultSettings, past: forked.past ?? [] }).past).toEqual(forked.past);
  });

  it('train as the run itself where nothing else changed, against the reference at update 0', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const whole = await engine.train(noOverNever(defaultSettings));
    const forked = await engine.train(noOverNever(forkedAt(forkedAt(defaultSettings, 30), 60)));
    expect(forked).toEqual(whole);
    const other = await engine.train(noOverNever(changeSettings(forkedAt(defaultSettings, 30), { learningRate: 0.1 })));
    expect(other.steps.slice(0, 31)).toEqual(whole.steps.slice(0, 31));
    expect(other.steps[32]).not.toEqual(whole.steps[32]);
    engine.dispose();
  });
});

describe('the history', () => {
  it('keeps the longer of two equal runs, in its place', () => {
    const history = new RunHistory<ToySettings, RecordedStep>(writeToy);
    history.keep(run(defaultSettings, 5));
    history.keep(run(changed({ steps: 50 })));
    history.keep(run(defaultSettings, 2));
    expect(history.runs.map(({ number, states }) => [number, states.length])).toEqual([
      [1, 5],
      [2, 3],
    ]);
    history.keep(run(defaultSettings, 9));
    expect(history.runs[0]?.states).toHaveLength(9);
  });

  it('gives up the oldest runs, but not those that are compared, and says how many', () => {
    const history = new RunHistory<ToySettings, RecordedStep>(writeToy);
    history.compare(history.keep(run(changed({ steps: 10 }))).number, true);
    for (let steps = 11; steps < 11 + mostRuns; steps++) history.keep(run(changed({ steps })));
    expect(history.runs).toHaveLength(mostRuns);
    expect(history.runs[0]?.settings.steps).toBe(10);
    expect(history.dropped).toBe(1);
    const long = statesOf(changed({ steps: 2000 }), 2001);
    for (let i = 0; i < 30; i++) history.keep({ ...run(changed({ steps: 2000, learningRate: 1 + i / 100 })), states: long });
    expect(history.runs.reduce((sum, { states }) => sum + states.length, 0)).toBeLessThanOrEqual(mostStates);
  });

  it('a file brings every run back, to the last digit', () => {
    const within = ({ min, max, integer }: { min: number; max: number; integer: boolean }) =>
      integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true, noDefaultInfinity: true });
    const settings = fc
      .record({
        learningRate: within(ranges.learningRate),
        steps: within(ranges.steps),
        at: fc.integer({ min: 0, max: 9 }),
        later: within(ranges.learningRate),
      })
      .map(({ learningRate, steps, at, later }) => changeSettings(forkedAt(changed({ learningRate, steps }), at), { learningRate: later }));
    fc.assert(
      fc.property(fc.array(fc.tuple(settings, fc.integer({ min: 1, max: 12 }), fc.nat()), { minLength: 1, maxLength: 4 }), (described) => {
        const history = new RunHistory<ToySettings, RecordedStep>(writeToy);
        for (const [one, count, seed] of described) history.keep(run(one, count, seed));
        const back = new RunHistory<ToySettings, RecordedStep>(writeToy);
        expect(restoreRuns(back, writeRuns(history, toyRuns), toyRuns)).toEqual([]);
        expect(back.runs.map(({ number: _, ...rest }) => rest)).toEqual(history.runs.map(({ number: _, ...rest }) => rest));
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, (file: { version: number; view: string; runs: Record<string, unknown>[] }) => unknown, RegExp]>([
    ['no JSON', () => '{', /not valid JSON/],
    ['another format', () => '{"format":"x"}', /format must be/],
    ['a later version', (file) => ({ ...file, version: 2 }), /version is 2/],
    ['no view of ours', (file) => ({ ...file, view: 'map' }), /view is "map"/],
    ['another view, by name', (file) => ({ ...file, view: 'entanglement' }), /runs of “Entanglement”: restore it there/],
    [
      'settings that do not read',
      (file) => ({ ...file, runs: [{ ...file.runs[0], settings: 'v=1&lr=fast' }] }),
      /runs\[0\]\.settings: lr: It must/,
    ],
    [
      'settings of another view',
      (file) => ({ ...file, runs: [{ ...file.runs[0], settings: 'v=1&view=modes' }] }),
      /runs\[0\]\.settings: .*another view/,
    ],
    ['an engine that is none', (file) => ({ ...file, runs: [{ ...file.runs[0], engine: 'abacus' }] }), /runs\[0\]\.engine/],
    ['no states', (file) => ({ ...file, runs: [{ ...file.runs[0], states: [] }] }), /runs\[0\]\.states must be a list/],
    ['a short state', (file) => ({ ...file, runs: [{ ...file.runs[0], states: [[1]] }] }), /runs\[0\]\.states\[0\] must be a list of 9/],
    ['a probability above 1', (file) => ({ ...file, runs: [{ ...file.runs[0], states: [[1, 1, 1, 1, 1, 1, 1, 1, 1]] }] }), /above 0/],
  ])('refuses %s by field, and loses nothing', (_, damage, problem) => {
    const history = new RunHistory<ToySettings, RecordedStep>(writeToy);
    history.keep(run(defaultSettings));
    const before = history.runs;
    const bad = damage(JSON.parse(writeRuns(history, toyRuns)));
    const problems = restoreRuns(history, typeof bad === 'string' ? bad : JSON.stringify(bad), toyRuns);
    expect(problems.join()).toMatch(problem);
    expect(history.runs).toBe(before);
  });

  it('1,000 damaged files are restored or refused, never anything else', () => {
    const random = new RandomStream(9, 2);
    const source = new RunHistory<ToySettings, RecordedStep>(writeToy);
    source.keep(run(changed({ steps: 20 }), 4));
    source.keep(run(forkedAt(changed({ steps: 20 }), 7), 4));
    const text = writeRuns(source, toyRuns);
    const pick = (n: number) => Math.floor(random.uniform() * n);
    for (let i = 0; i < 1000; i++) {
      let damaged = text;
      for (let change = 0; change <= i % 3; change++) {
        const at = pick(damaged.length);
        const insert = ['', '0', '"', '-', '[', 'null', '1e999', String.fromCharCode(pick(128))][pick(8)] ?? '';
        damaged = damaged.slice(0, at) + insert + damaged.slice(at + pick(3));
      }
      const history = new RunHistory<ToySettings, RecordedStep>(writeToy);
      const problems = restoreRuns(history, damaged, toyRuns);
      expect(history.runs.length + problems.length).toBeGreaterThan(0);
      for (const { states, settings } of history.runs) {
        expect(() => noOverNever(settings)).not.toThrow();
        expect(states.every(({ loss, outcomeLogps = [] }) => [loss, ...outcomeLogps].every(Number.isFinite))).toBe(true);
      }
    }
  });
});
