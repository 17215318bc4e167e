import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { engineOpens, openPage, percentOf, playback, runEnds } from './site.ts';

/** Compressed bytes that the page may load before the reader does anything, with the engine, its shaders and the first run. */
const budget = 150_000;

test('what is loaded before the first interaction is small', async () => {
  const { page, close } = await openPage('', { untouched: true, viewport: { width: 1440, height: 900 } });
  const urls = new Set<string>();
  page.context().on('request', (request) => urls.add(request.url()));
  await page.reload();
  await engineOpens(page);
  // as far as the run goes by itself for a reader who wants no animation
  await expect.poll(() => playback(page).getByRole('button', { name: 'Go on' }).count()).toBe(1);
  const loaded = await Promise.all(
    [...urls].map(async (url) => ({
      file: url.replace(/^.*\//, ''),
      size: gzipSync(await (await page.request.get(url)).body(), { level: 9 }).length,
    })),
  );
  expect(loaded.some(({ file }) => file.startsWith('engine-worker'))).toBe(true);
  const total = loaded.reduce((sum, { size }) => sum + size, 0);
  const largest = loaded.sort((a, b) => b.size - a.size).slice(0, 8);
  expect(total, `of it ${largest.map(({ file, size }) => `${file} ${size}`).join(', ')}`).toBeLessThan(budget);
  await close();
});

test('after the first visit the page works without a network, from its sub-path, all views included', async () => {
  const { page, complaints, close } = await openPage('', { serviceWorkers: 'allow' });
  await page.evaluate(() => navigator.serviceWorker.ready);
  const context = page.context();
  await context.setOffline(true);
  await page.goto(`${page.url().replace(/#.*$/, '')}?engine=cpu#v=1&train=both`);
  await runEnds(page);
  expect(await percentOf(page, 'Yes')).toBeGreaterThan(80);
  const { origin, pathname } = new URL(page.url());
  for (const { address, heading } of [
    { address: '#/why/peaks', heading: /Why does one loss pick a peak/ },
    { address: '#/mine/pairs', heading: /on your pairs/ },
    { address: 'objectives/', heading: /Which loss does what/ }, // its entry, one folder below
  ]) {
    await page.goto(origin + pathname + address);
    await page.getByRole('heading', { name: heading }).first().waitFor();
  }
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('link', { name: 'All objectives' }).waitFor();
  expect(complaints).toEqual([]);
  await context.setOffline(false);
  const manifest = await page.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]');
    const response = await fetch(link?.href ?? '');
    return response.json();
  });
  expect(manifest).toMatchObject({ name: 'prefscope', start_url: './', display: 'standalone' });
  await close();
});
