import { expect, test } from 'vitest';
import { openPage, playback, runEnds, shownStep } from './site.ts';

test('the case follows the suffix, the remedies and the objective; the address follows too', async () => {
  const { page, complaints, close } = await openPage('#v=1&view=entanglement&steps=12');
  const plane = page.getByRole('region', { name: /The two gradients/ });
  const showsCase = (text: string) => expect.poll(() => plane.getByText(text, { exact: true }).count()).toBe(1);
  await runEnds(page, 12);
  await showsCase('Both answers fall');
  // scrubbing looks back without training again: the printed numbers stand at the start
  await page.getByLabel('Step shown').press('Home');
  await expect.poll(() => shownStep(page)).toBe(0);
  const measure = page.getByRole('region', { name: /The exact formulas/ });
  const chosen = measure.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'log π(chosen)' }) });
  expect(await chosen.getByRole('cell').first().textContent()).toBe('\u22121.5600');
  expect(await chosen.getByRole('cell').nth(1).textContent()).toBe('\u22121.5600');
  await expect.poll(() => new URL(page.url()).hash).toBe('#v=1&view=entanglement&steps=12&step=0');

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
  await page.getByRole('button', { name: /^Both rise/ }).click();
  await playback(page).getByRole('button', { name: 'Reset' }).click();
  await showsCase('Both answers rise');
  expect(complaints).toEqual([]);
  await close();
});
