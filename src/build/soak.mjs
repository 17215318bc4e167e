// `npm run soak [-- minutes [seed [monkey]]]` (default 10): trains and drags on the built page for half as long, and fails unless memory and
// the number of GPU buffers stay flat. For the other half (the whole time with the word 'monkey') it clicks, types and presses keys at
// random, from that seed, over all views, and fails if the page complains of anything, or computes
// through a gap between frames of more than a second. Not part of the tests: it needs its time, and a machine that has little else to do.
import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright';
import { preview, runnerImport } from 'vite';
import { act, countGaps, randomOf, stayHere } from './monkey.mjs';

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) throw new Error(`'${process.argv[2]}' is no number of minutes.`);
const seed = Number(process.argv[3] ?? 1);
if (!Number.isInteger(seed)) throw new Error(`'${process.argv[3]}' is no seed.`);

const isMonkeyAlone = process.argv[4] === 'monkey';

/** What may grow from the first half of the samples to the second: heaps have slack, buffers are kept for reuse. */
const allowed = {
  heapMB: { share: 0.1, more: 2 },
  nodes: { share: 0.1, more: 500 },
  pageMB: { share: 0.1, more: 2 },
  workerMB: { share: 0.1, more: 2 },
  buffers: { share: 0, more: 16 },
};

// Put before the engine's worker: counts the buffers of its devices that were made and not destroyed.
const countBuffers = `
  globalThis.buffers = 0;
  const createBuffer = GPUDevice.prototype.createBuffer;
  GPUDevice.prototype.createBuffer = function (...options) {
    const buffer = createBuffer.apply(this, options);
    globalThis.buffers++;
    const destroy = buffer.destroy.bind(buffer);
    let isAlive = true;
    buffer.destroy = () => {
      if (isAlive) globalThis.buffers--;
      isAlive = false;
      destroy();
    };
    return buffer;
  };
`;

/** @param {import('playwright').Route} route */
const putCounter = async (route) => {
  const response = await route.fetch();
  await route.fulfill({ response, body: countBuffers + (await response.text()) });
};

/** GPU buffers of the worker that was made last; null where there is none, or it has just ended. @param {import('playwright').Page} page */
const buffersOf = async (page) =>
  (await page
    .workers()
    .at(-1)
    ?.evaluate('globalThis.buffers')
    .catch(() => null)) ?? null;

/** @typedef {{ pageMB: number, workerMB: number, buffers: number }} Sample */

/**
 * The heaps of the page and of its worker after a collection, in megabytes. A worker is a target of its own to the debugger.
 * @param {import('playwright').CDPSession} session
 */
async function attachWorkers(session) {
  /** @type {Map<string, string>} */
  const workers = new Map();
  /** @type {Map<number, (result: any) => void>} */
  const waiting = new Map();
  let calls = 0;
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'worker') workers.set(sessionId, targetInfo.url);
  });
  session.on('Target.detachedFromTarget', ({ sessionId }) => workers.delete(sessionId));
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message);
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  /** @param {string} sessionId @param {string} method */
  const ask = (sessionId, method) =>
    new Promise((resolve) => {
      const id = ++calls;
      waiting.set(id, resolve);
      session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) }).catch(() => resolve(null));
    });
  return async () => {
    let used = 0;
    for (const sessionId of workers.keys()) {
      await ask(sessionId, 'HeapProfiler.collectGarbage');
      used += /** @type {any} */ (await ask(sessionId, 'Runtime.getHeapUsage'))?.usedSize ?? 0;
    }
    return used / 2 ** 20;
  };
}

/** @param {import('playwright').Page} page */
async function work(page) {
  const visit = async (/** @type {string} */ place) => {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, place);
    await page.locator('main h1').waitFor();
  };
  await visit('/why?v=3');
  const playback = page.getByRole('region', { name: 'Playback' });
  await playback
    .getByRole('button', { name: /^(Play|Go on|Replay)$/ })
    .first()
    .click();
  for (const handle of await page.getByRole('slider', { name: /^(The vector of|Where) / }).all()) {
    await handle.scrollIntoViewIfNeeded();
    const box = await handle.boundingBox();
    if (!box) continue;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let i = 1; i <= 24; i++) await page.mouse.move(x + 18 * Math.sin(i / 3), y + 18 * Math.cos(i / 3));
    await page.mouse.move(x, y);
    await page.mouse.up();
    await page.waitForTimeout(300);
  }
  await visit('/why/tug?v=3');
  await page.waitForTimeout(2000);
  await visit('/stop/map?v=3');
  await page.waitForTimeout(3000);
}

