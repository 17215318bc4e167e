// @module-tag slow
import { readdirSync, readFileSync } from 'node:fs';
import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readData } from '../../src/data/read-data.ts';
import { npyFile, safetensorsFile, zipFile } from '../shared/array-files.ts';

/** 2000 take minutes on a busy core: `FILES=2000` runs them. */
const RUNS = Number(process.env['FILES'] ?? 300);

const folder = (name: string): Buffer[] => {
  const url = new URL(`../golden/${name}/`, import.meta.url);
  return readdirSync(url).map((file) => readFileSync(new URL(file, url)));
};
const floats = Float32Array.of(-1, -2, -3, -4);
const arrays = { 'chosen_logps.npy': npyFile(floats, '4,'), 'rejected_logps.npy': npyFile(floats, '2, 2') };
const reports = folder('reports');
const seeds: Uint8Array[] = [
  ...reports,
  ...folder('files'),
  ...folder('attack'),
  gzipSync(reports[0] ?? ''),
  zipFile(arrays, null),
  zipFile(arrays, deflateRawSync),
  safetensorsFile({ chosen_logps: [floats, [4]], rejected_logps: [floats, [4]], hidden: [floats, [1, 2, 2]] }),
  Buffer.from('\uFEFF{"prompt":"a b","chosen":"c d","rejected":"e"}', 'utf16le'),
  Buffer.from('Wall time,Step,Value\n1,1,0.5\n2,2,0.4\n'),
  Buffer.from('"Step","a - train/loss","b - train/loss"\n1,0.5,0.4\n2,0.4,0.3\n'),
];

const pieces = fc.oneof(
  fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      ...[
        '"',
        "'",
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        ';',
        '\\',
        '\n',
        '\r',
        '\t',
        '\0',
        '\uFEFF',
        '\uFFFD',
        'NaN',
        '-Infinity',
        'None',
        '1e999',
        '{"',
        '"}',
        '[[[[',
      ],
      ...[
        'tensor(',
        '"chosen":',
        '"step": 3',
        "{'loss': nan}",
        'PAR1',
        'PK',
        '\x1f\x8b',
        '\x80\x04',
        '__proto__',
        '-1,5',
        'é',
        '你',
        '\ud800',
        '<|im_start|>assistant\n',
      ],
    )
    .map((text) => Buffer.from(text)),
);
const edits = fc.array(fc.record({ at: fc.nat(), cut: fc.oneof(fc.nat(4), fc.nat(200)), put: pieces }), { minLength: 1, maxLength: 8 });

test('the files tampered with below are, untouched, of every kind', async () => {
  const kinds = new Set<string>();
  for (const bytes of seeds) kinds.add((await readData({ name: 'd', bytes })).kind);
  for (const kind of ['pairs', 'logps', 'log', 'refused', 'unpaired']) expect([...kinds]).toContain(kind);
});

test('a file of any kind that was tampered with is read, or refused with a reason: nothing throws, hangs, or passes in silence', async () => {
  const count: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(fc.nat(seeds.length - 1), edits, fc.constantFrom('a.jsonl', 'b.csv', 'c.npy', 'd'), async (seed, changes, name) => {
      let bytes = Buffer.from(seeds[seed] ?? []);
      for (const { at, cut, put } of changes) {
        const place = at % (bytes.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + cut)]);
      }
      const data = await readData({ name, bytes: new Uint8Array(bytes) });
      count[data.kind] = (count[data.kind] ?? 0) + 1;
      if (data.kind === 'refused') {
        expect(data.reason).toMatch(/^[\p{Lu}“"].{15,600}[.)”]$/su);
        return;
      }
      expect(data.format).toMatch(/.{8}/);
      for (const note of data.notes) expect(note.text).toMatch(/^.{10,1500}\.$|import pandas/s);
      // what is left out is counted, and its places are lines that the file has
      expect(data.problems.length).toBe(Math.min(data.problemCount, 1000));
      for (const { line, problem } of data.problems) expect([line >= 1, problem.length > 8]).toEqual([true, true]);
      if (data.problemCount > 0)
        expect(data.notes.some(({ kind, text }) => kind === 'dropped' && text.includes(`${data.problems[0]?.line}`))).toBe(true);
      if (data.kind === 'pairs') {
        expect(data.pairs.length).toBeGreaterThan(0);
        for (const { prompt, chosen, rejected } of data.pairs) {
          expect(`${prompt}${chosen}${rejected}`).not.toContain('\uFFFD');
          expect(chosen).not.toBe(rejected);
        }
      } else if (data.kind === 'log') {
        expect(data.steps.length).toBeGreaterThan(0);
        for (const column of Object.values(data.columns)) expect(column).toHaveLength(data.steps.length);
      } else if (data.kind === 'logps') {
        for (const { chosen, rejected } of data.rows) expect([chosen > 0, rejected > 0]).toEqual([false, false]);
      } else expect('rows' in data ? data.rows.length : data.shape.length).toBeGreaterThan(0);
    }),
    { numRuns: RUNS },
  );
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  console.info(count);
});
