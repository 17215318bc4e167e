import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { dependent, save } from './saved.ts';
import { openPage } from './site.ts';

const axeSource = readFileSync(resolve('node_modules/axe-core/axe.min.js'), 'utf8');

test('a link opens a claim, runs it and shows the verdict with its margin; others run on demand, in either theme', async () => {
  const { page, complaints, close } = await openPage('#v=1&view=claims&claim=suffix-rates&seeds=3', {
    viewport: { width: 390, height: 844 },
    reducedMotion: 'reduce',
    colorScheme: 'light',
  });
  const item = (title: string) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: title }) });
  const linked = item('A shared suffix, in closed form');
  await expect.poll(() => linked.getByText('Holds', { exact: true }).count()).toBe(1);
  expect(await linked.getByRole('img', { name: /required: at most/ }).count()).toBe(1);
  expect(await linked.getByText(/rounding alone/).count()).toBe(1);
  expect(await linked.locator('math').count()).toBe(1);

  const svg = (await save(page, 'A shared suffix, in closed form', 'SVG')).toString();
  expect(svg).not.toMatch(dependent);
  for (const part of ['holds: ', 'seed 1 to 3', 'claim=suffix-rates', '<circle']) expect(svg).toContain(part);
  const csv = (await save(page, 'All claims', 'CSV')).toString().trim().split('\n');
  expect(csv.filter((line) => line.startsWith('suffix-rates,'))).toHaveLength(3);

  // a negative result, told as such
  const negative = item('Every pairwise loss widens the margin');
  await negative.getByRole('button', { name: /^Run 3 seeds/ }).click();
  await expect.poll(() => negative.getByText('Does not hold', { exact: true }).count()).toBe(1);
  await negative.getByRole('button', { name: /^Details/ }).click();
  expect(await negative.getByText(/and faster where .* is above/).count()).toBe(1);
  await expect.poll(() => page.evaluate(() => location.hash)).toBe('#/claims?v=3&seeds=3&claim=margin-falls');
  expect(await page.getByText(/2 of \d+ measured: 1 hold, 1 do not/).count()).toBe(1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);

  await page.evaluate(axeSource);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const violations = await page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
      };
      const result = await axe.run();
      return result.violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    });
    expect(violations, colorScheme).toEqual([]);
  }

  // other seeds are other results; all of them can be asked for, and given up
  await page.locator('.tools select').selectOption('10');
  expect(await negative.getByText('Not run').count()).toBe(1);
  await page.getByRole('button', { name: 'Run all claims' }).click();
  await page.locator('.tools').getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => page.getByRole('button', { name: /Run (all claims|the rest)/ }).count()).toBe(1);
  expect(await page.getByText('Waiting').count()).toBe(0);
  expect(complaints).toEqual([]);
  await close();
});
