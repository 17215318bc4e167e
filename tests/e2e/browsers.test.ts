import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { npyFile } from '../shared/array-files.ts';
import { illegible, spacing, unfitForPaper, unseenInForcedColours } from './legible.ts';
import { openPage, openSections } from './site.ts';

/** Keys that a reader presses on a control, by default a slider. */
type Act = readonly [name: string | RegExp, ...keys: string[]];

/** What a reader does in each view. */
const views: readonly { place: string; sections?: string[]; role?: 'slider' | 'button'; isWhole?: true; acts: Act[] }[] = [
  {
    place: '/why?v=3',
    sections: ['Benign or catastrophic', 'Explain this moment'],
    acts: [
      ['Step shown', 'End', 'ArrowLeft', 'ArrowLeft'],
      [/^Also reward/, 'End'],
      ['Step shown', 'Home', 'PageUp'],
    ],
  },
  {
    place: '/stop?v=3',
    isWhole: true,
    acts: [
      ['Update shown in every run', 'Home', 'ArrowRight'],
      ['Update shown in every run', 'End', 'ArrowLeft'],
    ],
  },
  {
    place: '/why/triangle?v=3',
    acts: [
      [/^Angle at/, 'Home'],
      ['Point shown', 'Home', 'ArrowRight'],
      [/^Angle at/, 'End'],
    ],
  },
  { place: '/stop/map?v=3&cells=32&steps=20', role: 'button', acts: [[/Map of regimes/, 'ArrowLeft', 'ArrowLeft', 'ArrowUp']] },
  {
    place: '/why/tug?v=3',
    acts: [
      ['Step shown', 'Home', 'ArrowRight'],
      [/^Shared tokens/, 'Home'],
      ['Step shown', 'Home', 'ArrowRight'],
    ],
  },
  {
    place: '/why/peaks?v=3&steps=40',
    acts: [
      ['Step of both descents shown', 'Home', 'ArrowRight'],
      [/^Reward width/, 'End'],
      ['Step of both descents shown', 'Home'],
    ],
  },
];

/** The other views, of which many are lists, or tell of seeds or of a file. One load serves all that is asked of them. */
interface Other {
  readonly place: string;
  /** brings what there is to tell of */
  readonly begin?: (page: Page) => Promise<unknown>;
  readonly role?: 'slider' | 'button' | 'textbox';
  /** what a reader does, by default typing a number, and what takes it back; left out where nothing changes */
  readonly act?: Act;
  readonly back?: Act;
  /** a field for a number, which reads 0,05 as 0.05 */
  readonly number?: string | RegExp;
  /** nothing of it is closed */
  readonly isWhole?: true;
  /** it draws nothing as wide as a column */
  readonly isUndrawn?: true;
}
const others: readonly Other[] = [
  {
    place: '/why/groups?v=3&batch=1&stop=4',
    role: 'button',
    act: [/^Answer 1 of the group/, 'ArrowLeft'],
    back: [/^Answer 1 of the group/, 'ArrowRight'],
    number: 'Step size, exact value',
    isUndrawn: true,
  },
  { place: '/stop/all?v=3', role: 'textbox', act: ['Search', ...'simpo'], back: ['Search', ...Array(5).fill('Backspace')] },
  { place: '/papers?v=3', isWhole: true, role: 'textbox', act: [/./, ...'ipo'], back: [/./, ...Array(3).fill('Backspace')] },
  {
    place: '/paper/2403.00409?v=3',
    role: 'button',
    back: ['As it was', 'Enter'],
    number: /^Labels turned round.*exact value$/,
  },
  { place: '/answers?v=3', isWhole: true, isUndrawn: true },
  { place: '/answer/beta?v=3', role: 'button', back: ['As it was', 'Enter'], number: /^Temperature.*exact value$/ },
  {
    place: '/mine?v=3',
    begin: async (page) => {
      await page.getByRole('button', { name: 'Show me one' }).click();
      await page.locator('#reading-title').waitFor();
    },
    act: ['Step of the log', 'Home'],
    back: ['Step of the log', 'End'],
  },
  {
    place: '/mine/pairs?v=3',
    begin: ownModel,
    act: ['Mean log-probability of a response: update', 'Home'],
    back: ['Mean log-probability of a response: update', 'End'],
    number: 'β',
  },
];

