import type { Page, Worker } from 'playwright';
import { expect, test } from 'vitest';
import { engineOpens, openPage, openSections, percentOf, playback, runEnds, shownStep } from './site.ts';

/** What the test puts before the engine's worker, so that it can end the worker's devices, and then take the adapter away. */
const graspDevices = `
  const requestDevice = GPUAdapter.prototype.requestDevice;
  globalThis.devices = [];
  GPUAdapter.prototype.requestDevice = async function (...options) {
    const device = await requestDevice.apply(this, options);
    globalThis.devices.push(device);
    return device;
  };
`;

const engineOf = (page: Page): Worker => {
  const worker = page.workers().at(-1);
  if (!worker) throw new Error('The page has no worker.');
  return worker;
};
const endDevice = (page: Page): Promise<void> =>
  engineOf(page).evaluate(() => {
    for (const device of (globalThis as unknown as { devices: GPUDevice[] }).devices) device.destroy();
  });

test('a lost device is asked for again and the run goes on; one that stays away leaves it to the CPU engine', async () => {
  const { page, complaints, close } = await openPage('?engine=webgpu', { reducedMotion: 'no-preference' });
  let hasVanished = false;
  await page.route(/engine-worker/, async (route) => {
    const response = await route.fetch();
    const vanish = hasVanished ? 'navigator.gpu.requestAdapter = async () => null;' : '';
    await route.fulfill({ response, body: `${graspDevices}${vanish}${await response.text()}` });
  });
  await page.goto(`${page.url()}#v=1&steps=240`);
  await page.reload(); // the same page with another hash is not loaded again
  await engineOpens(page);
  /** What the menu says of the engine: its button is marked while there is news. */
  const marked = page.getByRole('button', { name: 'Menu: there is news of the engine' });
  const says = async (text: RegExp) => {
    await marked.click();
    await page.getByText(text).waitFor();
    await page.keyboard.press('Escape');
  };
  expect(await page.getByRole('button', { name: 'Menu', exact: true }).count()).toBe(1);
  await playback(page).getByRole('button', { name: 'Play' }).click();
  await expect.poll(() => shownStep(page)).toBeGreaterThan(5);
  await endDevice(page);
  await says(/went away and came back/);
  // it may have come to the moment, where it waits for the reader
  const goOn = playback(page).getByRole('button', { name: 'Go on' });
  if ((await goOn.count()) > 0) await goOn.click();
  const before = await shownStep(page);
  await expect.poll(() => shownStep(page)).toBeGreaterThan(before);
  hasVanished = true;
  await endDevice(page);
  await says(/did not come back: the CPU engine has taken over/);
  await page.getByLabel('Speed').selectOption({ index: 5 }); // as fast as the page can draw
  await runEnds(page, 240);
  await openSections(page, 'Where it was trained');
  await expect.poll(() => page.getByRole('region', { name: 'Engine' }).getByText('CPU', { exact: true }).count()).toBe(1);
  const survived = await percentOf(page, 'Yes');
  await playback(page).getByRole('button', { name: 'Again' }).click();
  await runEnds(page, 240);
  expect(await percentOf(page, 'Yes')).toBe(survived);
  // dismissed, it stays so
  await marked.click();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect.poll(() => marked.count()).toBe(0);
  expect(complaints).toEqual([]);
  await close();
});
