import { expect, test } from 'vitest';
import { problemsOf } from './axe.ts';
import { openPage } from './site.ts';

const beta = '#/answer/beta';

test('a link to an answer shows the question, its picture and the claim, trains, and keeps a moved parameter in the link', async () => {
  const { page, complaints, close } = await openPage(`?engine=cpu${beta}`);
  await page.getByRole('heading', { level: 1, name: 'Does a larger β move the model more or less?' }).waitFor();
  const lead = page.locator('[data-part="answer-picture"] .lead');
  await expect.poll(() => lead.innerText()).toMatch(/^Holds/);
  await page
    .getByText(/8 seeds, trained here/)
    .first()
    .waitFor();
  await expect.poll(() => lead.innerText()).toMatch(/^Holds/);
  // the sentence is about all seeds, and so are the lines in the end
  await page.getByText(/mean of all 8 seeds/).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: /^In TRL/ }).click();
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('answer-trl');
  const field = page.getByRole('textbox', { name: /^Temperature.*exact value$/ });
  await field.fill('0.2');
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).hash).toBe(`${beta}?v=3&set=beta%3A0.2`);
  await expect.poll(() => lead.innerText()).toMatch(/^At your settings/);
  await page.getByRole('link', { name: '‹ All answers' }).click();
  await page.getByRole('heading', { level: 1, name: /What people ask/ }).waitFor();
  expect(await page.locator('[data-part="answers-list"] a').count()).toBeGreaterThan(15);
  await page.goBack();
  await expect.poll(() => field.inputValue()).toBe('0.2');
  expect(complaints).toEqual([]);
  await close();
});

test('“/” finds an answer by words that are misspelt, Enter opens it, and typing a slash into a field does not', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/papers');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByPlaceholder('words, author, arXiv number').press('/');
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('/');
  // at once, while the dialog is still on its way: no key is lost, and none moves the page
  await page.keyboard.type('entropy colapse');
  const dialog = page.getByRole('dialog', { name: 'Find' });
  await dialog.waitFor();
  await expect.poll(() => dialog.getByRole('textbox').inputValue()).toBe('entropy colapse');
  await expect.poll(() => dialog.getByRole('link').first().innerText()).toMatch(/^Why does the entropy collapse/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).hash).toBe('#/answer/entropy-collapse');
  await page.getByRole('heading', { level: 1, name: /^Why does the entropy collapse/ }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
  // a link far down a page leads to the top of another, and back to where it was
  await page.getByRole('link', { name: '‹ All answers' }).click();
  await page.getByRole('heading', { level: 1, name: /What people ask/ }).waitFor();
  const last = page.locator('[data-part="answers-list"] a').last();
  await last.scrollIntoViewIfNeeded();
  const below = await page.evaluate(() => scrollY);
  await last.click();
  await page.getByRole('link', { name: '‹ All answers' }).waitFor();
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: /What people ask/ }).waitFor();
  if (below > 0) await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
  await close();
});

test('an answer that there is not is said, and all of them are listed', async () => {
  const { page, complaints, close } = await openPage('#/answer/why-no-falls');
  await page.getByRole('alert').filter({ hasText: 'There is no answer “why-no-falls”' }).waitFor();
  await page.getByRole('heading', { level: 1, name: /What people ask/ }).waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test.each([
  { width: 1366, height: 768 },
  { width: 390, height: 844 },
])('an answer’s picture stands on the first screen at $width × $height, and axe finds nothing', async ({ width, height }) => {
  const { page, complaints, close } = await openPage(`?engine=cpu${beta}`, { viewport: { width, height } });
  await page
    .getByText(/seeds, trained here/)
    .first()
    .waitFor();
  const box = await page.locator('[data-part="answer-picture"] svg').first().boundingBox();
  expect(box?.y ?? height).toBeLessThan(height / 2);
  const { scrollWidth } = await page.evaluate(() => ({ scrollWidth: document.documentElement.scrollWidth }));
  expect(scrollWidth).toBeLessThanOrEqual(width);
  expect(await problemsOf(page, { within: 'main', every: true })).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});

test('a cause stands beside its effect, each under its sentence, and one control trains both', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/answer/over-optimisation', { viewport: { width: 1366, height: 768 } });
  const picture = page.locator('[data-part="answer-picture"]');
  const [cause, effect] = [picture.getByRole('img').nth(0), picture.getByRole('img').nth(1)];
  await picture.getByRole('heading', { name: 'The loss on the pairs keeps falling …' }).waitFor();
  // the turn is marked where the true reward is highest, before the last update
  const turn = effect.getByText(/^\s*highest at \d+:/);
  await turn.waitFor({ timeout: 60_000 });
  const [left, right] = [await cause.boundingBox(), await effect.boundingBox()];
  expect(right?.x ?? 0).toBeGreaterThan((left?.x ?? 0) + (left?.width ?? 0) - 1);
  const drawn = await cause.getAttribute('aria-label');
  await page.getByRole('textbox', { name: /^Pairs.*exact value$/ }).fill('50');
  await page.keyboard.press('Enter');
  await expect.poll(() => cause.getAttribute('aria-label'), { timeout: 60_000 }).not.toBe(drawn);
  expect(complaints).toEqual([]);
  await close();
}, 150_000);