/** Log-probs, token by token, and hidden states of four pairs. */
async function ownModel(page: Page): Promise<void> {
  await page.getByText('Finished: 60 updates').waitFor();
  const rows = [-1.5, -2, -2.5, -0.5].map((logp, row) => ({
    ...{ chosen_tokens: ['Yes', '.'], chosen_logps: [logp, -0.5], ref_chosen_logps: [-1, -0.25] },
    ...{ rejected_tokens: ['No', '.'], rejected_logps: [-4 + row, -1], ref_rejected_logps: [-1, -0.5] },
  }));
  const file = (name: string, bytes: string | Uint8Array) => ({ name, mimeType: '', buffer: Buffer.from(bytes) });
  const states = (...values: number[]) => npyFile(Float32Array.from(values), '4, 2');
  const panel = (name: string) => page.getByRole('region', { name: `${name} of your own model` });
  await panel('Log-probs')
    .locator('input[type=file]')
    .setInputFiles(file('tokens.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')));
  await panel('Log-probs').getByText('tokens.jsonl: 4 pairs').waitFor();
  await panel('Hidden states')
    .locator('input[type=file]')
    .setInputFiles([file('chosen.npy', states(1, 2, 3, 4, 1, 0, 2, 2)), file('rejected.npy', states(1, 1, 0, 1, 1, 1, 2, 3))]);
  await panel('Hidden states').getByText('Rank correlation (Spearman)').waitFor();
}

/** What the page tells; '' while something is being computed. */
const tale = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const main = document.querySelector('main');
    const isBusy =
      !main ||
      /Waiting for the engine|Starting|– with free/.test(main.innerText) ||
      [...main.querySelectorAll('progress')].some((bar) => bar.checkVisibility() && bar.position < 1) ||
      [...main.querySelectorAll('button')].some((button) => button.textContent?.trim() === 'Pause');
    if (isBusy) return '';
    const copy = main.cloneNode(true) as Element;
    for (const hidden of copy.querySelectorAll('[popover], dialog, option')) hidden.remove();
    // how long it took is another time each time
    return (copy.textContent ?? '').replace(/in [\d.]+ s /g, '').replace(/\s+/g, ' ');
  });
/** What it tells once that has not changed for a while. */
async function told(page: Page): Promise<string> {
  let [now, unchanged] = ['', 0];
  while (unchanged < 4) {
    await page.waitForTimeout(250);
    const next = await tale(page);
    unchanged = next !== '' && next === now ? unchanged + 1 : 0;
    now = next;
  }
  return now;
}

/** As Chrome's translation does it: each text gives way to a <font> of its own. */
const translate = (page: Page) =>
  page.evaluate(() => {
    const texts: Text[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts) {
      if (text.data.trim() === '' || text.parentElement?.closest('font, script, style, textarea, [translate=no]')) continue;
      const [outer, inner] = [document.createElement('font'), document.createElement('font')];
      inner.append(text.data);
      outer.append(inner);
      text.replaceWith(outer);
    }
  });

describe('the page tells the same under a browser’s translation', () => {
  test.each(views)('$place', async ({ place, sections = [], role = 'slider', acts }) => {
    const open = async () => {
      const { page, complaints, close } = await openPage(`?engine=cpu#${place}`, { viewport: { width: 1366, height: 768 } });
      await openSections(page, ...sections);
      await told(page);
      const act = async ([name, ...keys]: Act): Promise<void> => {
        const control = page.getByRole(role, { name }).first();
        for (const key of keys) await control.press(key);
      };
      return { page, complaints, close, act };
    };
    const plain = await open();
    const seen = await open();
    const tales = new Set([await told(plain.page)]);
    for (const one of acts) {
      await plain.act(one);
      await translate(seen.page);
      await seen.act(one);
      tales.add(await told(plain.page));
      await expect.poll(() => tale(seen.page), { timeout: 120_000 }).toBe(await tale(plain.page));
    }
    expect(tales.size).toBe(acts.length + 1); // each act changes what is told
    expect(seen.complaints).toEqual([]);
    await Promise.all([plain.close(), seen.close()]);
  });
});

