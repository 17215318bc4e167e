import type { Locator, Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { screens } from './first-screen.ts';
import { engineOpens, openPage, openSections, percentOf, playback, runEnds, shownStep } from './site.ts';

/** What sticks out of the window, or out of its own box. */
const misfits = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const header = document.querySelector('header')?.getBoundingClientRect().height ?? 0;
    const isPhone = innerWidth <= 700;
    const seen = ['section.bars', 'div.run', '[role="slider"][aria-label="Step shown"]', 'section.play button', '.lenses', 'section.cause'];
    for (const selector of seen) {
      const box = document.querySelector(selector)?.getBoundingClientRect();
      // until the header is one line of 48 px, a phone's picture begins so much lower
      const below = isPhone ? Math.max(0, header - 48) : 0;
      if (!box || box.width === 0 || box.left < 0 || box.right > innerWidth || box.top < 0 || box.bottom > innerHeight + below + 0.5)
        found.push(`${selector} ${JSON.stringify(box)}`);
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the window');
    for (const box of document.querySelectorAll('h1, .say, .sentence, figcaption, .prompt'))
      if (box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1)
        found.push(`clipped: ${box.textContent?.trim()}`);
    return found;
  });

describe.each(screens)('at $width × $height', (viewport) => {
  test('everything is on the first screen at the start, at the moment and at the end, and nothing shifts while it plays', async () => {
    const { page, complaints, close } = await openPage('?engine=cpu', { viewport, reducedMotion: 'no-preference' });
    await engineOpens(page);
    await page.waitForTimeout(300);
    expect(await misfits(page)).toEqual([]);
    await page.evaluate(() => {
      const total = { value: 0 };
      Object.assign(globalThis, { shifts: total });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) total.value += (entry as unknown as { value: number }).value;
      }).observe({ type: 'layout-shift', buffered: false });
    });
    await playback(page).getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => playback(page).getByRole('button', { name: 'Go on' }).count()).toBe(1);
    expect(await shownStep(page)).toBe(22); // it waits for the reader where Yes overtakes No, and says that it is no end
    await page.getByText(/78\s+(updates )?to go/).waitFor();
    expect(await misfits(page)).toEqual([]);
    await playback(page).getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => playback(page).getByRole('button', { name: 'Again' }).count()).toBe(1);
    expect(await misfits(page)).toEqual([]);
    expect(await page.evaluate(() => (globalThis as unknown as { shifts: { value: number } }).shifts.value)).toBeLessThan(0.05);
    expect(complaints).toEqual([]);
    await close();
  });
});

test('the first run plays by itself as far as its turn, where nobody does anything; who acts first is left alone', async () => {
  const untouched = { untouched: true, reducedMotion: 'no-preference' } as const;
  const { page, complaints, close } = await openPage('?engine=cpu', untouched);
  await page.getByText('Each update tries to make').waitFor();
  expect(await shownStep(page)).toBe(0);
  await playback(page).getByRole('button', { name: 'Go on' }).waitFor();
  expect(await shownStep(page)).toBe(22);
  await page.getByText('has just overtaken').waitFor();
  // an address that nobody has made: who is given it sees the same from the start
  await page.waitForTimeout(600); // longer than the address takes
  expect(new URL(page.url()).hash).toBe('');
  await page.keyboard.press('Shift');
  await expect.poll(() => new URL(page.url()).hash).toBe('#/why?v=3&step=22&waits=yes');
  await close();

  const touched = await openPage('?engine=cpu', { reducedMotion: 'no-preference' });
  await touched.page.getByText('Press play: each update tries').waitFor();
  await touched.page.waitForTimeout(4000); // longer than it would have waited
  expect(await shownStep(touched.page)).toBe(0);
  await touched.close();

  // an experiment of somebody's, and a slide, wait
  for (const hash of ['#/why?v=3&lr=0.5', '#/why?v=3&embed=1']) {
    const other = await openPage(`?engine=cpu${hash}`, untouched);
    await other.page.getByText('Press play: each update tries').waitFor();
    expect(await other.page.locator('.go.begins').count()).toBe(0);
    await other.close();
  }
  expect([...complaints, ...touched.complaints]).toEqual([]);
});

