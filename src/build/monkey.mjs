// Clicks, keys and inputs at random over all views of an open page, the same ones for the same seed.

/** A reader's inputs, likely ones and nonsense. */
const inputs = ['0', '1', '2', '7', '0.1', '0.5', '-1', '1e-9', '1e9', '', 'abc', '٣', 'log(logp_w)', '-log(sigmoid(margin))'];
const keys = ['Tab', 'Shift+Tab', 'Escape', 'Space', 'Enter', 'ArrowRight', 'ArrowLeft', 'Home', 'End', 'Control+z', 'Control+Shift+z'];

/** Mulberry32, in [0, 1). @param {number} seed */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * For `addInitScript`: counts gaps between frames of more than a second while the page is seen, and keeps the page's own longest task: a
 * gap without one is the machine's.
 */
export const countGaps = () => {
  const gaps = { count: 0, longest: 0, longestTask: 0 };
  Object.assign(globalThis, { gaps });
  const watch = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gaps.longestTask = Math.max(gaps.longestTask, duration);
  });
  watch.observe({ type: 'longtask' });
  let last = performance.now();
  const next = (/** @type {number} */ now) => {
    if (!document.hidden && now - last > 1000) gaps.count++;
    if (!document.hidden) gaps.longest = Math.max(gaps.longest, now - last);
    last = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
};

/** For `addInitScript`: no link leads to another page, not even one that was reached by Tab. */
export const stayHere = () => {
  const stay = (/** @type {MouseEvent} */ event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link && link.href.replace(/#.*/, '') !== location.href.replace(/#.*/, '')) event.preventDefault();
  };
  addEventListener('click', stay, true);
};

/** What the reader can operate, but for what leaves the page. */
const operable = 'button, select, summary, textarea, input:not([type=file]), [role=slider]';

/** The page's own places: its questions, and what else they are asked of. */
const placeLinks = 'a[href^="#/"], nav a';

/**
 * One action. Whether the page lets it happen in time is no matter.
 * @param {import('playwright').Page} page
 * @param {() => number} random
 * @param {(what: string) => void} tell what is being done
 */
export async function act(page, random, tell) {
  const pick = (/** @type {readonly string[]} */ from) => from[Math.floor(random() * from.length)] ?? '';
  const [kind, which] = [random(), random()];
  if (kind < 0.15) {
    const key = pick(keys);
    tell(`key ${key}`);
    await page.keyboard.press(key);
    return;
  }
  // Now and then another view, which would seldom be hit among so many buttons.
  const handle = await page.evaluateHandle(
    ([selector, at]) => {
      const all = [...document.querySelectorAll(selector)].filter(
        (element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(':disabled'),
      );
      return all[Math.floor(at * all.length)] ?? null;
    },
    /** @type {const} */ ([kind < 0.25 ? placeLinks : operable, which]),
  );
  const element = handle.asElement();
  if (!element) return;
  const { name, tag, type } = await element.evaluate((node) => ({
    name: (node.getAttribute('aria-label') ?? node.textContent ?? '').trim().slice(0, 40),
    tag: node.tagName.toLowerCase(),
    type: node.getAttribute('type') ?? node.getAttribute('role') ?? '',
  }));
  const inTime = { timeout: 1500 };
  const choice = random();
  const text = pick(inputs);
  tell(`${tag} ${name}${tag === 'input' || tag === 'textarea' ? ` = ${text}` : ''}`);
  try {
    if (tag === 'select') {
      const count = await element.evaluate((node) => /** @type {HTMLSelectElement} */ (node).options.length);
      await element.selectOption({ index: Math.floor(choice * count) }, inTime);
    } else if (type === 'slider' || type === 'range') {
      await element.focus();
      await page.keyboard.press(pick(['ArrowRight', 'ArrowUp', 'ArrowLeft', 'Home', 'End', 'PageUp']));
    } else if (tag === 'textarea' || (tag === 'input' && !['checkbox', 'radio'].includes(type))) {
      await element.fill(text, inTime);
      await element.press('Enter', inTime);
    }
    // By force, as a reader clicks, who sees what is there and does not wait for it. (A click that Playwright waits for, and gives up, also
    // stays in the page for good, and all that its element hung on with it: that would be measured as the page's.)
    else await element.click({ ...inTime, force: true });
  } catch {
    // covered, gone, or disabled meanwhile
  } finally {
    await handle.dispose();
  }
}
