import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openPage, runEnds } from './site.ts';

test('a map is trained, walked with the keyboard, cancelled, goes on, and opens a run', async () => {
  const { page, complaints, close } = await openPage('#v=1&view=map&cells=32');
  await expect.poll(() => page.getByText(/runs in [\d.]+ s on the GPU/).count()).toBe(1);
  const map = page.getByRole('button', { name: /Map of regimes/ });
  await map.focus();
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('ArrowUp');
  // the run trained again by itself agrees with its cell to float32's rounding
  await expect.poll(() => page.getByText(/the map holds/).count()).toBe(1);
  const difference = /a difference of (\S+?)\.?$/.exec((await page.getByText(/the map holds/).textContent())?.trim() ?? '')?.[1] ?? '';
  expect(difference === '0' || /10⁻[⁵⁶⁷⁸⁹]|10⁻¹/u.test(difference)).toBe(true);
  await page.getByRole('button', { name: 'Pin this run' }).click();
  expect(await page.getByRole('button', { name: 'Unpin A' }).count()).toBe(1);
  // the crosshair is the present setting, which the link holds
  await expect.poll(() => new URL(page.url()).hash).toContain('scale=');
  await page.getByLabel('Cells').selectOption('128');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => page.getByText(/Cancelled; what was finished stays/).count()).toBe(1);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect.poll(() => page.getByRole('progressbar').count()).toBe(1);
  await map.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await runEnds(page, 200);
  expect(new URL(page.url()).hash).toContain('steps=200');
  expect(complaints).toEqual([]);
  await close();
});

test('two objectives and several seeds on one plane, and the figures', async () => {
  const { page, complaints, close } = await openPage('#v=1&view=map&cells=32&steps=20&seeds=2&noise=0.2&compare=yes&o.objective=simpo');
  await expect.poll(() => page.getByText(/5,120\s+runs in [\d.]+ s/).count()).toBe(1);
  for (const name of ['DPO', 'SimPO', 'Second minus first']) expect(await page.getByRole('heading', { name, exact: true }).count()).toBe(1);
  const size = () => page.locator('canvas').evaluateAll((all) => all.map((one) => (one as HTMLCanvasElement).width));
  expect(await size()).toEqual([64, 64, 64]); // two seeds beside each other in each of 32 columns
  const save = async (button: string) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
    return readFile(await download.path());
  };
  const csv = (await save('Save CSV')).toString().split('\n');
  expect(csv.filter((line) => line.startsWith('#'))).toHaveLength(3);
  expect(csv).toHaveLength(3 + 1 + 2 * 2 * 32 * 32);
  const svg = (await save('Save SVG')).toString();
  for (const text of ['prefscope 0.', 'seeds 0 to 1', 'view=map', 'image/png;base64']) expect(svg).toContain(text);
  expect((await save('Save PNG')).subarray(1, 4).toString()).toBe('PNG');
  // another toy, with runs of its own and a metric that only it has
  await page.getByLabel('Toy').selectOption('labels');
  await page.getByLabel('Colour').selectOption('reward');
  await expect.poll(() => page.getByText(/5,120\s+runs in [\d.]+ s/).count()).toBe(1);
  await expect.poll(() => new URL(page.url()).hash).toContain('toy=labels');
  expect(complaints).toEqual([]);
  await close();
});