/**
 * Acts at random until the time is over. What the page complained of, each with what was done before it.
 * @param {import('playwright').Browser} browser @param {string} url @param {number} milliseconds
 */
async function playMonkey(browser, url, milliseconds) {
  const context = await browser.newContext({ serviceWorkers: 'block', acceptDownloads: false });
  const page = await context.newPage();
  await page.addInitScript(countGaps);
  await page.addInitScript(stayHere);
  await page.route(/engine-worker/, putCounter);
  /** @type {string[]} */
  const done = [];
  let acts = 0;
  /** @type {string[]} */
  const complaints = [];
  const complain = (/** @type {string} */ what) => complaints.push(`${what}\n    after: ${done.slice(-4).join(' | ')}`);
  page.on('pageerror', (error) => complain(error.stack ?? String(error)));
  page.on('console', (message) => {
    // Not the page's complaint: this context lets no service worker in.
    if (message.text().includes('Service Worker registration blocked by Playwright')) return;
    if (['error', 'warning'].includes(message.type())) complain(message.text());
  });
  context.on('page', (other) => void other.close());
  const session = await context.newCDPSession(page);
  /** @type {{ heapMB: number, nodes: number }[]} */
  const rests = [];
  /** Collects what nothing holds. The page stands still meanwhile: that is no gap of its own. */
  const collect = async () => {
    const before = await page.evaluate('({ ...globalThis.gaps })');
    await session.send('HeapProfiler.collectGarbage');
    await page.evaluate(async (gaps) => {
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
      Object.assign(/** @type {any} */ (globalThis).gaps, gaps);
    }, before);
  };
  // What stays of everything that was done, with nothing of it in sight: the same place each time, or open sections would be measured.
  const rest = async () => {
    await page.evaluate(() => {
      for (const dialog of document.querySelectorAll('dialog[open]')) /** @type {HTMLDialogElement} */ (dialog).close();
      location.hash = '/why?v=3';
    });
    await page.waitForTimeout(1000);
    await page.evaluate(() => {
      for (const section of document.querySelectorAll('details[open]')) /** @type {HTMLDetailsElement} */ (section).open = false;
    });
    await page.waitForTimeout(4000);
    await collect();
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const { nodes } = await session.send('Memory.getDOMCounters');
    rests.push({ heapMB: usedSize / 2 ** 20, nodes });
    // what the page shows in this place differs with what was chosen; only what is not in it can be a leak
    const shown = await page.evaluate(() => {
      const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
      let count = 1;
      while (walker.nextNode()) count++;
      return count;
    });
    console.log(`At rest after ${acts} actions: ${(usedSize / 2 ** 20).toFixed(1)} MB, ${nodes} DOM nodes, ${shown} of them in the page`);
  };
  const measure = async () => {
    await collect();
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const { nodes } = await session.send('Memory.getDOMCounters');
    const buffers = await buffersOf(page);
    const { count, longest, longestTask } = await page.evaluate('globalThis.gaps');
    console.log(
      `${String(acts).padStart(5)} actions: ${(usedSize / 2 ** 20).toFixed(1)} MB, ${nodes} DOM nodes, ${buffers} GPU buffers, ` +
        `${count} gaps between frames over 1 s (longest ${(longest / 1000).toFixed(1)} s, longest task ${(longestTask / 1000).toFixed(1)} s)`,
    );
  };
  // In time of the processor: whatever else the machine does, this is what the page computed.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  /** Gaps so far, and seconds that the page's own thread has computed. */
  const sofar = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return { gaps: (await page.evaluate('globalThis.gaps')).count, own: metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0 };
  };
  let mostOwn = { seconds: 0, after: '' };
  /** Tells of an action. @param {{ gaps: number, own: number }} before */
  const tellOf = async (before) => {
    const { gaps, own } = await sofar();
    const seconds = own - before.own;
    const after = done.slice(-3).join(' | ');
    if (seconds > mostOwn.seconds) mostOwn = { seconds, after };
    if (gaps <= before.gaps) return; // or counted anew, where the page was loaded again
    console.log(`      a gap, in which the page computed ${seconds.toFixed(1)} s, after: ${after}`);
    if (seconds > 1) complain(`A gap between frames over 1 s: the page computed for ${seconds.toFixed(1)} s.`);
  };
  await page.goto(url);
  await page.keyboard.press('Shift');
  const random = randomOf(seed);
  console.log(`Acting at random, seed ${seed}.`);
  const end = Date.now() + milliseconds;
  let nextRest = Date.now() + milliseconds / 6;
  while (Date.now() < end) {
    if (Date.now() >= nextRest) {
      await rest();
      nextRest += milliseconds / 6;
    }
    const before = await sofar();
    const stuck = new Promise((resolve) => setTimeout(resolve, 60_000, 'stuck'));
    const acted = act(page, random, (what) => done.push(what)).then(() => 'acted');
    if ((await Promise.race([acted, stuck])) === 'stuck') {
      complain('The page does not answer.');
      break;
    }
    await tellOf(before);
    if (++acts % 50 === 0) await measure();
  }
  if (complaints.length === 0) await rest();
  console.log(`Most that the page computed for one action: ${mostOwn.seconds.toFixed(2)} s, after: ${mostOwn.after}`);
  await context.close();
  // The first half fills what is kept on purpose: forty runs a view, and the sections that were opened once.
  const [first, last] = [rests[2], rests.at(-1)];
  for (const name of /** @type {const} */ (['heapMB', 'nodes']))
    if (first && last && last[name] > first[name] * (1 + allowed[name].share) + allowed[name].more)
      complaints.push(`At rest ${name} grew from ${first[name].toFixed(1)} to ${last[name].toFixed(1)}.`);
  return complaints;
}

