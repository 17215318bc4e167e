import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { moved } from '../../src/core/regime.ts';
import { groupObjectives, objectives } from '../../src/index.ts';
import { CatalogueRuns } from '../../src/views/objectives/catalogue-runs.svelte.ts';
import {
  catalogueEntries,
  catalogueSize,
  countOf,
  courses,
  families,
  familySlug,
  searchCatalogue,
} from '../../src/views/objectives/catalogue-view.ts';

test('the page lists every objective of both catalogues, each with a formula and a sentence', () => {
  const all = searchCatalogue({ query: '' }).flatMap(([, members]) => members);
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
  const ids = (query: string) => searchCatalogue({ query }).flatMap(([, members]) => members.map(({ id }) => id));
  expect(ids('sigmoid')).toContain('dpo');
  expect(ids('2305.18290')).toContain('dpo');
  expect(ids('plackett')).toContain('plackett_luce');
  expect(ids('no such loss')).toEqual([]);
});

test('is narrowed by family and by what No does, each of them a part of the whole', () => {
  const all = countOf(searchCatalogue({ query: '' }));
  const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
  expect(sum(families.map((family) => countOf(searchCatalogue({ query: '', family: familySlug(family) }))))).toBe(all);
  expect(sum(courses.map((course) => countOf(searchCatalogue({ query: '', course }))))).toBe(all);
  expect(new Set(families.map(familySlug)).size).toBe(families.length);
  for (const { course, measured } of catalogueEntries) {
    const change = (measured?.shared.after ?? Number.NaN) - (measured?.shared.start ?? Number.NaN);
    // from an edge within rounding either word is right
    if (Math.abs(Math.abs(change) - moved.points) > 1e-4)
      expect(course).toBe(change < -moved.points ? 'falls' : change > moved.points ? 'rises' : 'stays');
  }
  const both = searchCatalogue({ query: 'margin', course: 'falls' }).flatMap(([, members]) => members);
  expect(both.length).toBeGreaterThan(0);
  for (const { course, words } of both) expect([course, words.includes('margin')]).toEqual(['falls', true]);
});

beforeAll(() => {
  vi.stubGlobal('requestAnimationFrame', (next: () => void) => setTimeout(next));
});
afterAll(() => {
  vi.unstubAllGlobals();
});

test('the small pictures are the runs that were measured', async () => {
  const runs = new CatalogueRuns();
  await runs.train();
  for (const entry of catalogueEntries) {
    const shares = runs.of(entry);
    const { start, after } = entry.measured?.shared ?? { start: Number.NaN, after: Number.NaN };
    // five digits are kept, and platforms differ in the last bit of an exponential
    expect(Math.abs((shares?.[0]?.[0] ?? Number.NaN) - start), entry.id).toBeLessThan(1e-4);
    expect(Math.abs((shares?.at(-1)?.[0] ?? Number.NaN) - after), entry.id).toBeLessThan(1e-4);
  }
});