/** Titles of the sections that a reader could open, and of the open ones that show nothing. */
const sections = (page: Page) =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLDetailsElement>('main details')];
    const nameOf = (section: Element): string => section.querySelector('summary')?.textContent.trim() ?? '';
    return {
      closed: all.filter(({ open }) => !open).map(nameOf),
      empty: all
        .filter(({ open }) => open)
        .filter((section) => section.innerText.length < nameOf(section).length + 20)
        .map(nameOf),
    };
  });

/** On half a laptop's window in the dark: at twice the size, in forced colours, with wide spacing and on paper. */
async function suits(page: Page, isUndrawn: boolean): Promise<void> {
  expect(await illegible(page), 'at 200 %').toEqual([]);

  await page.setViewportSize({ width: 1366, height: 768 });
  await page.emulateMedia({ forcedColors: 'active' });
  await told(page);
  expect(await unseenInForcedColours(page), 'in forced colours').toEqual([]);
  await page.emulateMedia({ forcedColors: 'none' });

  await page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
  }, spacing);
  await told(page);
  expect(await illegible(page), 'with wide spacing').toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await told(page);
  expect(await illegible(page), 'with wide spacing on a phone').toEqual([]);
  await page.evaluate(() => {
    document.adoptedStyleSheets = [];
  });

  await page.setViewportSize({ width: 718, height: 1015 }); // A4, without its margins
  await page.evaluate(() => {
    document.documentElement.dataset['theme'] = 'dark';
  });
  await page.emulateMedia({ media: 'print' });
  await told(page);
  expect(await unfitForPaper(page, isUndrawn), 'on paper').toEqual([]);
  await page.emulateMedia({ media: null });
  await told(page);
}

/** What is asked to be printed is everything that could be opened, which is closed again afterwards. */
async function printsAll(page: Page, isWhole: boolean, isUndrawn: boolean): Promise<void> {
  const { closed } = await sections(page);
  expect(closed.length === 0, String(closed)).toBe(isWhole);
  await page.evaluate(() => {
    Object.assign(window, { print: () => dispatchEvent(new Event('beforeprint')) && Object.assign(window, { isPrinting: true }) });
  });
  await page.keyboard.press('Control+p');
  await expect.poll(() => page.evaluate(() => 'isPrinting' in window), { timeout: 120_000 }).toBe(true);
  expect(await sections(page)).toEqual({ closed: [], empty: [] });
  await page.emulateMedia({ media: 'print' });
  await told(page);
  expect(await unfitForPaper(page, isUndrawn), 'all of it on paper').toEqual([]);
  await page.emulateMedia({ media: null });
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  expect((await sections(page)).closed).toEqual(closed);
}

const half = { viewport: { width: 640, height: 512 }, colorScheme: 'dark' } as const;

describe('the page suits its reader’s browser, and prints all of it', () => {
  test.each(views)('$place', async ({ place, isWhole = false }) => {
    const { page, complaints, close } = await openPage(`?engine=cpu#${place}`, half);
    await told(page);
    await suits(page, false);
    await printsAll(page, isWhole, false);
    expect(complaints).toEqual([]);
    await close();
  });

  test.each(others)(
    '$place, which tells the same under a translation and reads a decimal comma',
    async ({ place, begin, role = 'slider', act, back, number, isWhole = false, isUndrawn = false }) => {
      const { page, complaints, close } = await openPage(`?engine=cpu#${place}`, half);
      await begin?.(page);
      await told(page);
      await suits(page, isUndrawn);
      await printsAll(page, isWhole, isUndrawn);

      const does = async ([name, ...keys]: Act): Promise<string> => {
        const control = page.getByRole(role, { name }).first();
        for (const key of keys) await control.press(key);
        return told(page);
      };
      const enters = async (): Promise<string> => {
        const field = page.getByRole('textbox', { name: number ?? '' }).first();
        await field.fill('0,05');
        await field.press('Enter');
        expect(await field.inputValue()).toBe('0.05');
        return told(page);
      };
      const changes = () => (act ? does(act) : enters());
      if (back) {
        const after = await changes();
        expect(await does(back)).not.toBe(after);
        await translate(page);
        expect(await changes()).toBe(after);
      }
      if (number) await enters();
      expect(complaints).toEqual([]);
      await close();
    },
    300_000,
  );
});