/**
 * Trains and drags until the time is over.
 * @param {import('playwright').Browser} browser @param {string} url @param {number} milliseconds
 */
async function trainAndDrag(browser, url, milliseconds) {
  /** @type {Sample[]} */
  const samples = [];
  const page = await browser.newPage({ serviceWorkers: 'block' });
  page.on('pageerror', (error) => console.error(error));
  await page.route(/engine-worker/, putCounter);
  const session = await page.context().newCDPSession(page);
  const workerMB = await attachWorkers(session);
  await page.goto(url);
  await page.keyboard.press('Shift'); // the panels below the first screen come with the first interaction
  const began = Date.now();
  console.log('minutes  page MB  worker MB  GPU buffers');
  do {
    await work(page);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const buffers = await buffersOf(page);
    const sample = { pageMB: usedSize / 2 ** 20, workerMB: await workerMB(), buffers: Number(buffers) };
    samples.push(sample);
    const text = [(Date.now() - began) / 60_000, sample.pageMB, sample.workerMB].map((value) => value.toFixed(2).padStart(7));
    console.log(`${text.join('  ')}  ${String(sample.buffers).padStart(11)}`);
  } while (Date.now() < began + milliseconds);
  await page.close();
  return samples;
}

/** @param {readonly Sample[]} samples */
function areFlat(samples) {
  // The first sample is of a page that is still filling its caches. Of the others, the first half is compared with the second.
  const settled = samples.slice(1);
  const half = Math.floor(settled.length / 2);
  if (half < 2) throw new Error('Too few samples to tell: let it run for longer.');
  const mean = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  let isFlat = true;
  for (const name of /** @type {const} */ (['pageMB', 'workerMB', 'buffers'])) {
    const [before, after] = [settled.slice(0, half), settled.slice(-half)].map((part) => mean(part.map((sample) => sample[name])));
    const { share, more } = allowed[name];
    const grew = (after ?? Number.NaN) - (before ?? 0) > share * (before ?? 0) + more;
    isFlat &&= !grew;
    console.log(`${name}: ${before?.toFixed(2)} in the first half, ${after?.toFixed(2)} in the second${grew ? ': it grows' : ''}`);
  }
  return isFlat;
}

execFileSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'], { stdio: 'inherit' });
const server = await preview({ configFile: false, base: '/soak/', preview: { port: 0, host: 'localhost' }, logLevel: 'error' });
const { module } = await runnerImport('./src/build/chromium.ts', { configFile: false, logLevel: 'error' });
const browser = await chromium.launch(module.launchOptions);
const url = `${server.resolvedUrls?.local[0]}`;
try {
  const samples = isMonkeyAlone ? null : await trainAndDrag(browser, url, 30_000 * minutes);
  const complaints = await playMonkey(browser, url, (isMonkeyAlone ? 60_000 : 30_000) * minutes);
  for (const complaint of complaints) console.error(complaint);
  console.log(`The page complained ${complaints.length} times.`);
  if ((samples && !areFlat(samples)) || complaints.length > 0) process.exitCode = 1;
} finally {
  await browser.close();
  await server.close();
}
