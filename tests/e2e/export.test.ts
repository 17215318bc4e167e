import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { openPage, runEnds } from './site.ts';

/** Opens the menu of a panel and saves one format. */
async function save(page: Page, panel: string, format: string): Promise<Buffer> {
  await page.getByRole('button', { name: `Export: ${panel}` }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: new RegExp(`^${format} `) }).click(),
  ]);
  return readFile(await download.path());
}

/** What an image file shows by itself, on an empty page: its size, and its colours with how many pixels each has. */
const show = (page: Page, file: Buffer, type: string) =>
  page.evaluate(
    async (url) => {
      const image = new Image();
      image.src = url;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      const context = canvas.getContext('2d');
      context?.drawImage(image, 0, 0);
      const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      const colours: Record<string, number> = {};
      for (let i = 0; i < data.length; i += 4) {
        const colour = `rgb(${data[i]}, ${data[i + 1]}, ${data[i + 2]})`;
        colours[colour] = (colours[colour] ?? 0) + 1;
      }
      return { width: canvas.width, height: canvas.height, colours };
    },
    `data:${type};base64,${file.toString('base64')}`,
  );

/** Nothing that only the page could resolve, and nothing from elsewhere. */
const dependent = /\b(class|style|src)=|var\(|@import|<script|foreignObject|url\((?!["']?#)|href="(?!data:image\/png|#)/;

test('a figure, its numbers and its scripts are saved, and each stands alone', async () => {
  const { page, complaints, close } = await openPage('#v=1&step=30');
  await runEnds(page, 30);
  const svg = await save(page, 'Training curves', 'SVG');
  const text = svg.toString();
  expect(text).not.toMatch(dependent);
  for (const part of ['update 30 of 100', 'no random draws', /prefscope \d/, '#v=1&amp;step=30', 'displacement'])
    expect(text).toMatch(part);

  const empty = await page.context().newPage();
  const drawn = await show(empty, svg, 'image/svg+xml');
  expect(drawn.width).toBeGreaterThan(300);
  // the chosen answer's curve has its colour, which the page's style sheets gave it
  const [, chosen = ''] = /stroke="(rgb\([^"]+\))"[^>]*d="M/.exec(text) ?? /d="M[^>]*stroke="(rgb\([^"]+\))"/.exec(text) ?? [];
  expect(drawn.colours[chosen]).toBeGreaterThan(20);

  const png = await show(empty, await save(page, 'Training curves', 'PNG'), 'image/png');
  expect([png.width, png.height]).toEqual([2 * drawn.width, 2 * drawn.height]);
  expect(png.colours[chosen]).toBeGreaterThan(80);

  const csv = (await save(page, 'Training curves', 'CSV')).toString().trim().split('\n');
  const [head = '', ...rows] = csv.filter((line) => !line.startsWith('#'));
  expect(head.split(',').slice(0, 6)).toEqual(['step', 'loss', 'chosen_logp', 'rejected_logp', 'margin', 'logp_No']);
  expect(rows).toHaveLength(101);
  expect(rows.every((row) => row.split(',').length === head.split(',').length)).toBe(true);
  const json = JSON.parse((await save(page, 'Training curves', 'JSON')).toString());
  expect(json.steps[30].chosenLogps[0]).toBe(Number(rows[30]?.split(',')[2]));
  expect((await save(page, 'The objective', 'TeX')).toString()).toContain('\\log\\sigma');
  expect((await save(page, 'The objective', 'PyTorch')).toString()).toContain('F.logsigmoid(beta * margin)');
  expect((await save(page, 'The objective', 'TRL')).toString()).toContain('loss_type=["sigmoid"]');

  await page.getByRole('button', { name: 'Export: Why it happens' }).click();
  await page.keyboard.press('Escape');
  expect(await page.getByRole('button', { name: 'Export: Why it happens' }).getAttribute('aria-expanded')).toBe('false');
  expect(complaints).toEqual([]);
  await close();
});
