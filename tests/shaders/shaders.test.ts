import { describe, expect, test } from 'vitest';
import { reduceSums } from '../../src/backend/webgpu/kl-slots.ts';
import { generateBindings } from '../../src/build/generate/generate-bindings.ts';
import { sources, stems, variantsOf } from './composed.ts';
import { findRaces } from './races.ts';

test('the generated binding tables are fresh', () => {
  expect(generateBindings({ write: false })).toEqual([]);
});

describe.each(stems)('shaders/%s.wgsl', (stem) => {
  test('composes with every choice of its slots', () => {
    for (const code of variantsOf(stem)) {
      expect(code).not.toMatch(/\/\/#/);
      expect(code).toMatch(new RegExp(`fn ${stem}\\w*\\(`));
      // WGSL wants its `enable` lines first.
      expect(code.lastIndexOf('\nenable ')).toBeLessThan(code.indexOf('fn '));
    }
  });

  test('has no race in workgroup memory', () => {
    for (const code of variantsOf(stem)) expect(findRaces(code)).toEqual([]);
  });

  test('shared files hold no bindings and no entry points', () => {
    for (const [name, text] of sources) if (name.includes('/')) expect(text, name).not.toMatch(/@binding|@compute/);
  });
});

test.each(['log_softmax', 'log_sum_exp', 'sequence_logps', 'preference_gradients', 'row_gradients', 'kl_gradient'])(
  '%s states its minimum bytes',
  (stem) => {
    expect(sources.get(stem)).toMatch(/^\/\/ Minimum bytes: /m);
  },
);

describe('the race lint', () => {
  const wrap = (body: string) => `var<workgroup> s: array<f32, 64>;\nfn f(lane: u32) {\n${body}\n}`;

  test.each([
    ['a neighbour read at once', 's[lane] = 1.0; let x = s[lane + 1u];'],
    [
      'a tree without its barrier',
      's[lane] = 1.0; for (var h = 32u; h > 0u; h /= 2u) { if (lane < h) { s[lane] = s[lane] + s[lane + h]; } }',
    ],
    ['a result read too early', 's[lane] = 1.0; workgroupBarrier(); s[lane] = 2.0; let x = s[0];'],
    ['memory reused too early', 's[lane] = 1.0; workgroupBarrier(); let x = s[0]; s[lane] = x;'],
    ['a barrier that some lanes miss', 's[lane] = 1.0; if (lane < 3u) { workgroupBarrier(); } let x = s[lane];'],
    ['a hazard carried by a loop', 'for (var i = 0u; i < 2u; i++) { let x = s[lane + 1u]; workgroupBarrier(); s[lane] = x; }'],
  ])('finds %s', (_, body) => {
    expect(findRaces(wrap(body))).not.toEqual([]);
  });

  test('accepts a lane that reads what it wrote itself', () => {
    expect(findRaces(wrap('s[lane] = 1.0; let x = s[lane]; workgroupBarrier(); let y = s[lane + 1u];'))).toEqual([]);
  });

  // On a software adapter no result changes, so it is the lint that must notice.
  test.each([
    ['shared/reduce_plain', sources.get('shared/reduce_plain') ?? ''],
    ['shared/reduce_subgroups', sources.get('shared/reduce_subgroups') ?? ''],
    ['the sums of a workgroup', reduceSums(false)],
    ['the sums of subgroups', reduceSums(true)],
  ])('misses no barrier of %s', (_, text) => {
    const barriers = [...text.matchAll(/workgroupBarrier\(\);/g)];
    expect(barriers.length).toBeGreaterThan(0);
    for (const { index } of barriers)
      expect(findRaces(text.slice(0, index) + text.slice(index + 'workgroupBarrier();'.length))).not.toEqual([]);
  });
});
