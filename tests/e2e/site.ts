import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { launchOptions } from '../../src/build/chromium.ts';

const site = inject('site');

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch(launchOptions);
});
afterAll(() => browser?.close());

/** The built page, with whatever it complains of and every request that leaves the site. `before` sees the page while it is empty. */
export async function openPage(
  path = '',
  {
    untouched = false,
    before,
    ...options
  }: BrowserContextOptions & { untouched?: boolean; before?: (page: Page) => Promise<unknown> } = {},
  from: Browser = browser,
) {
  // A service worker would fetch the whole site again for every test; those of working offline let it.
  // With reduced motion a run is there at once; what moves is tested where it is meant.
  const context = await from.newContext({ serviceWorkers: 'block', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.text().includes('Service Worker registration blocked by Playwright')) return;
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    // a blob: URL is the page's own, and reaches no server
    if (!url.startsWith(site) && !url.startsWith('blob:')) complaints.push(`foreign request: ${url}`);
  });
  await before?.(page);
  await page.goto(site + path);
  // What stands below the first screen comes when the reader does anything.
  if (!untouched) await page.keyboard.press('Shift');
  return { page, complaints, close: () => context.close() };
}

export const playback = (page: Page) => page.getByRole('region', { name: 'Playback' });
export const shownStep = async (page: Page) => Number(await playback(page).locator('output strong').textContent());
/** Opens what stands closed below a view's picture, by its title. */
export async function openSections(page: Page, ...titles: string[]): Promise<void> {
  for (const title of titles) {
    const section = page.locator('main details', { has: page.locator('> summary').getByText(title, { exact: true }) }).last();
    await section.waitFor();
    if ((await section.getAttribute('open')) === null) await section.locator('> summary').click();
  }
}
/** The page's engine has opened: what was drawn before came from the run that the page computes while it waits. */
export const engineOpens = (page: Page) =>
  expect
    .poll(
      async () =>
        (await page.locator('[data-engine="webgpu"], [data-engine="cpu"]').count()) +
        (await page
          .getByRole('region', { name: 'Engine' })
          .getByText(/^(WebGPU|CPU)$/)
          .count()),
    )
    .toBeGreaterThan(0);
/** The run is trained to its end, and this step is shown: the first view waits for its reader on the way there. */
export const runEnds = async (page: Page, last = 100) => {
  await engineOpens(page);
  if ((await page.locator('[data-engine]').count()) === 0) {
    await expect.poll(() => playback(page).getByRole('button', { name: 'Replay' }).count()).toBe(1);
    expect(await shownStep(page)).toBe(last);
    return;
  }
  const timeline = page.getByRole('slider', { name: 'Step shown' });
  await expect
    .poll(
      async () => {
        const [step, steps, trained] = (await timeline.getAttribute('aria-valuetext'))?.match(/\d+/g) ?? [];
        if (
          step !== String(last) &&
          (await playback(page)
            .getByRole('button', { name: /^(Play|Go on)$/ })
            .count()) > 0
        )
          await timeline.press('End');
        return step === String(last) && trained === steps;
      },
      { interval: 300 },
    )
    .toBe(true);
};
/** Probability of an answer as the page prints it, in percent. */
export const percentOf = async (page: Page, token: string) => {
  const row = page
    .getByRole('region', { name: /Probability of each answer/ })
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name: new RegExp(`^${token}\\b`) }) });
  return Number(/([\d.]+)\s*%/u.exec((await row.getByRole('cell').last().textContent()) ?? '')?.[1]);
};
