import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { observable } from '@observablehq/notebook-kit/vite';
import { afterAll, describe, expect, test } from 'vitest';
import { newNotebook } from '../../src/build/notebook.mjs';
import { foldSources, prepareCells } from '../../src/build/notebook-cells.ts';
import { listNotebooks } from '../../src/build/notebooks.ts';
import { checkTexts, holds } from '../../src/notebook/check.ts';

const root = resolve(import.meta.dirname, '../..');
const notebooks = listNotebooks(root);
const textOf = (name: string) => readFileSync(join(root, 'notebooks', `${name}.html`), 'utf8');

describe('the notebooks', () => {
  test.each(notebooks.map(({ name, question }) => [name, question]))('%s asks one question: %s', (name, question) => {
    expect(question).toMatch(/\?$/);
    expect(textOf(name).match(/^\s*# /gm)).toHaveLength(1);
  });

  test.each(notebooks.map(({ name }) => name))('%s imports the public surface, components and golden values only', (name) => {
    const imported = [...textOf(name).matchAll(/\bfrom '([^']+)'/g)].map(([, path]) => path);
    expect(imported.length).toBeGreaterThan(0);
    for (const path of imported)
      expect(path).toMatch(
        /^\.\.\/(src\/(index\.ts|notebook\/library\.ts|(charts|shell\/\w+(\/\w+)?|views\/\w+(\/\w+)?)\/\w+\.svelte)|tests\/golden\/\w+\.json)$/,
      );
  });
});

describe('npm run notebook new', () => {
  const folder = mkdtempSync(join(tmpdir(), 'prefscope-notebook-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('writes a notebook that is listed with its title and question', () => {
    expect(newNotebook(folder, ['new', 'label-noise'])).toBe(join('notebooks', 'label-noise.html'));
    expect(listNotebooks(folder)).toEqual([
      { name: 'label-noise', title: 'Label noise', question: 'What does DPO do to the chosen answer?' },
    ]);
  });

  test('never overwrites, and refuses what is no name', () => {
    expect(() => newNotebook(folder, ['new', 'label-noise'])).toThrow(/is there already/);
    for (const words of [[], ['new'], ['new', '../x'], ['new', 'Upper'], ['old', 'a'], ['new', 'a', 'b'], ['new', 'a--b']])
      expect(() => newNotebook(folder, words)).toThrow(/Usage: npm run notebook new <name>/);
  });

  test('the manual shows the notebook that it writes', () => {
    expect(readFileSync(join(root, 'notebooks/README.md'), 'utf8')).toContain(
      readFileSync(join(root, 'src/build/notebook-template.html'), 'utf8').trim(),
    );
  });
});

describe('cells', () => {
  const page = observable({ transformNotebook: prepareCells }) as {
    transformIndexHtml: { handler(html: string, context: object): Promise<string> };
  };
  const pageOf = async (...cells: string[]) => {
    const scripts = cells.map((code, i) => `<script id="${i + 1}" type="module">${code}</script>`);
    return page.transformIndexHtml.handler(`<!doctype html><notebook><title>t</title>${scripts.join('')}</notebook>`, {
      path: '/notebooks/t.html',
      filename: 't',
    });
  };

  test('say where they are before each statement, but not in the source that is shown', async () => {
    const html = await pageOf(
      "import { a } from './a.ts';\nconst b = a + 1;\n\nif (b) {\n  b.c();\n}\nfunction d() {}",
      'display(\n  1,\n)',
    );
    const [, script = ''] = html.split('<script type="module">');
    expect(script.match(/\$at\(\d+, \d+\);/g)).toEqual(['$at(1, 2);', '$at(1, 4);']);
    expect(html.split('<script')[0]).toContain('$at');
    const shown = foldSources(html);
    expect(shown.split('<script type="module">')[0]).not.toContain('$at');
    expect(shown.match(/<details class="source"><summary>Code<\/summary><pre/g)).toHaveLength(2);
  });

  test('that cannot be read throw where they are, and the others stay', async () => {
    const html = await pageOf('const a = 1;', 'const b = 1;\nconst c = ;');
    expect(html).toContain('$at(1, 1);const a = 1;');
    expect(html).toContain('$at(2, 2);');
    expect(html).toContain('throw new SyntaxError("Unexpected token (2:10): const c = ;")');
  });
});

describe('checks', () => {
  const because = 'of a reason';
  test.each([
    [{ what: 'inside', measured: 1.0004, expected: 1, within: 5e-4, because }, true],
    [{ what: 'outside', measured: 1.0006, expected: 1, within: 5e-4, because }, false],
    [{ what: 'exact', measured: 4, expected: 4, within: 0, because }, true],
    [{ what: 'NaN against a value', measured: Number.NaN, expected: 1, within: 1, because }, false],
    [{ what: 'NaN below a bound', measured: Number.NaN, atMost: 1, because }, false],
    [{ what: 'NaN above a bound', measured: Number.NaN, atLeast: 1, because }, false],
    [{ what: 'at the bound', measured: 1, atMost: 1, because }, true],
    [{ what: 'below the least', measured: 0, atLeast: 1, because }, false],
  ])('$what', (check, expected) => {
    expect(holds(check)).toBe(expected);
  });

  test('are printed with the digits that the tolerance tells apart', () => {
    expect(checkTexts({ what: '', measured: 0.97506, expected: 0.975, within: 5e-4, because })).toEqual({
      measured: '0.97506',
      expected: '0.97500 ± 5.0·10⁻⁴',
    });
    expect(checkTexts({ what: '', measured: 4, expected: 4, within: 0, because })).toEqual({ measured: '4', expected: 'exactly 4' });
    expect(checkTexts({ what: '', measured: 1.4e-7, atMost: 3.8e-6, because })).toEqual({ measured: '1.4·10⁻⁷', expected: '≤ 3.8·10⁻⁶' });
  });
});
