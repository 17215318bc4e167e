/*
 * The page without a network: everything that it was built of is kept on the first visit, and served from there. A later build is fetched
 * in the background and takes over when no page of the old one is open any more, or when a reader asks for it. The files of the old build
 * are then kept for the pages that are still open, so that no page ever mixes two. What is beside the page (notebooks) is kept when it is
 * first opened.
 */

/** What the build puts here: every file of the page by its path below the folder, and a hash of them all. */
declare const __BUILD__: { readonly version: string; readonly files: readonly string[] };

// The worker's own types would clash with the page's.
interface LifeEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends LifeEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface WorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly { readonly id: string }[]>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
}
const worker = globalThis as unknown as WorkerScope;

const { version, files } = __BUILD__;
const folder = worker.registration.scope;
/** Several pages may share an origin: each clears up after itself alone. */
const prefix = `prefscope ${folder} `;
const ownCache = `${prefix}${version}`;
const besideCache = `${prefix}beside`;
const urlOf = (file: string): string => new URL(file, folder).href;
const own = new Set(files.map(urlOf));

async function keepAll(): Promise<void> {
  const cache = await caches.open(ownCache);
  // Files with a hash in their names may come from the browser's cache; the others must be those of this build.
  await cache.addAll(files.map((file) => new Request(urlOf(file), file.startsWith('assets/') ? {} : { cache: 'reload' })));
  // A deploy in the middle of it would leave a page whose files are not here: this one is given up, and the next is fetched.
  const page = await (await cache.match(urlOf('index.html')))?.text();
  for (const [file] of page?.matchAll(/assets\/[^"]+/g) ?? [])
    if (!files.includes(file)) throw new Error(`The page of ${version} asks for ${file}, which is of another build.`);
}

const oldCaches = async (): Promise<string[]> =>
  (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== ownCache && name !== besideCache);
const openPages = async (): Promise<string[]> =>
  (await worker.clients.matchAll({ type: 'window', includeUncontrolled: true })).map(({ id }) => id);

/** Where the ids of the pages are kept that were open when this build took over; the browser may stop the worker at any time. */
const olderPages = urlOf('older-pages.json');

/** The files of old builds go when no page is open any more that was there before this build. */
async function clearUp(): Promise<void> {
  const old = await oldCaches();
  if (old.length === 0) return;
  const cache = await caches.open(ownCache);
  const older: unknown = await (await cache.match(olderPages))?.json();
  const open = await openPages();
  if (Array.isArray(older) && older.some((id) => open.includes(id))) return;
  for (const name of old) await caches.delete(name);
}

async function takeOver(): Promise<void> {
  const cache = await caches.open(ownCache);
  await cache.put(olderPages, new Response(JSON.stringify(await openPages())));
  await clearUp();
  await worker.clients.claim();
}

async function answerOwn(url: string, request: Request): Promise<Response> {
  const cache = await caches.open(ownCache);
  return (await cache.match(url)) ?? fetch(request); // the browser may have thrown the cache away
}

/** A file with a hash in its name that is none of this build's: an older page asks for it. */
async function answerOld(request: Request): Promise<Response> {
  for (const name of await oldCaches()) {
    const known = await (await caches.open(name)).match(request.url);
    if (known) return known;
  }
  return fetch(request);
}

/** Files that are kept beside the page: notebooks and what they load. Those that were fetched longest ago go. */
const mostBeside = 100;

async function keepBeside(cache: Cache, request: Request, response: Response): Promise<void> {
  try {
    await cache.put(request, response);
    for (const old of (await cache.keys()).slice(0, -mostBeside)) await cache.delete(old);
  } catch {
    // There is no room: the answer is good all the same.
  }
}

/** From the network while there is one, and as it was last seen where there is none. */
async function answerBeside(request: Request): Promise<Response> {
  const cache = await caches.open(besideCache);
  try {
    const response = await fetch(request);
    if (response.ok && response.type === 'basic') await keepBeside(cache, request, response.clone());
    return response;
  } catch (error) {
    const known = await cache.match(request);
    if (known) return known;
    throw error;
  }
}

worker.addEventListener('install', (event) => event.waitUntil(keepAll()));
worker.addEventListener('activate', (event) => event.waitUntil(takeOver()));
worker.addEventListener('message', ({ data }) => {
  if (data === 'take over') void worker.skipWaiting();
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  // What asks for the server's own word (`no-store`) gets no copy.
  if (request.method !== 'GET' || request.cache === 'no-store' || !request.url.startsWith(folder)) return;
  if (request.mode === 'navigate') event.waitUntil(clearUp());
  const url = request.url.replace(/[?#].*$/, '');
  const page = url === folder ? urlOf('index.html') : url;
  if (own.has(page)) event.respondWith(answerOwn(page, request));
  else if (page.startsWith(urlOf('assets/'))) event.respondWith(answerOld(request));
  else event.respondWith(answerBeside(request));
});
