import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { defaultSettings } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { presetState, presetsOf } from '../../src/page/teach/class-presets.ts';
import { LessonPlayer } from '../../src/page/teach/lesson-player.svelte.ts';
import { viewOf, views } from '../../src/page/views.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { readLink, writeLink } from '../../src/shell/links/link.ts';
import { type Lesson, needsOf } from '../../src/shell/teach/lesson.ts';
import {
  Presentation,
  partsOf,
  plainPresentation,
  readPresentation,
  writePresentation,
} from '../../src/shell/teach/presentation.svelte.ts';
import { displacementLesson } from '../../src/views/displacement/lesson.ts';
import { Session } from '../../src/views/displacement/session.svelte.ts';
import { EntanglementLab } from '../../src/views/entanglement/entanglement.svelte.ts';
import { presetSettings, suffixPresets } from '../../src/views/entanglement/entanglement-settings.ts';
import { ModesLab } from '../../src/views/modes/modes.svelte.ts';
import { defaultModes } from '../../src/views/modes/modes.ts';

const single = views.flatMap(({ controls = [] }) => controls.map(({ id }) => id));
const parts = partsOf({ parts: views.flatMap((view) => view.parts) });
const lessonIds = views.filter(({ lesson }) => lesson).map(({ id }) => id);
const lockable: string[] = [...parts.filter((part) => !part.isReadOnly).map(({ id }) => id), ...single];
const presentation = fc.record({
  embed: fc.boolean(),
  projector: fc.boolean(),
  hidden: fc.subarray([...parts.map(({ id }) => id), ...single]),
  locked: fc.subarray(lockable),
  lesson: fc.option(fc.record({ id: fc.constantFrom(...lessonIds), step: fc.nat({ max: 19 }) })),
});

