import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchOptions } from '../../src/build/chromium.ts';
import { serveTwoBuilds } from './two-builds.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch(launchOptions);
});
afterAll(() => browser?.close());

const says = /prefscope has not started/;

test('a page opened from a file says what it lacks', async () => {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(resolve('dist/index.html')).href);
  await page.getByText(says).waitFor();
  await page.close();
});

test.each([
  { allows: 'nobody', headers: {}, starts: false },
  { allows: 'every origin', headers: { 'access-control-allow-origin': '*' }, starts: true },
])('in a sandboxed frame of a server that allows $allows it starts: $starts', async ({ headers, starts }) => {
  const server = await serveTwoBuilds(headers);
  const page = await browser.newPage({ reducedMotion: 'reduce' });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.route('**/around', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<iframe sandbox="allow-scripts" src="${server.site}?engine=cpu" width=1200 height=800>`,
    }),
  );
  await page.goto(`${server.site}around`);
  const frame = page.frameLocator('iframe');
  if (starts) {
    await frame.locator('[data-engine="cpu"]').waitFor();
    await frame.getByRole('link', { name: 'Can I stop it?' }).click();
    await frame.getByRole('heading', { name: /^Which change keeps/ }).waitFor();
    await frame.getByRole('button', { name: 'Menu', exact: true }).click();
    await frame.getByLabel('Theme').selectOption('dark');
    expect(await frame.getByText(says).count()).toBe(0);
  } else await frame.getByText(says).waitFor();
  expect(errors).toEqual([]);
  await page.close();
  await server.close();
});
