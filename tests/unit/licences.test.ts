import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { licencesText } from '../../src/build/licences.ts';

const root = mkdtempSync(join(tmpdir(), 'prefscope-licences-'));
afterAll(() => rmSync(root, { recursive: true }));

function addPackage(folder: string, name: string, files: Readonly<Record<string, string>>) {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, 'package.json'), JSON.stringify({ name, version: '1.2.3', license: 'MIT' }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, folder, file), text);
}
addPackage('.', 'page', { LICENSE: 'Licence of the page' });
addPackage('node_modules/plain', 'plain', { 'LICENSE.md': 'Licence of plain' });
addPackage('node_modules/@scope/inner', '@scope/inner', { license: 'Licence of inner', 'NOTICE.txt': 'Notice of inner' });
addPackage('node_modules/plain/node_modules/nested', 'nested', { UNLICENSE: 'Licence of nested' });
addPackage('node_modules/vite', 'vite', { 'LICENSE.md': 'Licence of vite\n# Licenses of bundled dependencies\nof others' });
addPackage('node_modules/bare', 'bare', {});

const idOf = (path: string) => join(root, path);

test('every package that is shipped stands there once, after the page, with its licence', () => {
  const text = licencesText(
    [
      idOf('src/main.ts'),
      idOf('node_modules/plain/index.js'),
      idOf('node_modules/plain/other.js?x'),
      idOf('node_modules/plain/node_modules/nested/index.js'),
      `\0${idOf('node_modules/@scope/inner/a/b.js')}?commonjs`,
      '\0vite/preload-helper.js',
      '\0virtual:other',
      `\0./made.js?${idOf('node_modules/bare/dist')}`, // made here, in place of a module of that folder
    ],
    root,
  );
  expect(text.match(/^.* 1\.2\.3 \(MIT\)$/gm)).toEqual(
    ['page', '@scope/inner', 'nested', 'plain', 'vite'].map((name) => `${name} 1.2.3 (MIT)`),
  );
  for (const name of ['the page', 'inner', 'nested', 'plain', 'vite']) expect(text).toContain(`Licence of ${name}`);
  expect(text).toContain('Notice of inner');
  expect(text).not.toContain('of others');
});

test('a package without a licence is not shipped', () => {
  expect(() => licencesText([idOf('node_modules/bare/index.js')], root)).toThrow(/bare 1\.2\.3 would be shipped/);
});
