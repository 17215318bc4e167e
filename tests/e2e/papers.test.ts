import { expect, test } from 'vitest';
import { problemsOf } from './axe.ts';
import { openPage } from './site.ts';

/** Rank-and-file seeds of the robust-labels study: all of them are trained by themselves. */
const robust = '#/paper/2403.00409';
const trained = /16 seeds, trained here/;

test('the index finds papers by words, keeps them in the link, and opens one', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/papers');
  await page.getByRole('heading', { level: 1, name: /papers, each with a toy/ }).waitFor();
  const cards = page.locator('[data-part="papers-list"] a.card');
  await cards.first().waitFor();
  const all = await cards.count();
  expect(all).toBeGreaterThan(25);
  await page.getByPlaceholder('words, author, arXiv number').fill('Chowdhury');
  await expect.poll(() => cards.count()).toBe(1);
  await expect.poll(() => new URL(page.url()).hash).toBe('#/papers?v=3&q=Chowdhury');
  await cards.first().click();
  await expect.poll(() => new URL(page.url()).hash).toMatch(/^#\/paper\/2403\.00409/);
  await page.getByRole('heading', { level: 1, name: /Flips shrink the margins/ }).waitFor();
  await page.goBack();
  await expect.poll(() => cards.count()).toBe(1);
  await page.getByRole('button', { name: /^Wrong labels/ }).click();
  await expect.poll(() => new URL(page.url()).hash).toContain('theme=noise');
  expect(complaints).toEqual([]);
  await close();
});

test('a paper opens with what shipped, trains here, says the same, and trains again where a parameter is moved', async () => {
  const { page, complaints, close } = await openPage(`?engine=cpu${robust}`);
  const lead = page.locator('[data-part="paper-picture"] .lead');
  await expect.poll(() => lead.innerText()).toMatch(/^Holds/); // before anything is trained
  await page.getByText(trained).first().waitFor();
  await expect.poll(() => lead.innerText()).toMatch(/^Holds/);
  await page.getByRole('textbox', { name: /^Labels turned round.*exact value$/ }).fill('0');
  await page.keyboard.press('Enter');
  await page
    .getByText(/of 16 seeds, training here/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: /^Run all 16 seeds|^Run 16 seeds/ }).waitFor();
  await expect.poll(() => new URL(page.url()).hash).toBe('#/paper/2403.00409?v=3&set=flips%3A0');
  await page.getByRole('button', { name: 'As it was' }).click();
  await page.getByText(trained).first().waitFor();
  expect(new URL(page.url()).hash).toBe('#/paper/2403.00409');
  expect(complaints).toEqual([]);
  await close();
});

test('what a link asks for and the toy has not is said, and the rest is used', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/paper/2403.00409?v=3&set=beta:2~mu:3~flips:7');
  const change = page.locator('[data-part="paper-change"]');
  await change.getByText(/no parameter “mu”/).waitFor();
  await change.getByText(/flips = 7 is not/).waitFor();
  expect(await page.getByRole('textbox', { name: /^Temperature.*exact value$/ }).inputValue()).toBe('2');
  expect(complaints).toEqual([]);
  await close();
});

test('a claim of an older link opens at its paper, whose curve draws itself, and leads to a view that shows its toy', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/claims?v=3&claim=sft-anchors&seeds=3&seed=7');
  const dialog = page.getByRole('dialog', { name: 'Part of this link could not be used' });
  await dialog.getByText(/its own number of seeds/).waitFor();
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await expect.poll(() => new URL(page.url()).hash).toBe('#/paper/2410.08847?v=3&seed=7&claim=sft-anchors');
  const claim = page.locator('#claim-sft-anchors');
  await expect.poll(() => claim.evaluate((node) => node.getBoundingClientRect().top < innerHeight)).toBe(true);
  await page.locator('[data-part="paper-picture"]').getByText('π(Yes)').first().waitFor();
  await claim.getByRole('link', { name: 'Watch it in Displacement' }).click();
  await expect.poll(() => page.title()).toBe('Displacement · prefscope');
  expect(complaints).toEqual([]);
  await close();
});

test('the course is walked by links, from the index to a paper and on to the next', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/papers');
  const ways = page.getByRole('navigation', { name: 'Ways through the papers' });
  await ways.getByRole('link', { name: 'As a course' }).click();
  await expect.poll(() => new URL(page.url()).hash).toBe('#/papers?v=3&way=course');
  const steps = page.locator('[data-part="papers-list"] li a');
  await steps.first().waitFor();
  const [first, second] = await Promise.all([0, 1].map((index) => steps.nth(index).innerText()));
  await steps.first().focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('h1').innerText()).toBe(first);
  const next = page.getByRole('navigation', { name: 'The course' }).getByRole('link', { name: /^Next/ });
  await next.scrollIntoViewIfNeeded();
  await next.click();
  await expect.poll(() => page.locator('h1').innerText()).toBe(second);
  expect(await page.evaluate(() => scrollY)).toBe(0); // at the head of the next page
  await page.getByRole('link', { name: '‹ Before' }).first().click();
  await expect.poll(() => page.locator('h1').innerText()).toBe(first);
  expect(complaints).toEqual([]);
  await close();
});

