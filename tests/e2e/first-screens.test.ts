import { expect, test } from 'vitest';
import { countShifts, screens } from './first-screen.ts';
import { openPage } from './site.ts';

/** Views without a first screen of their own making: what of them stands in the window, and when they have come to rest. */
const places = [
  { place: '/answers', rested: /What people ask/, inside: ['h1', '[data-part="answers-list"] a'] },
  { place: '/stop/all', rested: /Which loss does what/, inside: ['h1', 'main article'] },
] as const;

test.each(places)(
  'what $place shows first lies in the window at five sizes, and nothing shifts while it comes',
  async ({ place, rested, inside }) => {
    const { page, complaints, close } = await openPage(`?engine=cpu#${place}?v=3`);
    await countShifts(page);
    for (const viewport of screens) {
      const said = `${viewport.width} × ${viewport.height}`;
      await page.setViewportSize(viewport);
      await page.reload();
      await page.getByText(rested).first().waitFor();
      await page.waitForLoadState('networkidle');
      await page.waitForTimeout(500);
      for (const part of inside) {
        const { x = 0, y = 0, width = 0, height = 0 } = (await page.locator(part).first().boundingBox()) ?? {};
        expect([height > 0, x >= 0, x + width <= viewport.width, y + height <= viewport.height], `${part} at ${said}`).toEqual([
          true,
          true,
          true,
          true,
        ]);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth), said).toBeLessThanOrEqual(viewport.width);
      expect(await page.evaluate(() => (window as unknown as { shifted: number }).shifted), said).toBeLessThan(0.05);
    }
    expect(complaints).toEqual([]);
    await close();
  },
  120_000,
);
