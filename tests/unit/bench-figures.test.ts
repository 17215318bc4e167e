import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { figures, keptText, withFigures } from '../bench/figures.ts';
import type { Measured } from '../bench/report.ts';

const readme = readFileSync('tests/bench/README.md', 'utf8');
const text = readFileSync('tests/bench/measured.json', 'utf8');
const measured: Measured = JSON.parse(text);

test('the figures of the benchmarks’ README are those that were measured', () => {
  expect(withFigures(readme, measured)).toBe(readme);
});

test('no figure stands beside them', () => {
  const byHand = readme.replace(figures(measured), '');
  expect(byHand.match(/\d×|\d\s?(?:ms|s|%)(?![\w-])/g)).toBeNull();
});

test('another measurement would be another README', () => {
  const [first, ...others] = measured.shapes;
  if (!first) throw new Error('nothing was measured');
  const slower = first.measurements.map((one) => (one.contestant === 'prefscope' ? { ...one, milliseconds: 7 * one.milliseconds } : one));
  expect(withFigures(readme, { ...measured, shapes: [{ ...first, measurements: slower }, ...others] })).not.toBe(readme);
});

test('a peer that passes on WebGPU is named', () => {
  const fast = (contestant: string, dispatches: number): Measured['shapes'][number]['measurements'][number] => ({
    ...{ contestant, way: 'made up', milliseconds: 1e-3, isExtrapolated: false, spread: 0, rounds: 1 },
    ...{ error: { absolute: 0, relative: 0 }, counts: { dispatches, submits: 1, boundBytes: 0 } },
  });
  const shapes = measured.shapes.map((shape, index) =>
    index === 0 ? { ...shape, measurements: [...shape.measurements, fast('quick WebGPU', 1), fast('idle WebGPU', 0)] } : shape,
  );
  const [onGpu, elsewhere] = figures({ ...measured, shapes }).split('Of the code that needs no GPU');
  expect(onGpu).toContain(`quick WebGPU at ${measured.shapes[0]?.name}`);
  expect(onGpu).not.toContain('idle WebGPU at');
  expect(elsewhere).toContain(`idle WebGPU at ${measured.shapes[0]?.name}`);
});

test('what is kept is read back, and kept again as it is', () => {
  expect(keptText(measured)).toBe(text);
});
