import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { problemsOf } from './axe.ts';
import { countShifts, firstScreen, screens } from './first-screen.ts';
import { openPage } from './site.ts';

const place = '?engine=cpu#/why/groups?v=3&';
const slow = (page: Page) => page.getByRole('region', { name: 'One update on one group' });
const race = (page: Page) => page.getByRole('region', { name: 'The race of methods' });
const next = (page: Page) => slow(page).getByRole('button', { name: 'Next' });
const said = (page: Page) => page.locator('.say').textContent();
/** Goes on until the sentence says this. */
const goOnTo = async (page: Page, text: RegExp): Promise<void> => {
  for (let i = 0; i < 40 && !text.test((await said(page)) ?? ''); i++) await next(page).click();
  expect(await said(page)).toMatch(text);
};

test('an update goes by stages, and every number of its formula is one of the picture’s', async () => {
  const { page, complaints, close } = await openPage(`${place}lr=1`, { viewport: { width: 1366, height: 768 } });
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('What does it learn from its own answers?');
  await expect.poll(() => said(page)).toMatch(/^A group: 8 answers/);
  expect(await page.locator('[data-number^="reward-"] .number').count()).toBe(0); // nothing is shown before its stage
  await next(page).click();
  expect(await said(page)).toMatch(/[1-7] of 8 are right/);
  await next(page).click();
  expect(await said(page)).toMatch(/advantage/);
  await goOnTo(page, /clipped: they push no more/);
  const group = slow(page).getByRole('table');
  const count = Number(/: (\d) of 8/.exec((await said(page)) ?? '')?.[1]);
  expect(await group.getByText('✂').count()).toBe(count);
  await next(page).click();
  await expect.poll(() => said(page)).toMatch(/moves? (the|its) bars/);
  // of every answer: each number of the formula is the picture's, and pointing at either lights the other
  for (let i = 0; i < 8; i++) {
    await group.getByRole('button').nth(i).click();
    for (const row of ['reward', 'advantage', 'ratio', 'push']) {
      const shown = page.locator(`[data-number="${row}-${i}"]`);
      const printed = page.locator(`[data-formula="${row}-${i}"]`);
      if ((await printed.count()) === 0) continue; // a clipped one has no product
      const text = ((await shown.locator('.number > [translate=no]').textContent()) ?? '').trim();
      for (const each of await printed.all()) expect((await each.textContent())?.trim()).toBe(text);
    }
    await page.locator(`[data-formula="ratio-${i}"]`).hover();
    await expect.poll(() => page.locator(`[data-number="ratio-${i}"].lit`).count()).toBe(1);
    await page.locator(`[data-number="advantage-${i}"]`).hover();
    await expect.poll(() => page.locator(`[data-formula="advantage-${i}"].lit`).count()).toBeGreaterThan(0);
  }
  // the formula adds up as it is printed
  const sums = await page.locator('.formula .line').allTextContents();
  const numbers =
    (sums[1] ?? '')
      .replaceAll('−', '-')
      .match(/[\d.]+/g)
      ?.map(Number) ?? [];
  expect(Math.abs((numbers[0] ?? 0) / (numbers[1] ?? 1) / (numbers[2] ?? 0) - 1)).toBeLessThan(0.1);
  // keys go both ways
  await group.getByRole('button').first().press('ArrowLeft');
  await expect.poll(() => said(page)).toMatch(/Ratios from/);
  expect(await problemsOf(page, { within: 'main', every: true })).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
}, 120_000);

test('the first updates play once by themselves where motion is wanted, bars on one scale, and rest at the first clip', async () => {
  const { page, complaints, close } = await openPage(place, { viewport: { width: 1366, height: 768 }, reducedMotion: 'no-preference' });
  await slow(page).waitFor();
  await expect.poll(() => said(page), { timeout: 60_000 }).toMatch(/clipped: they push no more/);
  const hashOf = () => new URL(page.url()).hash;
  expect(hashOf()).not.toContain('stop='); // who opens the link sees it play, too
  await expect.poll(() => slow(page).getByRole('button', { name: 'Play' }).count()).toBe(1);
  // a full column is 100 %, before and after
  const shares = await slow(page)
    .locator('.column')
    .evaluateAll((columns) =>
      columns.map((column) => {
        const height = (of: string) => column.querySelector(of)?.getBoundingClientRect().height ?? Number.NaN;
        return [height('.fill') / height('.track'), Number.parseFloat(column.querySelector('.number')?.textContent ?? '') / 100] as const;
      }),
    );
  for (const [drawn, printed] of shares) expect(Math.abs(drawn - printed)).toBeLessThan(0.02);
  await next(page).click();
  await expect.poll(hashOf).toMatch(/stop=[68]\b|stop=10/); // the bars move
  // no motion, nothing begins: nor does it in a link that locks the picture
  for (const [path, reducedMotion] of [
    [place, 'reduce'],
    [`${place}lock=g-picture`, 'no-preference'],
  ] as const) {
    const other = await openPage(path, { reducedMotion, untouched: true });
    await slow(other.page).waitFor();
    await other.page.waitForTimeout(6000);
    expect(await said(other.page)).toMatch(/^A group: 8 answers/);
    await other.close();
  }
  expect(complaints).toEqual([]);
  await close();
}, 120_000);

