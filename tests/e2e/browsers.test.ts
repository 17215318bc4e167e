import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { openPage, openSections } from './site.ts';

/** What a reader does in each view: keys on a slider. */
const views: { place: string; sections?: string[]; acts: [name: string | RegExp, ...keys: string[]][] }[] = [
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
  { place: '/stop/map?v=3&cells=32&steps=20', acts: [[/Map of regimes/, 'ArrowLeft', 'ArrowLeft', 'ArrowUp']] },
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

/** Nothing is being computed, and what is told has not changed for a while. */
async function told(page: Page): Promise<string> {
  const read = () =>
    page.evaluate(() => {
      const main = document.querySelector('main');
      const isBusy =
        !main ||
        /Waiting for the engine|Starting|– with free/.test(main.innerText) ||
        [...main.querySelectorAll('progress')].some((bar) => bar.checkVisibility()) ||
        [...main.querySelectorAll('button')].some((button) => button.textContent?.trim() === 'Pause');
      if (isBusy) return '';
      const copy = main.cloneNode(true) as Element;
      for (const hidden of copy.querySelectorAll('[popover], dialog, option')) hidden.remove();
      // how long it took is another time each time
      return (copy.textContent ?? '').replace(/in [\d.]+ s /g, '').replace(/\s+/g, ' ');
    });
  let [before, now] = ['', await read()];
  while (now === '' || now !== before) {
    await page.waitForTimeout(400);
    [before, now] = [now, await read()];
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
  test.each(views)('$place', async ({ place, sections = [], acts }) => {
    const tell = async (isTranslated: boolean): Promise<string[]> => {
      const { page, complaints, close } = await openPage(`?engine=cpu#${place}`, { viewport: { width: 1366, height: 768 } });
      await openSections(page, ...sections);
      const tales = [await told(page)];
      for (const [name, ...keys] of acts) {
        if (isTranslated) await translate(page);
        const control = page.getByRole(place.startsWith('/stop/map') ? 'button' : 'slider', { name }).first();
        for (const key of keys) await control.press(key);
        tales.push(await told(page));
      }
      expect(complaints).toEqual([]);
      await close();
      return tales;
    };
    const plain = await tell(false);
    expect(new Set(plain).size).toBe(plain.length); // each act changes what is told
    expect(await tell(true)).toEqual(plain);
  });
});