test('keys: Space plays and pauses, arrows step, the run is its own slider', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu', { reducedMotion: 'no-preference' });
  await engineOpens(page);
  await page.keyboard.press('Space');
  await expect.poll(() => shownStep(page)).toBeGreaterThan(2);
  await page.keyboard.press('Space');
  await playback(page).getByRole('button', { name: 'Go on' }).waitFor();
  const paused = await shownStep(page);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => shownStep(page)).toBe(paused - 1);
  const run = page.getByRole('slider', { name: 'Step shown' });
  await run.press('PageUp');
  await run.press('PageUp');
  await expect.poll(() => shownStep(page)).toBe(paused + 19);
  await run.press('Home');
  await expect.poll(() => shownStep(page)).toBe(0);
  await run.press('End');
  await expect.poll(() => shownStep(page)).toBe(100);
  await page.keyboard.press('?');
  await page.getByText('Space plays and pauses.').waitFor();
  await page.keyboard.press('Escape');
  // a tap on the run goes there
  const box = await page.locator('div.run svg').boundingBox();
  if (!box) throw new Error('The run is not drawn.');
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await expect.poll(() => shownStep(page)).toBeLessThan(90);
  expect(complaints).toEqual([]);
  await close();
});

test('dragging Never by the keyboard changes the end at once, and undo brings it back', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu');
  await runEnds(page);
  const outcome = page.getByRole('status').filter({ hasText: 'ends at' });
  await expect.poll(() => outcome.textContent()).toMatch(/No\s+ends at\s+0\.26.%\s+from 75\.6.%/);
  const handle = page.getByRole('slider', { name: 'The vector of Never' });
  await handle.focus();
  for (let times = 0; times < 8; times++) await page.keyboard.press('Shift+ArrowRight');
  await expect.poll(() => outcome.textContent()).toMatch(/was 0\.26.%/);
  await expect.poll(() => percentOf(page, 'No')).toBeGreaterThan(75);
  // it began where it began: the drag keeps the starting probability
  const start = page.getByRole('slider', { name: 'Step shown' });
  await start.press('Home');
  await expect.poll(() => shownStep(page)).toBe(0);
  expect(await percentOf(page, 'Never')).toBeCloseTo(3.8, 1);
  await page.getByRole('button', { name: 'Undo', exact: true }).first().click();
  await expect.poll(() => outcome.textContent()).toMatch(/0\.26.%/);
  // and so does the end of a bar's dashed box, which says where an answer begins
  const began = page.getByRole('slider', { name: 'Where No starts' });
  await began.press('PageDown');
  await expect.poll(() => began.getAttribute('aria-valuetext')).toMatch(/^65\.6/);
  await expect.poll(() => outcome.textContent()).toMatch(/was 0\.26.%/);
  await page.getByRole('button', { name: 'Undo', exact: true }).first().click();
  await expect.poll(() => began.getAttribute('aria-valuetext')).toMatch(/^75\.6/);
  // the reward for No itself, by its slider
  const reward = page.getByRole('slider', { name: /Also reward/ });
  await reward.fill('0.1');
  await expect.poll(() => outcome.textContent()).toMatch(/77\.7.%\s+was 0\.26.%/);
  expect(complaints).toEqual([]);
  await close();
});

test('a start that cannot be is refused in words, which go when it moves again', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu');
  await runEnds(page);
  const began = page.getByRole('slider', { name: 'Where No starts' });
  const refused = page.getByRole('status').filter({ hasText: /Starts lie between 0\.10.% and 99\.0.%/ });
  await began.press('End');
  await expect.poll(() => began.getAttribute('aria-valuetext')).toMatch(/^99\.0/);
  expect(await refused.count()).toBe(0);
  await began.press('ArrowRight');
  await refused.waitFor();
  await began.press('ArrowLeft');
  await expect.poll(() => began.getAttribute('aria-valuetext')).toMatch(/^98\.0/);
  expect(await refused.count()).toBe(0);
  expect(complaints).toEqual([]);
  await close();
});

