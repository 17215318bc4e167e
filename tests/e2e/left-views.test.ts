import { expect, test } from 'vitest';
import { views } from '../../src/page/views.ts';
import { openPage, openSections } from './site.ts';

test('a view that another took the place of leaves nothing of its page in memory', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/why?v=3');
  const session = await page.context().newCDPSession(page);
  const go = async (route: string) => {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `/${route}?v=3`);
    await expect.poll(() => page.title()).toContain(views.find((view) => view.route === route)?.title ?? route);
    await page.locator('main h1').first().waitFor();
    await page.evaluate(() => {
      for (const section of document.querySelectorAll<HTMLDetailsElement>('main details')) section.open = true;
    });
    await page.waitForTimeout(500); // what is in the sections is fetched
  };
  const kept: string[] = [];
  for (const { route } of views) {
    await go(route);
    if (route === 'why') {
      await openSections(page, 'A set of pairs');
      await page.getByRole('button', { name: 'Generate pairs' }).click();
      await page.getByRole('button', { name: /^Measure/ }).waitFor();
    }
    const left = await page.evaluateHandle(() => [...document.querySelectorAll('main > :not(.ways)')].map((part) => new WeakRef(part)));
    await go(route === 'why' ? 'stop' : 'why');
    const isKept = async () => {
      await session.send('HeapProfiler.collectGarbage');
      return left.evaluate((parts) => parts.some((part) => part.deref() !== undefined));
    };
    // a request under way may hold its view until it is answered
    for (let tries = 0; tries < 20 && (await isKept()); tries++) await page.waitForTimeout(250);
    if (await isKept()) kept.push(route);
    await left.dispose();
  }
  expect(kept).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});
