import type { Lesson } from '../../shell/teach/lesson.ts';
import type { Page } from '../page.svelte.ts';
import type { ViewId } from '../views.ts';
import LessonPanel from './LessonPanel.svelte';
import LessonRow from './LessonRow.svelte';
import { LessonPlayer } from './lesson-player.svelte.ts';

/** A lesson on the page: its player, what stands above the view's picture, and what stands below it. */
export interface OpenedLesson {
  readonly player: LessonPlayer;
  readonly Panel: typeof LessonPanel;
  readonly Row: typeof LessonRow;
}

/** The lesson of the view `id`, on the view's lab. */
export const openLesson = (page: Page, id: ViewId, lesson: Lesson<unknown>, lab: unknown): OpenedLesson => ({
  player: new LessonPlayer(id, lesson, lab, page.presentation),
  Panel: LessonPanel,
  Row: LessonRow,
});