test.each(['reduce', 'no-preference'] as const)(
  'while Never is dragged the other answers and the scale stand still, and only then (motion: %s)',
  async (reducedMotion) => {
    const { page, complaints, close } = await openPage('?engine=cpu', { reducedMotion });
    await runEnds(page);
    const plane = page.locator('.cause-plane');
    const others = () =>
      plane.locator('circle.other, circle.chosen, path.gainer').evaluateAll((dots) =>
        dots.map((dot) => {
          // a role may change while it is dragged, and the sign with it
          const place = dot.getAttribute('transform') ?? `${dot.getAttribute('cx')} ${dot.getAttribute('cy')}`;
          return (place.match(/[\d.]+/g) ?? []).map((value) => Number(value).toFixed(2)).join(' ');
        }),
      );
    const handle = page.getByRole('slider', { name: 'The vector of Never' });
    const outcome = page.getByRole('status').filter({ hasText: 'ends at' });
    const box = await handle.locator('.ring').boundingBox();
    if (!box) throw new Error('Never is not drawn.');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    const before = await others();
    await page.mouse.move(x + 40, y - 30, { steps: 4 });
    await page.mouse.move(x + 80, y - 60, { steps: 4 });
    await expect.poll(() => outcome.textContent()).toMatch(/was 0\.26.%/);
    // not every place can be reached: the dot is as near to the hand as it can be
    const middle = async () => {
      const { x: left = 0, y: top = 0, width = 0, height = 0 } = (await handle.locator('.ring').boundingBox()) ?? {};
      return [left + width / 2, top + height / 2] as const;
    };
    const held = await middle();
    const places = await others();
    expect(places.toSorted()).toEqual(before.toSorted());
    await page.mouse.up();
    await expect.poll(others).not.toEqual(places);
    let last = await others();
    // they come to rest
    await expect
      .poll(
        async () => {
          const [now, then] = [await others(), last];
          last = now;
          return now.join() === then.join();
        },
        { interval: 100 },
      )
      .toBe(true);
    // and the dropped one is where it was let go
    const dropped = await middle();
    expect(Math.hypot(dropped[0] - held[0], dropped[1] - held[1]), `${held} ${dropped}`).toBeLessThan(1);
    expect(complaints).toEqual([]);
    await close();
  },
);

test('a vector dropped near an edge of either picture, and a bar’s start, stay under the pointer', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/why?v=3&step=100', { viewport: { width: 1024, height: 768 } });
  await engineOpens(page);
  await openSections(page, 'The vectors');
  const drop = async (handle: Locator, drawn: Locator, by: readonly [number, number]): Promise<number> => {
    await handle.scrollIntoViewIfNeeded();
    const middle = async () => {
      const { x = 0, y = 0, width = 0, height = 0 } = (await drawn.boundingBox()) ?? {};
      return [x + width / 2, y + height / 2] as const;
    };
    const [x, y] = await middle();
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + by[0], y + by[1], { steps: 5 });
    await page.mouse.up();
    await page.waitForTimeout(600); // the others go to their places
    const [left, top] = await middle();
    return Math.hypot(left - x - by[0], top - y - by[1]);
  };
  const never = page.getByRole('slider', { name: 'The vector of Never' });
  expect(await drop(never, never.locator('.ring'), [150, -20])).toBeLessThan(1);
  const yes = page.getByRole('slider', { name: /^Yes: coordinates/ });
  expect(await drop(yes, yes, [60, -150])).toBeLessThan(1.5); // hundredths of a vector’s number
  await page.evaluate(() => scrollTo(0, 0));
  const start = page.getByRole('slider', { name: 'Where No starts' });
  await start.hover();
  const before = await start.boundingBox();
  await page.mouse.down();
  await page.mouse.move((before?.x ?? 0) + 12 - 40, (before?.y ?? 0) + 16, { steps: 4 });
  await page.mouse.up();
  const after = await start.boundingBox();
  expect(Math.abs((after?.x ?? 0) - (before?.x ?? 0) + 40)).toBeLessThan(1);
  expect(complaints).toEqual([]);
  await close();
});

