import { describe, expect, test } from 'vitest';
import { planKlGradient } from '../../src/backend/webgpu/kernels/kl_gradient.ts';
import { rowRanges } from '../../src/backend/webgpu/row-ranges.ts';
import { planElementwise, planRows } from '../../src/backend/webgpu/strategy.ts';
import { DeviceLimitError } from '../../src/core/errors.ts';

const software = { isFallback: true, subgroups: true, laneLimit: 256 };
const hardware = { isFallback: false, subgroups: true, laneLimit: 256 };

describe('the strategy table', () => {
  test.each([
    // rows, columns, software, hardware
    [4096, 8, 'held', 'held'],
    [4096, 64, 'held', 'held_workgroup'],
    [100_000, 64, 'held', 'held'],
    [100_000, 100, 'packed', 'packed'],
    [1024, 1024, 'packed', 'held_workgroup'],
    [512, 4096, 'packed', 'held_workgroup'],
    [512, 16384, 'packed', 'held_workgroup'],
    [512, 16385, 'packed', 'workgroup'],
    [512, 50257, 'packed', 'workgroup'],
    [64, 4096, 'split', 'held_workgroup'],
    [64, 8192, 'split', 'split_workgroups'],
    [64, 32768, 'split', 'split_workgroups'],
    [8, 131072, 'split', 'split_workgroups'],
    [1, 1, 'held', 'held'],
    [1, 1_000_000, 'split', 'split_workgroups'],
  ] as const)('%i rows of %i columns', (rows, columns, onSoftware, onHardware) => {
    expect(planRows(rows, columns, software).strategy).toBe(onSoftware);
    expect(planRows(rows, columns, hardware).strategy).toBe(onHardware);
  });

  test('no strategy with a barrier is chosen on a software adapter, nor subgroups', () => {
    for (const rows of [1, 10, 1000, 1e6])
      for (const columns of [1, 7, 64, 65, 1000, 131072, 1e6]) {
        const plan = planRows(rows, columns, software);
        expect(['held', 'packed', 'split']).toContain(plan.strategy);
        expect(plan.subgroups).toBe(false);
      }
  });

  test('subgroups are used on hardware that has them, unless they are unwished for', () => {
    expect(planRows(1024, 1024, hardware).subgroups).toBe(true);
    expect(planRows(1024, 1024, hardware, { subgroups: false }).subgroups).toBe(false);
    expect(planRows(1024, 1024, { ...hardware, subgroups: false }, { subgroups: true }).subgroups).toBe(false);
  });

  test('the parts of a row cover it once', () => {
    for (const adapter of [software, hardware])
      for (const columns of [1, 3, 4, 17, 64, 100, 4097, 131072])
        for (const rows of [1, 8, 600]) {
          const quads = Math.ceil(columns / 4);
          const plans = [planElementwise(rows, columns, adapter)];
          for (const strategy of ['packed', 'split', 'split_workgroups', 'workgroup', 'held_workgroup'] as const)
            if (strategy !== 'held_workgroup' || columns <= 16384) plans.push(planRows(rows, columns, adapter, { strategy }));
          for (const { parts, run } of plans) {
            expect(run % 4).toBe(0); // four quads at once
            if (run > 0) expect([parts * run >= quads, (parts - 1) * run < quads]).toEqual([true, true]);
          }
        }
  });

  test('a workgroup holds a row with as few lanes as keep it', () => {
    const lanesFor = (columns: number, laneLimit: number) => {
      const { strategy, lanes } = planRows(512, columns, { ...hardware, laneLimit });
      return strategy === 'held_workgroup' ? lanes : null;
    };
    expect([65, 1023, 4096, 4097, 16384, 16385].map((columns) => lanesFor(columns, 256))).toEqual([128, 128, 128, 256, 256, null]);
    // In a browser's compatibility mode a workgroup may be half as large.
    expect([4096, 4097].map((columns) => lanesFor(columns, 128))).toEqual([128, null]);
    expect(() => planRows(1, 16385, hardware, { strategy: 'held_workgroup' })).toThrow('too long for a workgroup');
  });

  test('a workgroup that holds two numbers an entry holds rows half as long', () => {
    const entryOf = (columns: number, adapter: typeof hardware) => planKlGradient(4096, columns, adapter).entry;
    expect([8, 16, 17, 8192, 8193].map((columns) => entryOf(columns, hardware))).toEqual([
      ...['kl_gradient', 'kl_gradient', 'kl_gradient_held_workgroup', 'kl_gradient_held_workgroup', 'kl_gradient_workgroup'],
    ]);
    for (const columns of [1, 17, 1000, 100_000]) expect(entryOf(columns, software)).toBe('kl_gradient');
    expect(planKlGradient(2, 100_000, hardware).entry).toBe('kl_gradient_workgroup');
    expect(planKlGradient(2, 100_000, software).entry).toBe('kl_gradient');
  });

  test('a long row is not held', () => {
    expect(() => planRows(1, 65, software, { strategy: 'held' })).toThrow('at most 64');
  });
});

describe('row ranges', () => {
  test('one range where all fits', () => {
    expect(rowRanges(10, 100, 4000)).toEqual([{ first: 0, count: 10 }]);
  });

  test('ranges begin at multiples of 64 rows, fit, and cover all rows once', () => {
    const ranges = rowRanges(1000, 100, 100_000);
    let next = 0;
    for (const { first, count } of ranges) {
      expect(first).toBe(next);
      expect(first % 64).toBe(0);
      expect(count * 400).toBeLessThanOrEqual(100_000);
      next += count;
    }
    expect(next).toBe(1000);
  });

  test('64 rows that fit no binding are refused', () => {
    expect(() => rowRanges(65, 100, 64 * 400 - 1)).toThrow(DeviceLimitError);
  });
});
