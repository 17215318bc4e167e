import { expect, test } from 'vitest';
import { groupObjectives, objectives } from '../../src/index.ts';
import { catalogueSize, searchCatalogue } from '../../src/views/objectives/catalogue-view.ts';

test('the page lists every objective of both catalogues, each with a formula and a sentence', () => {
  const all = searchCatalogue('').flatMap(([, members]) => members);
  expect(all).toHaveLength(catalogueSize);
  expect(new Set(all.map(({ id, of }) => `${of} ${id}`))).toEqual(
    new Set([...objectives.map(({ id }) => `pair ${id}`), ...groupObjectives.map(({ id }) => `group ${id}`)]),
  );
  for (const { tex, behaviour, parameters, told, measured } of all) {
    expect(measured).not.toBeNull();
    expect(told).toHaveLength(3);
    expect(tex.length).toBeGreaterThan(3);
    expect(behaviour).toMatch(/\.$/);
    for (const { symbol } of parameters) expect(symbol).not.toMatch(/[\\{}]/);
  }
});

test('is searched by name, alias and paper', () => {
  const ids = (query: string) => searchCatalogue(query).flatMap(([, members]) => members.map(({ id }) => id));
  expect(ids('sigmoid')).toContain('dpo');
  expect(ids('2305.18290')).toContain('dpo');
  expect(ids('plackett')).toContain('plackett_luce');
  expect(ids('no such loss')).toEqual([]);
});
