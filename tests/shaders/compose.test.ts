import { expect, test } from 'vitest';
import { compose, slotsOf } from '../../src/backend/webgpu/compose.ts';
import { shaderError } from '../../src/backend/webgpu/pipelines.ts';
import { sources as shaderSources, stems } from './composed.ts';

const sources = new Map([
  ['kernel', '//#include shared/a\n//#include shared/b\nfn kernel() {\n//#slot objective\n}'],
  ['shared/a', '//#include shared/b\nfn a() {}'],
  ['shared/b', 'fn b() {}'],
]);

test('each file is included once, where it is first named, and every line knows where it is from', () => {
  const { code, lines } = compose('kernel', sources, { objective: 'one\ntwo' });
  expect(code.split('\n')).toEqual(['fn b() {}', 'fn a() {}', 'fn kernel() {', 'one', 'two', '}']);
  expect(lines.map(({ file, line }) => `${file}:${line}`)).toEqual([
    'shaders/shared/b.wgsl:1',
    'shaders/shared/a.wgsl:2',
    'shaders/kernel.wgsl:3',
    '<objective>:1',
    '<objective>:2',
    'shaders/kernel.wgsl:5',
  ]);
});

test('what is missing is named with its place', () => {
  expect(() => compose('kernel', sources)).toThrow("shaders/kernel.wgsl:4: no text was given for slot 'objective'.");
  expect(() => compose('x', new Map([['x', '//#include shared/none']]))).toThrow('shaders/x.wgsl:1: there is no shaders/shared/none.wgsl.');
});

test('slots are found through includes', () => {
  expect(slotsOf('kernel', sources)).toEqual(['objective']);
  expect(slotsOf('shared/a', sources)).toEqual([]);
});

test('a compile error shows message, place in the written file, and source', () => {
  const composed = compose('kernel', sources, { objective: 'let x = 1\nlet y = ;' });
  const error = shaderError(composed, [{ message: 'expected expression', lineNum: 5, linePos: 9 }]);
  expect(error.name).toBe('ShaderError');
  expect(error.message).toBe(`<objective>:2:9: expected expression\n  let y = ;\n  ${' '.repeat(8)}^`);
});

test('shared files hold neither bindings nor entry points', () => {
  const shared = [...shaderSources].filter(([path]) => path.startsWith('shared/'));
  expect(shared.length).toBeGreaterThan(0);
  for (const [path, text] of shared) expect(text, path).not.toMatch(/@(group|binding|compute)\b/);
});

test('every kernel names its reference on the CPU and bounds its dispatch', () => {
  for (const stem of stems) {
    const text = shaderSources.get(stem) ?? '';
    expect(text, stem).toMatch(new RegExp(`src/backend/cpu/${stem}\\.ts`));
    const entries = text.match(/@compute/g)?.length ?? 0;
    expect(entries, stem).toBeGreaterThan(0);
  }
});
