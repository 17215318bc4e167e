import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchOptions } from '../../src/build/chromium.ts';
import { engineOpens } from './site.ts';
import { serveTwoBuilds } from './two-builds.ts';

let browser: Browser;
let server: Awaited<ReturnType<typeof serveTwoBuilds>>;
let context: BrowserContext;
beforeAll(async () => {
  browser = await chromium.launch(launchOptions);
});
afterAll(() => browser?.close());
beforeEach(async () => {
  server = await serveTwoBuilds();
});
afterEach(async () => {
  await context?.close();
  await server.close();
});

async function openTab(hash = '', serviceWorkers: 'allow' | 'block' = 'block'): Promise<Page> {
  context ??= await browser.newContext({ serviceWorkers, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(`${server.site}?engine=cpu${hash}`);
  return page;
}
const entryOf = (page: Page) => page.locator('script[type=module]').getAttribute('src');
/** Follows one of the links that stand in the head from the start: what else leads to views is fetched itself. */
const open = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();
const other = 'Can I stop it?';
const notice = (page: Page) => page.getByRole('alert').getByRole('button', { name: 'Load it again' });
const newer = (page: Page) => page.getByRole('button', { name: 'Open it now', exact: true });
const isNamed = (entry: string) => `./${entry}`;
const loadsOf = (page: Page): { readonly count: number } => {
  const loads = { count: 0 };
  page.on('load', () => loads.count++);
  return loads;
};

describe('a deploy while the page is open', () => {
  beforeEach(() => {
    context = undefined as never; // each test opens its own
  });

  test('loads the page again by itself where a view is gone, with the view and its settings', async () => {
    const page = await openTab('#v=1&lr=0.25');
    await engineOpens(page);
    server.deploy();
    const loads = loadsOf(page);
    await open(page, other);
    await page.getByRole('heading', { name: /Which change keeps No up/ }).waitFor();
    await expect.poll(() => entryOf(page)).toBe(isNamed(server.entries.second));
    expect(loads.count).toBe(1);
    await expect.poll(() => page.url()).toContain('#/stop');
    await page.goBack();
    await expect.poll(() => page.url()).toContain('lr=0.25');
  });

  test('does not load it again and again where the server goes on with the old page, and says what is the matter', async () => {
    const page = await openTab();
    await engineOpens(page);
    server.deploy();
    server.lag();
    const loads = loadsOf(page);
    await open(page, other);
    await notice(page).waitFor();
    expect(await page.getByText(/The page was updated after you opened it/).count()).toBe(1);
    expect(loads.count).toBe(1);
  });

  test('does not load it by itself where a file of the reader would be lost', async () => {
    const page = await openTab('#v=1&view=pairs');
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({
        name: 'pairs.jsonl',
        mimeType: 'application/jsonl',
        buffer: Buffer.from(`${JSON.stringify({ prompt: 'a', chosen: 'b c', rejected: 'd e' })}\n`.repeat(3)),
      });
    await page.getByText('pairs.jsonl').first().waitFor();
    server.deploy();
    const loads = loadsOf(page);
    await open(page, other);
    await notice(page).waitFor();
    expect(await page.getByText('Files that you opened have to be opened again.').count()).toBe(1);
    expect(loads.count).toBe(0);
    await notice(page).click();
    await expect.poll(() => entryOf(page)).toBe(isNamed(server.entries.second));
  });

  test('is not what is blamed where the server is gone, or where it has this very build', async () => {
    const page = await openTab();
    await engineOpens(page);
    await page.context().setOffline(true);
    await open(page, other);
    await page.getByText(/server gives no answer now/).waitFor();
    await page.context().setOffline(false);
    server.lose('assets/open-');
    await page.reload();
    await open(page, other);
    await page.getByText(/has the same version/).waitFor();
    // nor by a page that was opened at a view's own entry
    await page.goto(`${server.site}map/?engine=cpu`);
    await open(page, 'Is it true of mine?');
    await page.getByText(/has the same version/).waitFor();
  });

  test('starts the page again where the engine was still to come', async () => {
    context = await browser.newContext({ serviceWorkers: 'block', reducedMotion: 'reduce' });
    await context.route(
      /engine-worker/,
      async (route) => {
        server.deploy();
        await route.continue();
      },
      { times: 1 },
    );
    const page = await openTab();
    await expect.poll(() => entryOf(page)).toBe(isNamed(server.entries.second));
    await engineOpens(page);
  });

  test('leaves the other tabs their files, kept until they are closed', { timeout: 300_000 }, async () => {
    const one = await openTab('', 'allow');
    await expect.poll(() => one.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    const two = await openTab('', 'allow');
    await engineOpens(two);
    /** how many files are kept of each build */
    const kept = (tab = one) =>
      tab.evaluate(async () => {
        const names = (await caches.keys()).filter((name) => !name.endsWith('beside') && !name.endsWith('asked'));
        return Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).length));
      });
    const [whole = 0] = await kept();
    server.deploy();
    await one.reload();
    await newer(one).waitFor();
    // The newer build waits, however often the older one is loaded.
    await one.reload();
    await one.reload();
    await newer(one).waitFor();
    expect(await entryOf(one)).toBe(isNamed(server.entries.first));
    expect(Math.min(...(await kept())), `${await kept()}`).toBeGreaterThanOrEqual(whole - 1);
    await newer(one).click();
    await expect.poll(() => entryOf(one)).toBe(isNamed(server.entries.second));
    const loads = loadsOf(two);
    for (const view of [other, 'Is it true of mine?', 'Why does it fall?']) {
      await open(two, view);
      await two.locator('main h1').first().waitFor();
    }
    expect([loads.count, await notice(two).count()]).toEqual([0, 0]);
    expect(await kept()).toHaveLength(2);
    // The button of the other tab still opens the newer version there.
    await newer(two).click();
    await expect.poll(() => entryOf(two)).toBe(isNamed(server.entries.second));
    await expect.poll(() => newer(two).count()).toBe(0);
    await context.setOffline(true);
    await two.reload();
    await open(two, other);
    await two.getByRole('heading', { name: /Which change keeps No up/ }).waitFor();
    expect(await entryOf(two)).toBe(isNamed(server.entries.second));
    await context.setOffline(false);
    await one.close();
    await two.close();
    const keptForNext = async () => {
      const next = await openTab('', 'allow');
      const { length } = await kept(next);
      await next.close();
      return length;
    };
    await expect.poll(keptForNext, { interval: 2000 }).toBe(1);
  });
});
