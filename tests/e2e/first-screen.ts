import type { Page } from 'playwright';

/** Adds up what moves without the reader's doing, from the next load on. */
export const watchShifts = (page: Page) =>
  page.addInitScript(() => {
    Object.assign(window, { shifted: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) Object.assign(window, { shifted: (window as unknown as { shifted: number }).shifted + entry.value });
    }).observe({ type: 'layout-shift', buffered: true });
  });

/** What of the first screen does not fit the window below a head of one line, and how much has moved. */
export async function firstScreen(page: Page, parts: readonly string[]) {
  const screen = page.locator('.screen');
  await screen.waitFor();
  return {
    inside: () =>
      screen.evaluate((node, selectors) => {
        const line = 56; // of the head and the space under it
        const above = node.getBoundingClientRect().top - line;
        const boxes = ['.headline', '.picture', ...selectors].map((selector) => ({
          selector,
          box: node.querySelector(selector)?.getBoundingClientRect(),
        }));
        const outside = boxes.filter(({ box }) => !box || box.bottom - above > innerHeight || box.left < 0 || box.right > innerWidth);
        const wide = document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [];
        return [...outside.map(({ selector, box }) => `${selector} ends at ${box?.bottom ?? Number.NaN}`), ...wide];
      }, parts),
    shift: () => page.evaluate(() => (window as unknown as { shifted: number }).shifted),
  };
}
