import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defaultSettings, noOverNever } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { SurvivingEngine } from '../../src/shell/engine/surviving-engine.svelte.ts';
import { nextFrame } from '../../src/shell/runs/timeline.svelte.ts';
import { Session } from '../../src/views/displacement/session.svelte.ts';
import { EntanglementLab } from '../../src/views/entanglement/entanglement.svelte.ts';
import { defaultSuffix } from '../../src/views/entanglement/entanglement-settings.ts';

beforeEach(() => {
  vi.stubGlobal('Worker', undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const experiment = noOverNever({ ...defaultSettings, steps: 40 });
const frames = async (count: number) => {
  for (let i = 0; i < count; i++) await nextFrame();
};

test('the work of each kind is done again on the CPU engine, and differs by no more than rounding explains', async () => {
  const engine = await SurvivingEngine.open('webgpu');
  expect(await engine.compare()).toBeNull();
  const works = {
    run: async () => {
      const run = await engine.startRun(experiment);
      await run.advance(40);
      run.dispose();
    },
    descent: () =>
      engine.matchTarget({
        policy: { kind: 'tabular', logits: [[0, 1, 0.5]] },
        targetLogps: [[-1, -2, Math.log(1 - Math.exp(-1) - Math.exp(-2))]],
        direction: 'forward',
        optimizer: { kind: 'sgd', learningRate: 0.5, steps: 40 },
      }),
    sweep: () =>
      engine.sweep({
        experiment,
        x: { path: 'objective.params.beta', values: [0.05, 0.1, 0.15, 0.2, 0.25, 0.3] },
        y: { path: 'optimizer.learningRate', values: [0.5, 1] },
      }),
  };
  for (const [kind, work] of Object.entries(works)) {
    await work();
    expect(engine.lastWork?.kind).toBe(kind);
    const agreement = await engine.compare();
    expect(agreement?.lastStep).toBe(40);
    expect(agreement?.largestDifference).toBeGreaterThan(0); // float32 is not float64
    expect(agreement?.largestDifference).toBeLessThan(agreement?.allowance ?? 0);
  }
  engine.dispose();
});

test('calls wait while nobody sees the page', async () => {
  const engine = await SurvivingEngine.open('cpu');
  engine.rest(true);
  let steps = 0;
  const trained = engine.train(experiment, { onProgress: (done) => (steps = done) });
  await frames(5);
  expect(steps).toBe(0);
  engine.rest(false);
  await trained;
  expect(steps).toBe(40);
  engine.dispose();
});

test.each([false, true])('a run goes where its reader went before there was an engine (calm: %s)', async (calm) => {
  const owner = new PageEngineOwner('cpu');
  const session = await Session.create(owner, { calm });
  owner.onchange = () => session.changeEngine();
  session.goTo(100);
  session.goTo(session.heading - 1);
  session.goTo(session.heading - 1);
  expect(session.shown.step).toBeLessThan(98); // nothing is shown that is not trained
  await owner.open();
  await expect.poll(() => session.shown.step, { timeout: 120_000 }).toBe(98);
  expect(session.status).toBe('paused');
  session.dispose();
  owner.dispose();
});

test('runs of the views rest while they are hidden, and go on where they were', async () => {
  const owner = new PageEngineOwner('cpu');
  const session = await Session.create(owner, { link: { settings: { ...defaultSettings, steps: 2000 }, step: null } });
  owner.onchange = () => session.changeEngine();
  await owner.open();
  session.isTaught = true;
  session.play();
  const lab = new EntanglementLab(() => owner.engine, { link: { settings: { ...defaultSuffix, steps: 300 }, step: null } });
  for (const view of [session, lab]) {
    view.setHidden(false);
    await expect.poll(() => view.steps.length, { interval: 5, timeout: 120_000 }).toBeGreaterThan(1);
    view.setHidden(true);
    // a call that was under way may still end
    let before = -1;
    await expect
      .poll(
        async () => {
          const settled = before === view.steps.length;
          before = view.steps.length;
          await frames(5);
          return settled;
        },
        { timeout: 120_000 },
      )
      .toBe(true);
    await frames(10);
    expect(view.steps.length).toBe(before);
    expect(view.status).toBe('playing');
    view.setSpeed(Number.POSITIVE_INFINITY);
    view.setHidden(false);
    await expect.poll(() => view.status, { timeout: 120_000 }).toBe('finished');
    expect(view.steps.map(({ step }) => step)).toEqual(view.steps.map((_, i) => i));
    expect(view.steps.length).toBe(view.settings.steps + 1);
  }
  session.dispose();
  owner.dispose();
});