describe('what a teacher puts into a link', () => {
  test('comes back from it', () => {
    fc.assert(
      fc.property(presentation, (state) => {
        const { reader } = readLink(writeLink('why', { run: {}, look: writePresentation(state) }));
        expect(readPresentation(reader, views)).toEqual(state);
        expect(reader.finish()).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('is nothing where it is nothing special', () => {
    expect(writePresentation(plainPresentation)).toEqual({});
  });

  test('says what it does not know, and uses the rest', () => {
    const { reader } = readLink('v=1&hide=why+nonsense+rate&lock=bars+scale&lesson=cooking&part=99');
    expect(readPresentation(reader, views)).toEqual({ ...plainPresentation, hidden: ['why', 'rate'], locked: ['scale'] });
    expect(reader.problems.map(({ key, value }) => [key, value])).toEqual([
      ['lesson', 'cooking'],
      ['part', '99'],
      ['hide', 'nonsense'],
      ['lock', 'bars'],
    ]);
  });
});

const locking = (...locked: string[]): Presentation => {
  const page = new Presentation(views);
  page.change({ locked });
  return page;
};

describe('a locked control', () => {
  test('has a name of its own, and a part that is there', () => {
    const names = [...parts.map(({ id }) => id), ...single];
    expect(new Set(names).size).toBe(names.length);
    for (const view of views)
      for (const control of view.controls ?? []) {
        expect(
          view.parts.map(({ id }) => id),
          control.id,
        ).toContain(control.part);
        if (control.with !== undefined) expect(view.controls?.map(({ id }) => id)).toContain(control.with);
      }
  });

  test('keeps the step size of the toy through every way to change it but a lesson and a link', async () => {
    const session = await Session.create(new PageEngineOwner('cpu'), { calm: true });
    session.change({ learningRate: 0.25 });
    const page = locking('rate');
    session.keep = (next, present) => page.keep('displacement', next, present);
    session.change({ learningRate: 7 });
    session.change({ train: 'unembedding' }); // it has a step size of its own
    expect(session.settings.train).toBe('unembedding');
    session.choose({ name: 'ipo' });
    expect(session.settings.objective).toMatchObject({ name: 'ipo' });
    session.undo();
    session.undo();
    session.undo();
    session.change(defaultSettings);
    session.redo();
    session.restore({ settings: { ...defaultSettings, steps: 50 }, step: null }); // an earlier run of the history
    expect(session.settings).toMatchObject({ learningRate: 0.25, steps: 50, train: defaultSettings.train });
    page.stage(() => session.change(defaultSettings));
    expect(session.settings.learningRate).toBe(defaultSettings.learningRate);
    session.dispose();
  });

  test('keeps the loss and the step size that belongs to it, or its parameters with it', async () => {
    const session = await Session.create(new PageEngineOwner('cpu'), { calm: true });
    const { objective, learningRate } = session.settings;
    const page = locking('objective');
    session.keep = (next, present) => page.keep('displacement', next, present);
    session.choose({ name: 'ipo' });
    session.change({ objective: { expression: '-logp_w', params: {} } });
    expect(session.settings).toMatchObject({ objective, learningRate });
    expect(session.canUndo).toBe(false); // nothing has happened
    session.change({ objective: { name: 'dpo', params: { beta: 0.3 } } });
    expect(session.settings.objective).toEqual({ name: 'dpo', params: { beta: 0.3 } });
    page.change({ locked: ['params'] });
    expect(page.locks('objective')).toBe(true);
    session.change({ objective: { name: 'dpo', params: { beta: 0.9 } } });
    session.choose({ name: 'ipo' });
    expect(session.settings.objective).toEqual({ name: 'dpo', params: { beta: 0.3 } });
    session.dispose();
  });

  test('keeps what cases of the two answers set, and the shared tokens masked', () => {
    const lab = new EntanglementLab(() => null);
    lab.change({ afterChosen: 0.45, masked: Array.from({ length: lab.settings.suffix }, (_, index) => index + 1) });
    const page = locking('e-p', 'e-mask', 'rate'); // the last is of another view
    lab.keep = (next, present) => page.keep('entanglement', next, present);
    for (const preset of suffixPresets) {
      lab.change({ ...presetSettings(preset), learningRate: 0.125 });
      const { suffix, afterRejected } = preset.change;
      expect(lab.settings).toMatchObject({ suffix: Math.max(1, suffix), afterChosen: 0.45, afterRejected, learningRate: 0.125 });
      expect(lab.settings.masked).toHaveLength(lab.settings.suffix);
    }
    page.stage(() => lab.change({ suffix: 8, masked: [2, 5] }));
    lab.change({ suffix: 3 });
    expect(lab.settings).toMatchObject({ suffix: 5, masked: [2, 5] });
    page.change({ locked: ['e-suffix'] });
    lab.change({ suffix: 9, masked: [1, 8] });
    expect(lab.settings).toMatchObject({ suffix: 5, masked: [1] });
  });

  test('keeps a curve of the bandit from presets, the brush and Reset, and one number of the race', () => {
    const lab = new ModesLab({ calm: true });
    const page = locking('m-reward', 'm-seeds');
    lab.keep = (next, present) => page.keep('modes', next, present);
    lab.paint('reward', 30, 0.9);
    lab.endStroke();
    expect(lab.canUndo).toBe(false);
    lab.choosePreset('rich');
    expect(lab.settings).toMatchObject({ reward: defaultModes.reward, reference: 'uniform', bins: [15, 25] });
    lab.paint('reference', 30, 0.9);
    expect(lab.isDrawing).toBe(true);
    lab.endStroke();
    expect(lab.settings.reference).toHaveLength(100);
    lab.change({ race: { ...defaultModes.race, seeds: 9, n: 7 } });
    expect(lab.settings.race).toEqual({ ...defaultModes.race, n: 7 });
    lab.undo();
    expect(lab.settings.race.n).toBe(defaultModes.race.n);
    page.change({ locked: [] });
    lab.change({ reward: { centre: 10, width: 5 } });
    page.change({ locked: ['m-reward'] });
    lab.resetCurve('reward');
    lab.undo();
    expect(lab.settings.reward).toEqual({ centre: 10, width: 5 });
  });
});

describe('a preset of the class dialog', () => {
  test('shows the picture alone, of parts that the view has', () => {
    for (const view of views.filter(({ picture }) => picture)) {
      const { hidden, lesson } = presetState(view, 'picture');
      expect([...hidden, ...(view.picture ?? [])].toSorted()).toEqual(
        partsOf(view)
          .map(({ id }) => id)
          .toSorted(),
      );
      expect(lesson).toBeNull();
    }
    expect(presetState(viewOf('displacement'), 'picture').hidden).toContain('vectors');
  });

  test('opens the lesson where there is one, and shows everything elsewhere', () => {
    expect(presetsOf(viewOf('displacement'))).toEqual(['lesson', 'picture', 'everything']);
    expect(presetsOf(viewOf('objectives'))).toEqual(['everything']);
    expect(presetState(viewOf('displacement'), 'lesson').lesson).toEqual({ id: 'displacement', step: 0 });
    expect(presetState(viewOf('displacement'), 'everything')).toEqual({ hidden: [], locked: [], lesson: null });
  });
});

describe('a run in a lesson', () => {
  test('shows its start alone until it is played, after a change as well', async () => {
    const session = await Session.create(new PageEngineOwner('cpu'), { calm: true });
    expect(session.steps.length).toBeGreaterThan(1); // the moment, for a reader who wants no animation
    session.isTaught = true;
    expect(session.steps.length).toBe(1);
    session.change({ scale: 2 });
    expect(session.steps.length).toBe(1);
    expect(session.isWhole).toBe(false);
    expect(session.before).toBeNull();
    session.isTaught = false;
    session.change({ scale: 3 });
    expect(session.isWhole).toBe(true);
  });

  test('leaves nothing of itself: the settings, undo and what is compared with are those of before', async () => {
    const session = await Session.create(new PageEngineOwner('cpu'), { calm: true });
    session.change({ learningRate: 0.25 });
    const page = locking('rate');
    session.keep = (next, present) => page.keep('displacement', next, present);
    const player = new LessonPlayer('displacement', displacementLesson as Lesson<unknown>, session, page);
    session.isTaught = true;
    page.change({ lesson: { id: 'displacement', step: 0 } });
    player.begin();
    player.go(2);
    player.go(4);
    expect(session.settings).toMatchObject({ train: 'unembedding', learningRate: 0.05 });
    player.close();
    session.isTaught = false;
    expect(session.settings).toEqual({ ...defaultSettings, learningRate: 0.25 });
    expect(session.isWhole).toBe(false);
    await vi.waitFor(() => expect(session.comparedSettings).toEqual(defaultSettings));
    session.undo();
    expect([session.canUndo, session.settings]).toEqual([false, { ...defaultSettings, learningRate: 0.25 }]); // the rate is locked
    session.dispose();
  });

  test('shows what its step needs, though the link hides it, and what the link locks stays locked', () => {
    const page = new Presentation(views);
    page.change({ hidden: ['vectors', 'runs'], locked: ['loss'] });
    page.point('vectors', ['vectors', 'loss']);
    expect([page.hides('vectors'), page.hides('runs'), page.locks('loss')]).toEqual([false, true, true]);
    page.point(null);
    expect(page.hides('vectors')).toBe(true);
  });

  test('names parts and controls of its own view', async () => {
    for (const view of views.filter(({ lesson }) => lesson)) {
      const { steps = [] } = (await view.lesson?.load()) ?? {};
      const names = [...view.parts, ...(view.controls ?? [])].map(({ id }) => id);
      const needed = steps.flatMap(needsOf);
      expect(needed.filter((id) => !names.includes(id))).toEqual([]);
      // what the reader does is done with something
      for (const { title, done, uses = [] } of steps) if (done) expect(uses.length, title).toBeGreaterThan(0);
    }
  });

  test('is held and concealed only as long as the page says so', () => {
    const page = new Presentation(views);
    page.hold(['play']);
    expect([page.locks('play'), page.holds('play'), page.locks('vectors')]).toEqual([true, true, false]);
    page.hold([]);
    expect(page.locks('play')).toBe(false);
  });
});
