// `npm run firefox`: opens every view of the built page in a Firefox of this machine, on the CPU engine, and fails on any error or warning
// that the page has there. Not part of the tests: they run where there is a Chromium. FIREFOX_PATH names another Firefox. Spoken is
// WebDriver BiDi, by hand: Playwright drives a Firefox of its own, or one newer than Debian's.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preview, runnerImport } from 'vite';

const places = ['/usr/bin/firefox', '/usr/bin/firefox-esr', '/Applications/Firefox.app/Contents/MacOS/firefox'];
const chosen = process.env['FIREFOX_PATH'];
const executable = (chosen ? [chosen] : places).find((path) => existsSync(path));
if (!executable) throw new Error('There is no Firefox here. Install one (Debian: apt-get install firefox-esr), or set FIREFOX_PATH.');

/** Starts Firefox with a profile of its own, and resolves with the address that it listens at. */
function startFirefox() {
  const profile = mkdtempSync(join(tmpdir(), 'prefscope-firefox-'));
  const child = spawn(
    /** @type {string} */ (executable),
    ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const stop = () =>
    new Promise((resolve) => {
      child.once('exit', () => {
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
        resolve(undefined);
      });
      child.kill();
    });
  /** @type {Promise<string>} */
  const address = new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
      const found = /WebDriver BiDi listening on (ws:\S+)/.exec(said);
      if (found?.[1]) resolve(`${found[1]}/session`);
    });
    child.once('exit', () => reject(new Error(`Firefox ended before it listened. ${said}`)));
  });
  return { address, stop };
}

/**
 * @param {string} address
 * @param {(entry: { level: string, text: string | null }) => void} onLog
 */
async function connect(address, onLog) {
  const socket = new WebSocket(address);
  /** @type {Map<number, { resolve(result: any): void, reject(error: Error): void }>} */
  const waiting = new Map();
  let calls = 0;
  socket.onmessage = ({ data }) => {
    const { id, type, method, params, result, error, message } = JSON.parse(data);
    if (type === 'event') {
      if (method === 'log.entryAdded') onLog(params);
      return;
    }
    if (type === 'error') waiting.get(id)?.reject(new Error(`${error}: ${message}`));
    else waiting.get(id)?.resolve(result);
    waiting.delete(id);
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`Firefox refused a connection at ${address}.`));
  });
  /** @param {string} method @param {object} params */
  return (method, params) =>
    new Promise((resolve, reject) => {
      const id = ++calls;
      waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, method, params }));
    });
}

/** Seconds that a view may take to show its heading, and in which it may complain after that. */
const [longest, watched] = [120, 10];

/** Runs in the page: waits for the view's heading, touches the page, watches it for a while, and says what it shows. */
const look = `(async () => {
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const end = Date.now() + ${1000 * longest};
  while (!document.querySelector('main :is(h1, h2)') && Date.now() < end) await pause(100);
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Shift', bubbles: true }));
  // the first view waits for its reader
  const play = [...document.querySelectorAll('[aria-label=Playback] button')].find((one) => one.innerText.trim() === 'Play');
  play?.click();
  await pause(${1000 * watched});
  const alerts = [...document.querySelectorAll('[role=alert]')].map((one) => one.innerText.trim()).filter(Boolean);
  const status = [...document.querySelectorAll('[role=status]')].map((one) => one.innerText.trim()).filter(Boolean);
  const heading = document.querySelector('main :is(h1, h2)')?.innerText ?? '';
  // where a run is played, it comes beyond its start
  const stepShown = () => document.querySelector('[aria-label=Playback] output strong')?.innerText ?? null;
  while (stepShown() === '0' && Date.now() < end) await pause(100);
  const step = stepShown();
  return JSON.stringify({ step, heading, shown: document.querySelector('main')?.innerText.length ?? 0, alerts, status });
})()`;

execFileSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'], { stdio: 'inherit' });
const server = await preview({ configFile: false, base: '/firefox/', preview: { port: 0, host: 'localhost' }, logLevel: 'error' });
const { module } = await runnerImport('./src/page/views.ts', { logLevel: 'error' });
const { views } = /** @type {{ views: readonly { id: string, title: string }[] }} */ (module);
const { address, stop } = startFirefox();
let failed = 0;
try {
  /** @type {string[]} */
  let complaints = [];
  const send = await connect(await address, ({ level, text }) => {
    if (level === 'error' || level === 'warn') complaints.push(`${level}: ${text}`);
  });
  const { capabilities } = await send('session.new', { capabilities: {} });
  console.log(`Firefox ${capabilities.browserVersion}, the CPU engine`);
  await send('session.subscribe', { events: ['log.entryAdded'] });
  for (const { id, title } of views) {
    const began = Date.now();
    complaints = [];
    const { context } = await send('browsingContext.create', { type: 'tab' });
    await send('browsingContext.navigate', {
      context,
      url: `${server.resolvedUrls?.local[0]}?engine=cpu#v=1&view=${id}`,
      wait: 'complete',
    });
    const { result, exceptionDetails } = await send('script.evaluate', { expression: look, target: { context }, awaitPromise: true });
    if (exceptionDetails) complaints.push(exceptionDetails.text);
    const { step, heading, shown, alerts, status } = JSON.parse(result?.value ?? '{"shown":0,"alerts":[],"status":[]}');
    if (!heading || shown < 200) complaints.push(`it shows little: ${shown} characters, heading “${heading ?? ''}”`);
    if (step !== null && !(Number(step) > 0)) complaints.push(`the run stands at update ${step}`);
    for (const alert of alerts) complaints.push(`it says: ${alert}`);
    await send('browsingContext.close', { context });
    const seconds = ((Date.now() - began) / 1000).toFixed(0);
    console.log(
      `${complaints.length === 0 ? 'ok    ' : 'FAILED'} ${title}, ${seconds} s${step === null ? '' : `, update ${step}`}. ${status.join(' / ').replace(/\s+/g, ' ')}`,
    );
    for (const complaint of complaints) console.log(`       ${complaint}`);
    failed += complaints.length;
  }
} finally {
  await stop();
  await server.close();
}
process.exit(failed === 0 ? 0 : 1);
