import { expect, test } from 'vitest';
import { openPage, openSections, percentOf, runEnds } from './site.ts';

test('an objective is found by name, trains, and shows its formula', async () => {
  const { page, complaints, close } = await openPage();
  await runEnds(page);
  await openSections(page, 'The objective');
  const panel = page.getByRole('region', { name: 'The objective' });
  await panel.getByRole('button', { name: /Trains with/ }).click();
  await page.getByRole('combobox', { name: /Search by name/ }).waitFor();
  await page.keyboard.type('ipo');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect.poll(() => panel.getByRole('button', { name: /Trains with .*IPO/ }).count()).toBe(1);
  await runEnds(page);
  expect(await panel.locator('math').count()).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
  await close();
});

test('a loss of groups is found, and trains on the pair as a group of two', async () => {
  const { page, complaints, close } = await openPage();
  await runEnds(page);
  await openSections(page, 'The objective');
  const panel = page.getByRole('region', { name: 'The objective' });
  const displaced = await percentOf(page, 'No');
  await panel.getByRole('button', { name: /Trains with/ }).click();
  await page.getByRole('combobox', { name: /Search by name/ }).fill('best of n');
  await page.getByRole('option', { name: /Best-of-N distillation/ }).click();
  const told = async () => (await panel.innerText()).replaceAll(/\s+/g, ' ');
  await expect.poll(told).toContain('one group of two, No with reward 1 and Never with reward 0');
  await expect.poll(() => percentOf(page, 'No')).toBeGreaterThan(displaced);
  expect(complaints).toEqual([]);
  await close();
});

test('a typed loss trains with a slider for each of its names; a bad line is marked and changes nothing', async () => {
  const { page, complaints, close } = await openPage();
  await runEnds(page);
  await openSections(page, 'The objective', 'Change the run');
  const displaced = await percentOf(page, 'No');
  const line = page.getByLabel(/The loss of one pair, as text/);
  // An added likelihood term of this size holds the chosen answer up: core idea of the SFT remedy.
  await line.fill('-logsigmoid(beta * (logp_w - logp_l - ref_w + ref_l)) - 0.3 * logp_w');
  await expect.poll(() => page.getByText(/Gradient checked/).count()).toBe(1);
  await runEnds(page);
  const held = await percentOf(page, 'No');
  expect(displaced).toBeLessThan(1);
  expect(held).toBeCloseTo(92.2, 0); // 0.922 in the notes, for a weight of 0.3
  await line.fill('-logsigmoid(beta * (logp_w - logp_l');
  await expect.poll(() => page.getByText(/The loss before keeps training/).count()).toBe(1);
  expect(await percentOf(page, 'No')).toBe(held);
  await line.fill('-logsigmoid(steepness * (logp_w - logp_l))');
  await expect.poll(() => page.getByLabel(/steepness/).count()).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
  await close();
});

test('nothing that is typed is executed', async () => {
  const { page, complaints, close } = await openPage();
  await runEnds(page);
  await openSections(page, 'The objective');
  const line = page.getByLabel(/The loss of one pair, as text/);
  for (const text of [
    'alert(1)',
    'constructor.constructor("return 1")()',
    '<img src=x onerror=alert(1)>',
    '\\class{x}{y}',
    '`('.repeat(500),
  ])
    await line.fill(text);
  await expect.poll(() => page.getByText(/The loss before keeps training/).count()).toBe(1);
  expect(complaints).toEqual([]);
  await close();
});
