import { describe, expect, it } from 'vitest';
import { defaultSettings, noOverNever, type ToySettings, tokens } from '../../src/atlas/toys/displacement/no-over-never.ts';
import type { MovingReference } from '../../src/atlas/toys/moving-reference.ts';
import type { RecordedStep } from '../../src/core/experiment.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { movingWords } from '../../src/shell/experiment/moving-words.ts';
import { LinkReader } from '../../src/shell/links/link.ts';
import { forcesOf, viewObjective } from '../../src/shell/losses/objective-view.ts';
import { readsReference } from '../../src/shell/losses/reads-reference.ts';
import { openEngine } from '../../src/train/engine.ts';
import { displacementExports } from '../../src/views/displacement/displacement-export.ts';
import { readDisplacement } from '../../src/views/displacement/displacement-link.ts';
import { movedOf } from '../../src/views/displacement/picture/sentence/moving.ts';
import { Session } from '../../src/views/displacement/session.svelte.ts';
import { changeSettings, forkedAt } from '../../src/views/displacement/settings.ts';
import { marginOf, pairStateAt } from '../../src/views/displacement/story.ts';
import { toyRuns } from '../../src/views/displacement/toy-runs.ts';

const sync: MovingReference = { how: 'soft', alpha: 0.6, every: 20 };
const moving: ToySettings = { ...defaultSettings, sync };
const engine = await openEngine({ backend: 'cpu' });
const stepsOf = async (settings: ToySettings): Promise<RecordedStep[]> => (await engine.train(noOverNever(settings))).steps;

describe('the first view with a reference that moves', () => {
  it('sees of the pair what the engine’s loss sees, at every state', async () => {
    for (const name of ['dpo', 'ipo', 'rpo', 'kto', 'inpo']) {
      const objective = { name };
      const states = await stepsOf({ ...moving, objective, learningRate: 0.05, train: 'both', scale: 3 });
      const [start] = states;
      const forces = forcesOf(objective);
      for (const now of states) {
        if (!start) break;
        const { loss } = forces(pairStateAt(start, now));
        // both in float64; log-probs below 20, and IPO squares their difference
        expect(Math.abs(loss - now.loss), `${name}, ${now.step}`).toBeLessThan(1e-11 * (1 + Math.abs(now.loss)));
      }
    }
  });

  it('moves when TRL moves it: a hard one is the policy of that update', async () => {
    const states = await stepsOf({ ...moving, sync: { ...sync, how: 'hard' } });
    for (const { step, reference } of states)
      expect(reference?.outcomeLogps).toEqual(states[step - (step % 20)]?.outcomeLogps?.map((logp) => expect.closeTo(logp, 12)));
    expect(marginOf(pairStateAt(states[0] as RecordedStep, states[40] as RecordedStep))).toBeCloseTo(0, 12);
  });

  it('goes on where the run is forked, and stays with the start where it is changed', async () => {
    const forked = changeSettings(forkedAt(moving, 50), { learningRate: 1 });
    expect(forked.past).toHaveLength(1);
    expect(await stepsOf(forked)).toEqual(await stepsOf(moving));
    expect(changeSettings(forked, { sync: null })).toEqual(defaultSettings);
    expect(changeSettings(moving, defaultSettings)).toEqual(defaultSettings);
  });

  it('compares the start with the reference as it is where it says whether the loss fell', async () => {
    const session = await Session.create(new PageEngineOwner('cpu'), { calm: true, whole: true, link: { settings: moving, step: null } });
    const { shown, startForShown, displacements } = session;
    const forces = forcesOf(defaultSettings.objective);
    const start = session.expected[0] as RecordedStep;
    const there = { ...pairStateAt(start, shown), chosen: start.chosenLogps[0] ?? 0, rejected: start.rejectedLogps[0] ?? 0 };
    expect(startForShown.loss).toBeCloseTo(forces(there).loss, 13);
    expect(startForShown.loss).toBeGreaterThan(Math.log(2));
    // one stretch: a move of the reference, after which the loss is about ln 2 again, ends none
    expect(displacements).toHaveLength(1);
    expect(displacements[0]?.kind).toBe('lasting');
    const said = movedOf(session)
      ?.map(({ text }) => text)
      .join('');
    expect(said).toMatch(
      /^The reference has moved 5 times, last at update 100\. The gap to Never: \+[\d.]+ nats; the loss sees \+[\d.]+ of them\. /,
    );
    session.goTo(19);
    expect(movedOf(session)).toBeNull();
    session.dispose();
  });

  it('says in files and scripts how it moves', async () => {
    const session = await Session.create(new PageEngineOwner('cpu'), { calm: true, whole: true, link: { settings: moving, step: null } });
    const exports = displacementExports(session);
    expect(exports.seen).toContain('The reference goes 0.6 of the way to the policy every 20 updates (TR-DPO).');
    expect(exports.sampling?.sync).toEqual({ refModelSyncSteps: 20, refModelMixupAlpha: 0.6 });
    expect(exports.script?.({ title: 'T', notes: [], objective: 'DPO' }, 0)).toContain('SYNC_STEPS, ALPHA = 20, 0.6');
    expect(exports.hash).toContain('sync=soft');
    session.dispose();
    expect(movingWords({ ...sync, how: 'hard', every: 1 })).toBe('becomes the policy after every update');
  });

  it('is kept in a file of runs', async () => {
    const states = await stepsOf(moving);
    for (const state of states.slice(0, 45)) {
      const written = JSON.parse(JSON.stringify(toyRuns.writeState(state)));
      expect(toyRuns.readState(written, state.step, moving)).toEqual(state);
      expect(toyRuns.readState(written, state.step, defaultSettings)).toMatch(/must be a list of 9 finite numbers/);
    }
    expect(toyRuns.factsOf(moving).find(({ id }) => id === 'sync')?.text).toBe('goes 0.6 of the way to the policy every 20 updates');
    expect(tokens).toHaveLength(6);
  });
});

