import type { Page } from 'playwright';

/** Sizes at which a view's first screen is held. */
export const screens = [
  { width: 1366, height: 768 },
  { width: 1280, height: 720 },
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
] as const;

/**
 * How far down what plays a picture may end: 740 pixels at 1366 × 768, 705 at 390 × 844, and as far above the lower edge in a larger
 * window.
 */
export const lowest = ({ width, height }: { readonly width: number; readonly height: number }): number =>
  width <= 700 ? 705 : Math.min(height, Math.max(740, height - 28));

/** What of these sticks out of the window or is not drawn at all, and whether the page is wider than the window. */
export const misfits = (page: Page, selectors: readonly string[]): Promise<string[]> =>
  page.evaluate((all) => {
    const header = document.querySelector('header')?.getBoundingClientRect().height ?? 0;
    // until the header is one line of 48 px, a phone's picture begins so much lower
    const below = innerWidth <= 700 ? Math.max(0, header - 48) : 0;
    const found = all.flatMap((selector) => {
      const box = document.querySelector(selector)?.getBoundingClientRect();
      const fits =
        box && box.width > 0 && box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight + below + 0.5;
      return fits ? [] : [`${selector} ${JSON.stringify(box)}`];
    });
    const say = document.querySelector('.say');
    if (say && say.scrollHeight > say.clientHeight + 1) found.push(`clipped: ${say.textContent}`);
    return document.documentElement.scrollWidth > innerWidth ? [...found, 'wider than the window'] : found;
  }, selectors);

/** Adds up what shifts from now on. */
export async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const total = { value: 0 };
    Object.assign(globalThis, { shifts: total });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) total.value += (entry as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: false });
  });
  return () => page.evaluate(() => (globalThis as unknown as { shifts: { value: number } }).shifts.value);
}

/** Adds up what moves without the reader's doing, from the next load on, for `shiftOf`: see `before` of `openPage`. */
export const countShifts = (page: Page) =>
  page.addInitScript(() => {
    Object.assign(window, { shifted: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) Object.assign(window, { shifted: (window as unknown as { shifted: number }).shifted + entry.value });
    }).observe({ type: 'layout-shift', buffered: true });
  });
/** What `countShifts` has added up. */
export const shiftOf = (page: Page): Promise<number> => page.evaluate(() => (window as unknown as { shifted: number }).shifted);

/** What of the first screen does not fit the window below a head of one line, and how much has moved. */
export async function firstScreen(page: Page, parts: readonly string[], played: string | null = null) {
  const screen = page.locator('.screen');
  await screen.waitFor();
  return {
    inside: async () => {
      const size = await page.evaluate(() => ({ width: innerWidth, height: innerHeight }));
      return screen.evaluate(
        (node, [selectors, transport, most]) => {
          const line = 56; // of the head and the space under it
          const above = node.getBoundingClientRect().top - line;
          const boxes = ['.headline', '.picture', ...selectors].map((selector) => ({
            selector,
            box: node.querySelector(selector)?.getBoundingClientRect(),
          }));
          const outside = boxes.filter(({ box }) => !box || box.bottom - above > innerHeight || box.left < 0 || box.right > innerWidth);
          const end = transport === null ? 0 : (node.querySelector(transport)?.getBoundingClientRect().bottom ?? Number.NaN) - above;
          const late = end <= most ? [] : [`${transport} ends at ${end}`];
          const wide = document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [];
          return [...outside.map(({ selector, box }) => `${selector} ends at ${box?.bottom ?? Number.NaN}`), ...late, ...wide];
        },
        [parts, played, lowest(size)] as const,
      );
    },
    shift: () => shiftOf(page),
  };
}