test('a run whose step is too large is tried with a tenth of it, and undo takes that back', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/why?v=3&loss=max(margin+-+2%2C+2+-+margin)&lr=0.3&step=100');
  await runEnds(page);
  await page.getByText(/swings between/).waitFor();
  await page.getByRole('button', { name: 'Try a tenth of it' }).click();
  await expect.poll(() => new URL(page.url()).hash).toContain('lr=0.03');
  await page.getByRole('button', { name: 'Undo', exact: true }).first().click();
  await page.getByText(/swings between/).waitFor();
  await expect.poll(() => new URL(page.url()).hash).toMatch(/lr=0\.3(&|$)/);
  expect(complaints).toEqual([]);
  await close();

  const locked = await openPage('?engine=cpu#/why?v=3&loss=max(margin+-+2%2C+2+-+margin)&lr=0.3&step=100&lock=rate');
  await locked.page.getByText(/swings between/).waitFor();
  expect(await locked.page.getByRole('button', { name: 'Try a tenth of it' }).count()).toBe(0);
  await locked.close();
});

test.each([
  { width: 1366, height: 768 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
])('a typed loss and what is wrong with it can be read, and move nothing, at $width × $height', async (viewport) => {
  const { page, complaints, close } = await openPage('?engine=cpu', { viewport });
  await runEnds(page);
  if (viewport.width < 700) await page.getByRole('button', { name: 'Open what you can change' }).press('Enter');
  const line = page.getByLabel('The loss of one pair; edit it to train your own');
  const typed = '-logsigmoid(beta*(score_w-score_l)) - 0.1*logp_w';
  const before = await line.boundingBox();
  await line.fill(typed);
  await line.press('Enter');
  expect(await line.inputValue()).toBe(typed);
  const fits = () => line.evaluate((box) => box.scrollHeight <= box.clientHeight && box.scrollWidth <= box.clientWidth);
  expect(await fits()).toBe(true);
  for (const wrong of [`${typed.slice(0, -3)} + `, 'softplus(10)']) {
    await line.fill(wrong);
    const problem = page.getByText('The last good loss goes on.');
    await problem.waitFor();
    const found = await problem.evaluate((words) => {
      const box = words.closest('p') as HTMLElement;
      box.scrollIntoView({ block: 'nearest' });
      const { left, right, top, bottom } = box.getBoundingClientRect();
      const edges = [left + 4, right - 4].flatMap((x) => [top + 4, bottom - 4].map((y) => document.elementFromPoint(x, y)));
      return {
        seen: edges.every((element) => element === box || box.contains(element)),
        reached: box.scrollHeight <= box.clientHeight + 1 || getComputedStyle(box).overflowY === 'auto',
      };
    });
    expect(found, wrong).toEqual({ seen: true, reached: true });
  }
  const after = await line.boundingBox();
  expect(after?.height).toBe(before?.height);
  if (viewport.width > 700) expect(after?.y).toBe(before?.y);
  expect(complaints).toEqual([]);
  await close();
});

test.each(screens.filter(({ width }) => width === 1366 || width === 390))(
  'the box of a long loss grows with it, and is bounded, at $width × $height',
  async (viewport) => {
    const { page, complaints, close } = await openPage('?engine=cpu', { viewport });
    await runEnds(page);
    if (viewport.width < 700) await page.getByRole('button', { name: 'Open what you can change' }).press('Enter');
    const line = page.getByLabel('The loss of one pair; edit it to train your own');
    const fits = () => line.evaluate((box) => box.scrollHeight <= box.clientHeight && box.scrollWidth <= box.clientWidth);
    const heightOf = async () => (await line.boundingBox())?.height ?? Number.NaN;
    const low = await heightOf();
    await line.fill('-logsigmoid(beta*(score_w-score_l)) - 0.1*logp_w + 0.05*relu(ref_w - logp_w) - 0.01*relu(logp_l - ref_l)');
    expect([await fits(), (await heightOf()) > low]).toEqual([true, true]);
    if (viewport.width > 700) expect(await misfits(page)).toEqual([]);
    await line.fill(`-logsigmoid(beta*(score_w-score_l)) - ${Array.from({ length: 40 }, () => '0.001*logp_w').join(' - ')}`);
    expect(await fits()).toBe(false);
    expect(await heightOf()).toBeLessThan(200);
    if (viewport.width > 700) expect(await misfits(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  },
);

test('a first drag along the cue keeps No up, and the cue is gone', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu');
  await engineOpens(page);
  await expect.poll(() => shownStep(page)).toBe(22);
  const cue = page.locator('.cause-plane .cue rect');
  await cue.waitFor();
  const [from, to] = [
    await page.getByRole('slider', { name: 'The vector of Never' }).locator('.ring').boundingBox(),
    await cue.boundingBox(),
  ];
  if (!from || !to) throw new Error('Nothing leads anywhere.');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 6 });
  await page.mouse.up();
  await expect.poll(() => percentOf(page, 'No')).toBeGreaterThan(70.6);
  await expect.poll(() => cue.count()).toBe(0);
  await page.getByRole('button', { name: 'Undo', exact: true }).first().click();
  await expect.poll(() => percentOf(page, 'No')).toBeLessThan(1);
  expect(await cue.count()).toBe(0);
  expect(complaints).toEqual([]);
  await close();
});