test('a reference that follows, and a teacher, have their controls, and go by the link', async () => {
  const { page, complaints, close } = await openPage(`${place}methods=online_dpo.gkd&updates=24&seeds=1&lr=4&lens=race`, {
    viewport: { width: 1366, height: 768 },
  });
  const status = () => race(page).locator('.count [role=status]').textContent();
  await expect.poll(status, { timeout: 60_000 }).toMatch(/^2 runs in/);
  await expect.poll(() => page.getByText(/The teacher’s own pass@1 is \d+/).count()).toBe(1);
  await page.getByRole('combobox', { name: 'The reference is' }).selectOption('soft');
  await expect.poll(() => page.getByText('Read by Online DPO.').count()).toBe(1);
  await page.getByRole('textbox', { name: /Updates from one step/ }).fill('4');
  await page.getByRole('textbox', { name: /Updates from one step/ }).press('Enter');
  await page.getByRole('textbox', { name: /GKD: which divergence/ }).fill('1');
  await page.getByRole('textbox', { name: /GKD: which divergence/ }).press('Enter');
  await expect.poll(() => page.getByText('The reverse KL, of the policy to the teacher.').count()).toBe(1);
  await expect.poll(() => new URL(page.url()).hash).toContain('sync=soft&sync.steps=4&gkd.beta=1');
  await expect.poll(status, { timeout: 60_000 }).toMatch(/^2 runs in/);
  expect(await page.getByText('No method here reads the reference').count()).toBe(0);
  await page.getByRole('checkbox', { name: /^Online DPO/ }).uncheck();
  await expect.poll(() => page.getByText('GKD has a teacher of its own, which stays.').count()).toBe(1);
  expect(complaints).toEqual([]);
  await close();
}, 120_000);

test('two methods race, are compared three ways, and the link brings it all back', async () => {
  const { page, complaints, close } = await openPage(`${place}methods=grpo.dr_grpo&updates=24&seeds=2&lr=4&lens=race`, {
    viewport: { width: 1366, height: 768 },
  });
  await expect.poll(() => race(page).locator('.count [role=status]').textContent(), { timeout: 60_000 }).toMatch(/^4 runs in/);
  await expect.poll(() => race(page).locator('.chart').first().locator('path.curve').count()).toBe(2);
  expect(await said(page)).toMatch(/(sharpens|learns|hardly changes|less often)/);
  await page.getByText('The race in numbers').click();
  const rows = page.getByRole('row');
  await expect.poll(() => rows.count()).toBe(3);
  const atEnd = await rows.nth(1).textContent();
  await race(page).getByRole('slider', { name: 'Update shown' }).fill('0');
  await expect.poll(() => rows.nth(1).textContent()).toContain('at the start');
  expect(await said(page)).toMatch(/All methods start from the same policy/);
  await race(page).getByRole('combobox', { name: 'What is drawn' }).selectOption('pass512');
  await race(page).getByRole('combobox', { name: 'By what methods are compared' }).selectOption('pass1');
  await expect
    .poll(() => new URL(page.url()).hash)
    .toBe('#/why/groups?v=3&methods=grpo.dr_grpo&lr=4&updates=24&seeds=2&lens=race&y=pass512&by=pass1&step=0');
  await page.reload();
  await race(page).waitFor();
  expect(await race(page).getByRole('combobox', { name: 'What is drawn' }).inputValue()).toBe('pass512');
  expect(await page.getByRole('checkbox', { name: /^GRPO$/ }).isChecked()).toBe(true);
  expect(await page.getByRole('checkbox', { name: /^RLOO/ }).isChecked()).toBe(false);
  // the same numbers again
  await expect.poll(() => race(page).locator('.count [role=status]').textContent(), { timeout: 60_000 }).toMatch(/^4 runs in/);
  await race(page).getByRole('slider', { name: 'Update shown' }).fill('24');
  await page.getByText('The race in numbers').click();
  await expect.poll(() => rows.nth(1).textContent()).toBe(atEnd);
  // another setting: what was run is kept, and what is missing can be cancelled
  await page.getByRole('textbox', { name: 'Seeds, exact value' }).fill('20');
  await page.getByRole('textbox', { name: 'Seeds, exact value' }).press('Enter');
  await race(page).getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => race(page).locator('.count [role=status]').textContent()).toMatch(/^Stopped after \d+ of 40 runs/);
  expect(await race(page).getByRole('button', { name: 'Run the rest' }).isEnabled()).toBe(true);
  expect(complaints).toEqual([]);
  await close();
}, 180_000);

test.each(screens)(
  'at $width × $height both pictures and what plays them fit the window, and nothing shifts while they come',
  async (viewport) => {
    for (const [lens, part] of [
      ['update', '.slow'],
      ['race', '.race'],
    ] as const) {
      const opened = await openPage(`${place}lens=${lens}&batch=1&stop=6&methods=grpo.dr_grpo&updates=12&seeds=1`, {
        viewport,
        untouched: true,
        before: countShifts,
      });
      const screen = await firstScreen(opened.page, [part], '.play');
      await expect.poll(screen.inside).toEqual([]);
      const clipped = await opened.page.locator('.say').evaluate((node) => node.scrollHeight - node.clientHeight);
      expect(clipped).toBeLessThanOrEqual(1);
      if (lens === 'race') await expect.poll(() => race(opened.page).locator('.count [role=status]').textContent()).toMatch(/^2 runs in/);
      expect(await screen.shift()).toBeLessThan(0.05);
      expect(opened.complaints).toEqual([]);
      await opened.close();
    }
  },
  90_000,
);
