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

interface Stops {
  /** default 0 */
  readonly first?: number;
  readonly last: number;
  /** of an arrow key; default 1 */
  readonly step?: number;
  /** of Page Up and Page Down, and of an arrow key with Shift */
  readonly page: number;
  /** without it these two arrows scroll the page */
  readonly upAndDown?: boolean;
}

/** Where a key leads on a slider with such stops; null for a key that leads nowhere. */
export function stopByKey(
  event: KeyboardEvent,
  present: number,
  { first = 0, last, step = 1, page, upAndDown = false }: Stops,
): number | null {
  const by = event.shiftKey ? page : step;
  const stops: Readonly<Record<string, number>> = {
    ArrowLeft: present - by,
    ArrowRight: present + by,
    PageDown: present - page,
    PageUp: present + page,
    Home: first,
    End: last,
    ...(upAndDown ? { ArrowDown: present - by, ArrowUp: present + by } : {}),
  };
  const stop = stops[event.key];
  if (stop === undefined) return null;
  event.preventDefault();
  return Math.min(last, Math.max(first, stop));
}

/** Where the pointer is, in the element's own pixels from its upper left corner: a projector's page is enlarged. */
export function pointerIn(event: MouseEvent & { currentTarget: Element }, element: Element = event.currentTarget): [x: number, y: number] {
  const { left, top } = element.getBoundingClientRect();
  const { currentCSSZoom: zoom = 1 } = element; // a browser that has no such number enlarges nothing
  return [(event.clientX - left) / zoom, (event.clientY - top) / zoom];
}
