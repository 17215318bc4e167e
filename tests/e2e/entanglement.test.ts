import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { countShifts, misfits, screens, shiftOf, watchShifts } from './first-screen.ts';
import { openPage, openSections, playback, runEnds, shownStep } from './site.ts';

test('the case follows the suffix, the remedies and the objective; the address follows too', async () => {
  const { page, complaints, close } = await openPage('#v=1&view=entanglement&steps=12', { acceptDownloads: true });
  const plane = page.getByRole('region', { name: /The two gradients/ });
  const showsCase = (text: string) => expect.poll(() => plane.getByText(text, { exact: true }).count()).toBe(1);
  await runEnds(page, 12);
  await showsCase('Both answers fall');
  await openSections(
    page,
    'More: the update and two remedies',
    'More: the runs so far',
    'More: which objectives get it right',
    'More: the exact formulas, and what a step really does',
  );
  // scrubbing looks back without training again: the printed numbers stand at the start
  await page.getByLabel('Step shown').press('Home');
  await expect.poll(() => shownStep(page)).toBe(0);
  const measure = page.getByRole('region', { name: /The exact formulas/ });
  const chosen = measure.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'log π(chosen)' }) });
  expect(await chosen.getByRole('cell').first().textContent()).toBe('\u22121.5600');
  expect(await chosen.getByRole('cell').nth(1).textContent()).toBe('\u22121.5600');
  await expect.poll(() => new URL(page.url()).hash).toBe('#/why/tug?v=3&steps=12&step=0');

  // RPO adds a likelihood term: it stands to the right of 1, and is chosen from the axis
  const interval = page.getByRole('region', { name: /Which objectives get it right/ });
  await interval
    .getByRole('button', { name: /\bRPO\b.*d_w|d_w.*\bRPO\b/ })
    .first()
    .click();
  await interval.getByRole('button', { name: /RPO/, pressed: false }).last().click();
  await expect.poll(() => page.getByRole('button', { name: /^Objective (?!DPO)/ }).count()).toBe(1);
  await runEnds(page, 12);

  await page.getByRole('button', { name: /^Both fall p/ }).click();
  await page.getByRole('checkbox', { name: /Normalised pair update/ }).check();
  await runEnds(page, 60);
  await showsCase('Ideal: the chosen answer rises, the rejected one falls');
  await page.getByRole('checkbox', { name: /Normalised pair update/ }).uncheck();
  await page.getByRole('checkbox', { name: /Mask the shared tokens/ }).check();
  await runEnds(page, 60);
  await showsCase('Ideal: the chosen answer rises, the rejected one falls');
  // one token less is masked; the key takes it back
  await page.getByRole('button', { name: 'Mask shared token 2' }).click();
  await expect.poll(() => new URL(page.url()).hash).toContain('mask=1_3_4_5_6_7_8');
  await page.keyboard.press('Control+z');
  await expect.poll(() => new URL(page.url()).hash).toContain('mask=suffix');
  await page.getByRole('button', { name: 'Measure the remedies' }).click();
  await expect.poll(() => page.getByRole('row', { name: /^both \+/ }).count()).toBe(1);

  // forked where all is unmasked, then masked: both futures are in the curves, and the file comes back
  await page.getByRole('button', { name: /^Both fall p/ }).click();
  await runEnds(page, 60);
  const runs = page.getByRole('region', { name: 'Runs of this session' });
  const names = () => runs.getByRole('listitem').locator('bdi').allTextContents();
  const timeline = page.getByLabel('Step shown');
  await timeline.press('Home');
  for (let i = 0; i < 3; i++) await timeline.press('ArrowRight');
  await playback(page).getByRole('button', { name: 'Fork' }).click();
  await expect.poll(() => page.getByText('Forked at update 3.').count()).toBe(1);
  await page.getByRole('checkbox', { name: /Mask the shared tokens/ }).check();
  await runEnds(page, 60);
  await showsCase('Ideal: the chosen answer rises, the rejected one falls');
  await expect.poll(() => names().then(([last]) => last)).toMatch(/^forked at 3/);
  const curve = page.getByRole('slider', { name: /Log-probability/ });
  expect(await curve.getAttribute('aria-valuetext')).toMatch(/chosen, run \d.*rejected, run \d/);
  expect(await runs.getByRole('table').getByRole('rowheader').allTextContents()).toEqual(['until update 3', 'masks']);
  const all = await names();
  const [download] = await Promise.all([page.waitForEvent('download'), runs.getByRole('button', { name: 'Save' }).click()]);
  const saved = readFileSync(await download.path());
  await runs.getByRole('button', { name: 'Remove run 1', exact: true }).click();
  const restore = (buffer: Buffer) =>
    runs.locator('input[type=file]').setInputFiles({ name: 'runs.json', mimeType: 'application/json', buffer });
  await restore(Buffer.from(saved.toString().replace('"view":"entanglement"', '"view":"displacement"')));
  await expect.poll(() => runs.getByRole('alert').textContent()).toMatch(/runs of “Displacement”: restore it there/);
  await runs.getByRole('button', { name: 'Dismiss' }).click();
  await restore(saved);
  await expect.poll(() => names().then(({ length }) => length)).toBe(all.length);

  await page.getByRole('button', { name: /^Both rise/ }).click();
  await playback(page).getByRole('button', { name: 'Reset' }).click();
  await showsCase('Both answers rise');
  expect(complaints).toEqual([]);
  await close();
});

test.each(screens)(
  'at $width × $height the picture and its transport are on the first screen, and nothing shifts while it comes and plays',
  async (viewport) => {
    const { page, complaints, close } = await openPage('?engine=cpu#v=1&view=entanglement', {
      viewport,
      reducedMotion: 'no-preference',
      untouched: true,
      before: countShifts,
    });
    await runEnds(page, 60);
    expect(await shiftOf(page)).toBeLessThan(0.05);
    const seen = ['.plane', '.logps .plot', '.say', '[aria-label="Playback"]', '[aria-label="Playback"] input'];
    expect(await misfits(page, seen)).toEqual([]);
    const shifts = await watchShifts(page);
    await playback(page).getByRole('button', { name: 'Replay' }).click();
    await expect.poll(() => shownStep(page), { interval: 50 }).toBeLessThan(50);
    await runEnds(page, 60);
    expect(await misfits(page, seen)).toEqual([]);
    expect(await shifts()).toBeLessThan(0.05);
    expect(complaints).toEqual([]);
    await close();
  },
);

test('a part that a lesson speaks of opens itself', async () => {
  const { page, complaints, close } = await openPage('#v=1&view=entanglement&lesson=entanglement&part=5');
  await page.getByRole('region', { name: /Which objectives get it right/ }).waitFor();
  expect(await page.locator('main details[open]').count()).toBe(1);
  expect(complaints).toEqual([]);
  await close();
});
