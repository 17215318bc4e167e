/*
 * The page without a network: everything that it was built of is kept on the first visit, and served from there. A later build is fetched
 * in the background. Its worker takes over when no page is open any more, never before: browsers differ in when they let it, and may not
 * at all while several tabs are open. A reader who asks for it before gets its page from this worker. The files of every build are kept
 * until then, so that no page ever mixes two. What is beside the page (notebooks) is kept when it is first opened.
 */

import type { OfflineQuestion } from './offline-copy.svelte.ts';

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
  readonly registration: { readonly scope: string; readonly installing: object | null; readonly waiting: object | null };
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'message', listener: (event: LifeEvent & MessageEvent<OfflineQuestion>) => void): void;
}
const worker = globalThis as unknown as WorkerScope;

const { version, files } = __BUILD__;
const folder = worker.registration.scope;
/** Several pages may share an origin: each clears up after itself alone. */
const prefix = `prefscope ${folder} `;
const ownCache = `${prefix}${version}`;
const besideCache = `${prefix}beside`;
/** Holds the name of the cache whose page a reader has asked for, ahead of that build's worker. */
const askedCache = `${prefix}asked`;
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

/** Of the builds before this one, and of one that waits. */
const otherCaches = async (): Promise<string[]> =>
  (await caches.keys()).filter((name) => name.startsWith(prefix) && ![ownCache, besideCache, askedCache].includes(name));

async function takeOver(): Promise<void> {
  await caches.delete(askedCache);
  const others = await otherCaches();
  const { installing, waiting } = worker.registration;
  if (!installing && !waiting) for (const name of others) await caches.delete(name);
  await worker.clients.claim();
}

/** Answers a page of another build: whether its own is another one, or, once the next page will be of this build, that it can be loaded. */
async function answerPage({ entry, opens }: OfflineQuestion, port: MessagePort | undefined): Promise<void> {
  if (opens) await (await caches.open(askedCache)).put(folder, new Response(ownCache));
  port?.postMessage(!own.has(entry));
}

/** The page itself: of this build, unless a reader has asked for one that waits. */
async function answerNavigation(url: string, request: Request): Promise<Response> {
  const asked = await (await caches.match(folder, { cacheName: askedCache }))?.text();
  return (asked && (await caches.match(url, { cacheName: asked }))) || answerOwn(url, request);
}

async function answerOwn(url: string, request: Request): Promise<Response> {
  const cache = await caches.open(ownCache);
  return (await cache.match(url)) ?? fetch(request); // the browser may have thrown the cache away
}

/** A file with a hash in its name that is none of this build's: a page of another asks for it. */
async function answerOther(request: Request): Promise<Response> {
  for (const cacheName of await otherCaches()) {
    const known = await caches.match(request.url, { cacheName });
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
worker.addEventListener('message', (event) => event.waitUntil(answerPage(event.data, event.ports[0])));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  // What asks for the server's own word (`no-store`) gets no copy.
  if (request.method !== 'GET' || request.cache === 'no-store' || !request.url.startsWith(folder)) return;
  const url = request.url.replace(/[?#].*$/, '');
  const page = url.endsWith('/') ? `${url}index.html` : url;
  if (own.has(page)) event.respondWith(page.endsWith('.html') ? answerNavigation(page, request) : answerOwn(page, request));
  else if (page.startsWith(urlOf('assets/'))) event.respondWith(answerOther(request));
  else event.respondWith(answerBeside(request));
});