test.each([
  { width: 1366, height: 768 },
  { width: 1280, height: 720 },
  { width: 1024, height: 768 },
])('for a projector at $width × $height Never is beside the picture, and goes where the hand goes', async (viewport) => {
  const { page, complaints, close } = await openPage('?engine=cpu#/why?v=3&projector=1', { viewport });
  await runEnds(page);
  await page.getByText('Now try to stop it.').waitFor();
  expect(await misfits(page)).toEqual([]);
  const ring = page.getByRole('slider', { name: 'The vector of Never' }).locator('.ring');
  const middle = async () => {
    const box = await ring.boundingBox();
    if (!box) throw new Error('Never is not drawn.');
    return [box.x + box.width / 2, box.y + box.height / 2] as const;
  };
  const [x, y] = await middle();
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 60, y - 20, { steps: 5 });
  const [left, top] = await middle();
  // the page is enlarged, and the way of the hand is not
  expect([Math.abs(left - x - 60) < 3, Math.abs(top - y + 20) < 3], `${left - x} ${top - y}`).toEqual([true, true]);
  await page.mouse.up();
  await page.getByText(/was\s+0\.26/).waitFor();
  expect(await misfits(page)).toEqual([]);
  // what a hand has set is short in the link
  await expect.poll(() => new URL(page.url()).hash).toContain('W=');
  const rows = (new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('W') ?? '').split(/[~_]/);
  for (const number of rows) expect(number).toMatch(/^-?\d+(\.\d{1,4})?$/);
  expect(complaints).toEqual([]);
  await close();
});

test('where nothing stands beside the picture nobody is asked to try', async () => {
  const { page, close } = await openPage('?engine=cpu#/why?v=3&hide=vectors+loss&step=100', { viewport: { width: 1280, height: 720 } });
  await page.getByText(/took its place\.\s*$/).waitFor();
  expect(await page.getByText('Now try to stop it.').count()).toBe(0);
  await close();
});

test('the run before a change is named, and a gainer in a named group is told with it', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/why?v=3&group=Yes.Sure*agreement&step=100');
  await engineOpens(page);
  await page.getByText(/Yes\s+\(in agreement\)\s*, its opposite, took its place/).waitFor();
  const before = page.locator('.run text.word').filter({ hasText: /No (with|before)/ });
  expect(await before.count()).toBe(0);
  await page.getByRole('slider', { name: /Also reward/ }).fill('0.1');
  await expect.poll(() => before.allTextContents()).toEqual(['No with DPO']);
  await page.getByRole('button', { name: 'Undo', exact: true }).first().click();
  await page.getByRole('slider', { name: 'Where No starts' }).press('PageDown');
  await expect.poll(() => before.allTextContents()).toEqual(['No before the change']);
  expect(complaints).toEqual([]);
  await close();
});

