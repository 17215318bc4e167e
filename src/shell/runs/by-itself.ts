import type { Attachment } from 'svelte/attachments';

/** Milliseconds for which the start stands still: who has just come reads the question first. `PlayRow` draws them. */
const standsStill = 2500;

/** What may begin to play where nobody has asked for it. */
export interface BeginsByItself {
  /** it is about to, and nobody has done anything yet */
  readonly beginsByItself: boolean;
  beginByItself(): void;
  /** Nothing begins by itself any more. */
  leaveToReader(): void;
}

/**
 * Lets a run begin by itself, where a reader has it before their eyes and has done nothing yet. Time in a tab that nobody sees, or away
 * from the picture, does not count.
 */
export const byItself =
  (run: BeginsByItself, may: boolean): Attachment =>
  (picture) => {
    if (!may) run.leaveToReader();
    if (!run.beginsByItself) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = new IntersectionObserver(
      ([entry]) => {
        clearTimeout(timer);
        if (entry?.isIntersecting && !document.hidden) timer = setTimeout(() => run.beginByItself(), standsStill);
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
