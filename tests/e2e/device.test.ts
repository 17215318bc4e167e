import { expect, test } from 'vitest';
import { openPage } from './site.ts';

test('the kernels are timed on this device, and agree with float64', async () => {
  const { page, complaints, close } = await openPage('?engine=webgpu#v=1&view=device');
  await page.getByRole('button', { name: 'Time the kernels' }).click();
  await expect.poll(() => page.getByRole('table').getByRole('row').count(), { timeout: 110_000 }).toBe(6);
  const errors = await page.getByRole('row').getByRole('cell').last().allTextContents();
  for (const error of errors) expect(error).toMatch(/10⁻[⁵⁶⁷]/u);
  expect(complaints).toEqual([]);
  await close();
});
