import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { catalogueSize } from '../../src/views/objectives/catalogue-view.ts';
import { illegible } from './legible.ts';
import { openPage } from './site.ts';

const hash = (page: Page) => new URL(page.url()).hash;
const cards = (page: Page) => page.getByRole('article');
/** Every card has the picture of its run. */
const drawn = (page: Page) =>
  expect.poll(() => cards(page).evaluateAll((all) => all.filter((card) => !card.querySelector('svg path.chosen')).length)).toBe(0);
const fetched = (page: Page) => page.getByRole('heading', { name: 'Which loss does what?' }).waitFor();

test.each([
  [1366, 768, 55],
  [390, 844, 85],
])('every objective has a picture, within a bound on the height, at %i × %i', async (width, height, perCard) => {
  const { page, complaints, close } = await openPage('?engine=cpu#/stop/all', { viewport: { width, height } });
  await fetched(page);
  expect(await cards(page).count()).toBe(catalogueSize);
  await drawn(page);
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThan(perCard * catalogueSize);
  // the first pictures are on the first screen
  const first = await cards(page).first().boundingBox();
  expect(first && first.y + first.height).toBeLessThan(height);
  expect(await illegible(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});

test('a search, a family and what No does are in the link, which finds the same again', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/stop/all');
  await fetched(page);
  await page.getByRole('textbox', { name: 'Search' }).fill('margin');
  await page.getByRole('button', { name: /^No falls/ }).click();
  await page.getByRole('button', { name: /^DPO and its kin/ }).click();
  await expect.poll(() => hash(page)).toBe('#/stop/all?v=3&q=margin&family=dpo-and-its-kin&does=falls');
  const names = await page.getByRole('article').getByRole('heading').allTextContents();
  expect(names.length).toBeGreaterThan(0);
  expect(names.length).toBeLessThan(catalogueSize);
  const other = await openPage(`?engine=cpu${hash(page)}`);
  await fetched(other.page);
  expect(await other.page.getByRole('article').getByRole('heading').allTextContents()).toEqual(names);
  expect(await other.page.getByRole('textbox', { name: 'Search' }).inputValue()).toBe('margin');
  expect(await other.page.getByRole('button', { name: /^No falls/ }).getAttribute('aria-pressed')).toBe('true');
  // a search without a result offers the whole
  await other.page.getByRole('textbox', { name: 'Search' }).fill('no such loss');
  await other.page.getByRole('button', { name: `Show all ${catalogueSize}` }).click();
  expect(await cards(other.page).count()).toBe(catalogueSize);
  await expect.poll(() => hash(other.page)).toBe('#/stop/all');
  expect([...complaints, ...other.complaints]).toEqual([]);
  await other.close();
  await close();
});

test('three objectives are compared by the keyboard, with formula, first force, what was measured, and paper, and the link holds them', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/stop/all');
  await fetched(page);
  const compare = (name: string) => page.getByRole('checkbox', { name: `Compare ${name}`, exact: true });
  for (const name of ['DPO', 'IPO (mean over tokens)', 'SimPO']) await compare(name).press('Space');
  expect(await compare('KTO (on pairs)').isDisabled()).toBe(true);
  await expect.poll(() => hash(page)).toBe('#/stop/all?v=3&side=dpo%7Eipo%7Esimpo');
  await page.getByRole('button', { name: 'See side by side' }).press('Enter');
  const table = page.getByRole('region', { name: 'Side by side' });
  expect(await table.evaluate((node) => node === document.activeElement)).toBe(true);
  expect((await table.boundingBox())?.y).toBeGreaterThanOrEqual(0);
  const rows = await table
    .getByRole('row')
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent?.trim())));
  const row = (head: RegExp) => rows.find(([first]) => head.test(first ?? ''))?.slice(1);
  expect(row(/pull on No/)?.[0]).toBe('0.0500'); // β/2 at the reference
  expect(row(/^No, after 100/)?.[0]).toMatch(/^75\.6.% → 0\.26.%$/);
  expect(row(/logit of its own/)?.[0]).toMatch(/^75\.6.% → 99\.\d.%$/);
  expect(await table.getByRole('link', { name: /2305\.18290/ }).count()).toBe(1);
  expect(await table.locator('math').count()).toBe(3);
  await table.getByRole('button', { name: 'Take IPO (mean over tokens) away' }).press('Enter');
  await expect.poll(() => hash(page)).toBe('#/stop/all?v=3&side=dpo%7Esimpo');
  const other = await openPage(`?engine=cpu${hash(page)}`, { viewport: { width: 390, height: 844 } });
  await fetched(other.page);
  await expect.poll(() => other.page.getByRole('columnheader').count()).toBe(2);
  expect(await illegible(other.page)).toEqual([]);
  expect([...complaints, ...other.complaints]).toEqual([]);
  await other.close();
  await close();
});

test('details open by the keyboard, are in the link, and train the toy', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/stop/all');
  await fetched(page);
  const card = page.getByRole('article').filter({ has: page.getByRole('heading', { name: 'IPO (mean over tokens)', exact: true }) });
  await card.locator('summary').focus();
  await page.keyboard.press('Enter');
  await card.getByText(/^Measured\./).waitFor();
  await expect.poll(() => card.locator('math').count()).toBeGreaterThan(0);
  await expect.poll(() => hash(page)).toBe('#/stop/all?v=3&open=ipo');
  const other = await openPage(`?engine=cpu${hash(page)}`);
  await fetched(other.page);
  await other.page.getByText(/^Measured\./).waitFor();
  await other.close();
  await card.getByRole('button', { name: 'Train the toy with it' }).press('Enter');
  await expect.poll(() => hash(page)).toMatch(/^#\/why\?v=3&objective=ipo/);
  expect(complaints).toEqual([]);
  await close();
});
