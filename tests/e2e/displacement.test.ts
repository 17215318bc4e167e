import { expect, test } from 'vitest';
import { problemsOf } from './axe.ts';
import { openPage, openSections, runEnds, shownStep } from './site.ts';

test('answers are marked and selected, moments are jumped to, and generated pairs are measured', async () => {
  const { page, complaints, close } = await openPage('#v=1&set.count=20', {
    viewport: { width: 390, height: 844 },
    reducedMotion: 'reduce',
  });
  const region = (name: RegExp | string) => page.getByRole('region', { name });
  const shows = (name: RegExp | string, text: RegExp | string) =>
    expect.poll(() => region(name).getByText(text).count()).toBeGreaterThan(0);
  const hash = () => new URL(page.url()).hash;
  await runEnds(page);
  await openSections(page, 'Benign or catastrophic', 'Why it happens', 'Curves over the steps', 'Explain this moment', 'Change the run');

  // the verdict follows the marks, and the link carries them
  await shows('Benign or catastrophic?', /^Catastrophic/);
  for (const token of ['Yes', 'Sure'])
    await region('Benign or catastrophic?')
      .getByRole('group', { name: token })
      .getByRole('radio', { name: /acceptable/ })
      .check({ force: true });
  await shows('Benign or catastrophic?', /^Benign/);
  await expect.poll(hash).toBe('#/why?v=3&marks=..aa..&set.count=20&step=100');

  // a token selected at its bar is lit in the table of the ranking, and has a curve
  await region(/Probability of each answer/)
    .getByRole('button', { name: 'Maybe' })
    .click();
  expect(await region('Why it happens').getByRole('button', { name: 'Maybe', pressed: true }).count()).toBe(1);
  await expect.poll(() => region('Training curves').getByText('selected').count()).toBe(1);

  // a term of Theorem 4 lights its part of the formula, which is typeset when it comes into sight
  for (const formula of await region('Why it happens').locator('.formula').all()) await formula.scrollIntoViewIfNeeded();
  await expect.poll(() => region('Why it happens').locator('.symbol-alike').count()).toBeGreaterThan(0);
  await region('Why it happens')
    .getByRole('button', { name: /how alike the pair is/ })
    .focus();
  await expect.poll(() => region('Why it happens').locator('.symbol-alike.active').count()).toBeGreaterThan(0);

  await region('Explain this moment')
    .getByRole('button', { name: /“Yes” overtakes “No”/ })
    .click();
  const overtaken = await shownStep(page);
  expect(overtaken).toBeGreaterThan(0);
  await shows('Explain this moment', /their rates are/);

  // undo by key
  await page.getByRole('radio', { name: /Unembedding/ }).check({ force: true });
  await expect.poll(hash).toContain('train=unembedding');
  await page.keyboard.press('Control+z');
  await expect.poll(hash).not.toContain('train=unembedding');
  await page.keyboard.press('Control+Shift+Z');
  await expect.poll(hash).toContain('train=unembedding');

  const pairs = region('Which pairs displace?');
  await pairs.getByRole('button', { name: 'Generate pairs' }).click();
  await pairs.getByRole('button', { name: 'Measure 20 pairs' }).click();
  await expect.poll(() => pairs.getByText('(n = 20)').count()).toBe(1);
  await pairs.getByRole('slider', { name: /Each pair/ }).press('Home');
  await expect.poll(() => pairs.getByRole('heading', { name: /^Pair \d+, prompt \d/ }).count()).toBe(1);
  await pairs.getByRole('button', { name: 'Train without 25 %' }).click();
  await expect.poll(() => pairs.getByText(/15\s+pairs\s+are\s+kept/).count()).toBe(1);
  await pairs.getByRole('button', { name: 'Sweep the weights' }).click();
  await expect.poll(() => pairs.getByText('measured, first update').count()).toBe(1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.setViewportSize({ width: 1280, height: 900 });
  expect(await problemsOf(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});
