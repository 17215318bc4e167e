import { expect, test } from 'vitest';
import { npyFile } from '../shared/array-files.ts';
import { dependent, save } from './saved.ts';
import { openPage } from './site.ts';

const npy = (values: readonly number[], shape: string) => Buffer.from(npyFile(Float32Array.from(values), shape));

test("numbers of the reader's own model: a bad row is named, margins and CHES are shown, a bad array is refused by name", async () => {
  const { page, complaints, close } = await openPage('#v=1&view=pairs');
  const logps = page.getByRole('region', { name: 'Log-probs of your own model' });
  const hidden = page.getByRole('region', { name: 'Hidden states of your own model' });
  const csv = 'logps/chosen,logps/rejected,ref_chosen_logps,ref_rejected_logps\n-5,-6,-4,-4\n-1,x,-1,-1\n-3,-2,-3,-1\n';
  await logps.locator('input[type=file]').setInputFiles({ name: 'logps.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await expect.poll(() => logps.getByText('logps.csv: 2 pairs').count()).toBe(1);
  await logps.getByText('1 line was left out').click();
  expect(await logps.getByRole('listitem').filter({ hasText: 'Line 3:' }).textContent()).toContain('"rejected_logp" is "x"');
  // margins 1 and -1: one of two is ranked right; both margins grew
  expect(await logps.getByRole('definition').first().textContent()).toBe('50.0\u202f%');
  expect(await logps.getByRole('definition').nth(2).textContent()).toBe('100.0\u202f%');

  const svg = (await save(page, 'Log-probs of your own model', 'SVG')).toString();
  expect(svg).not.toMatch(dependent);
  for (const part of ['Log-probs of logps.csv.', '2 pairs', 'Margins']) expect(svg).toContain(part);
  expect(svg).not.toContain('Save CSV');
  const saved = (await save(page, 'Log-probs of your own model', 'CSV')).toString().trim().split('\n');
  expect(saved.slice(-2).map((line) => line.split(',').slice(0, 3))).toEqual([
    ['2', '1', '1'],
    ['4', '-1', '1'],
  ]);
  const report = (await save(page, 'Log-probs of your own model', 'Markdown')).toString();
  for (const part of ['# 1 of 2 pairs are displaced', '<svg', '| chosen response fell | 1 of 2 |', '| DPO']) expect(report).toContain(part);

  // token by token: Yes −0.5, the full stop −0.25 in chosen and −0.5 in rejected, No −3
  const tokens = JSON.stringify({
    ...{ chosen_tokens: ['Yes', '.'], chosen_logps: [-1.5, -0.5], ref_chosen_logps: [-1, -0.25] },
    ...{ rejected_tokens: ['No', '.'], rejected_logps: [-4, -1], ref_rejected_logps: [-1, -0.5] },
  });
  await logps.locator('input[type=file]').setInputFiles({ name: 'tokens.jsonl', mimeType: '', buffer: Buffer.from(tokens) });
  const lost = logps.getByRole('table').filter({ hasText: 'Tokens that lost' }).getByRole('row');
  await expect
    .poll(async () => (await lost.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim()))
    .toEqual(['Tokens that lost in chosen in rejected sum', 'No 0 1 −3.00', '. 1 1 −0.75', 'Yes 1 0 −0.50']);
  await logps.locator('input[type=file]').setInputFiles({ name: 'logps.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await expect.poll(() => logps.getByText('logps.csv: 2 pairs').count()).toBe(1);

  const files = (rejected: Buffer) => [
    { name: 'chosen.npy', mimeType: '', buffer: npy([1, 2, 3, 4, 1, 0], '3, 2') },
    { name: 'rejected.npy', mimeType: '', buffer: rejected },
  ];
  await hidden.locator('input[type=file]').setInputFiles(files(npy([1, 1, 1, 1], '3, 2')));
  await expect.poll(() => hidden.getByRole('alert').textContent()).toMatch(/rejected array: The file is cut off/);
  await hidden.locator('input[type=file]').setInputFiles(files(npy([1, 1, 0, 1, 1, 1], '3, 2')));
  // ⟨(1,2),(1,1)⟩ - 5 = -2; ⟨(3,4),(0,1)⟩ - 25 = -21; ⟨(1,0),(1,1)⟩ - 1 = 0
  await expect.poll(() => hidden.getByRole('cell').allTextContents()).toEqual(['0.0', '1.0', '−2.0', '1.0', '−21.0', '4.2']);
  // the bad row is the second pair's: the other two are drawn against what happened
  expect(await hidden.getByText(/Rank correlation \(Spearman\)/).count()).toBe(1);
  expect(complaints).toEqual([]);
  await close();
});