test('the timeline’s marks are links with names, at 390 pixels too, and say what they are where they are pointed at', async () => {
  for (const viewport of [
    { width: 1366, height: 768 },
    { width: 390, height: 844 },
  ]) {
    const { page, complaints, close } = await openPage('?engine=cpu#/papers?v=3&way=timeline', { viewport });
    const mark = page.getByRole('link', { name: /^2024-10: Teaching “No” over “Never” can yield “Yes”\. Holds in the toy$/ });
    await mark.waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    await mark.focus();
    await page.locator('.caption').getByText('Unintentional Unalignment').waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).hash).toBe('#/paper/2410.08847');
    expect(complaints).toEqual([]);
    await close();
  }
});

test('each question on which claims part has a link that opens at it, and is copied', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/papers?v=3&way=disagreements&parting=reverse-kl');
  const asked = page.locator('[data-part="papers-list"] li[aria-current]');
  await expect.poll(() => asked.getByRole('heading').innerText()).toBe('Is reverse KL the faster one?');
  const isSeen = (card: typeof asked) =>
    card.evaluate((node) => {
      const { top, bottom } = node.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });
  await expect.poll(() => isSeen(asked)).toBe(true);
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(100);
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', {
      value: { writeText: async (text: string) => Object.assign(globalThis, { copied: text }) },
    });
  });
  await asked.getByRole('button', { name: 'Copy link' }).click();
  const copied = await page.evaluate(() => (globalThis as unknown as { copied: string }).copied);
  expect(new URL(copied).hash).toBe('#/papers?v=3&way=disagreements&parting=reverse-kl');
  await page.getByRole('link', { name: 'Do easy pairs go first?' }).click();
  await expect.poll(() => new URL(page.url()).hash).toBe('#/papers?v=3&way=disagreements&parting=easy-first');
  await expect.poll(() => asked.getByRole('heading').innerText()).toBe('Do easy pairs go first?');
  await page.getByRole('link', { name: 'Over time' }).click();
  await expect.poll(() => new URL(page.url()).hash).toBe('#/papers?v=3&way=timeline');
  await page.goto(`${page.url().replace(/#.*/, '')}#/papers?v=3&way=disagreements&parting=nothing`);
  await page.getByText('There is no question “nothing” here.').waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('claims that part lead to their papers, a paper to its losses, a loss back to its papers', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/papers?v=3&way=disagreements');
  const parted = page.locator('[data-part="papers-list"] li', { hasText: 'May the two sides of a pair have prompts of their own?' });
  await expect.poll(() => parted.getByText(/^(Holds|Does not hold)$/).allInnerTexts()).toEqual(['Holds', 'Does not hold']);
  await parted.getByRole('link', { name: 'Captions of their own can explain preferences away' }).click();
  await expect.poll(() => new URL(page.url()).hash).toBe('#/paper/2502.06023?v=3&claim=generic-caption');
  await page.getByRole('link', { name: 'Comparing across prompts can reach what rankings miss' }).first().waitFor(); // and back
  await page.locator('[data-part="paper-more"] dl').getByRole('link', { name: 'DPO', exact: true }).click();
  await expect.poll(() => new URL(page.url()).hash).toMatch(/^#\/stop\/all\?v=3&q=dpo&open=dpo/);
  const back = page.getByRole('link', { name: /^Trained in the toys of \d+ papers$/ });
  const count = Number(/\d+/.exec(await back.innerText())?.[0]);
  await back.click();
  await expect.poll(() => new URL(page.url()).hash).toBe('#/papers?v=3&trains=dpo');
  const cards = page.locator('[data-part="papers-list"] section:not([aria-label="Often said"]) a.card');
  await expect.poll(() => cards.count()).toBe(count);
  expect(complaints).toEqual([]);
  await close();
});

test('a claim that there is not, and a paper without a toy, are said over the index', async () => {
  for (const [hash, words] of [
    ['#v=1&view=claims&claim=no-such-claim', /There is no claim “no-such-claim”/],
    ['#/paper/9912.12345', /no toy of “9912\.12345”/],
  ] as const) {
    const { page, complaints, close } = await openPage(`?engine=cpu${hash}`);
    await page.getByRole('alert').getByText(words).waitFor();
    await page.getByRole('heading', { level: 1, name: /papers, each with a toy/ }).waitFor();
    await page.locator('[data-part="papers-list"] a.card').first().click();
    await page.locator('[data-part="paper-picture"]').waitFor();
    expect(await page.getByRole('alert').getByText(words).count()).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  }
});

test('index and page keep the rules of accessibility, in either theme', async () => {
  for (const [hash, ready] of [
    ['#/papers', '[data-part="papers-list"] a.card'],
    ['#/papers?v=3&way=course', '[data-part="papers-list"] li a'],
    ['#/papers?v=3&way=timeline', '[data-part="papers-list"] li a'],
    ['#/papers?v=3&way=disagreements', '[data-part="papers-list"] li a'],
    [robust, '#claim-less-regret'],
    ['#/paper/2410.08847', '[data-part="paper-picture"] svg'],
  ] as const) {
    const { page, complaints, close } = await openPage(`?engine=cpu${hash}`, { viewport: { width: 390, height: 844 } });
    await page.locator(ready).first().waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await problemsOf(page, { isOtherTheme: colorScheme === 'dark' }), `${hash} ${colorScheme}`).toEqual([]);
    }
    expect(complaints).toEqual([]);
    await close();
  }
});
