import { describe, expect, it } from 'vitest';
import { defaultSettings, noOverNever, tokens, toyStart } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { outcomeOf } from '../../src/core/outcome.ts';
import { swingOf } from '../../src/core/regime.ts';
import { objectives } from '../../src/objectives/catalogue.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { LinkReader } from '../../src/shell/links/link.ts';
import { forcesOf, type PairState } from '../../src/shell/losses/objective-view.ts';
import { Playhead } from '../../src/shell/runs/playhead.svelte.ts';
import { type Engine, openEngine } from '../../src/train/engine.ts';
import { readDisplacement } from '../../src/views/displacement/displacement-link.ts';
import { readMap } from '../../src/views/map/map-link.ts';
import { contenders } from '../../src/views/stop/contenders.ts';
import { atEqualGap, grownBy } from '../../src/views/stop/equal-gap.ts';
import { outcomeWords } from '../../src/views/stop/outcome.ts';
import { StopLab } from '../../src/views/stop/stop.svelte.ts';
import { mapFields, readStop, runFields } from '../../src/views/stop/stop-link.ts';
import { defaultStop, movingSettings, runSettings } from '../../src/views/stop/stop-settings.ts';

/** The machine may be busy. */
const patient = { timeout: 120_000 };
const cast = { tokens, chosen: 0, rejected: 1 };
const lab = await StopLab.create(new PageEngineOwner('cpu'), { calm: true });

describe('the eight losses', () => {
  it('are of the catalogue, each another', () => {
    const names = contenders.map(({ objective }) => ('name' in objective ? objective.name : ''));
    expect(new Set(names).size).toBe(8);
    for (const name of names)
      expect(
        objectives.some(({ id }) => id === name),
        name,
      ).toBe(true);
  });

  it('are what their short lines say', () => {
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    /** the lines, read by a person: log-probs of No and Never, gap, and the fall of No */
    const lines: Readonly<Record<string, (no: number, never: number, gap: number, fall: number) => number>> = {
      '−log σ(0.1 × gap)': (_no, _never, gap) => -Math.log(sigmoid(0.1 * gap)),
      'max(0, 1 − 0.1 × gap)': (_no, _never, gap) => Math.max(0, 1 - 0.1 * gap),
      '(gap − 5)²': (_no, _never, gap) => (gap - 5) ** 2,
      '−log σ(2 log(No ÷ Never) − 0.5)': (no, never) => -Math.log(sigmoid(2 * (no - never) - 0.5)),
      '−log σ(0.1 × gap) − 0.1 log No': (no, _never, gap) => -Math.log(sigmoid(0.1 * gap)) - 0.1 * no,
      '−log No − 0.1 log σ(log odds ratio)': (no, never) => {
        const odds = (logp: number): number => logp - Math.log(1 - Math.exp(logp));
        return -no - 0.1 * Math.log(sigmoid(odds(no) - odds(never)));
      },
      '−log σ(0.1 × gap − 5 × No’s fall)': (_no, _never, gap, fall) => -Math.log(sigmoid(0.1 * gap - 5 * fall)),
      'Never − No': (no, never) => Math.exp(never) - Math.exp(no),
    };
    const { refChosen, refRejected } = lab.start;
    for (const { line, objective } of contenders)
      for (const [chosen, rejected] of [
        [refChosen, refRejected],
        [refChosen - 0.7, refRejected - 2.5],
        [-0.05, -6],
        [-3, -4.5],
      ] as const) {
        const state: PairState = { chosen, rejected, refChosen, refRejected };
        const gap = chosen - refChosen - (rejected - refRejected);
        const read = lines[line]?.(chosen, rejected, gap, Math.max(0, refChosen - chosen)) ?? Number.NaN;
        // a dozen float64 operations, none of which cancels more than one digit
        expect(Math.abs(forcesOf(objective)(state).loss - read), line).toBeLessThan(1e-13 * (1 + Math.abs(read)) * 10);
      }
  });

  it('end where a training of their own on the float64 engine ends', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    expect(lab.runs).toHaveLength(8);
    for (const { name, settings, states } of lab.runs) {
      const { steps } = await engine.train({ ...noOverNever(settings), record: [settings.steps] });
      expect(
        states.map(({ step }) => step),
        name,
      ).toEqual(Array.from({ length: 101 }, (_, step) => step));
      expect(states.at(-1)?.probs, name).toEqual(steps.at(-1)?.probs);
    }
  });

  it('stand from where No ends highest to where it ends lowest', () => {
    const ends = lab.runs.map(({ states }) => states.at(-1)?.probs?.[0] ?? Number.NaN);
    expect(ends).toEqual(ends.toSorted((a, b) => b - a));
    // what the page claims: some keep it, some do not
    const moves = lab.runs.map(({ states }) => outcomeOf(states[0]?.probs ?? [], states.at(-1)?.probs ?? [], cast).move);
    expect(new Set(moves)).toEqual(new Set(['rises', 'stays', 'falls']));
  });

  it('push as hard as DPO with their first update, to the two digits of a step size', () => {
    const start = toyStart(defaultStop.vectors);
    const push = (settings: ReturnType<typeof runSettings>): number => {
      const { chosen, rejected } = forcesOf(settings.objective)(start);
      return settings.learningRate * Math.max(Math.abs(chosen), Math.abs(rejected));
    };
    const dpo = push(defaultSettings);
    for (const { name, objective } of contenders)
      expect(Math.abs(push(runSettings(defaultStop, objective)) / dpo - 1), name).toBeLessThan(0.05);
    expect(runSettings(defaultStop, { name: 'dpo', params: { beta: 0.1 } })).toEqual(defaultSettings);
  });
});

