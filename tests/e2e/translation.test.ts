import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchOptions } from '../../src/build/chromium.ts';
import { pseudo } from '../../src/build/text/pseudo.ts';
import { objectives } from '../../src/objectives/catalogue.ts';
import { groupObjectives } from '../../src/objectives/group-catalogue.ts';
import { views } from '../../src/page/views.ts';
import { serveBuilt } from './built-site.ts';

const folder = mkdtempSync(join(tmpdir(), 'prefscope-translated-'));
let browser: Browser;
let served: Awaited<ReturnType<typeof serveBuilt>>;
beforeAll(async () => {
  [browser, served] = await Promise.all([chromium.launch(launchOptions), serveBuilt(folder, { PREFSCOPE_LANGUAGE: pseudo })]);
});
afterAll(async () => {
  await Promise.all([browser?.close(), served?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** What has the same name in every language: objectives, keys, a format, the archive of papers, tokens, a measure and the tests' adapter. */
const names = new Set(
  [...objectives, ...groupObjectives]
    .flatMap(({ name }) => name.split(/\W+/))
    .concat('JSONL', 'arXiv', 'Ctrl', 'Shift', 'the', 'google', 'swiftshader', 'log', 'logp', 'CHES', 'unk'),
);

describe('in a language that marks every letter', () => {
  const places = views.flatMap(({ id, lesson, isUnderBadge = false }) => [
    { link: `v=1&view=${id}`, isUnderBadge },
    ...(lesson ? [{ link: `v=1&view=${id}&lesson=${id}`, isUnderBadge: false }] : []),
  ]);
  test.each(places)('no text of $link is left in English', async ({ link, isUnderBadge }) => {
    const page = await browser.newPage({ serviceWorkers: 'block' });
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${served.site}?engine=webgpu#${link}`);
    await page.keyboard.press('Shift'); // what stands below the first screen comes now
    expect(await page.locator('html').getAttribute('lang')).toBe(pseudo);
    await expect.poll(() => page.locator(':is(h1, h2)').count()).toBeGreaterThan(0);
    // the engine of a view that opens one by itself
    if (isUnderBadge)
      await page
        .getByText(/ŴéƀĞÞÚ/)
        .first()
        .waitFor();
    await expect.poll(() => page.locator('[data-engine="starting"]').count()).toBe(0);
    // what a section holds may have sections of its own
    for (let depth = 0; depth < 2; depth++) {
      await page.evaluate(() => {
        for (const summary of document.querySelectorAll<HTMLElement>('main details:not([open]) > summary')) summary.click();
      });
      await page.waitForLoadState('networkidle');
    }
    await page.waitForLoadState('networkidle');
    // what the run at the map's pointer did
    if (link.endsWith('view=map'))
      await expect.poll(() => page.locator('.words-of-run').textContent(), { timeout: 120_000 }).toMatch(/\d\s%/);
    const plain = await page.evaluate(() => {
      const found: string[] = [];
      // a value may be kept from a browser's translation, a sentence not
      for (const kept of document.body.querySelectorAll('p[translate=no], [translate=no] p')) found.push(`kept: ${kept.textContent}`);
      const take = (text: string): void => {
        for (const [word] of text.matchAll(/(?<![\p{L}\p{N}_./:-])[A-Za-z]{3,}(?![\p{L}_(/])/gu))
          found.push(`${word}: ${text.trim().slice(0, 80)}`);
      };
      for (const element of document.body.querySelectorAll('*')) {
        // references keep their words in every language
        if (element.closest('math, code, pre, var, kbd, script, style, .katex, [data-tex], [translate=no]')) continue;
        for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) take(node.textContent ?? '');
        if (element.closest('[role=math]')) continue;
        for (const name of ['aria-label', 'title', 'placeholder', 'aria-valuetext', 'alt']) take(element.getAttribute(name) ?? '');
      }
      return found;
    });
    expect(plain.filter((one) => !names.has(one.split(':')[0] ?? ''))).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
