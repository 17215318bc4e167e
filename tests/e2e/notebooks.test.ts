import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listNotebooks } from '../../src/build/notebooks.ts';
import { problemsOf } from './axe.ts';
import { engineOpens, openPage, openSections, percentOf, runEnds } from './site.ts';

const root = resolve(import.meta.dirname, '../..');
const names = listNotebooks(root).map(({ name }) => name);

/** Every cell has run, or has failed. */
const settled = (page: Page) =>
  expect.poll(() => page.evaluate(() => document.documentElement.dataset['notebook'])).not.toMatch(/^(running|undefined)$/);

/** What the notebook says of its checks: one line each. */
const checksOf = (page: Page, verdict: 'holds' | 'off') => page.locator(`[data-verdict="${verdict}"]`).allTextContents();

describe.each(names)('%s', (name) => {
  test.each([
    ['webgpu', 'WebGPU in float32', 'light', 1440],
    ['cpu', 'the CPU engine in float64', 'dark', 390],
  ] as const)('runs top to bottom on %s, and every check holds', async (engine, words, colorScheme, width) => {
    const { page, complaints, close } = await openPage(`notebooks/${name}.html?engine=${engine}`, {
      colorScheme,
      viewport: { width, height: 844 },
    });
    await settled(page);
    expect(await page.locator('[data-state="failed"]').allTextContents()).toEqual([]);
    expect(await checksOf(page, 'off')).toEqual([]);
    expect((await checksOf(page, 'holds')).length).toBeGreaterThan(0);
    expect(await page.getByText(`Computed here, by ${words}`).count()).toBe(1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    if (engine === 'cpu') expect(await problemsOf(page)).toEqual([]); // what stands there is the same on both
    expect(complaints).toEqual([]);
    await close();
  });
});

test('a panel of the page opens as a cell of a notebook with the same experiment, and the notebook in the page', async () => {
  const experiment = '/why?v=3&train=both&scale=2&lr=0.05';
  const { page, complaints, close } = await openPage(`?engine=cpu#v=1&train=both&scale=2&lr=0.05`);
  await runEnds(page); // a run that has ended is linked at its end
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('link', { name: 'Open this in a notebook' }).click();
  await page.waitForURL(`**/notebooks/displacement.html#${experiment}&step=100`);
  await settled(page);
  const back = page.getByRole('link', { name: 'Open this experiment in the page' });
  expect(await back.getAttribute('href')).toBe(`../#${experiment}`);
  // the panel's run is that of the link: 0.799 is where No ends below the flip, 0.003 where it ends by default
  await expect.poll(() => percentOf(page, 'No')).toBeCloseTo(79.9, 1);
  await back.click();
  await engineOpens(page);
  await openSections(page, 'Change the run');
  await expect.poll(() => page.getByRole('textbox', { name: /Scale/ }).inputValue()).toBe('2');
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('link', { name: 'All notebooks' }).click();
  await expect.poll(() => page.title()).toBe('Notebooks · prefscope');
  expect(await page.getByRole('list').getByRole('link').count()).toBe(names.length);
  expect(await problemsOf(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});

test('the page itself loads nothing of the notebooks', () => {
  const page = readFileSync(resolve(root, 'dist/index.html'), 'utf8');
  const loaded = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path ?? '');
  expect(loaded.length).toBeGreaterThan(1);
  for (const path of loaded) expect(readFileSync(resolve(root, 'dist', path), 'utf8'), path).not.toContain('observablehq');
});

describe('the development server', () => {
  let server: ChildProcess;
  let printed = '';
  const site = () => /Local:\s+(http:\S+\/)/.exec(printed)?.[1] ?? '';
  beforeAll(() => {
    const { NODE_ENV: _mode, VITEST: _vitest, ...environment } = process.env;
    server = spawn(process.execPath, ['node_modules/vite/bin/vite.js', '--port', '0', '--host', 'localhost'], {
      cwd: root,
      env: { ...environment, NO_COLOR: '1' },
    });
    server.stdout?.on('data', (text: Buffer) => {
      printed += text;
    });
  });
  afterAll(() => server?.kill());

  test('lists every notebook', async () => {
    await expect.poll(site).not.toBe('');
    for (const name of names) await expect.poll(() => printed).toContain(`notebooks/${name}.html`); // the list follows the address
  });

  test('what fails says what and where, and leaves the rest running', async () => {
    const { page, close } = await openPage('', {});
    await page.goto(`${site()}tests/notebooks/broken.html?engine=cpu`);
    await settled(page);
    const cell = (id: number) => page.locator(`#cell-${id}`);
    expect(await page.evaluate(() => document.documentElement.dataset['notebook'])).toBe('failed');
    expect(await page.getByRole('status').textContent()).toMatch(/2 of 2 checks do not hold,\s+3 cells have failed/);
    expect(await checksOf(page, 'off')).toHaveLength(2);
    expect(await cell(3).textContent()).toMatch(/ExperimentError: experiment\.pairs\[0\]\.rejected must be[\s\S]*Cell 3, line 5\./);
    expect(await cell(4).textContent()).toMatch(/There is no steps[\s\S]*Cell 4/);
    expect(await cell(5).textContent()).toMatch(/SyntaxError: Unexpected token \(2:14\): display\(fine \+; 1\);[\s\S]*Cell 5, line 2\./);
    expect((await cell(6).textContent())?.trim()).toBe('This cell runs.');
    await close();
  });
});