for (const viewport of screens.filter(({ width }) => width === 1366 || width === 390))
  test(`no word of a group’s name is broken or cut at ${viewport.width} × ${viewport.height}, and none leaves its place`, async () => {
    const { page, close } = await openPage(
      '?engine=cpu#/why?v=3&group=Yes.Maybe*Uncharacteristically_No.Never*not+so+very+certain&step=100',
      {
        viewport,
      },
    );
    await engineOpens(page);
    const broken = await page.locator('section.bars .group .answer').evaluateAll((names) =>
      names.flatMap((name) => {
        const text = name.firstChild as Text;
        const bar = name.closest('tr')?.querySelector('.track')?.getBoundingClientRect();
        return [...(text.textContent ?? '').matchAll(/\S+/g)].flatMap(({ 0: word, index }) => {
          const range = document.createRange();
          range.setStart(text, index);
          range.setEnd(text, index + word.length);
          const [first, ...others] = range.getClientRects();
          const fits = first && others.length === 0 && first.right <= Math.min(bar?.left ?? 0, name.getBoundingClientRect().right + 0.5);
          return fits ? [] : [word];
        });
      }),
    );
    expect(broken).toEqual([]);
    expect(await page.locator('section.bars .group .answer').count()).toBe(2);
    await close();
  });

test('a link with a step opens at that step', async () => {
  const { page, close } = await openPage('?engine=cpu#v=1&step=60', { reducedMotion: 'no-preference' });
  await engineOpens(page);
  await expect.poll(() => shownStep(page)).toBe(60);
  expect(await percentOf(page, 'Yes')).toBeCloseTo(89.4, 1);
  await close();
});

test('the phone’s sheet opens over the run and leaves the bars', async () => {
  const { page, close } = await openPage('?engine=cpu', { viewport: { width: 390, height: 844 } });
  await engineOpens(page);
  const open = page.getByRole('button', { name: 'Open what you can change' });
  await open.press('Enter');
  const cause = page.locator('section.cause');
  await expect
    .poll(() =>
      page.evaluate(() => {
        const [bars, sheet] = ['section.bars', 'section.cause'].map((selector) =>
          document.querySelector(selector)?.getBoundingClientRect(),
        );
        return (sheet?.top ?? 0) >= (bars?.bottom ?? Number.POSITIVE_INFINITY) && (sheet?.height ?? 0) > 300;
      }),
    )
    .toBe(true);
  await cause.getByRole('slider', { name: /Also reward/ }).waitFor();
  await close();
});

