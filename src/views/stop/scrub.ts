/** How far a pointer may slip, in pixels, before a click is a drag. */
const slip = 4;

/**
 * An attachment for a link with a picture in it: dragging along the picture tells how far along the pointer is, from 0 to 1, and is no
 * click on the link.
 */
export const scrubbing =
  (picture: string, onscrub: (share: number) => void) =>
  (link: HTMLElement): (() => void) => {
    let from: number | null = null;
    let isDrag = false;
    const down = (event: PointerEvent): void => {
      isDrag = false;
      from = event.button === 0 && event.target instanceof Element && event.target.closest(picture) ? event.clientX : null;
    };
    const move = (event: PointerEvent): void => {
      const drawn = link.querySelector(picture);
      if (from === null || !drawn || (!isDrag && Math.abs(event.clientX - from) < slip)) return;
      isDrag = true;
      if (!link.hasPointerCapture(event.pointerId)) link.setPointerCapture(event.pointerId);
      const { left, width } = drawn.getBoundingClientRect();
      onscrub(Math.min(1, Math.max(0, (event.clientX - left) / width)));
    };
    const up = (): void => {
      from = null;
    };
    const click = (event: Event): void => {
      if (isDrag) event.preventDefault();
      isDrag = false;
    };
    const handlers = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up, click };
    for (const [name, handler] of Object.entries(handlers)) link.addEventListener(name, handler as EventListener);
    return () => {
      for (const [name, handler] of Object.entries(handlers)) link.removeEventListener(name, handler as EventListener);
    };
  };
