import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { openPage, runEnds } from './site.ts';

/** Holds files back that the page asks for from now on, until they are let go. */
async function heldBack(page: Page, files: RegExp) {
  let letGo = (): void => {};
  let asked = 0;
  const free = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(files, async (route) => {
    asked++;
    await free;
    await route.continue();
  });
  return { asked: () => expect.poll(() => asked).toBeGreaterThan(0), letGo };
}

const question = (page: Page, name: string) => page.getByRole('navigation', { name: 'Questions' }).getByRole('link', { name }).click();

test('a list of objectives that is closed before the losses of groups have come complains of nothing', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/why?v=3');
  await runEnds(page);
  const groups = await heldBack(page, /\/group-tools[^/]*\.js/);
  await page.getByRole('button', { name: 'DPO', exact: true }).first().click();
  await page.getByRole('combobox', { name: /Search by name/ }).waitFor();
  await groups.asked();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  groups.letGo();
  await page.waitForTimeout(500); // what has come is read
  expect(complaints).toEqual([]);
  await close();
});

test('a loss of Python that is read after its view has gone trains there all the same', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/stop?v=3');
  const own = page.getByRole('region', { name: 'Or write your own' });
  const line = own.getByRole('textbox', { name: /^The loss of one pair/ });
  await line.waitFor();
  const python = await heldBack(page, /\/read-python[^/]*\.js/);
  await line.fill('loss = -F.logsigmoid(0.2 * (logp_w - logp_l))');
  await python.asked();
  await question(page, 'Why does it fall?');
  await page.getByRole('heading', { level: 1, name: /We teach a model/ }).waitFor();
  python.letGo();
  await page.waitForTimeout(500);
  await question(page, 'Can I stop it?');
  await expect.poll(async () => (await line.inputValue()).replaceAll(' ', '')).toBe('-logsigmoid(0.2*(logp_w-logp_l))');
  expect(complaints).toEqual([]);
  await close();
});

test('a figure that is asked for is saved by its name, though its page has gone to another paper', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/paper/2403.00409', { acceptDownloads: true });
  const menu = page.locator('[data-part="paper-picture"] .export');
  await menu.getByRole('button', { name: /^Export/ }).click();
  const saving = await heldBack(page, /\/save-export[^/]*\.js/);
  const download = page.waitForEvent('download');
  await menu.getByRole('button', { name: /^CSV/ }).first().click();
  await saving.asked();
  await page.evaluate(() => {
    location.hash = '/paper/2410.08847';
  });
  await page.getByText('arXiv:2410.08847').first().waitFor();
  saving.letGo();
  expect((await download).suggestedFilename()).toContain('43-robust-labels');
  expect(complaints).toEqual([]);
  await close();
});
