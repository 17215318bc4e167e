import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { views } from '../../src/page/views.ts';
import { engineOpens, openPage as open, openSections, playback, shownStep } from './site.ts';

const lesson = (page: Page) => page.getByRole('region', { name: /^Lesson: / });
const title = (page: Page) => lesson(page).getByRole('heading').textContent();
/** Operates a control by keyboard alone. */
const press = async (page: Page, name: string | RegExp, key = 'Enter') => {
  const button = lesson(page).getByRole('button', { name });
  await button.focus();
  await page.keyboard.press(key);
};
const predict = async (page: Page, option: string | RegExp) => {
  await lesson(page).getByRole('radio', { name: option }).focus();
  await page.keyboard.press('Space');
};
const next = async (page: Page) => {
  await expect.poll(() => lesson(page).getByRole('button', { name: 'Next', exact: true }).isEnabled()).toBe(true);
  await press(page, /^Next$/);
};

describe('a lesson', () => {
  test('goes from start to end by keyboard, and each step waits for the reader', async () => {
    const { page, complaints, close } = await open();
    await engineOpens(page);
    await page.getByRole('button', { name: 'Menu', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'When the preferred answer loses' }).focus();
    await page.keyboard.press('Enter');

    await expect.poll(() => title(page)).toBe('Predict');
    await expect.poll(() => shownStep(page)).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Predict');
    expect(await page.locator('[data-part="why"]').count()).toBe(0); // it would tell the answer
    expect(await page.getByText(/ends at/).count()).toBe(0);
    expect(await lesson(page).getByRole('button', { name: 'Next', exact: true }).isEnabled()).toBe(false);
    await predict(page, /more probable/);
    await press(page, 'Play');
    await expect.poll(() => lesson(page).getByText('Not as you predicted.').count()).toBe(1);
    expect(await lesson(page).getByRole('status').textContent()).toMatch(/“No” went from 75\.6.% to 0\.26.%/);
    await next(page);

    expect(await title(page)).toBe('Find the moment');
    await press(page, 'the start');
    await expect.poll(() => shownStep(page)).toBe(0);
    expect(await lesson(page).getByText('Done.').count()).toBe(0);
    const timeline = page.getByLabel('Step shown');
    await timeline.focus();
    for (let step = 0; step < 60 && (await lesson(page).getByText('Done.').count()) === 0; step++) await page.keyboard.press('ArrowRight');
    await next(page);

    expect(await title(page)).toBe('Change the cause');
    expect(await lesson(page).getByText('Done.').count()).toBe(0);
    await press(page, /other side/);
    await next(page);

    expect(await title(page)).toBe('Predict again');
    await predict(page, /more probable/);
    await press(page, 'Play');
    await expect.poll(() => lesson(page).getByText('As you predicted.').count()).toBe(1);
    await next(page);

    expect(await title(page)).toBe('Who is trained?');
    await predict(page, /more probable/);
    await press(page, 'Play');
    await expect.poll(() => lesson(page).getByRole('status').textContent()).toMatch(/as you predicted/i);
    await next(page);

    expect(await title(page)).toBe('What to keep');
    expect(new URL(page.url()).hash).toContain('lesson=displacement');
    await press(page, 'Finish');
    await expect.poll(() => lesson(page).count()).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  });
});

describe('a link for a class', () => {
  test('is made in the dialog; it hides and locks, shows everything on demand, and can be embedded', async () => {
    const { page, complaints, close } = await open();
    await engineOpens(page);
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('button', { name: 'Class link …' }).click();
    const dialog = page.getByRole('dialog', { name: /class/ });
    await dialog.getByRole('radio', { name: 'Why it happens: hidden' }).check();
    await dialog.getByRole('radio', { name: 'The vectors: locked' }).check();
    await dialog.getByText('Single controls: Change the run').click();
    await dialog.getByRole('checkbox', { name: 'Learning rate: lock' }).check();
    await dialog.getByRole('checkbox', { name: 'Scale: hide' }).check();
    const link = await dialog.getByLabel('Link', { exact: true }).inputValue();
    const code = await dialog.getByLabel(/Embed code/).inputValue();
    const embedded = /src="([^"]*)"/.exec(code)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(embedded).toContain('embed=1');

    await page.goto('about:blank');
    await page.goto(link);
    await page.keyboard.press('Shift');
    await engineOpens(page);
    await openSections(page, 'Change the run', 'The vectors');
    expect(await page.locator('[data-part="why"]').count()).toBe(0);
    // the plane of the picture, and the vectors below it
    expect(await page.getByText('Locked by this link').count()).toBe(2);
    const vectors = page.getByRole('region', { name: /^The vectors/, includeHidden: true });
    expect(await vectors.evaluate((node) => node.closest('[inert]') !== null)).toBe(true);
    const learningRate = page.getByRole('textbox', { name: /Learning rate/ });
    const rate = await learningRate.inputValue();
    expect(await learningRate.isDisabled()).toBe(true);
    expect(await page.getByRole('slider', { name: /Learning rate.*Locked by this link/ }).isDisabled()).toBe(true);
    expect(await page.getByRole('slider', { name: /^Scale/ }).count()).toBe(0);
    await page.getByRole('radio', { name: 'Unembedding' }).check(); // it would bring a step size of its own
    await page.getByRole('button', { name: 'Defaults' }).click();
    expect(await learningRate.inputValue()).toBe(rate);
    await page.getByRole('button', { name: 'Show everything' }).click();
    await expect.poll(() => page.locator('[data-part="why"]').count()).toBe(1);
    expect(await learningRate.isDisabled()).toBe(false);
    expect(await page.getByRole('slider', { name: /^Scale/ }).count()).toBe(1);

    await page.goto('about:blank');
    await page.goto(embedded);
    await page.keyboard.press('Shift');
    await engineOpens(page);
    expect(await page.getByRole('banner').count()).toBe(0);
    expect(await playback(page).count()).toBe(1);
    expect(await page.getByRole('link', { name: 'Open in prefscope' }).count()).toBe(1);
    for (const width of [320, 700]) {
      await page.setViewportSize({ width, height: 500 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    }
    expect(complaints).toEqual([]);
    await close();
  });

  test('finds every part in its view', async () => {
    const { page, complaints, close } = await open();
    await engineOpens(page);
    /** there when there is something to show */
    const later = ['map-probes', 'pairs-every', 'd-times'];
    const shown = () => page.locator('[data-part]').evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).dataset['part']));
    for (const { route, title, parts } of views) {
      await page.evaluate((hash) => location.assign(hash), `#/${route}`);
      await expect.poll(() => page.title()).toBe(`${title} · prefscope`);
      const named = parts.filter((part) => !later.includes(part.id)).map((part) => part.id);
      await expect.poll(async () => [...new Set(await shown())].toSorted()).toEqual(named.toSorted());
    }
    expect(complaints).toEqual([]);
    await close();
  });
});
