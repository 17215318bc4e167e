import type { Lesson } from '../shell/teach/lesson.ts';
import type { LessonId } from '../shell/teach/presentation.svelte.ts';
import { displacementLesson } from '../views/displacement/lesson.ts';
import { entanglementLesson } from '../views/entanglement/lesson.ts';
import { modesLesson } from '../views/modes/lesson.ts';

/** Every lesson; a lesson's id is the view that it is about. */
export const lessons: Readonly<Record<LessonId, Lesson>> = {
  displacement: displacementLesson,
  entanglement: entanglementLesson,
  modes: modesLesson,
};
