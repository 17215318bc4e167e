import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inflateSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { bibliography } from '../../src/atlas/bibliography.ts';
import { papers } from '../../src/atlas/reading-list.ts';
import { entryOf, isPicture, type Shown, shared, siteOf } from '../../src/build/entries.ts';
import { themeColour } from '../../src/build/pictures/colours.ts';
import { drawPictures, type PictureFile } from '../../src/build/pictures/pictures.ts';
import { rooms } from '../../src/build/rooms.ts';
import { objectives } from '../../src/objectives/catalogue.ts';
import { groupObjectives } from '../../src/objectives/group-catalogue.ts';
import { entryAddress } from '../../src/page/entry-address.ts';
import { bibtexOf } from '../../src/page/head/bibtex.ts';
import { papersShown } from '../../src/page/head/view-papers.ts';
import { summaries } from '../../src/page/summaries.ts';
import { views } from '../../src/page/views.ts';
import { bibtexOfPaper } from '../../src/shell/exports/paper-bibtex.ts';
import { papersOf } from '../../src/shell/losses/citation.ts';

const root = resolve(import.meta.dirname, '../..');
const html = readFileSync(resolve(root, 'index.html'), 'utf8');

test.each(views)('the entry of $id names its view, is described as it is, and finds its files one folder above', (view) => {
  const summary = summaries[view.id];
  const entry = entryOf(html, { ...view, summary });
  expect(entry).toContain(`<meta name="prefscope-place" content="${view.route}" data-page="../">`);
  expect(entry).toContain(`<title>${view.title} · prefscope</title>`);
  expect(entry).toContain(`<meta property="og:title" content="${view.title} · prefscope">`);
  for (const name of ['name="description"', 'property="og:description"']) expect(entry).toContain(`<meta ${name} content="${summary}">`);
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

test('a link to share is that of the view’s own entry, beside the page wherever it stands, with the same settings', () => {
  expect(entryAddress('https://here/#/stop?v=3&lr=2', 'stop')).toBe('https://here/stop/#/stop?v=3&lr=2');
  expect(entryAddress('https://here/a/?engine=cpu', 'displacement')).toBe('https://here/a/displacement/?engine=cpu');
  expect(entryAddress('https://here/a/index.html#/why/tug', 'entanglement')).toBe('https://here/a/entanglement/#/why/tug');
});

test('a paper’s BibTeX holds what is known of it and no more', () => {
  const [own, other, ...more] = papersShown('displacement', [
    { paper: 'arXiv:2410.03115' },
    { paper: 'Williams, Machine Learning 8 (1992)' },
  ]);
  expect(more).toEqual([]);
  expect(own && bibtexOfPaper(own)).toMatch(
    /^@misc\{arXiv:2410\.08847,\n {2}title = \{\{Unintentional .*\}\},\n {2}author = \{Razin, Noam and Malladi, Sadhika and /,
  );
  expect(other && bibtexOfPaper(other)).toBe(
    [
      '@misc{arXiv:2410.03115,',
      '  title = {{X-ALMA: Plug \\& Play Modules and Adaptive Rejection for Quality Translation at Scale}},',
      '  year = {2024},',
      '  eprint = {2410.03115},',
      '  archivePrefix = {arXiv},',
      '  url = {https://arxiv.org/abs/2410.03115},',
      '}',
    ].join('\n'),
  );
  // a paper that a view and its loss are both from is one
  expect(papersShown('map', [{ paper: 'arXiv:2410.08847' }])).toHaveLength(1);
});

test('every paper on arXiv that the page names has its title, and those with a toy are the same in both lists', () => {
  const named = [...objectives, ...groupObjectives].flatMap((objective) => papersOf(objective).flatMap(({ arxiv }) => arxiv ?? []));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((arxiv) => !bibliography[arxiv])).toEqual([]);
  let both = 0;
  for (const { arxiv, title, laterTitle, authors } of papers) {
    const known = bibliography[arxiv];
    if (!known) continue;
    both++;
    expect([title, laterTitle], arxiv).toContain(known.title);
    if (known.authors) expect(known.authors, arxiv).toEqual(authors);
  }
  expect(both).toBeGreaterThan(2);
});

const shown: Shown = { site: 'https://here/prefscope/', folder: 'stop/', picture: { file: 'stop/picture.png', alt: 'Eight "runs"' } };

test('what other sites show of a link has an absolute address, or no picture', () => {
  const stop = { route: 'stop', title: 'Eight losses', summary: 'Which hold?' };
  const entry = entryOf(html, stop, shown);
  expect(entry).toContain('<meta property="og:url" content="https://here/prefscope/stop/">');
  expect(entry).toContain('<meta property="og:image" content="https://here/prefscope/stop/picture.png">');
  expect(entry).toContain('<meta property="og:image:alt" content="Eight &quot;runs&quot;">');
  expect(entry).toContain('<meta name="twitter:card" content="summary_large_image">');
  expect(shared(html, { ...shown, folder: '' })).toContain('<meta property="og:url" content="https://here/prefscope/">');
  for (const without of [entryOf(html, stop), shared(html, null)]) {
    expect(without).not.toMatch(/og:(url|image)/);
    expect(without).toContain('<meta name="twitter:card" content="summary">');
  }
});

test("the site's address is a whole one, with a slash at its end", () => {
  expect(siteOf(undefined)).toBeNull();
  expect(siteOf('')).toBeNull();
  for (const written of ['https://here/prefscope', 'https://here/prefscope/']) expect(siteOf(written)).toBe('https://here/prefscope/');
  expect(siteOf('https://here')).toBe('https://here/');
  for (const bad of ['./', '/prefscope/', 'here/prefscope', 'file:///srv/', 'https://here/?a', 'https://here/#a'])
    expect(() => siteOf(bad)).toThrow(/PREFSCOPE_SITE must be the address/);
});

test('the copy without a network leaves pictures out, and nothing else', () => {
  expect(['stop/picture.png', 'stop/index.html', 'assets/icon-1a2b.svg'].filter(isPicture)).toEqual(['stop/picture.png']);
});

/** The colours of a PNG as this build writes them: eight bits of red, green and blue, each row with a filter of its own. */
function pixelsOf(png: Uint8Array): { width: number; height: number; at: (x: number, y: number) => number[] } {
  const bytes = Buffer.from(png);
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const rows = inflateSync(Buffer.concat(data));
  const [stride, out] = [3 * width + 1, Buffer.alloc(3 * width * height)];
  for (let y = 0; y < height; y++) {
    if (rows[y * stride] !== 2) throw new Error(`Row ${y} has the filter ${rows[y * stride]}.`);
    for (let k = 0; k < 3 * width; k++)
      out[3 * width * y + k] = (rows[y * stride + 1 + k] ?? 0) + (y > 0 ? (out[3 * width * (y - 1) + k] ?? 0) : 0);
  }
  return { width, height, at: (x, y) => [...out.subarray(3 * (width * y + x), 3 * (width * y + x) + 3)] };
}

describe('the pictures of the entries', { tags: ['slow'] }, () => {
  let files: readonly PictureFile[] = [];
  beforeAll(async () => {
    files = await drawPictures();
  }, 300_000);
  const pictureOf = (id: string): PictureFile => files.find((file) => file.id === id) ?? { id, alt: '', png: new Uint8Array() };

  test('are there for every view but that of the device and for every room with an entry, of the size that servers ask for, and none is empty', () => {
    expect(files.map(({ id }) => id).sort()).toEqual(
      [...views.map(({ id }) => id as string), ...rooms.map(({ room }) => room)].filter((id) => id !== 'device').sort(),
    );
    for (const { id, alt, png } of files) {
      const { width, height, at } = pixelsOf(png);
      expect([width, height], id).toEqual([1200, 630]);
      expect(alt, id).toMatch(/^[A-Z].{40,}\.$/);
      expect(alt, id).not.toMatch(/NaN|undefined|Infinity/);
      expect(png.length, id).toBeLessThan(150_000);
      const counts = new Map<string, number>();
      for (let y = 0; y < height; y += 3)
        for (let x = 0; x < width; x += 3) counts.set(at(x, y).join(), (counts.get(at(x, y).join()) ?? 0) + 1);
      expect([...counts.values()].filter((count) => count > 100).length, id).toBeGreaterThan(2);
      expect(Math.max(...counts.values()), id).toBeLessThan(0.95 * 400 * 210);
    }
  });

  test('show the engine’s own numbers: in the first, the band of No is as high as its probability', () => {
    const { at } = pixelsOf(pictureOf('displacement').png);
    const heightAt = (x: number): number =>
      Array.from({ length: 630 }, (_, y) => at(x, y)).filter((colour) => colour.join() === themeColour('chosen-area').join()).length;
    // 76 % of 520 pixels at the start, and nothing at the end
    expect(heightAt(62) / 520).toBeCloseTo(0.756, 1);
    expect(heightAt(1138)).toBe(0);
    expect(pictureOf('displacement').alt).toContain('No, goes from 76 % to 0 %, and Yes from 10 % to 98 %');
  });

  test('show what differs: of eight losses, three hold the chosen answer up', () => {
    const { at } = pixelsOf(pictureOf('stop').png);
    // in the last column of each small run, four fifths from above: only there where the chosen answer has gained
    const held = Array.from({ length: 8 }, (_, run) => at(40 + 285 * (run % 4) + 262, 40 + 285 * Math.floor(run / 4) + 215));
    const isChosen = held.map((colour) => colour.join() === themeColour('chosen-area').join());
    expect(isChosen.filter(Boolean)).toHaveLength(3);
    expect(pictureOf('stop').alt).toContain('no lower than it began with 3 of them');
  });
});