describe('a reference that moves', () => {
  it('keeps DPO on the path that it is on anyway: at equal gap No is where DPO has it, and then goes on', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const settings = { ...defaultStop, learningRate: 0.1, steps: 1000 };
    const dpo = (await engine.train(noOverNever(runSettings(settings, defaultSettings.objective)))).steps;
    for (const how of ['soft', 'hard'] as const) {
      const moving = movingSettings({ ...settings, sync: { how, alpha: 0.6, every: 200 } });
      const { steps } = await engine.train(noOverNever(moving));
      const equal = atEqualGap(steps, dpo);
      expect(equal?.step).toBeLessThan(1000);
      // a tenth of the view's step size: the two paths part by what a step of up to 0.005 nats misses of the flow
      for (const [answer, p] of (dpo.at(-1)?.probs ?? []).entries()) expect(Math.abs((equal?.probs[answer] ?? 0) - p)).toBeLessThan(1e-3);
      expect(steps.at(-1)?.probs?.[0]).toBeLessThan(dpo.at(-1)?.probs?.[0] ?? 0);
      expect(grownBy(steps)).toBeGreaterThan(grownBy(dpo));
    }
  });

  it('is the run that is trained, and opens as the experiment of the first view', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const run = lab.movingRun;
    if (!run) throw new Error('It has been trained.');
    expect(run.settings).toEqual({ ...defaultSettings, sync: defaultStop.sync });
    expect(run.states.at(-1)?.probs).toEqual((await engine.train(noOverNever(run.settings))).steps.at(-1)?.probs);
    const reader = new LinkReader(new URLSearchParams(runFields(run.settings)));
    expect(readDisplacement(reader).settings).toEqual(run.settings);
    expect(reader.finish()).toEqual([]);
    const one = await StopLab.create(new PageEngineOwner('cpu'));
    const before = one.runs.map(({ states }) => states);
    one.change({ sync: { how: 'hard', alpha: 0.6, every: 5 } });
    await expect.poll(() => one.movingRun?.settings.sync?.every, patient).toBe(5);
    for (const [place, { states }] of one.runs.entries()) expect(states).toBe(before[place]);
  });

  it('never gets to a gap that it does not reach, and is at the start’s at once', () => {
    const states = lab.movingRun?.states ?? [];
    expect(atEqualGap(states.slice(0, 2), states)).toBeNull();
    expect(atEqualGap(states, states.slice(0, 1))).toMatchObject({ grown: 0, step: 0 });
    expect(atEqualGap([], states)).toBeNull();
  });
});

