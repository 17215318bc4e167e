import type { Page } from 'playwright';
import { encode } from 'uqr';
import { describe, expect, inject, test } from 'vitest';
import { views } from '../../src/page/views.ts';
import { countShifts, shiftOf } from './first-screen.ts';
import { engineOpens, openPage as open, openSections, percentOf, playback, runEnds } from './site.ts';

const lesson = (page: Page) => page.getByRole('region', { name: /^Lesson: / });
const timeline = (page: Page) => page.getByRole('slider', { name: 'Step shown' });
const shownStep = async (page: Page) => Number(await timeline(page).getAttribute('aria-valuenow'));
const told = (page: Page) => lesson(page).getByRole('status').first().textContent();
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
    await page.getByRole('button', { name: 'What becomes of the preferred answer?' }).focus();
    await page.keyboard.press('Enter');

    await expect.poll(() => title(page)).toBe('Predict');
    await expect.poll(() => shownStep(page)).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Predict');
    expect(await page.locator('main summary').getByText('Why it happens').filter({ visible: true }).count()).toBe(0); // it would tell the answer
    expect(await page.getByText(/ends at/).count()).toBe(0);
    expect(await lesson(page).getByRole('button', { name: 'Next', exact: true }).isEnabled()).toBe(false);
    expect(await page.getByRole('banner').count()).toBe(0);
    expect(await lesson(page).getByRole('button', { name: 'Play' }).isEnabled()).toBe(false);
    await timeline(page).press('End'); // nor is there another way before the guess
    expect(await timeline(page).getAttribute('aria-valuetext')).toBe('update 0 of 100, 0 trained');
    await predict(page, 'Higher');
    expect(await page.getByText('your guess: higher').count()).toBe(1);
    await press(page, 'Play');
    await expect.poll(() => told(page)).toMatch(/Not as you predicted/);
    expect(await page.getByText('your guess: higher').count()).toBe(1);
    expect(await told(page)).toMatch(/No\s+went from 75\.6.% to 0\.26.%/);
    await next(page);

    expect(await title(page)).toBe('Find the moment');
    await press(page, 'the start');
    await expect.poll(() => shownStep(page)).toBe(0);
    expect(await lesson(page).getByText('Done.').count()).toBe(0);
    await timeline(page).focus();
    for (let step = 1; step <= 22; step++) {
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => shownStep(page)).toBe(step); // a key too many would lead past the moment
    }
    await next(page);

    expect(await title(page)).toBe('Change the cause');
    expect(await lesson(page).getByText('Done.').count()).toBe(0);
    await press(page, /other side/);
    await next(page);

    expect(await title(page)).toBe('Predict again');
    await predict(page, 'Higher');
    await press(page, 'Play');
    await expect.poll(() => told(page)).toMatch(/^\s*As you predicted/);
    await next(page);

    expect(await title(page)).toBe('Who is trained?');
    await predict(page, 'Higher');
    await press(page, 'Play');
    await expect.poll(() => told(page)).toMatch(/as you predicted/i);
    await next(page);

    expect(await title(page)).toBe('What to keep');
    await expect.poll(() => new URL(page.url()).hash).toContain('lesson=displacement');
    await press(page, 'Finish');
    await expect.poll(() => lesson(page).count()).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  });

  test('left with the browser’s Back leaves the run as it was, and nothing to undo', async () => {
    const { page, complaints, close } = await open('?engine=cpu');
    await runEnds(page);
    await page.getByRole('slider', { name: /Also reward/ }).fill('0.1');
    await expect.poll(() => new URL(page.url()).hash).toContain('loss=');
    const { hash } = new URL(page.url());
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('button', { name: 'What becomes of the preferred answer?' }).click();
    const steps = ['Predict', 'Find the moment', 'Change the cause'];
    for (const [index, step] of steps.entries()) {
      await expect.poll(() => title(page)).toBe(step);
      // who goes on before the address is written leaves the step before in the history
      await expect.poll(() => new URL(page.url()).hash).toContain(index === 0 ? 'lesson=' : `part=${index + 1}`);
      if (index < steps.length - 1) await press(page, 'Skip');
    }
    await press(page, /other side/);
    await expect.poll(() => new URL(page.url()).hash).toContain('W=');
    while (page.url().includes('lesson=')) await page.goBack();
    await expect.poll(() => lesson(page).count()).toBe(0);
    await expect.poll(() => new URL(page.url()).hash).toBe(hash);
    await expect.poll(() => percentOf(page, 'No')).toBeCloseTo(77.7, 1);
    // nor is the run taken for the lesson's by who goes forward into it again
    await page.goForward();
    await expect.poll(() => title(page)).toBe('Change the cause');
    await page.waitForTimeout(500); // its address is written
    await press(page, 'Close the lesson');
    await expect.poll(() => lesson(page).count()).toBe(0);
    await runEnds(page);
    const loss = (of: string) => /loss=[^&]*/.exec(of)?.[0];
    await expect.poll(() => loss(new URL(page.url()).hash)).toBe(loss(hash));
    expect(new URL(page.url()).hash).not.toContain('W=');
    await expect.poll(() => percentOf(page, 'No')).toBeCloseTo(77.7, 1);
    await page.getByRole('button', { name: 'Undo', exact: true }).first().click();
    await expect.poll(() => percentOf(page, 'No')).toBeLessThan(1);
    expect(await page.locator('.undo').isDisabled()).toBe(true);
    expect(complaints).toEqual([]);
    await close();
  });

  /** prompt, picture and row are whole inside the window, and nothing scrolls */
  const fits = (page: Page) =>
    page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.documentElement;
      const isWhole = (node: Element): boolean => {
        const { top, left, right, bottom, height } = node.getBoundingClientRect();
        return height > 40 && top >= 0 && left >= 0 && right <= innerWidth + 0.5 && bottom <= innerHeight + 0.5;
      };
      const cut = [...document.querySelectorAll('.prompt, .turn .task')].filter((node) => node.scrollHeight > node.clientHeight + 1);
      const shown = [...document.querySelectorAll('.prompt, .turn, section.bars, .picture > .run, .plane')].filter((node) =>
        node.checkVisibility(),
      );
      return {
        scrolls: scrollWidth > innerWidth || scrollHeight > innerHeight,
        outside: shown.filter((node) => !isWhole(node)).map((node) => node.className),
        cut: cut.map((node) => node.textContent),
        parts: shown.length,
      };
    });
  test.each([
    [1280, 720, 1],
    [390, 844, 0],
  ])('is one screen at %i × %i, and tells nothing before it is played', async (width, height, more) => {
    const { page, complaints, close } = await open('#/why?v=3&lesson=displacement', {
      viewport: { width, height },
      untouched: true,
      before: countShifts,
    });
    await engineOpens(page);
    const whole = (parts: number) => ({ scrolls: false, outside: [], cut: [], parts });
    const untold = async () => {
      await expect.poll(() => timeline(page).getAttribute('aria-valuetext')).toBe('update 0 of 100, 0 trained');
      const drawn = await page.locator('.run .ahead path').evaluateAll((paths) => paths.map((path) => path.getAttribute('d')).join(''));
      expect(drawn).toBe('');
      expect(await page.getByText(/ends at|takes over|gains$/).count()).toBe(0);
    };
    for (const step of ['Predict', 'Find the moment', 'Change the cause', 'Predict again', 'Who is trained?', 'What to keep']) {
      await expect.poll(() => title(page)).toBe(step);
      await expect.poll(() => fits(page)).toEqual(whole(step === 'Change the cause' ? 4 + more : 4));
      if (step === 'Predict') expect(await shiftOf(page)).toBeLessThan(0.05);
      if (width > 700) {
        // larger, for a projector: still one screen
        const size = () =>
          page
            .locator('.prompt p')
            .first()
            .evaluate((node) => Number.parseFloat(getComputedStyle(node).fontSize) * (node.currentCSSZoom ?? 1));
        const before = await size();
        await page.evaluate(() => document.documentElement.toggleAttribute('data-projector', true));
        await expect.poll(() => fits(page)).toEqual(whole(step === 'Change the cause' ? 4 + more : 4));
        expect(await size()).toBeGreaterThan(before);
        await page.evaluate(() => document.documentElement.toggleAttribute('data-projector', false));
      }
      if (['Predict', 'Predict again', 'Who is trained?'].includes(step)) {
        await untold();
        await predict(page, 'Lower');
        await untold();
        expect(await fits(page)).toEqual(whole(4));
      }
      if (step === 'What to keep')
        await expect
          .poll(() =>
            lesson(page)
              .getByText(/“No” went to 99/)
              .count(),
          )
          .toBe(1);
      else await press(page, 'Skip');
    }
    expect(complaints).toEqual([]);
    await close();
  });

  test.each([
    ['entanglement', '/why/tug', /both fall|both rise|%|Both answers fall/],
    ['modes', '/why/peaks', /reached|faster/],
  ])('of %s is one screen too, and tells nothing before the guess', async (id, route, spoilers) => {
    const { page, complaints, close } = await open(`?engine=cpu#${route}?v=3&lesson=${id}`, {
      viewport: { width: 1280, height: 720 },
      untouched: true,
      before: countShifts,
    });
    await expect.poll(() => lesson(page).getByRole('heading').count()).toBe(1);
    const screen = page.locator('main .screen');
    await screen.locator('.picture').waitFor();
    expect(await shiftOf(page)).toBeLessThan(0.05);
    for (const size of [
      { width: 1280, height: 720 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(size);
      const cut = () =>
        page.evaluate(() =>
          [...document.querySelectorAll('.prompt, .turn, main .screen > .card')]
            .filter((part) => {
              const { top, left, right, bottom, height } = part.getBoundingClientRect();
              return height < 40 || top < 0 || left < 0 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5;
            })
            .map(({ className }) => className),
        );
      await expect.poll(cut).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollHeight > innerHeight)).toBe(false);
    }
    expect(await screen.innerText()).not.toMatch(spoilers);
    expect(complaints).toEqual([]);
    await close();
  });
});