test('answers are grouped into one bar by the keyboard, the link carries it, and it is split again', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu');
  await runEnds(page);
  const bars = page.getByRole('region', { name: 'Probability of each answer' });
  const names = async () => (await bars.getByRole('rowheader').allTextContents()).map((text) => text.trim().split(/\s{2,}/)[0]);
  const group = page.getByRole('button', { name: 'Group answers' });
  const single = { no: await percentOf(page, 'No'), yes: await percentOf(page, 'Yes'), sure: await percentOf(page, 'Sure') };

  await group.press('Enter');
  const yes = page.getByRole('checkbox', { name: 'Yes' });
  await yes.waitFor();
  await expect.poll(() => page.getByRole('checkbox', { name: 'No' }).evaluate((box) => box === document.activeElement)).toBe(true);
  for (const name of ['Yes', 'Sure']) await page.getByRole('checkbox', { name }).press('Space');
  await page.getByRole('button', { name: 'Show as one bar' }).press('Enter');
  await expect.poll(names).toEqual(['No', 'Never', 'Yes + Sure', 'Maybe', 'the']);
  expect(await percentOf(page, 'Yes \\+ Sure')).toBeCloseTo(single.yes + single.sure, 1);
  await expect.poll(() => group.evaluate((button) => button === document.activeElement)).toBe(true);

  // a second one, which holds the pair and has a name: it says what it is
  await group.press('Enter');
  for (const name of ['No', 'Never']) await page.getByRole('checkbox', { name, exact: true }).press('Space');
  const name = page.getByRole('textbox', { name: 'Name' });
  await name.fill('Yes');
  await page.getByText('no answer’s own name').waitFor();
  expect(await page.getByRole('button', { name: 'Show as one bar' }).isDisabled()).toBe(true);
  await name.fill('refusals');
  await name.press('Enter');
  await expect.poll(names).toEqual(['refusals', 'Yes + Sure', 'Maybe', 'the']);
  const refusals = bars.getByRole('row').filter({ hasText: 'refusals' });
  expect(await refusals.textContent()).toMatch(/holds the pair\s+No \+ Never/);
  expect(await refusals.locator('.fill').count()).toBe(2);
  expect(await percentOf(page, 'refusals')).toBeLessThan(1);
  // the sentence speaks of the answers themselves
  await page.getByText(/No\s+went from 75\.6.% to 0\.26.%/).waitFor();
  await expect.poll(() => new URL(page.url()).hash).toBe('#/why?v=3&group=No.Never*refusals_Yes.Sure&step=100');

  const other = await openPage(`?engine=cpu${new URL(page.url()).hash}`, { viewport: { width: 390, height: 844 } });
  await runEnds(other.page);
  expect(await percentOf(other.page, 'Yes \\+ Sure')).toBeCloseTo(single.yes + single.sure, 1);
  expect(await other.page.getByRole('rowheader', { name: /^refusals/ }).count()).toBe(1);
  expect(await misfits(other.page)).toEqual([]);
  await other.page.getByRole('button', { name: 'Group answers' }).click();
  await other.page.getByRole('button', { name: 'Split Yes + Sure' }).waitFor();
  const sheet = await other.page.locator('.popover-sheet:popover-open').boundingBox();
  expect(sheet && sheet.x >= 0 && sheet.x + sheet.width <= 390, JSON.stringify(sheet)).toBe(true);
  expect(other.complaints).toEqual([]);
  await other.close();

  await group.press('Enter');
  await page.getByRole('button', { name: 'Split No + Never' }).press('Enter');
  await page.getByRole('button', { name: 'Split Yes + Sure' }).press('Enter');
  await page.keyboard.press('Escape');
  await expect.poll(names).toEqual(['No', 'Never', 'Yes', 'Sure', 'Maybe', 'the']);
  expect(await percentOf(page, 'No')).toBe(single.no);
  await expect.poll(() => new URL(page.url()).hash).toBe('#/why?v=3&step=100');
  await page.goBack(); // what follows soon upon another change is one step of the history
  await expect.poll(names).toContain('Yes + Sure');
  expect(complaints).toEqual([]);
  await close();
});

test('the bands become curves when the lens switches, and do so at once for a reader who wants no animation', async () => {
  for (const reducedMotion of ['no-preference', 'reduce'] as const) {
    const { page, complaints, close } = await openPage('?engine=cpu#/why?v=3&step=100', { reducedMotion });
    await engineOpens(page);
    await page.locator('.run .lens > path.chosen').first().waitFor();
    await page.waitForLoadState('networkidle'); // what leads from lens to lens is fetched with the first key
    for (const name of [/loss sees/i, /it says/i]) {
      const seen = await page.evaluate(async (pattern) => {
        const button = [...document.querySelectorAll<HTMLElement>('.lenses button')].find((each) =>
          new RegExp(pattern, 'i').test(each.innerText),
        );
        button?.click();
        const bands: string[] = [];
        for (const end = performance.now() + 5000; performance.now() < end; ) {
          await new Promise(requestAnimationFrame);
          const path = document.querySelector('.morph path.chosen')?.getAttribute('d');
          if (path) bands.push(path);
          else if (bands.length > 0 || performance.now() > end - 4000) break;
        }
        return bands;
      }, name.source);
      if (reducedMotion === 'reduce') expect(seen).toEqual([]);
      else {
        const heights = seen.map((path) => {
          const ys = path
            .slice(1, -1)
            .split('L')
            .map((place) => Number(place.split(' ')[1]));
          return Math.max(...ys.slice(0, ys.length / 2).map((y, k) => (ys[ys.length - 1 - k] ?? 0) - y));
        });
        expect(heights.length).toBeGreaterThan(1);
        const way = name.source === 'loss sees' ? heights : heights.toReversed();
        expect(way).toEqual(way.toSorted((a, b) => b - a));
      }
      expect(await page.locator('.run svg.moving, .morph').count()).toBe(0);
    }
    expect(complaints).toEqual([]);
    await close();
  }
});