describe('a reader’s own loss', () => {
  it('is trained beside the eight, which stay as they are', async () => {
    const one = await StopLab.create(new PageEngineOwner('cpu'));
    const before = one.runs.map(({ states }) => states);
    one.writeOwn({ name: 'sft' });
    await expect.poll(() => one.ownRun?.settings.objective, patient).toEqual({ name: 'sft' });
    for (const [place, { states }] of one.runs.entries()) expect(states).toBe(before[place]);
    expect(one.ownRun?.states.at(-1)?.probs?.[0]).toBeGreaterThan(0.8);
  });

  it('is trained from where all start, once that is another', async () => {
    const one = await StopLab.create(new PageEngineOwner('cpu'));
    one.change({ steps: 20 });
    await expect
      .poll(() => [...one.runs, one.ownRun].map((run) => run?.states.length), patient)
      .toEqual(Array.from({ length: 9 }, () => 21));
  });
});

describe('the engine of the page', () => {
  /** an owner whose engine is a GPU's by name: its numbers are the CPU's, a little off */
  const ownerWith = (train: Engine['train']) => ({ engine: { backend: 'webgpu', train } }) as unknown as PageEngineOwner;
  const chosenOf = (one: StopLab) => one.runs.map(({ states }) => states.at(-1)?.chosenLogps[0]);

  it('trains all runs again where it is a GPU', async () => {
    const cpu = await openEngine({ backend: 'cpu' });
    const one = await StopLab.create(
      ownerWith(async (...call) => {
        const { steps, final } = await cpu.train(...call);
        return { final, steps: steps.map((step) => ({ ...step, chosenLogps: [-1] })) };
      }),
    );
    const order = one.runs.map(({ name }) => name);
    await expect.poll(() => one.trainedOn, patient).toBe('webgpu');
    expect(chosenOf(one)).toEqual(Array.from({ length: 8 }, () => -1));
    await expect.poll(() => one.ownRun?.states[0]?.chosenLogps, patient).toEqual([-1]);
    expect(one.runs.map(({ name }) => name)).toEqual(order);
    await one.changeEngine();
  });

  it('leaves the numbers of the CPU where it fails', async () => {
    let asked = 0;
    const one = await StopLab.create(
      ownerWith(async () => {
        asked++;
        throw new Error('gone');
      }),
    );
    await expect.poll(() => asked, patient).toBe(3);
    expect(one.trainedOn).toBe('cpu');
    expect(chosenOf(one)).toEqual(chosenOf(lab));
  });
});

