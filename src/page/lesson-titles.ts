import type { LessonId } from '../shell/teach/presentation.svelte.ts';

/** Of every lesson, for menus: the lessons themselves are fetched when one is opened. */
export const lessonTitles: Readonly<Record<LessonId, string>> = {
  displacement: 'When the preferred answer loses',
  entanglement: 'Why both answers move together',
  modes: 'Why one loss picks a peak and another spreads',
};
