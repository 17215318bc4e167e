import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openPage, openSections, runEnds, shownStep } from './site.ts';

test('runs are kept and named, a fork shows both futures, and a saved session comes back', async () => {
  const { page, complaints, close } = await openPage('', { reducedMotion: 'reduce', acceptDownloads: true });
  await runEnds(page);
  await openSections(page, 'The runs so far', 'Change the run', 'Curves over the steps');
  const runs = page.getByRole('region', { name: 'Runs of this session' });
  const names = () => runs.getByRole('listitem').locator('bdi').allTextContents();
  await expect.poll(names).toEqual(['the first run']);

  const timeline = page.getByLabel('Step shown');
  await timeline.focus();
  await timeline.press('Home');
  for (let i = 0; i < 3; i++) await timeline.press('ArrowRight');
  await page.getByRole('button', { name: 'Fork at update 3' }).click();
  await expect.poll(() => page.getByText('Forked at update 3.').count()).toBe(1);
  await expect.poll(() => shownStep(page)).toBe(3);
  const rate = page.getByRole('textbox', { name: /Learning rate/ }).first();
  await rate.fill('0.1');
  await rate.press('Enter');
  await runEnds(page);
  await expect.poll(names).toEqual(['forked at 3, η 0.1', 'the first run']);

  // both futures are in the curves, and the table says what differs
  const curve = page.getByRole('slider', { name: /Log-probability/ });
  expect(await curve.getAttribute('aria-valuetext')).toMatch(/No, run 1/);
  expect(await runs.getByRole('table').getByRole('rowheader').allTextContents()).toEqual(['until update 3', 'η']);
  await runs.getByRole('checkbox', { name: 'differences only' }).uncheck();
  expect(await runs.getByRole('table').getByRole('rowheader').count()).toBeGreaterThan(4);

  const [download] = await Promise.all([page.waitForEvent('download'), runs.getByRole('button', { name: 'Save' }).click()]);
  const saved = readFileSync(await download.path());
  await runs.getByRole('button', { name: 'Remove run 1' }).click();
  await expect.poll(names).toEqual(['forked at 3, η 0.1']);
  const restore = (buffer: Buffer) =>
    runs.locator('input[type=file]').setInputFiles({ name: 'runs.json', mimeType: 'application/json', buffer });
  await restore(Buffer.from(saved.toString().replace('"engine":"', '"engine":"x')));
  await expect.poll(() => runs.getByRole('alert').textContent()).toMatch(/runs\[0\]\.engine/);
  await runs.getByRole('button', { name: 'Dismiss' }).click();
  await restore(saved);
  await expect.poll(() => names().then((all) => all.length)).toBe(2);
  expect(complaints).toEqual([]);
  await close();
});

test.each([
  { place: '/why?v=3&lr=0.5&runs=default~train%3Dboth', curve: /Log-probability/, lines: ['No, run 1', 'No, run 2'] },
  { place: '/why/tug?v=3&m=4&runs=default', curve: /Log-probability/, lines: ['chosen, run 1', 'rejected, run 1'] },
])('a link brings the runs that were ticked: $place', async ({ place, curve, lines }) => {
  const { page, complaints, close } = await openPage(`?engine=cpu#${place}`);
  const said = async () => (await page.getByRole('slider', { name: curve }).first().getAttribute('aria-valuetext')) ?? '';
  for (const line of lines) await expect.poll(said).toContain(line);
  await expect.poll(() => new URL(page.url()).hash).toContain('runs=default');
  expect(complaints).toEqual([]);
  await close();
});
