import type { Attachment } from 'svelte/attachments';
import { firstInteraction } from '../../shell/controls/first-interaction.ts';
import type { Session } from './session.svelte.ts';

/** Milliseconds for which the start stands still: who has just come reads the question first. `PlayRow` draws them. */
const standsStill = 2500;

/**
 * Lets the run begin by itself, where a reader has it before their eyes and has done nothing yet. Time in a tab that nobody sees, or away
 * from the picture, does not count.
 */
export const byItself =
  (session: Session, may: boolean): Attachment =>
  (picture) => {
    if (!may) session.leaveToReader();
    if (!session.beginsByItself) return;
    void firstInteraction.then(() => session.leaveToReader());
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = new IntersectionObserver(
      ([entry]) => {
        clearTimeout(timer);
        if (entry?.isIntersecting && !document.hidden) timer = setTimeout(() => session.beginByItself(), standsStill);
      },
      { threshold: 0.5 },
    );
    const look = (): void => {
      watch.unobserve(picture);
      watch.observe(picture);
    };
    document.addEventListener('visibilitychange', look);
    look();
    return () => {
      clearTimeout(timer);
      watch.disconnect();
      document.removeEventListener('visibilitychange', look);
    };
  };
