import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { groupObjectives } from '../../src/objectives/group-catalogue.ts';
import { objectives } from '../../src/shell/losses/objective-view.ts';
import { countShifts, screens, shiftOf } from './first-screen.ts';
import { openPage, playback } from './site.ts';

const view = '#v=1&view=stop';
const cards = (page: Page) => page.getByRole('region', { name: 'Eight losses from one start' }).getByRole('link');
const shown = async (page: Page) => Number(await playback(page).getByRole('slider').inputValue());
const boxes = (page: Page) => cards(page).evaluateAll((all) => all.map((card) => card.getBoundingClientRect().toJSON() as DOMRect));
const widest = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);

test('eight runs stand on the first screen, and play on one clock without moving anything', async () => {
  const { page, complaints, close } = await openPage(view, { viewport: { width: 1366, height: 768 }, reducedMotion: 'no-preference' });
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((seen) => {
      for (const entry of seen.getEntries()) shifts.push((entry as PerformanceEntry & { value: number }).value);
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.reload();
  await expect.poll(() => cards(page).count()).toBe(8);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Which change keeps No up?');
  const places = await boxes(page);
  expect(new Set(places.map(({ top }) => top)).size).toBe(2);
  expect(new Set(places.map(({ width, height }) => `${width} ${height}`)).size).toBe(1);
  for (const { right, bottom } of places) {
    expect(right).toBeLessThanOrEqual(1366);
    expect(bottom).toBeLessThanOrEqual(768);
  }
  expect(await shown(page)).toBe(100);
  const ends = await cards(page).allTextContents();

  await playback(page).getByRole('button', { name: 'Play all' }).click();
  await expect.poll(() => shown(page)).toBeLessThan(60);
  await expect.poll(() => page.locator('.grid .run svg line').count()).toBe(8);
  const under = await cards(page).allTextContents();
  expect(under.filter((text, place) => text === ends[place])).toEqual([]);
  await expect.poll(() => shown(page), { timeout: 120_000 }).toBe(100);
  expect(await cards(page).allTextContents()).toEqual(ends);
  expect(await boxes(page)).toEqual(places);
  const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
  expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.05);
  expect(complaints).toEqual([]);
  await close();
}, 150_000);

test.each(screens)(
  'at $width × $height the first runs and what plays them stand in the window, and nothing shifts',
  async (viewport) => {
    const { page, complaints, close } = await openPage(`?engine=cpu${view}`, { viewport, untouched: true, before: countShifts });
    await page.getByRole('region', { name: 'Or write your own' }).waitFor();
    await expect.poll(() => cards(page).count()).toBe(8);
    const slider = playback(page).getByRole('slider');
    await slider.press('Home');
    await slider.press('End');
    const shift = await shiftOf(page);
    const isPhone = viewport.width <= 700;
    // a phone has one below the other: the clock stays where it is, and the first of them is whole
    for (const { right, bottom } of (await boxes(page)).slice(0, isPhone ? 1 : 8)) {
      expect(right).toBeLessThanOrEqual(viewport.width);
      expect(bottom).toBeLessThanOrEqual(viewport.height);
    }
    const clock = await playback(page).boundingBox();
    expect((clock?.y ?? 0) + (clock?.height ?? 0)).toBeLessThanOrEqual(viewport.height);
    expect(await widest(page)).toBeLessThanOrEqual(viewport.width);
    expect(shift).toBeLessThan(0.05);
    expect(complaints).toEqual([]);
    await close();
  },
  90_000,
);

test('dragging on a run scrubs them all, and a click opens its loss as the experiment of the first view', async () => {
  const { page, complaints, close } = await openPage(view, { viewport: { width: 1366, height: 768 } });
  const ipo = cards(page).filter({ hasText: 'IPO' });
  const picture = await ipo.locator('svg').first().boundingBox();
  if (!picture) throw new Error('IPO’s run is not drawn.');
  const { x, y, width, height } = picture;
  await page.mouse.move(x + 0.9 * width, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + 0.5 * width, y + height / 2, { steps: 4 });
  await page.mouse.up();
  expect(await shown(page)).toBe(50);
  await expect.poll(() => new URL(page.url()).hash).toBe('#/stop?v=3&step=50');
  expect(await cards(page).count()).toBe(8);

  await ipo.click();
  await expect
    .poll(() =>
      page
        .getByLabel(/^The loss of one pair/)
        .first()
        .inputValue(),
    )
    .toMatch(/square\(|²/);
  await expect.poll(() => new URL(page.url()).hash).toBe('#/why?v=3&objective=ipo&lr=0.005&step=100');
  await page.goBack();
  await expect.poll(() => cards(page).count()).toBe(8);
  expect(complaints).toEqual([]);
  await close();
}, 90_000);

test('a loss of one’s own is trained beside the eight, and links lead on with the same experiment', async () => {
  const { page, complaints, close } = await openPage(`${view}&steps=60`, { viewport: { width: 1366, height: 768 } });
  const own = page.getByRole('region', { name: 'Or write your own' });
  await expect.poll(() => own.getByRole('link').textContent()).toContain('No holds:');
  await own.getByRole('textbox', { name: /^The loss of one pair/ }).fill('-logsigmoid(0.1 * margin)');
  await expect.poll(() => own.getByRole('link').textContent()).toContain('Yes takes over');
  await own.getByRole('textbox', { name: /^The loss of one pair/ }).fill('xyz');
  await expect.poll(() => own.getByText('The loss before keeps training.').count()).toBe(1);
  expect(await own.getByRole('link').textContent()).toContain('Yes takes over');
  await expect.poll(() => new URL(page.url()).hash).toContain('loss=-logsigmoid');

  const count = objectives.length + groupObjectives.length;
  expect(await page.getByRole('link', { name: `All ${count} objectives` }).getAttribute('href')).toBe('#/stop/all');
  await page.getByRole('link', { name: 'Where it happens' }).click();
  await expect
    .poll(() => new URL(page.url()).hash)
    .toMatch(/^#\/stop\/map\?v=3&x=similarity&train=hidden&lr=1&steps=60&scale=1&loss=.*&exp=loss/);
  expect(complaints).toEqual([]);
  await close();
}, 90_000);

test('a loss typed on the first view goes along to this question and on to its map', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/why?v=3&steps=60', { viewport: { width: 1366, height: 768 } });
  const typed = 'max(0, 2 - margin)';
  const loss = () => page.getByRole('textbox', { name: /^The loss of one pair/ }).first();
  await loss().fill(typed);
  await expect.poll(() => new URL(page.url()).hash).toContain('loss=max');

  await page.getByRole('link', { name: 'Can I stop it?' }).click();
  const own = page.getByRole('region', { name: 'Or write your own' });
  await own.waitFor();
  await expect.poll(() => loss().inputValue()).toBe(typed);
  // trained as far as the first view did
  await expect.poll(() => own.getByRole('link').textContent()).toMatch(/No (holds|falls|is displaced)|takes over/);
  expect(await playback(page).getByRole('slider').getAttribute('max')).toBe('60');

  await page.getByRole('button', { name: 'See it another way' }).click();
  await page
    .getByRole('navigation', { name: 'See it another way' })
    .getByRole('link', { name: /^Where it happens/ })
    .press('Enter');
  await expect.poll(() => new URL(page.url()).hash).toMatch(/^#\/stop\/map\?.*steps=60.*loss=max/);
  await page.getByText('The loss as text, to type your own').click();
  await expect.poll(() => loss().inputValue()).toBe(typed);
  expect(complaints).toEqual([]);
  await close();
}, 90_000);

test('a phone shows one run below the other, with the clock within reach', async () => {
  const { page, complaints, close } = await openPage(view, { viewport: { width: 390, height: 844 } });
  await expect.poll(() => cards(page).count()).toBe(8);
  const places = await boxes(page);
  expect(new Set(places.map(({ left }) => left)).size).toBe(1);
  expect(await widest(page)).toBe(390);
  const clock = await playback(page).boundingBox();
  expect((clock?.y ?? 0) + (clock?.height ?? 0)).toBeLessThanOrEqual(844);
  // without animation it goes on in still pictures
  await playback(page).getByRole('button', { name: 'Play all' }).click();
  await expect.poll(() => shown(page)).toBe(5);
  await playback(page).getByRole('button', { name: 'Pause all' }).click();
  expect(complaints).toEqual([]);
  await close();
}, 300_000);

test('a reference that moves goes on along DPO’s path, at the reader’s setting, and opens in the first view as it is', async () => {
  const { page, complaints, close } = await openPage(`?engine=cpu#/stop`, { viewport: { width: 1366, height: 768 } });
  const part = page.getByRole('region', { name: 'Or let the reference follow' });
  await part.waitFor();
  const told = part.getByRole('status');
  const shares = async () => ((await told.textContent()) ?? '').match(/[\d.]+(?=\u202f%)/g)?.map(Number) ?? [];
  // at equal gap No is where DPO has it, to what is shown; at the end it is below
  await expect.poll(shares).toHaveLength(3);
  const [dpo = 0, here, end] = await shares();
  expect(here).toBe(dpo);
  expect(end).toBeLessThan(dpo);
  await part.getByLabel('The reference').selectOption('hard');
  await expect.poll(async () => (await shares())[2]).not.toBe(end);
  await expect.poll(() => page.url()).toContain('sync=hard');
  await part.getByRole('link').click();
  await page.getByRole('img', { name: /^The reference: No / }).waitFor();
  await expect.poll(() => page.url()).toMatch(/#\/why\?v=3&sync=hard/);
  expect(await page.getByRole('region', { name: 'What happened so far' }).textContent()).toMatch(
    /The reference has moved 5 times, last at update 100/,
  );
  expect(complaints).toEqual([]);
  await close();
}, 120_000);
