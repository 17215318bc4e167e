import { execFileSync } from 'node:child_process';
import { preview } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the built page, below a sub-path */
    site: string;
  }
}

/** Builds the site in a process of its own (inside Vitest, Vite would make a development build) and serves it. */
export async function serveBuilt(outDir: string, more: Readonly<Record<string, string>> = {}) {
  const { NODE_ENV: _mode, VITEST: _vitest, ...environment } = process.env;
  execFileSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn', '--outDir', outDir, '--emptyOutDir'], {
    env: { ...environment, ...more },
    stdio: 'inherit',
  });
  const server = await preview({
    configFile: false,
    base: '/some/sub-path/',
    build: { outDir },
    preview: { port: 0, host: 'localhost' },
    logLevel: 'error',
  });
  const site = server.resolvedUrls?.local[0];
  if (!site) throw new Error('The preview server gave no URL.');
  return { site, close: () => server.close() };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { site, close } = await serveBuilt('dist');
  project.provide('site', site);
  return close;
}
