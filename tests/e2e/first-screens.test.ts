import { expect, test } from 'vitest';
import { countShifts, lowest, screens, shiftOf } from './first-screen.ts';
import { openPage } from './site.ts';

interface Place {
  readonly place: string;
  /** what it says when it has come to rest */
  readonly rested: RegExp;
  /** what of it stands in the window */
  readonly inside: readonly string[];
  /** what plays its picture, or trains it */
  readonly played?: string;
}
/** Views without a first screen of their own making, and the first one at the moment. */
const places: readonly Place[] = [
  { place: '/why', rested: /has just overtaken/, inside: ['h1', 'section.bars', 'div.run'], played: 'section.play button' },
  { place: '/papers', rested: /papers, each with a toy/, inside: ['h1', '[data-part="papers-list"] a.card'] },
  // with one toy, and with several
  ...['2403.00409', '2410.08847'].map((arxiv) => ({
    place: `/paper/${arxiv}`,
    rested: /seeds, trained here/,
    inside: ['h1', '[data-part="paper-picture"] .room'],
    played: '[data-part="paper-picture"] .buttons',
  })),
  { place: '/answers', rested: /What people ask/, inside: ['h1', '[data-part="answers-list"] a'] },
  {
    place: '/answer/beta',
    rested: /mean of all 8 seeds/,
    inside: ['h1', '[data-part="answer-picture"] .room'],
    played: '[data-part="answer-picture"] .buttons',
  },
  { place: '/stop/all', rested: /Which loss does what/, inside: ['h1', 'main article'] },
  { place: '/mine', rested: /Drop a training log/, inside: ['h1', '[data-part="run-picture"] .drop'] },
  {
    place: '/mine/pairs',
    rested: /Finished: 60 updates/,
    inside: ['h1', '[data-part="pairs-results"] .outcome', '[data-part="pairs-results"] svg'],
    played: '[data-part="pairs-results"] .transport button',
  },
  { place: '/device', rested: /How fast does this device train/, inside: ['h1', 'main button'] },
];

test.each(places)(
  'what $place shows first lies in the window at five sizes, and nothing shifts while it comes',
  async ({ place, rested, inside, played }) => {
    const first = async (viewport: (typeof screens)[number]) => {
      const { page, complaints, close } = await openPage(`?engine=cpu#${place}?v=3`, { viewport, untouched: true, before: countShifts });
      await page.getByText(rested).first().waitFor();
      await page.waitForTimeout(500); // what comes in turn has come
      const outside: string[] = [];
      for (const part of [...inside, ...(played ? [played] : [])]) {
        const { x, y, width, height } = (await page.locator(part).first().boundingBox()) ?? { x: -1, y: 0, width: 0, height: 0 };
        const least = part === played ? lowest(viewport) : viewport.height;
        if (height === 0 || x < 0 || x + width > viewport.width || y + height > least) outside.push(`${part} ends at ${y + height}`);
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      const shifted = await shiftOf(page);
      await close();
      const isStill = shifted < 0.05 || shifted;
      return { size: `${viewport.width} × ${viewport.height}`, outside, isWide: wide > viewport.width, isStill, complaints };
    };
    // side by side: they wait more than they compute
    const seen = await Promise.all(screens.map(first));
    expect(seen).toEqual(seen.map(({ size }) => ({ size, outside: [], isWide: false, isStill: true, complaints: [] })));
  },
  120_000,
);
