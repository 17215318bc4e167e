import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { save } from './saved.ts';
import { openPage, openSections, runEnds } from './site.ts';

/** One run on the first view, as its link gives it, told by the page and by the three files that it saves. */
async function openRun(experiment: string, steps: number) {
  const opened = await openPage(`?engine=cpu#/why?v=3&steps=${steps}&${experiment}`);
  const { page } = opened;
  await runEnds(page, steps);
  await openSections(page, 'Curves over the steps');
  const [csv = '', json = '', svg = ''] = await ['CSV', 'JSON', 'SVG'].reduce<Promise<string[]>>(
    async (all, format) => [...(await all), (await save(page, 'Training curves', format)).toString()],
    Promise.resolve([]),
  );
  const data = JSON.parse(json);
  const [head = '', ...rows] = csv.split('\n').filter((line) => line !== '' && !/^"?#/.test(line));
  const column = (name: string) => rows.map((row) => Number(row.split(',')[head.split(',').indexOf(name)]));
  // some spaces are thin, a long line of the caption is broken, and the quotes of a note are doubled in CSV
  const plain = (text: string) => text.replaceAll(/\s+/g, ' ');
  const words = plain(svg.replaceAll(/<\/text>\s*<text[^>]*>/g, ' ').replaceAll('&lt;', '<'));
  const notes = (data.from as string[]).map(plain);
  for (const note of notes.slice(0, 2)) {
    expect(plain(csv.replaceAll('""', '"')).includes(note), `${note} in the CSV`).toBe(true);
    expect(words.includes(note), `${note} in the SVG`).toBe(true);
  }
  const sentence = plain((await page.getByRole('region', { name: 'What happened so far' }).textContent()) ?? '');
  return { ...opened, data, notes, words, sentence, column };
}

/** The run at the pointer and its colour on the map that the page opens for the same experiment. */
async function onTheMap(page: Page) {
  await page.getByRole('link', { name: 'Can I stop it?' }).click();
  await page.getByRole('heading', { name: /^Which change keeps/ }).waitFor(); // its coming would close the list
  await page.getByRole('button', { name: 'See it another way' }).click();
  await page
    .getByRole('navigation', { name: 'See it another way' })
    .getByRole('link', { name: /^Where it happens/ })
    .press('Enter');
  await page.getByLabel('Cells').selectOption('32');
  await expect.poll(() => page.getByText(/runs in [\d.]+ s on the CPU/).count(), { timeout: 90_000 }).toBe(1);
  const run = page.getByRole('region', { name: 'The run under the pointer' });
  await expect.poll(() => run.locator('.words-of-run', { hasText: 'goes from' }).count()).toBe(1);
  const csv = (await save(page, 'Phase map: regime', 'CSV')).toString();
  return { csv, told: ((await run.locator('.words-of-run').textContent()) ?? '').replaceAll(/\s+/g, ' ').trim() };
}

test('a typed hinge: headline, sentence, shading, files and map tell one run', async () => {
  const { page, complaints, close, data, notes, words, sentence, column } = await openRun('train=both&loss=max(0%2C1-margin)', 100);
  const [seen = '', told = ''] = notes;
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/Why does\s+No\s+fall\?/);
  expect(seen).toContain('under max(0,1-margin), trained: both');
  expect(data.objective).toBe('max(0,1-margin)');

  // the rule, on the numbers of the file themselves
  const [shares, losses] = [column('p_No'), column('loss')];
  const isDisplaced = shares.map((p, step) => (shares[0] ?? 0) - p >= 0.05 && (losses[step] ?? 0) < (losses[0] ?? 0));
  const from = isDisplaced.indexOf(true);
  expect(isDisplaced.slice(from)).not.toContain(false);
  expect(data.displacements).toEqual([{ from, to: 100, kind: 'lasting' }]);
  expect(told).toContain(`displaced from update ${from} on`);
  const end = `${(100 * (shares.at(-1) ?? 0)).toFixed(1)} %`;
  expect(told).toContain(`to ${end}`);
  expect(sentence).toContain(`to ${end}`);

  // what is shaded in the chart is what the file names
  const chart = page.getByRole('region', { name: 'Training curves' }).locator('svg:has(rect.band)');
  const [band, line] = await Promise.all(
    ['rect.band', 'path.curve >> nth=0'].map((part) =>
      chart
        .locator(part)
        .first()
        .evaluate((drawn) => {
          const { x, width } = (drawn as SVGGraphicsElement).getBBox();
          return { x, width };
        }),
    ),
  );
  expect(await chart.locator('rect.band').count()).toBe(1);
  expect(((band?.x ?? 0) - (line?.x ?? 0)) / (line?.width ?? 1)).toBeCloseTo(from / 100, 3);
  expect(words).not.toMatch(/\b(drag|click|arrow keys|point at)\b/i);

  const map = await onTheMap(page);
  expect(map.csv).toContain('max(0,1-margin) over scale c and learning rate η');
  expect(map.csv).toMatch(/\n"max\(0,1-margin\)",.*,displaced,finished/);
  expect(map.told).toMatch(/^Coloured as displaced\. “No” goes from .*: displaced from update \d+ on\.$/);
  expect(complaints).toEqual([]);
  await close();
}, 180_000);

test('a step too large for a kink: the sentence and the files say that the run swings', async () => {
  const { complaints, close, notes, sentence, column } = await openRun('lr=0.3&loss=max(margin-2%2C2-margin)', 200);
  const quarter = column('p_No').slice(150);
  const ends = [Math.min(...quarter), Math.max(...quarter)].map((p) => `${(100 * p).toFixed(1)} %`);
  const swings = `swings between ${ends.join(' and ')}`;
  expect(notes[1]).toContain(swings);
  expect(sentence).toContain(swings);
  expect(complaints).toEqual([]);
  await close();
}, 180_000);
