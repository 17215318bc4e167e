import { expect, test } from 'vitest';
import { openPage, runEnds } from './site.ts';

test('a map is trained, walked with the keyboard, cancelled, and opens a run', async () => {
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
  await page.getByLabel('Cells').selectOption('128');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => page.getByText(/Cancelled; what was finished stays/).count()).toBe(1);
  await map.focus();
  await page.keyboard.press('Enter');
  await runEnds(page, 200);
  expect(new URL(page.url()).hash).toContain('steps=200');
  expect(complaints).toEqual([]);
  await close();
});
