import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

type Files = ReadonlyMap<string, Buffer>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.webmanifest': 'application/manifest+json',
};
const hashed = /^(.+-)([\w-]{8})(\.(?:js|css|svg))$/;

function builtFiles(folder: string): Files {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => extname(name) in types);
  return new Map(names.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(folder, name))]));
}

/** What another build of the same page looks like: every name with a hash has another, and so has the whole. */
function rebuilt(files: Files): Files {
  const renamed = new Map<string, string>();
  for (const path of files.keys()) {
    const name = path.replace(/^.*\//, '');
    const parts = hashed.exec(name);
    if (parts) renamed.set(name, `${parts[1]}${[...(parts[2] ?? '')].reverse().join('')}x${parts[3]}`);
  }
  const inText = (text: string): string =>
    text.replace(/[\w.-]+\.(?:js|css|svg)\b/g, (name) => renamed.get(name) ?? name).replace(/"version":"\w+"/, '"version":"another"');
  return new Map([...files].map(([path, content]) => [inText(path), Buffer.from(inText(content.toString('utf8')))]));
}

/** Serves the built page without any HTTP cache, and deploys another build of it over the first. */
export async function serveTwoBuilds(more: Readonly<Record<string, string>> = {}) {
  const first = builtFiles('dist');
  const second = rebuilt(first);
  let served = first;
  const firstPage = first.get('index.html')?.toString('utf8') ?? '';
  let lags = false;
  const without = new Set<string>();
  const server = createServer(({ url = '/', headers }, response) => {
    const path = url.replace(/^\/|[?#].*$/g, '').replace(/(^|\/)$/, '$1index.html');
    const isDocument = headers['sec-fetch-dest'] === 'document' || headers['sec-fetch-dest'] === 'iframe';
    let content = served.get(path);
    if (lags) content = isDocument ? first.get(path) : (content ?? (firstPage.includes(path) ? first.get(path) : undefined));
    if ([...without].some((start) => path.startsWith(start))) content = undefined;
    response.writeHead(content ? 200 : 404, {
      ...more,
      'content-type': types[extname(path)] ?? 'text/plain',
      'cache-control': 'no-store',
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  /** the script that a build's page starts with */
  const entryIn = (files: Files) =>
    /<script type="module"[^>]* src="\.\/([^"]+)"/.exec(files.get('index.html')?.toString('utf8') ?? '')?.[1] ?? '';
  return {
    site: `http://localhost:${address.port}/`,
    /** what starts the page of each build */
    entries: { first: entryIn(first), second: entryIn(second) },
    deploy: () => {
      served = second;
    },
    /** From now on, who opens the page gets the first build's and what it starts with, as from a cache that lags behind. */
    lag: () => {
      lags = true;
    },
    /** Loses the files that begin like this. */
    lose: (start: string) => without.add(start),
    close: () => new Promise<unknown>((resolve) => server.close(resolve)),
  };
}
