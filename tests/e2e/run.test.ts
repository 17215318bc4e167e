import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { problemsOf } from './axe.ts';
import { countShifts, shiftOf } from './first-screen.ts';
import { dependent, save } from './saved.ts';
import { openPage } from './site.ts';

const fixture = (name: string) => ({ name, mimeType: '', buffer: readFileSync(`tests/golden/reports/${name}`) });
const rows = (count: number, row: (t: number, i: number) => object) =>
  Array.from({ length: count }, (_, i) => JSON.stringify({ ...row(i / (count - 1), i), step: 10 * i })).join('\n');
const made = (name: string, text: string) => ({ name, mimeType: '', buffer: Buffer.from(text) });

const title = (page: Page) => page.locator('#reading-title');
const choose = (page: Page, ...files: ReturnType<typeof made>[]) => page.locator('.run input[type=file][multiple]').setInputFiles(files);

const logs = [
  { file: fixture('trainer_state.json'), says: /^Yes, from step 50: chosen has fallen, rejected further$/ },
  { file: fixture('log-chosen-and-rejected-fall.jsonl'), says: /^Yes, from step 50: chosen has fallen, rejected further$/ },
  { file: fixture('console-log-dicts.jsonl'), says: /^The loss stays at ln 2, as if nothing were trained$/ },
  { file: fixture('console-log-stuck-at-ln2.txt'), says: /^The loss stays at ln 2, as if nothing were trained$/ },
  {
    file: made(
      'explodes.jsonl',
      rows(20, (t) => ({ loss: 0.7 - 0.6 * t, 'rewards/margins': 40 * t * t })),
    ),
    says: /^The margin runs away, from step 1\d0: .* at the end$/,
  },
  {
    file: made('nan.jsonl', rows(8, (t, i) => ({ loss: i < 5 ? 0.7 - t : null })).replaceAll('null', 'NaN')),
    says: /^The run breaks, from step 50: its numbers are not finite$/,
  },
  {
    file: made(
      'grpo.jsonl',
      rows(12, (t) => ({ loss: 0, reward: t, kl: t / 100, grad_norm: 0.4, completion_length: 100 })),
    ),
    says: /^The loss is next to 0, from step 0, which by itself is usual with GRPO$/,
  },
  {
    file: made('quiet.csv', `step,loss\n${Array.from({ length: 12 }, (_, i) => `${i},${0.6 - i / 100}`).join('\n')}\n`),
    says: /^It fits none of the known stories/,
  },
];

