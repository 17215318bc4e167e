import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Where the licences of what is shipped stand in the built site. */
const fileName = 'licences.txt';

/** The folder of the package that a module belongs to; null for the project's own. The bundler's helpers are modules without a file. */
function packageFolder(id: string, root: string): string | null {
  const [, helper] = /^\0(vite|rolldown)\//.exec(id) ?? [];
  if (helper) return join(root, 'node_modules', helper);
  return /^\0?([^?]*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+)[/\\]/.exec(id)?.[1] ?? null;
}

/** Name, version and licence of a package. Throws where it comes without a licence: it may then not be shipped. */
function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^((un)?licen[cs]e|copying|notice)\b/i.test(file));
  if (files.length === 0) throw new Error(`${name} ${version} would be shipped, and ${folder} holds no licence.`);
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'));
  // Vite and others go on with the licences of what they bundle themselves, none of which is in a helper.
  const own = texts.map((text) => (text.split(/^# Licenses of bundled dependencies/m)[0] ?? '').trim());
  return `${name} ${version} (${license})\n\n${own.join('\n\n')}\n`;
}

/**
 * The licences of every package that has a module among these, and first the project's own.
 *
 * @param ids of modules, as the bundler names them
 */
export function licencesText(ids: Iterable<string>, root: string): string {
  const folders = new Set([...ids].map((id) => packageFolder(id, root)).filter((folder) => folder !== null));
  return [licenceOf(root), ...[...folders].map(licenceOf).sort()].join(`\n${'-'.repeat(80)}\n\n`);
}

/** Writes `licences.txt` beside the page: the licences of all packages that are shipped. The same object serves every build of a site. */
export function licences(root: string): { readonly write: Plugin; readonly gather: Plugin } {
  const ids = new Set<string>();
  const gatherFrom = (bundle: Parameters<Extract<Plugin['generateBundle'], (...parameters: never) => unknown>>[1]): void => {
    for (const made of Object.values(bundle)) if (made.type === 'chunk') for (const id of made.moduleIds) ids.add(id);
  };
  return {
    // A worker is built before what starts it.
    gather: { name: 'licences-of-workers', apply: 'build', generateBundle: (_, bundle) => gatherFrom(bundle) },
    // The notebooks are built after the page, and then the file holds the licences of both.
    write: {
      name: 'licences',
      apply: 'build',
      generateBundle(_, bundle) {
        gatherFrom(bundle);
        this.emitFile({ type: 'asset', fileName, source: licencesText(ids, root) });
      },
    },
  };
}