describe('words of a run', () => {
  const start = [0.75, 0.05, 0.2];
  const three = { tokens: ['No', 'Never', 'Yes'], chosen: 0, rejected: 1 };
  it('call a move of up to five points a stay', () => {
    expect(outcomeOf(start, [0.71, 0, 0.29], three).move).toBe('stays');
    expect(outcomeOf(start, [0.69, 0, 0.31], three).move).toBe('falls');
    expect(outcomeOf(start, [0.79, 0, 0.21], three).move).toBe('stays');
    expect(outcomeOf(start, [0.81, 0, 0.19], three).move).toBe('rises');
  });
  it('know a gainer from five points on', () => {
    expect(outcomeOf(start, [0.76, 0, 0.24], three).gainer).toBeNull();
    expect(outcomeOf(start, [0.73, 0, 0.27], three).gainer).toBe(2);
    // the rejected answer is of the pair
    expect(outcomeOf(start, [0.6, 0.2, 0.2], three).gainer).toBeNull();
  });
  it('let another take over only where it has come from below and is above', () => {
    expect(outcomeOf(start, [0.5, 0, 0.5], three).takenOverBy).toBeNull();
    expect(outcomeOf(start, [0.4, 0, 0.6], three).takenOverBy).toBe(2);
    expect(outcomeOf([0.2, 0.1, 0.7], [0.1, 0, 0.9], three).takenOverBy).toBeNull();
  });
  it('say where No stands', () => {
    const said = (moment: 'start' | 'under way' | 'end', now: number[]): string => {
      const { chosen, others } = outcomeWords(moment, [start, now], three);
      return `${chosen.before} ${chosen.share}; ${tokens[others.token]} ${others.words}`.replaceAll('\u202f', ' ');
    };
    expect(said('start', start)).toBe('No starts at 75.0 %; Never 5.0 %');
    expect(said('under way', [0.6, 0.02, 0.38])).toBe('No is down to 60.0 %; Never 5.0 % → 2.0 %');
    expect(said('under way', [0.4, 0, 0.6])).toBe('No is down to 40.0 %; Yes has overtaken it: 60.0 %');
    expect(said('end', [0.0026, 0, 0.9974])).toBe('No ends at 0.26 %; Yes takes over: 99.7 %');
    expect(said('end', [0.77, 0.01, 0.22])).toBe('No holds: 77.0 %; Never 5.0 % → 1.0 %');
    expect(said('end', [0.86, 0.06, 0.08])).toBe('No rises to 86.0 %; Never 5.0 % → 6.0 %');
  });
});

describe('the playhead', () => {
  it('plays from the start where the end is shown, and stays at the end', async () => {
    const playhead = new Playhead(() => 100, { nextFrame: () => new Promise((resolve) => setTimeout(resolve, 1)) });
    expect(playhead.step).toBe(100);
    playhead.play();
    expect(playhead.step).toBe(0);
    await expect.poll(() => playhead.step, patient).toBeGreaterThan(0);
    playhead.pin(40);
    expect([playhead.playing, playhead.step, playhead.pinned]).toEqual([false, 40, 40]);
    playhead.pin(100);
    expect(playhead.pinned).toBeNull();
  });
});

describe('links of the view', () => {
  it('open a run as the experiment of the first view', () => {
    for (const { settings } of lab.runs) {
      const reader = new LinkReader(new URLSearchParams(runFields(settings)));
      expect(readDisplacement(reader).settings).toEqual(settings);
      expect(reader.finish()).toEqual([]);
    }
  });
  it('open the map around the experiment', () => {
    const reader = new LinkReader(new URLSearchParams(mapFields(defaultStop)));
    const { base, x } = readMap(reader);
    expect(x.id).toBe('similarity');
    expect(base).toMatchObject({ train: 'hidden', scale: 1, learningRate: 1, steps: 100, vectors: defaultStop.vectors });
    expect(reader.finish()).toEqual([]);
  });
  it('name DPO where it is the reader’s own', () => {
    const own = (fields: string) => readStop(new LinkReader(new URLSearchParams(fields))).settings.own;
    expect(own('objective=dpo')).toEqual({ name: 'dpo', params: { beta: 0.1 } });
    expect(own('')).toBe(defaultStop.own);
  });
});

describe('a share that swings', () => {
  it('goes up and down by more than five points in the last quarter', () => {
    const at = (of: (step: number) => number) => swingOf(Array.from({ length: 101 }, (_, step) => of(step)));
    expect(at((step) => 0.5 + 0.4 * (step / 100))).toBeNull();
    expect(at((step) => (step < 50 ? 0.5 + 0.1 * (step % 2) : 0.6))).toBeNull();
    expect(at((step) => 0.7 + 0.04 * (step % 2))).toBeNull();
    expect(at((step) => 0.7 + 0.1 * (step % 2))).toEqual([0.7, 0.7 + 0.1]);
  });
  it('is DPOP’s alone among the eight: its penalty is fifty times the gap’s weight', () => {
    const swinging = lab.runs.filter(({ states }) => swingOf(states.map(({ probs }) => probs?.[0] ?? Number.NaN)) !== null);
    expect(swinging.map(({ name }) => name)).toEqual(['DPOP (Smaug)']);
  });
});