describe('links', () => {
  const read = (fields: string) => {
    const reader = new LinkReader(new URLSearchParams(fields));
    const { sync: found } = readDisplacement(reader).settings;
    return { found, problems: reader.finish().map(({ key }) => key) };
  };
  it('say how it moves, by the names that the race of groups has', () => {
    expect(read('sync=soft')).toEqual({ found: sync, problems: [] });
    expect(read('sync=hard&sync.steps=7')).toEqual({ found: { how: 'hard', alpha: 0.6, every: 7 }, problems: [] });
    expect(read('sync=soft&sync.alpha=0.25&sync.steps=1')).toEqual({ found: { how: 'soft', alpha: 0.25, every: 1 }, problems: [] });
    expect(read('sync=off')).toEqual({ found: null, problems: [] });
  });
  it('leave it where it is for what is no such thing, and say so', () => {
    for (const [fields, problems] of [
      ['sync=SOFT', ['sync']],
      ['sync=', ['sync']],
      ['sync.alpha=0.5', ['sync.alpha']],
      ['sync=off&sync.steps=3', ['sync.steps']],
    ] as const)
      expect(read(fields), fields).toEqual({ found: null, problems });
    for (const [fields, problems] of [
      ['sync=soft&sync.alpha=2', ['sync.alpha']],
      ['sync=soft&sync.alpha=-0.1', ['sync.alpha']],
      ['sync=soft&sync.alpha=NaN', ['sync.alpha']],
      ['sync=soft&sync.steps=0', ['sync.steps']],
      ['sync=soft&sync.steps=1e999', ['sync.steps']],
      ['sync=soft&sync.steps=2.5', ['sync.steps']],
      ['sync=soft&sync=hard', ['sync']],
      ['sync=soft&sync%2Ealpha=%F0%9F%98%80', ['sync.alpha']],
    ] as const)
      expect(read(fields), fields).toEqual({ found: sync, problems });
  });
});

describe('what a loss reads', () => {
  it('is the reference, or not', () => {
    for (const name of ['dpo', 'ipo', 'rpo', 'dpop', 'kto', 'aot', 'bco']) expect(readsReference(viewObjective({ name })), name).toBe(true);
    for (const name of ['sft', 'simpo', 'orpo', 'simper']) expect(readsReference(viewObjective({ name })), name).toBe(false);
    expect(readsReference(viewObjective({ expression: '-logsigmoid(margin)' }))).toBe(true);
    expect(readsReference(viewObjective({ expression: '-logp_w' }))).toBe(false);
  });
});
