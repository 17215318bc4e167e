import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { firstStep } from '../../src/atlas/toys/modes/first-step.ts';
import { restoreRuns, writeRuns } from '../../src/shell/runs/run-file.ts';
import { nameRun } from '../../src/shell/runs/run-kind.ts';
import { type Engine, openEngine } from '../../src/train/engine.ts';
import { descentFacts, descentRuns } from '../../src/views/modes/descent-runs.ts';
import { ModesLab } from '../../src/views/modes/modes.svelte.ts';
import { banditOf, defaultModes } from '../../src/views/modes/modes.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ backend: 'cpu' });
});
afterAll(() => engine.dispose());

const small = { ...defaultModes, steps: 30, race: { ...defaultModes.race, contestants: ['bon', 'bon-on'] as const, seeds: 2, rounds: 5 } };

/** A lab that does not animate, opened on a small link. */
function open(): ModesLab {
  const lab = new ModesLab({ calm: true });
  lab.restore({ settings: small, step: null });
  return lab;
}
const computed = (lab: ModesLab) => vi.waitFor(() => expect(lab.steps.at(-1)?.step).toBe(lab.settings.steps), { timeout: 120_000 });

describe('the lab of the bandit', () => {
  it('computes both descents from the start to the last step, and scrubs without computing', async () => {
    const lab = open();
    expect(lab.shown.step).toBe(0);
    lab.use(engine);
    await computed(lab);
    const { steps: frames } = lab;
    expect(lab.shown.step).toBe(30);
    lab.pin(4);
    expect(lab.shown.step).toBe(4);
    expect(lab.link.step).toBe(4);
    expect(lab.steps).toBe(frames);
    const [start, first] = frames;
    const { start: p, target: q } = banditOf(small);
    const gap = (logps: readonly number[] = []): number => (logps[70] ?? Number.NaN) - (logps[20] ?? Number.NaN);
    const exact = firstStep(p, q, 70, 20);
    // float64 differences of log-probabilities below 20
    expect(Math.abs(gap(first?.logps.forward) - gap(start?.logps.forward) - exact.forward)).toBeLessThan(1e-12);
    expect(Math.abs(gap(first?.logps.reverse) - gap(start?.logps.reverse) - exact.reverse)).toBeLessThan(1e-12);
  });

  it('draws with undo and redo, drops a stroke, and follows the last bandit only', async () => {
    const lab = open();
    lab.use(engine);
    lab.paint('reward', 30, 0.9);
    expect(lab.isDrawing).toBe(true);
    expect(lab.bandit.rewards[30]).toBeCloseTo(0.9, 2);
    lab.cancelStroke();
    expect(lab.settings).toEqual(small);
    expect(lab.canUndo).toBe(false);
    lab.paint('reward', 30, 0.9);
    lab.paint('reward', 40, 0.9);
    lab.endStroke();
    const drawn = lab.settings;
    expect(lab.preset).toBe(null);
    for (let press = 1; press <= 5; press++) {
      lab.paint('reference', 10, press / 10);
      lab.endStroke('reference'); // a key that is held
    }
    expect(lab.settings.reference).not.toBe('bandit');
    lab.undo();
    expect(lab.settings).toEqual(drawn);
    lab.undo();
    expect(lab.settings).toEqual(small);
    expect(lab.canUndo).toBe(false);
    lab.redo();
    expect(lab.settings).toEqual(drawn);
    await computed(lab);
    expect(lab.steps[0]?.numbers.forward.expectedReward).toBeCloseTo(
      lab.bandit.start.reduce((sum, logp, y) => sum + Math.exp(logp) * (lab.bandit.rewards[y] ?? 0), 0),
      12,
    );
  });

  it('keeps the steps before an overflow, and says so', async () => {
    const lab = open();
    const real = engine.matchTarget.bind(engine);
    const spy = vi.spyOn(engine, 'matchTarget').mockImplementation(async (...args) => {
      const run = await real(...args);
      return {
        ...run,
        steps: run.steps.map((each) => (each.step < 3 ? each : { ...each, outcomeLogps: each.outcomeLogps.map(() => Number.NaN) })),
      };
    });
    lab.use(engine);
    await vi.waitFor(() => expect(lab.problem).toContain('smaller step size'), { timeout: 120_000 });
    expect(lab.steps.map(({ step }) => step)).toEqual([0, 1, 2]);
    spy.mockRestore();
  });
});

describe('the race', () => {
  it('keeps what was run when it is cancelled, runs the rest, and trains nothing twice', async () => {
    const lab = open();
    const { race } = lab;
    const trainOnPolicy = engine.trainOnPolicy.bind(engine);
    const train = vi.spyOn(engine, 'trainOnPolicy').mockImplementation((...args) => {
      if (train.mock.calls.length === 2) race.cancel(); // as the second of the four runs begins
      return trainOnPolicy(...args);
    });
    lab.use(engine);
    expect(race.total).toBe(4);
    await race.run();
    expect(race.status).toBe('cancelled');
    const kept = race.done;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(4);
    await race.run();
    expect(race.status).toBe('finished');
    expect(race.standings.map(({ contestant, seeds }) => [contestant.id, seeds])).toEqual([
      ['bon', 2],
      ['bon-on', 2],
    ]);
    const calls = train.mock.calls.length;
    // another bandit has no runs yet; the old one's come back with undo
    lab.choosePreset('near');
    expect(race.done).toBe(0);
    lab.undo();
    expect(race.status).toBe('finished');
    await race.run();
    expect(train.mock.calls.length).toBe(calls);
    race.pin(0);
    expect(race.standings[0]?.klToReference).toBeCloseTo(0, 12);
  });

  it('keeps its descents by what changed, compares and reopens them, and restores them from a file', async () => {
    const lab = open();
    const kept = (count: number) => vi.waitFor(() => expect(lab.runs.runs.length).toBe(count), { timeout: 120_000 });
    lab.use(engine);
    await computed(lab);
    await kept(1);
    lab.change({ beta: 0.5 });
    lab.change({ bins: [3, 4] }); // another look at the same descents
    await kept(2);
    const [first, second] = lab.runs.runs;
    expect(second && nameRun(descentFacts(second.settings), descentFacts(small))).toBe('β 0.5');
    expect(second?.states.at(-1)?.numbers).toEqual(lab.steps.at(-1)?.numbers);
    lab.runs.compare(1, true);
    expect(lab.compared).toEqual([first]);
    lab.adopt(small);
    expect([lab.settings.beta, lab.settings.bins]).toEqual([small.beta, [3, 4]]);
    expect(lab.compared).toEqual([]); // the present run is not compared with itself

    const text = writeRuns(lab.runs, descentRuns);
    const other = open();
    expect(restoreRuns(other.runs, text, descentRuns)).toEqual([]);
    expect(other.runs.runs.map(({ states }) => states)).toEqual(lab.runs.runs.map(({ states }) => states));
    const bad = text.replace('"states":[[0,', '"states":[[1,');
    expect(restoreRuns(open().runs, bad, descentRuns)).toEqual([expect.stringMatching(/^runs\[0\]\.states\[0\] is of step 1/)]);
    expect(restoreRuns(open().runs, text.replace('"view":"modes"', '"view":"race"'), descentRuns)[0]).toMatch(/race of algorithms/);
    lab.leave();
  });
});
