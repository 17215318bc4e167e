import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { entryOf } from '../../src/build/entries.ts';
import { bibtexOf } from '../../src/page/head/bibtex.ts';
import { views } from '../../src/page/views.ts';

const root = resolve(import.meta.dirname, '../..');
const html = readFileSync(resolve(root, 'index.html'), 'utf8');

test.each(views)('the entry of $id names its view, is described as it is, and finds its files one folder above', (view) => {
  const entry = entryOf(html, view);
  expect(entry).toContain(`<meta name="prefscope-place" content="${view.route}">`);
  expect(entry).toContain(`<title>${view.title} · prefscope</title>`);
  expect(entry).toContain(`<meta property="og:title" content="${view.title} · prefscope">`);
  for (const name of ['name="description"', 'property="og:description"'])
    expect(entry).toContain(`<meta ${name} content="${view.summary}">`);
  expect(entry).not.toMatch(/(src|href)="\.\//);
  expect(entry.match(/<title>/g)).toHaveLength(1);
});

test('an entry holds its words as text', () => {
  const entry = entryOf(html, { route: 'why', title: '<b>"$&"', summary: '$1 & "more"' });
  expect(entry).toContain('<title>&lt;b&gt;&quot;$&amp;&quot; · prefscope</title>');
  expect(entry).toContain('content="$1 &amp; &quot;more&quot;"');
});

test('the entry to cite is that of CITATION.cff, and of the place where the page stands', () => {
  const citation = readFileSync(resolve(root, 'CITATION.cff'), 'utf8');
  const field = (name: string): string => new RegExp(`^(?: *- )?${name}: "?(.*?)"?$`, 'm').exec(citation)?.[1] ?? '?';
  const bibtex = bibtexOf('https://here/prefscope/?engine=cpu#/why/tug');
  expect(bibtex).toContain(`version = {${field('version')}}`);
  expect(bibtex).toContain(`author = {{${field('name')}}}`);
  expect(bibtex).toContain(`title = {${field('title')}`);
  expect(bibtex).toContain('url = {https://here/prefscope/}');
});
