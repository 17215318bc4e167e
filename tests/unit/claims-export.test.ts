import { expect, test, vi } from 'vitest';
import { claims } from '../../src/atlas/claims.ts';
import { openEngine } from '../../src/index.ts';
import { itemsOf, provenance } from '../../src/shell/exports/export.ts';
import { csvOf } from '../../src/shell/exports/export-table.ts';
import { readLink } from '../../src/shell/links/link.ts';
import { ClaimsLab } from '../../src/views/claims/claims.svelte.ts';
import { claimExports, claimsExports } from '../../src/views/claims/claims-export.ts';
import { catalogueExports } from '../../src/views/objectives/catalogue-export.ts';
import { searchCatalogue } from '../../src/views/objectives/catalogue-view.ts';

const claimOf = (id: string) => claims.find((claim) => claim.id === id) ?? expect.fail(`There is no claim ${id}.`);
const formatsOf = (exports: Parameters<typeof itemsOf>[0]) => itemsOf(exports).map(({ format }) => format);
const closes = (tex: string) => {
  expect(tex.split('\\[').length).toBe(tex.split('\\]').length);
  expect(tex.split('{').length).toBe(tex.split('}').length);
};

test('a measured claim is its values seed by seed, its verdict and its formula; one that is not measured is its formula', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const lab = new ClaimsLab();
  lab.restore({ seeds: 3, seed: 5, claim: null });
  lab.use(engine, claims);
  const [fine, negative, other] = [claimOf('suffix-rates'), claimOf('margin-falls'), claimOf('suffix-cosine')];
  lab.run([fine, negative]);
  await vi.waitFor(() => expect(lab.isRunning).toBe(false), { timeout: 120_000, interval: 10 });

  expect(formatsOf(claimExports(lab, other))).toEqual(['svg', 'png', 'tex']);
  const one = claimExports(lab, fine);
  expect(formatsOf(one)).toEqual(['svg', 'png', 'csv', 'json', 'tex']);
  const status = lab.status(fine);
  if (status.kind !== 'measured') throw new Error('The claim was not measured.');
  const [, head] = provenance(one, '');
  expect(head).toMatch(/^holds: .* · seed 5 to 7 · CPU, float64 · prefscope /);
  expect(readLink(`#${one.hash ?? ''}`).route).toBe('claims');

  const whole = claimsExports(lab, claims);
  expect(whole.state).toBe(`2 of ${claims.length} claims measured`);
  const table = whole.table?.() ?? { columns: [], rows: [] };
  expect(table.rows).toHaveLength(6);
  const at = (name: string) => table.columns.indexOf(name);
  expect(table.rows.slice(0, 3).map((row) => row[at('value')])).toEqual(status.result.values);
  expect(table.rows.map((row) => row[at('seed')])).toEqual([5, 6, 7, 5, 6, 7]);
  expect(table.rows.map((row) => row[at('verdict')]).slice(2, 4)).toEqual(['holds', 'does not hold']);
  expect(table.rows[0]?.[at('threshold')]).toBe(status.result.verdict.threshold);
  expect(csvOf(table, []).trim().split('\n')).toHaveLength(7);
  const data = JSON.parse(JSON.stringify(whole.data?.()));
  expect(data.claims[0]).toMatchObject({ id: 'suffix-rates', result: { backend: 'cpu', seeds: 3, values: status.result.values } });

  const tex = whole.tex?.(['a note']) ?? '';
  closes(tex);
  for (const { exact } of claims) expect(tex).toContain(exact.tex);
  engine.dispose();
});

test('every objective of the catalogue has its formula and what was measured of it, and one of pairs its trainer', () => {
  for (const entry of searchCatalogue('').flatMap(([, members]) => members)) {
    const exports = catalogueExports(entry);
    expect(formatsOf(exports)).toEqual(entry.of === 'pair' ? ['svg', 'png', 'json', 'tex', 'trl'] : ['svg', 'png', 'json', 'tex']);
    expect(exports.data?.()).toMatchObject({ objective: entry.id, measured: { shared: {}, free: {} } });
    if (exports.tex) closes(exports.tex(['a note']));
  }
});