describe('what is asked to be printed is everything that could be opened', () => {
  test('the menu asks for it, too', async () => {
    const { page, close } = await openPage('?engine=cpu#/why/triangle?v=3');
    await told(page);
    await page.evaluate(() => Object.assign(window, { print: () => Object.assign(window, { isPrinting: true }) }));
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('button', { name: 'Print everything …' }).click();
    await expect.poll(() => page.evaluate(() => 'isPrinting' in window), { timeout: 120_000 }).toBe(true);
    expect((await sections(page)).closed).toEqual([]);
    await close();
  });

  /** A browser that prints by itself waits for nothing that is fetched. */
  test('a browser that prints by itself has the sections that are there, and none that is empty', async () => {
    for (const [place, isFetched] of [
      ['/why/triangle', false],
      ['/why/tug', true],
    ] as const) {
      const { page, complaints, close } = await openPage(`?engine=cpu#${place}?v=3`);
      await told(page);
      const { closed } = await sections(page);
      await page.evaluate(() =>
        matchMedia('print').addEventListener('change', ({ matches }) => {
          const open = [...document.querySelectorAll<HTMLDetailsElement>('main details[open]')];
          if (matches) Object.assign(window, { printed: open.map(({ innerText }) => innerText) });
        }),
      );
      await page.pdf({ format: 'A4' });
      const printed = await page.evaluate(() => (window as unknown as { printed: string[] }).printed);
      expect(printed).toHaveLength(isFetched ? 0 : closed.length);
      for (const text of printed) expect(text.length).toBeGreaterThan(100);
      expect((await sections(page)).closed).toEqual(closed);
      expect(complaints).toEqual([]);
      await close();
    }
  });

  test('a lesson keeps hidden what it hides', async () => {
    const { page, close } = await openPage('?engine=cpu#/why?v=3&lesson=displacement');
    await told(page);
    await page.evaluate(() => Object.assign(window, { print: () => Object.assign(window, { isPrinting: true }) }));
    const parts = () => page.locator('[data-part]').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['part']));
    const before = await parts();
    await page.keyboard.press('Control+p');
    await expect.poll(() => page.evaluate(() => 'isPrinting' in window)).toBe(true);
    expect(before).not.toContain('why');
    expect(await parts()).toEqual(before);
    await close();
  });
});

/** A printer's engine lays the page out without asking: drawings are told, or they would stick out. */
test.each(['/why?v=3&step=60', '/why/tug?v=3'])('a drawing takes the width of the paper, and its own again: %s', async (place) => {
  const { page, close } = await openPage(`?engine=cpu#${place}`, { viewport: { width: 1366, height: 768 } });
  await told(page);
  const sizes = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('main svg')].map((one) => {
        const { width, height } = one.getBoundingClientRect();
        return `${Math.round(width)} × ${Math.round(height)}`;
      }),
    );
  const before = await sizes();
  await page.evaluate(() => {
    matchMedia('print').addEventListener('change', ({ matches }) => {
      queueMicrotask(() => {
        const plots = [...document.querySelectorAll('main svg')].filter((one) => one.getBoundingClientRect().width > 200);
        const wide = plots.filter(
          (one) =>
            one.getBoundingClientRect().right > innerWidth ||
            one.getBoundingClientRect().right > (one.closest('.card')?.getBoundingClientRect().right ?? innerWidth),
        );
        if (matches) Object.assign(window, { printed: { plots: plots.length, wide: wide.length } });
      });
    });
  });
  await page.pdf({ format: 'A4' });
  const printed = await page.evaluate(() => (window as unknown as { printed: { plots: number; wide: number } }).printed);
  expect(printed.plots).toBeGreaterThan(1);
  expect(printed.wide).toBe(0);
  await expect.poll(sizes).toEqual(before);
  await close();
});
