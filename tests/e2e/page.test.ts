import { chromium, type Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { launchOptions } from '../../src/build/chromium.ts';
import { views } from '../../src/page/views.ts';
import { madePairsJsonl } from '../shared/made-pairs.ts';
import { problemsOf } from './axe.ts';
import { engineOpens, openPage as open, openSections, percentOf, playback, runEnds, shownStep } from './site.ts';

describe('the toy', () => {
  test('trains on WebGPU from the first second, and the numbers are those of the notes', async () => {
    const { page, complaints, close } = await open('?engine=webgpu');
    await engineOpens(page);
    expect(await page.locator('[data-engine="webgpu"]').count()).toBe(1);
    const early = await percentOf(page, 'Yes');
    await runEnds(page);
    expect(await percentOf(page, 'Yes')).toBeGreaterThan(early);
    expect(await percentOf(page, 'Yes')).toBeCloseTo(97.5, 0);
    expect(await percentOf(page, 'No')).toBeLessThan(0.5);
    await expect.poll(() => page.getByText(/took its place/).count()).toBe(1);
    expect(complaints).toEqual([]);
    await close();
  });

  test('plays, pauses, steps, goes back and repeats itself to the digit', async () => {
    const { page, complaints, close } = await open('', { reducedMotion: 'no-preference' });
    const button = (name: string) => playback(page).getByRole('button', { name, exact: true });
    await engineOpens(page);
    expect(await shownStep(page)).toBe(0); // who has pressed a key is asked
    await button('Play').click();
    await expect.poll(() => shownStep(page)).toBeGreaterThan(3);
    await button('Pause').click();
    await button('Go on').waitFor();
    // updates that were under way arrive after the click
    let paused = -1;
    await expect
      .poll(
        async () => {
          const before = paused;
          paused = await shownStep(page);
          return paused === before;
        },
        { interval: 500 },
      )
      .toBe(true);
    await button('+1').click();
    await expect.poll(() => shownStep(page)).toBe(paused + 1);
    const story = await page.getByRole('region', { name: 'What happened so far' }).textContent();
    await button('Reset').click();
    await expect.poll(() => shownStep(page)).toBe(0);
    await button('Play').click();
    await runEnds(page);
    // scrubbing looks back without training again
    const timeline = page.getByLabel('Step shown');
    await timeline.focus();
    await timeline.press('Home');
    await expect.poll(() => shownStep(page)).toBe(0);
    for (let i = 0; i < paused + 1; i++) await timeline.press('ArrowRight');
    await expect.poll(() => shownStep(page)).toBe(paused + 1);
    expect(await page.getByRole('region', { name: 'What happened so far' }).textContent()).toBe(story);
    expect(complaints).toEqual([]);
    await close();
  });

  test('β and the learning rate change the run; nonsense is refused in words', async () => {
    const { page, complaints, close } = await open();
    await runEnds(page);
    await openSections(page, 'Change the run');
    const rate = page.getByRole('textbox', { name: /Learning rate/ }).first();
    await rate.fill('0.5');
    await rate.press('Enter');
    await runEnds(page);
    expect(await percentOf(page, 'No')).toBeGreaterThan(5);
    await rate.fill('fast');
    await rate.press('Enter');
    await expect.poll(() => page.getByText('Enter a number.').count()).toBe(1);
    expect(await percentOf(page, 'No')).toBeGreaterThan(5);
    expect(complaints).toEqual([]);
    await close();
  });

  test('the CPU engine trains the same run, and says that it does', async () => {
    const { page, complaints, close } = await open('?engine=cpu');
    await runEnds(page);
    await openSections(page, 'Where it was trained');
    await expect.poll(() => page.getByRole('region', { name: 'Engine' }).getByText('CPU', { exact: true }).count()).toBe(1);
    expect(await percentOf(page, 'Yes')).toBeCloseTo(97.5, 0);
    expect(complaints).toEqual([]);
    await close();
  });

  test('without an adapter the page runs on the CPU and says why', async () => {
    const without = await chromium.launch({
      ...launchOptions,
      args: launchOptions.args.filter((flag) => !/webgpu|vulkan|angle/i.test(flag)).concat('--disable-features=WebGPU,WebGPUService'),
    });
    const { page, close } = await open('', {}, without);
    await runEnds(page);
    // nothing on the page and no mark on the menu: nothing is wrong. The menu has the reason for who asks
    expect(await page.getByText('No GPU here').count()).toBe(0);
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await expect.poll(() => page.getByText('No GPU here: the CPU engine trains.').count()).toBe(1);
    expect(await page.getByText('CPU, this device').count()).toBe(1);
    expect(await percentOf(page, 'Yes')).toBeCloseTo(97.5, 0);
    await close();
    await without.close();
  });

  test('an adapter in software is left alone: the CPU engine trains, and the menu says why', async () => {
    const { page, close } = await open();
    await runEnds(page);
    expect(await page.locator('[data-engine="cpu"]').count()).toBe(1);
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByText(/computes in software/).waitFor();
    await close();
  });
});

describe("the reader's pairs", () => {
  const pairs = (page: Page) => page.getByRole('region', { name: 'Does the good answer fall on your pairs?' });

  const openPairs = (search = '') => open(`${search}#v=1&view=pairs`);

  test('a file with a bad line trains the rest and names the line', async () => {
    const { page, complaints, close } = await openPairs();
    const line = (prompt: string, chosen: string, rejected: string) => JSON.stringify({ prompt, chosen, rejected });
    const file = [line('a', 'yes I can', 'no I can not'), '{"prompt": "b", oops', line('c', 'yes sure', 'no never')].join('\n');
    await pairs(page)
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'three.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(file) });
    await expect
      .poll(() =>
        pairs(page)
          .getByText(/Line 2/)
          .count(),
      )
      .toBeGreaterThan(0);
    await pairs(page).getByRole('button', { name: 'Train' }).click();
    await expect
      .poll(() =>
        pairs(page)
          .getByText(/Finished: 60 updates/)
          .count(),
      )
      .toBe(1);
    expect(complaints).toEqual([]);
    await close();
  });

  test('200 long pairs train on the GPU, and can be cancelled', async () => {
    const { page, complaints, close } = await openPairs('?engine=webgpu');
    await pairs(page)
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'made.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(madePairsJsonl()) });
    await expect
      .poll(() =>
        pairs(page)
          .getByText(/^\d+ of 200$/)
          .count(),
      )
      .toBe(1);
    await pairs(page).getByRole('button', { name: 'Train' }).click();
    await expect
      .poll(
        () =>
          pairs(page)
            .getByText(/Training: [1-9]\d* of 60 updates/)
            .count(),
        { timeout: 120_000 },
      )
      .toBe(1);
    await pairs(page).getByRole('button', { name: 'Cancel' }).click();
    await expect
      .poll(() =>
        pairs(page)
          .getByText(/Cancelled after \d+ of 60/)
          .count(),
      )
      .toBe(1);
    expect(complaints).toEqual([]);
    await close();
  });
});

describe('for everybody', () => {
  test.each(['dark', 'light'] as const)('no serious accessibility problem in %s', async (colorScheme) => {
    const { page, close } = await open('', { colorScheme });
    await runEnds(page);
    expect(await problemsOf(page)).toEqual([]);
    await close();
  });

  test.each(views.slice(1).map(({ id }) => id))(
    'the view %s is accessible in both themes, fits a phone, and complains of nothing',
    async (view) => {
      const { page, complaints, close } = await open(`#v=1&view=${view}`, { colorScheme: 'dark', viewport: { width: 390, height: 844 } });
      await page.getByRole('heading').first().waitFor();
      await page.waitForTimeout(1000);
      expect(await problemsOf(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: 'light' });
      expect(await problemsOf(page, { isOtherTheme: true })).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      expect(complaints).toEqual([]);
      await close();
    },
  );

  test.each([1440, 1024, 390])('nothing is wider than the window at %i px', async (width) => {
    const { page, close } = await open('', { viewport: { width, height: 844 } });
    await expect.poll(() => shownStep(page)).toBeGreaterThan(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await close();
  });

  test('reduced motion: the page opens on the moment, still, and the run is there when asked for', async () => {
    const { page, close } = await open('', { reducedMotion: 'reduce' });
    await engineOpens(page);
    await expect.poll(() => shownStep(page)).toBe(22);
    await page.getByRole('region', { name: 'What happened so far' }).getByText('has just overtaken').waitFor();
    await runEnds(page);
    // where the page asks for a drag by a ring that blinks, the ring stands still
    await page.locator('.asks').waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    await close();
  });
});
