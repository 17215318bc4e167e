import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultSettings } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { Page } from '../../src/page/page.svelte.ts';
import { LessonPlayer } from '../../src/page/teach/lesson-player.svelte.ts';
import { type ViewId, viewOf } from '../../src/page/views.ts';
import { doneWith } from '../../src/shell/teach/lesson.ts';

beforeEach(() => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('requestAnimationFrame', (next: (now: number) => void) => setTimeout(() => next(performance.now())));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

interface Undoable {
  readonly settings: object;
  readonly canUndo: boolean;
  change(change: object, kind?: string): void;
  undo(): void;
}

/** A page on which a lesson is under way, some steps on. */
async function taught(view: ViewId, before: object) {
  const page = await Page.create({ hash: `#/${viewOf(view).route}?v=3`, choice: 'cpu', calm: true });
  const lab = page.opened(view)?.state.lab as Undoable;
  lab.change(before);
  const hash = `#${page.hash}`;
  const lesson = await viewOf(view).lesson?.load();
  if (!lesson) throw new Error('The view has no lesson.');
  page.teach(view);
  const player = new LessonPlayer(view, lesson, lab, page.presentation);
  player.begin();
  return { page, lab, hash, player, lesson };
}

describe.each([
  ['displacement', { learningRate: 0.25 }],
  ['entanglement', { learningRate: 0.25 }],
  ['modes', { beta: 0.5 }],
] as const)('the lesson of %s, left with the browser’s Back', (view, change) => {
  it('leaves the settings and what undo goes back to as they were', async () => {
    const { page, lab, hash, player, lesson } = await taught(view, change);
    for (const index of lesson.steps.keys()) player.go(index);
    lab.change({ steps: 30 });
    await page.follow(hash);
    expect(page.presentation.state.lesson).toBeNull();
    expect(lab.settings).toMatchObject(change);
    lab.undo();
    expect(lab.settings).not.toMatchObject(change);
    expect(lab.canUndo).toBe(false);
  });

  it('opens the link that it goes to, another run perhaps, which undo goes back from', async () => {
    const { page, lab, player } = await taught(view, change);
    player.go(2);
    await page.follow(`#/${viewOf(view).route}?v=3&steps=40`);
    expect(lab.settings).toMatchObject({ steps: 40 });
    lab.undo();
    expect(lab.settings).toMatchObject(change);
  });
});

it('a lesson of another view is left as well', async () => {
  const { page, lab, player } = await taught('displacement', { learningRate: 0.25 });
  player.go(4);
  expect(lab.settings).toMatchObject({ train: 'unembedding' });
  await page.follow('#/stop/map?v=3');
  expect(lab.settings).toEqual({ ...defaultSettings, learningRate: 0.25 });
});

it('a lesson that was left before it came does not begin', async () => {
  const { page, lab, player, hash } = await taught('displacement', { learningRate: 0.25 });
  await page.follow(hash);
  player.begin();
  expect(lab.settings).toMatchObject({ learningRate: 0.25 });
});

describe('what a link locks of a lesson', () => {
  it('is what its steps are done with: a guess cannot be tried where playing is locked', async () => {
    const { page, player, lesson } = await taught('displacement', {});
    expect([player.isLocked, player.isOpen]).toEqual([false, false]); // it waits for the guess, and no link locks it
    page.presentation.change({ locked: ['play'] });
    const guessed = lesson.steps.map(({ predict }) => predict !== undefined);
    const withPlay = lesson.steps.map(({ uses = [] }) => uses.includes('play'));
    for (const index of lesson.steps.keys()) {
      player.go(index);
      expect(player.isLocked, String(index)).toBe(guessed[index] || withPlay[index]);
      if (guessed[index]) {
        player.predict(0);
        expect(player.isLocked).toBe(true);
      }
    }
    // settings are another matter: the lesson sets its stage with them
    page.presentation.change({ locked: ['settings'] });
    player.go(0);
    expect(player.isLocked).toBe(false);
    expect(lesson.steps.flatMap((step) => doneWith(lesson, step))).not.toContain('settings');
  });
});
