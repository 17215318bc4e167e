import { expect, inject, test } from 'vitest';
import { views } from '../../src/page/views.ts';
import { openPage, percentOf, runEnds } from './site.ts';

test('the questions are links: followed without a load, back to what was left, and opened beside', async () => {
  const { page, complaints, close } = await openPage('#/why?v=3&train=both');
  await runEnds(page);
  const left = await percentOf(page, 'No');
  const loads = await page.evaluate(() => performance.getEntriesByType('navigation').length);
  await page.evaluate(() => Object.assign(window, { isSamePage: true }));
  const questions = page.getByRole('navigation', { name: 'Questions' });
  const second = questions.getByRole('link', { name: 'Can I stop it?' });
  expect(await second.getAttribute('href')).toMatch(/^#\/stop/);
  await second.click();
  await expect.poll(() => new URL(page.url()).hash).toMatch(/^#\/stop/);
  expect(await second.getAttribute('aria-current')).toBe('page');
  await questions.getByRole('link', { name: 'Why does it fall?' }).click();
  await expect.poll(() => new URL(page.url()).hash).toBe('#/why?v=3&train=both&step=100');
  expect(await percentOf(page, 'No')).toBe(left);
  // a click that asks for a tab of its own is left to the browser
  const third = questions.getByRole('link', { name: 'Is it true of mine?' });
  const isLeft = await third.evaluate((link) => {
    let isTaken = true;
    const watch = (event: Event): void => {
      isTaken = event.defaultPrevented;
      event.preventDefault();
    };
    addEventListener('click', watch, { once: true });
    link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey: true }));
    return !isTaken;
  });
  expect(isLeft).toBe(true);
  const beside = await page.context().newPage();
  await beside.goto(await third.evaluate((link) => (link as HTMLAnchorElement).href));
  await expect.poll(() => beside.title()).toBe('Your run · prefscope');
  expect(new URL(beside.url()).hash).toMatch(/^#\/mine/);
  await beside.close();
  // another way to see the same question
  await page.getByRole('button', { name: 'See it another way' }).click();
  await page.getByRole('link', { name: /^On the triangle/ }).click();
  await expect.poll(() => new URL(page.url()).hash).toBe(`#/why/triangle?v=3&exp=${encodeURIComponent('train:both')}`);
  expect(await questions.getByRole('link', { name: 'Why does it fall?' }).getAttribute('aria-current')).toBe('true');
  await page.goBack();
  await runEnds(page);
  expect(await percentOf(page, 'No')).toBe(left);
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true);
  expect(loads).toBe(1);
  expect(complaints).toEqual([]);
  await close();
});

test('a view that is long on its way is one step of the browser’s history, and its address has the experiment', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/why?v=3&train=both');
  await runEnds(page);
  await expect.poll(() => new URL(page.url()).hash).toBe('#/why?v=3&train=both&step=100');
  const entries = () => page.evaluate(() => history.length);
  const before = await entries();
  await page.route('**/*.js', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await route.continue();
  });
  await page.getByRole('navigation', { name: 'Questions' }).getByRole('link', { name: 'Can I stop it?' }).click();
  await expect.poll(() => new URL(page.url()).hash).toBe(`#/stop?v=3&train=both&exp=${encodeURIComponent('train:both')}`);
  expect(await entries()).toBe(before + 1);
  await page.goBack();
  await expect.poll(() => new URL(page.url()).hash).toBe('#/why?v=3&train=both&step=100');
  await page.getByRole('heading', { level: 1, name: 'Why does No fall?' }).waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('the head is one line of 48 px, and nothing of it leaves the window', async () => {
  const { page, close } = await openPage();
  for (const width of [1920, 1366, 1024, 700, 390, 360]) {
    await page.setViewportSize({ width, height: 768 });
    const head = page.getByRole('banner');
    await expect.poll(async () => (await head.boundingBox())?.height).toBe(48);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), String(width)).toBeLessThanOrEqual(width);
    const menu = await page.getByRole('button', { name: 'Menu', exact: true }).boundingBox();
    expect((menu?.x ?? 0) + (menu?.width ?? 0)).toBeLessThanOrEqual(width);
    expect(menu?.y).toBeGreaterThanOrEqual(0);
  }
  await close();
});

test('the experiment opens what it consists of, is undone, and goes back to the start', async () => {
  const { page, complaints, close } = await openPage('#/why?v=3&steps=20');
  await runEnds(page, 20);
  const chip = page.getByRole('button', { name: /^Experiment: No over Never/ });
  await chip.click();
  const updates = page.getByRole('definition').filter({ hasText: /^20$/ });
  await updates.waitFor();
  expect(await page.getByRole('button', { name: /Undo the last change/ }).isDisabled()).toBe(true);
  await page.keyboard.press('Escape');
  expect(await chip.evaluate((node) => node === document.activeElement)).toBe(true);
  await chip.click();
  await page.getByRole('button', { name: 'Back to the start' }).click();
  await runEnds(page);
  await expect.poll(() => new URL(page.url()).hash).toBe('#/why?v=3&step=100');
  expect(complaints).toEqual([]);
  await close();
});

test('every view has an entry of its own, which opens it in the page', async () => {
  const { page, complaints, close } = await openPage('simplex/?engine=cpu');
  await expect.poll(() => page.title()).toBe('Simplex · prefscope');
  expect(page.url()).toMatch(/\/some\/sub-path\/\?engine=cpu#\/why\/triangle$/);
  await page.reload();
  await expect.poll(() => page.title()).toBe('Simplex · prefscope');
  const place = page.url().replace(/\?.*$/, '');
  await page.goto(`${place}map/#v=1&view=claims`); // a link that somebody pasted behind it
  await expect.poll(() => page.title()).toBe('Papers · prefscope');
  await expect.poll(() => page.url()).toBe(`${place}#/papers`);
  expect(complaints).toEqual([]);
  await close();
});

test('a place that the page does not have is named, and the first view opens', async () => {
  const { page, complaints, close } = await openPage('#/answers/why-no-falls');
  const dialog = page.getByRole('dialog', { name: 'This page has no such place' });
  await dialog.waitFor();
  expect(await dialog.getByText('#/answers/why-no-falls').count()).toBe(1);
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await runEnds(page);
  expect(complaints).toEqual([]);
  await close();
});

test('Share opens in every view before anything is trained', async () => {
  const { page, complaints, close } = await openPage('about:blank');
  await page.route('**/engine-worker*', () => {}); // which is never answered
  for (const { id, route, title } of views) {
    await page.goto('about:blank');
    await page.goto(`${inject('site')}?engine=cpu#/${route}`);
    await expect.poll(() => page.title(), { message: id }).toBe(`${title} · prefscope`);
    await page.locator('main h1').waitFor();
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await page.getByText('The link opens what you see').waitFor();
    const picture = page.getByRole('button', { name: 'Copy picture' });
    if ((await picture.count()) > 0) await picture.click();
    await page.waitForTimeout(300); // what is fetched for it has come
    expect(complaints, id).toEqual([]);
  }
  await close();
});