test.each([
  ['/why/tug?v=3&lesson=entanglement&part=5', 'fetched'],
  ['/why/peaks?v=3&lesson=modes&part=5', 'there at once'],
])('the section that %s points at, %s, comes into the window once', async (place) => {
  const { page, complaints, close } = await open('about:blank', { untouched: true });
  await page.addInitScript(() => {
    const scrolls: string[] = [];
    Object.assign(window, { scrolls });
    const scroll = HTMLDetailsElement.prototype.scrollIntoView;
    HTMLDetailsElement.prototype.scrollIntoView = function (how) {
      scrolls.push(this.textContent);
      scroll.call(this, how);
    };
  });
  await page.goto(`${inject('site')}?engine=cpu#${place}`);
  const section = page.locator('main details[open]');
  await section.locator('.pointed :is(p, table, svg)').first().waitFor();
  const scrolls = () => page.evaluate(() => (window as unknown as { scrolls: string[] }).scrolls);
  await expect.poll(async () => (await scrolls()).length).toBe(1);
  expect((await scrolls())[0]?.length).toBeGreaterThan(100); // with its contents
  // what it shows takes another place
  const height = () => section.evaluate((one) => one.getBoundingClientRect().height);
  const before = await height();
  await page.setViewportSize({ width: 800, height: 900 });
  await expect.poll(height).not.toBe(before);
  await page.waitForTimeout(300);
  expect(await scrolls()).toHaveLength(1);
  expect(complaints).toEqual([]);
  await close();
});

