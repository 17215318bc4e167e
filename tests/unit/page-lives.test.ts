import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Page } from '../../src/page/page.svelte.ts';

beforeEach(() => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('requestAnimationFrame', (next: (now: number) => void) => setTimeout(() => next(performance.now())));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it('follows a link whose loss cannot train, and says so', async () => {
  const page = await Page.create({ hash: '', choice: 'cpu', calm: true });
  for (const view of ['displacement', 'entanglement', 'simplex', 'map', 'pairs'] as const) {
    await page.follow(`#v=1&view=${view}&loss=log(logp_w)`);
    expect(page.view).toBe(view);
    expect(page.problems).toMatchObject([{ key: 'loss', value: 'log(logp_w)' }]);
    expect(page.hash).not.toContain('log');
  }
});

it('stays as it is where a link cannot be followed, and says so', async () => {
  const page = await Page.create({ hash: '', choice: 'cpu', calm: true });
  await page.follow('#v=1&view=simplex');
  const session = page.lab('displacement');
  if (!session) throw new Error('The page has not opened its first view.');
  vi.spyOn(session, 'restore').mockImplementation(() => {
    throw new Error('No such run.');
  });
  await page.follow('#v=1&steps=20');
  expect(page.view).toBe('simplex');
  expect(page.problems).toMatchObject([{ reason: 'This link could not be followed: No such run.' }]);
});

it('keeps a bounded number of files beside the page, and answers where there is no room for one', async () => {
  const listeners = new Map<string, (event: unknown) => void>();
  let full = false;
  const kept = new Map<string, Response>();
  const cache = {
    put: async ({ url }: Request, response: Response) => {
      if (full) throw new Error('QuotaExceededError');
      kept.delete(url);
      kept.set(url, response);
    },
    keys: async () => [...kept.keys()].map((url) => ({ url })),
    delete: async ({ url }: Request) => kept.delete(url),
    match: async ({ url }: Request) => kept.get(url),
  };
  vi.stubGlobal('__BUILD__', { version: '1', files: [] });
  vi.stubGlobal('registration', { scope: 'https://here/' });
  vi.stubGlobal('caches', { open: async () => cache });
  vi.stubGlobal('addEventListener', (type: string, listener: (event: unknown) => void) => listeners.set(type, listener));
  vi.stubGlobal('fetch', async () => Object.defineProperty(new Response('words'), 'type', { value: 'basic' }));
  for (const load of Object.values(import.meta.glob('../../src/page/service-worker.ts'))) await load(); // it is no module
  const get = (url: string) =>
    new Promise<Response>((resolve) => listeners.get('fetch')?.({ request: new Request(url), respondWith: resolve }));
  for (let i = 0; i < 150; i++) await get(`https://here/notebooks/one.html?engine=${i}`);
  await vi.waitFor(() => expect(kept.size).toBe(100));
  expect([...kept.keys()].at(-1)).toContain('=149');
  full = true;
  expect(await (await get('https://here/notebooks/two.html')).text()).toBe('words');
});
