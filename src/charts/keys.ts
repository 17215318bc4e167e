/** The step of an arrow key, x to the right and y upwards, with Shift by `far`; null for any other key. */
export function stepByKey(event: KeyboardEvent, near: number, far: number): readonly [x: number, y: number] | null {
  const by = event.shiftKey ? far : near;
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-by, 0],
    ArrowRight: [by, 0],
    ArrowUp: [0, by],
    ArrowDown: [0, -by],
  };
  const step = steps[event.key];
  if (!step) return null;
  event.preventDefault();
  return step;
}

/** Where a key leads on a slider with stops 0 to `last`; null for a key that leads nowhere. Without `upAndDown` these two scroll the page. */
export function stopByKey(event: KeyboardEvent, present: number, last: number, page: number, upAndDown = false): number | null {
  const stops: Readonly<Record<string, number>> = {
    ArrowLeft: present - 1,
    ArrowRight: present + 1,
    PageDown: present - page,
    PageUp: present + page,
    Home: 0,
    End: last,
    ...(upAndDown ? { ArrowDown: present - 1, ArrowUp: present + 1 } : {}),
  };
  const stop = stops[event.key];
  if (stop === undefined) return null;
  event.preventDefault();
  return Math.min(last, Math.max(0, stop));
}

/** Where the pointer is, in pixels from the upper left corner of an element. */
export function pointerIn(event: MouseEvent & { currentTarget: Element }, element: Element = event.currentTarget): [x: number, y: number] {
  const { left, top } = element.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}