describe('a link for a class', () => {
  test('is made in the dialog; it hides and locks, shows everything on demand, and can be embedded', async () => {
    const { page, complaints, close } = await open();
    await engineOpens(page);
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('button', { name: 'Class link …' }).click();
    const dialog = page.getByRole('dialog', { name: /class/ });
    await dialog.getByRole('radio', { name: 'Everything' }).check();
    await dialog.getByText('Choose part by part').click();
    await dialog.getByRole('radio', { name: 'Why it happens: hidden' }).check();
    await dialog.getByRole('radio', { name: 'The vectors: locked' }).check();
    await dialog.getByText('Single controls: Change the run').click();
    await dialog.getByRole('checkbox', { name: 'Learning rate: lock' }).check();
    await dialog.getByRole('checkbox', { name: 'Scale: hide' }).check();
    const link = await dialog.getByLabel('Link', { exact: true }).inputValue();
    const code = await dialog.getByLabel(/Embed code/).inputValue();
    const embedded = /src="([^"]*)"/.exec(code)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(embedded).toContain('embed=1');
    const modules = encode(link, { border: 4 }).data.map((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')).join(''));
    expect(await dialog.getByRole('img', { name: 'QR code of the link' }).locator('path').getAttribute('d')).toBe(modules.join(''));

    await page.goto('about:blank');
    await page.goto(link);
    await page.keyboard.press('Shift');
    await engineOpens(page);
    await openSections(page, 'Change the run', 'The vectors');
    const why = page.locator('main summary').getByText('Why it happens', { exact: true });
    expect(await why.count()).toBe(0);
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
    await expect.poll(() => why.count()).toBe(1);
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

  test('that hides or locks what a lesson needs says so; the rest holds in the lesson and after it', async () => {
    const { page, complaints, close } = await open();
    await engineOpens(page);
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('button', { name: 'Class link …' }).click();
    const dialog = page.getByRole('dialog', { name: /class/ });
    await dialog.getByText('Choose part by part').click();
    expect(await dialog.getByText(/The lesson needs|Steps of the lesson are/).count()).toBe(0);
    await dialog.getByRole('radio', { name: 'The vectors: locked' }).check();
    await dialog.getByText('Steps of the lesson are done with “The vectors”').waitFor();
    await dialog.getByText('What is locked the class cannot operate').waitFor();
    await dialog.getByRole('radio', { name: 'Play, step and timeline: locked' }).check();
    await dialog.getByText('Steps of the lesson are done with “Play, step and timeline, The vectors”').waitFor();
    await dialog.getByRole('radio', { name: 'Play, step and timeline: shown' }).check();
    await dialog.getByRole('radio', { name: 'The vectors: hidden' }).check();
    await dialog.getByText('The lesson needs “The vectors”').waitFor();
    expect(await dialog.getByText(/Steps of the lesson are/).count()).toBe(0);

    const visit = async (fields: string) => {
      await page.goto('about:blank');
      await page.goto(`${inject('site')}?engine=cpu#/why?v=3&lesson=displacement&part=3&${fields}`);
      await page.keyboard.press('Shift');
      await engineOpens(page);
      await expect.poll(() => title(page)).toBe('Change the cause');
    };
    const turn = lesson(page).getByRole('button', { name: /other side/ });
    await visit('lock=vectors');
    await lesson(page)
      .getByText(/locks what this step is done with/)
      .waitFor();
    expect(await turn.count()).toBe(0);

    // playing is what tells a guess: where it is locked, there is nothing to guess
    await visit('lock=play');
    for (const [step, goOn] of [
      ['Change the cause', 'Skip'],
      ['Predict again', null],
    ] as const) {
      expect(await title(page)).toBe(step);
      expect(await lesson(page).getByRole('button', { name: 'Play' }).count()).toBe(0);
      if (goOn) await press(page, goOn);
    }
    expect(await lesson(page).getByRole('radio').count()).toBe(0);
    await lesson(page)
      .getByText(/locks what this step is done with/)
      .waitFor();
    await page.keyboard.press('Space');
    expect(await timeline(page).getAttribute('aria-valuetext')).toBe('update 0 of 100, 0 trained');

    await visit('hide=vectors&lock=settings');
    await page.locator('.plane svg').first().waitFor();
    await turn.click();
    await next(page);
    await predict(page, 'Higher');
    await press(page, 'Play');
    await expect.poll(() => told(page)).toMatch(/^\s*As you predicted/);
    await page.getByRole('button', { name: 'Close the lesson' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => timeline(page).getAttribute('aria-valuetext')).toBe('update 0 of 100, 0 trained');
    await page.locator('section.bars').hover();
    await page.waitForTimeout(500);
    expect(await page.getByText('before the change').count()).toBe(0);
    expect(await page.locator('.undo').isDisabled()).toBe(true);
    expect(await page.getByRole('slider', { name: /^(Where No starts|The vector of)/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Show everything' }).click();
    await page.getByRole('slider', { name: 'Where No starts' }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  test('has presets; a slide shows headline, picture and what plays it', async () => {
    const { page, complaints, close } = await open('', { viewport: { width: 960, height: 540 } });
    await engineOpens(page);
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('button', { name: 'Class link …' }).click();
    const dialog = page.getByRole('dialog', { name: /class/ });
    const link = () => dialog.getByLabel('Link', { exact: true }).inputValue();
    // a class that begins with a run at its end has nothing left to guess
    expect(await dialog.getByRole('radio', { name: 'Lesson', exact: true }).isChecked()).toBe(true);
    expect(await link()).toContain('lesson=displacement');
    await dialog.getByRole('radio', { name: 'Picture only' }).check();
    const [picture, code] = [await link(), await dialog.getByLabel(/Embed code/).inputValue()];
    expect(code).toContain('aspect-ratio:16/9');
    for (const address of [picture, /src="([^"]*)"/.exec(code)?.[1]?.replaceAll('&amp;', '&') ?? '']) {
      await page.goto('about:blank');
      await page.goto(address);
      await page.keyboard.press('Shift');
      await engineOpens(page);
      expect(await page.getByText(/Can you keep|More about this run/).count()).toBe(0);
      expect(await playback(page).count()).toBe(1);
    }
    const inside = async () => {
      const boxes = await page
        .locator('h1, section.bars, .picture > .run, section.play')
        .evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect().bottom));
      expect(boxes.length).toBe(4);
      expect(Math.max(...boxes)).toBeLessThanOrEqual((await page.viewportSize())?.height ?? 0);
    };
    await inside();
    // for the back of a room: larger, and still one screen
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.goto('about:blank');
    await page.goto(picture.replace(/#.*/, '#/why?v=3&projector=1'));
    await page.keyboard.press('Shift');
    await engineOpens(page);
    await inside();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(complaints).toEqual([]);
    await close();
  });

  test('finds every part in its view', async () => {
    const { page, complaints, close } = await open();
    await engineOpens(page);
    const answerParts = ['answer-picture', 'answer-change', 'answer-more'];
    /** there when there is something to show */
    const later = ['map-probes', 'd-times', 'run-facts', 'paper-picture', 'paper-change', 'paper-more', ...answerParts];
    const shown = () => page.locator('[data-part]').evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).dataset['part']));
    for (const { route, title, parts } of views) {
      await page.evaluate((hash) => location.assign(hash), `#/${route}`);
      await expect.poll(() => page.title()).toBe(`${title} · prefscope`);
      await page.locator('main h1').waitFor();
      const named = parts.filter((part) => !later.includes(part.id)).map((part) => part.id);
      await expect
        .poll(async () => {
          // what stands below a picture is drawn when it is opened
          await page.evaluate(() => {
            for (const section of document.querySelectorAll('main details')) (section as HTMLDetailsElement).open = true;
          });
          return [...new Set(await shown())].toSorted();
        })
        .toEqual(named.toSorted());
    }
    expect(complaints).toEqual([]);
    await close();
  });
});
