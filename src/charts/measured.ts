import type { Attachment } from 'svelte/attachments';

/**
 * Tells an element's inner size, in pixels, once it is laid out and whenever it changes, before it is painted. `bind:clientWidth` reads it
 * while the page is being built, too, which lays the whole page out for every chart of it.
 */
export const measured =
  (told: (width: number, height: number) => void): Attachment<HTMLElement> =>
  (node) => {
    const observer = new ResizeObserver(() => told(node.clientWidth, node.clientHeight));
    observer.observe(node);
    return () => observer.disconnect();
  };