describe('a training log', () => {
  test('is named in one step, whatever it is written as', async () => {
    const { page, complaints, close } = await openPage('#/mine');
    for (const { file, says } of logs) {
      await choose(page, file);
      await expect
        .poll(async () => (await title(page).textContent())?.replaceAll(/\s+/g, ' ').trim(), { message: file.name })
        .toMatch(says);
    }
    expect(complaints).toEqual([]);
    await close();
  });

  test('is read in the numbers of a calculator, and said again by its picture', async () => {
    const { page, complaints, close } = await openPage('#/mine');
    await choose(page, fixture('trainer_state.json'));
    const evidence = page.getByRole('table', { name: 'Evidence' });
    // −1.96 and −6.65 of the last row, divided by 0.1
    await expect.poll(() => evidence.getByRole('row').first().textContent()).toContain('−19.6');
    expect(await evidence.getByRole('row').nth(1).textContent()).toContain('−66.5');
    const slider = page.getByRole('slider', { name: 'Step of the log' });
    await slider.focus();
    await slider.press('Home');
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^Step 0: chosen 0, rejected 0, margin 0/);
    await slider.press('ArrowRight');
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^Step 50: chosen −2.8, rejected −9.5/);
    expect(complaints).toEqual([]);
    await close();
  });

  test('takes its β from the reader, in the link, where it does not tell it', async () => {
    const { page, close } = await openPage('#/mine');
    await choose(
      page,
      made(
        'falls.jsonl',
        rows(10, (t) => ({ 'rewards/chosen': -2 * t, 'rewards/rejected': -4 * t })),
      ),
    );
    await page.getByRole('button', { name: 'My β is 0.1' }).click();
    await expect.poll(() => page.getByRole('table', { name: 'Evidence' }).textContent()).toContain('chosen, Δ log π (nats)');
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('beta=0.1');
    await close();
  });

  test('can be laid under another, is pasted, and saved as a report that needs nothing else', async () => {
    const { page, complaints, close } = await openPage('#/mine');
    await page.getByLabel('or paste lines of a console').fill(readFileSync('tests/golden/reports/console-log-stuck-at-ln2.txt', 'utf8'));
    await page.getByLabel('or paste lines of a console').blur();
    await expect.poll(() => title(page).textContent()).toContain('as if nothing were trained');
    await choose(page, fixture('trainer_state.json'), fixture('log-chosen-and-rejected-fall.jsonl'));
    await expect.poll(() => page.getByText('dashed:').count()).toBe(1);
    expect(await page.locator('.stack-room path.beside').count()).toBeGreaterThan(4);
    const html = (await save(page, 'Your run', 'HTML')).toString();
    expect(/<svg[\s\S]*<\/svg>/.exec(html)?.[0]).not.toMatch(dependent);
    expect(html).not.toMatch(/<script|<link|\ssrc=|@import|url\((?!#)/);
    // the charts have room in it: lines across them, and what is said of them below
    const across = [...html.matchAll(/<line x1="([\d.]+)" x2="([\d.]+)"/g)].map(([, from, to]) => Number(to) - Number(from));
    expect(across.filter((length) => length > 300).length).toBeGreaterThan(4);
    for (const part of ['<svg', 'chosen has fallen', '−19.6', 'The loss asks for the gap alone', 'loss_type='])
      expect(html).toContain(part);
    const markdown = (await save(page, 'Your run', 'Markdown')).toString();
    for (const part of ['# Yes, from step 50', '<svg', '| chosen, Δ log π (nats) | 0 | −19.6 |']) expect(markdown).toContain(part);
    expect(complaints).toEqual([]);
    await close();
  });

  test('may be several files of one run, and a gzip file of several members', async () => {
    const { page, complaints, close } = await openPage('#/mine');
    const single = (name: string, value: (t: number) => number) =>
      made(name, `Wall time,Step,Value\n${Array.from({ length: 12 }, (_, i) => `17,${10 * i},${value(i / 11)}`).join('\n')}\n`);
    const files = [single('a-tag-train_rewards_chosen.csv', (t) => -2 * t), single('a-tag-train_rewards_rejected.csv', (t) => -6 * t)];
    await choose(
      page,
      ...files,
      single('a-tag-train_loss.csv', (t) => 0.69 - 0.5 * t),
    );
    await expect.poll(() => title(page).textContent()).toContain('chosen');
    expect(await page.getByRole('table', { name: 'Evidence' }).getByRole('row').allTextContents()).toHaveLength(3);
    expect(await page.getByText('3 files are read as one run').count()).toBe(1);
    // a third run is not passed over in silence
    await choose(
      page,
      ...['one.jsonl', 'two.jsonl', 'three.jsonl'].map((name) => ({ ...fixture('log-chosen-and-rejected-fall.jsonl'), name })),
    );
    await expect.poll(async () => (await page.getByRole('alert').allTextContents()).join()).toContain('three.jsonl was not opened');
    expect(await page.getByText('dashed:').count()).toBe(1);
    const lines = readFileSync('tests/golden/reports/log-chosen-and-rejected-fall.jsonl', 'utf8').trim().split('\n');
    const members = Buffer.concat(lines.map((line) => gzipSync(`${line}\n`)));
    await choose(page, { name: 'members.jsonl.gz', mimeType: '', buffer: members });
    await expect.poll(() => page.getByText('members.jsonl.gz').count()).toBe(1);
    expect(await page.getByText(`${lines.length} rows,`).count()).toBe(1);
    expect(complaints).toEqual([]);
    await close();
  });

  test('opened among pairs leads here, and pairs opened here lead there', async () => {
    const { page, complaints, close } = await openPage('#/mine/pairs');
    await page.locator('.pairs input[type=file]').first().setInputFiles(fixture('trainer_state.json'));
    await expect.poll(() => title(page).textContent()).toContain('chosen');
    await expect.poll(() => page.evaluate(() => location.hash)).toMatch(/^#\/mine(\?|$)/);
    const pair = (chosen: string, rejected: string) => JSON.stringify({ prompt: 'Say it.', chosen, rejected });
    await choose(
      page,
      made('pairs.jsonl', [pair('it is so', 'it is not'), pair('it is not', 'it is so'), pair('one more', 'and less')].join('\n')),
    );
    await expect.poll(() => page.getByRole('heading', { name: 'pairs.jsonl' }).count()).toBe(1);
    // a note leads to its row
    await page.locator('[data-note="contradictions"]').getByRole('button', { name: 'Show it' }).click();
    const table = page.locator('[data-part="pairs-every"]');
    await expect.poll(() => table.getByRole('status').textContent()).toBe('1 pair');
    expect(complaints).toEqual([]);
    await close();
  });

  test('stands in one screen of five sizes, before and after, and nothing is out of reach', async () => {
    const { page, complaints, close } = await openPage('#/mine', { untouched: true, before: countShifts });
    await page.getByRole('button', { name: 'Both fall' }).waitFor();
    expect(await problemsOf(page, { every: true })).toEqual([]);
    expect(await shiftOf(page)).toBeLessThan(0.05);
    for (const open of [false, true]) {
      if (open) {
        await page.getByRole('button', { name: 'Show me one' }).click();
        await title(page).waitFor();
        expect(await problemsOf(page, { every: true })).toEqual([]);
      }
      for (const [width, height] of [
        [1440, 900],
        [1366, 768],
        [1280, 720],
        [1024, 768],
        [390, 844],
      ] as const) {
        await page.setViewportSize({ width, height });
        await expect
          .poll(() => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), { message: `${width} wide` })
          .toBe(true);
        const seen = await page.locator('.run .picture').boundingBox();
        expect(seen && seen.y + seen.height <= height, `${width} × ${height}`).toBe(true);
        if (!open) continue;
        const named = await title(page).boundingBox();
        expect(named && named.y + named.height <= height, `the reading at ${width} × ${height}`).toBe(true);
      }
    }
    expect(complaints).toEqual([]);
    await close();
  });
});
