import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { ranges } from '../../src/atlas/toys/ranges.ts';
import { spreadLabels } from '../../src/charts/direct-labels.ts';
import { drawnPoints, nearestIndex } from '../../src/charts/series.ts';
import { fromPosition, parseEntry, toPosition } from '../../src/core/range.ts';
import { sameFields } from '../../src/core/same.ts';
import { fixed, nats, percent, percentagePoints, scientific, setting, signed } from '../../src/shell/controls/format.ts';
import { wholePercent } from '../../src/shell/controls/whole-percent.ts';
import { changeSettings } from '../../src/views/displacement/settings.ts';

const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ').replaceAll('\u2212', '-');

describe('numbers as text', () => {
  it.each([
    [0, '<0.01 %'],
    [0.00009, '<0.01 %'],
    [0.0026, '0.26 %'],
    [0.00996, '1.0 %'],
    [0.7557, '75.6 %'],
    [0.99999, '>99.9 %'],
    [1, '100.0 %'],
    [Number.NaN, '–'],
  ])('percent(%d) is %s', (value, text) => expect(plain(percent(value))).toBe(text));

  it.each([
    [0, '0 %'],
    [1e-15, '0 %'],
    [0.003, '<1 %'],
    [0.5049, '50 %'],
    [0.997, '>99 %'],
    [1, '100 %'],
    [Number.NaN, '– %'],
  ])('wholePercent(%d) is %s', (value, text) => expect(plain(wholePercent(value))).toBe(text));

  it('never writes a minus before a zero, or a number for what is none', () => {
    expect(fixed(-0.001, 2)).toBe('0.00');
    expect(signed(0.001, 2)).toBe('0.00');
    expect(signed(1.5, 1)).toBe('+1.5');
    expect(plain(percentagePoints(-0.753))).toBe('-75.3 pp');
    expect(fixed(Number.POSITIVE_INFINITY, 2)).toBe('–');
    expect(signed(Number.NaN, 2)).toBe('–');
  });

  it('keeps the digits that matter', () => {
    expect(plain(nats(7.943))).toBe('7.94 nats');
    expect(plain(nats(0.0122))).toBe('0.012 nats');
    expect(plain(nats(1.2e-5))).toBe('1.2·10⁻⁵ nats');
    expect(scientific(3.14e-7)).toBe('3.1·10⁻⁷');
    expect(scientific(0)).toBe('0');
    expect(setting(0.1 + 0.2)).toBe('0.3');
  });
});

describe('settings', () => {
  it.each(Object.entries(ranges))('%s: the slider reaches both ends and comes back to where it was', (_, range) => {
    expect(fromPosition(0, range)).toBe(range.min);
    expect(fromPosition(1, range)).toBe(range.max);
    const value = fromPosition(0.37, range);
    expect(fromPosition(toPosition(value, range), range)).toBe(value);
  });

  it('reads what a reader types, and says what is wrong with it', () => {
    expect(parseEntry(' 0,25 ', ranges.learningRate)).toEqual({ value: 0.25 });
    expect(parseEntry('1e-2', ranges.learningRate)).toEqual({ value: 0.01 });
    for (const two of ['1,000.5', '1.000,5', '1,000,5'])
      expect(parseEntry(two, ranges.learningRate)).toEqual({ problem: 'One comma or point only, before the decimals.' });
    expect(parseEntry('a lot', ranges.learningRate)).toEqual({ problem: 'Enter a number.' });
    expect(parseEntry('', ranges.learningRate)).toEqual({ problem: 'Enter a number.' });
    expect(parseEntry('7', ranges.scale)).toEqual({ problem: 'Between 1 and 5.' });
    expect(parseEntry('10.5', ranges.steps)).toEqual({ problem: 'A whole number.' });
  });

  it('brings the step size that belongs to what is trained', () => {
    const objective = { name: 'dpo', params: { beta: 0.3 } };
    const both = changeSettings({ ...defaultSettings, objective }, { train: 'both' });
    expect(both).toMatchObject({ train: 'both', scale: 3, learningRate: 0.1, objective });
    expect(changeSettings(both, { learningRate: 0.2 })).toMatchObject({ scale: 3, learningRate: 0.2 });
    expect(sameFields(both, defaultSettings)).toBe(false);
    expect(sameFields({ ...defaultSettings }, defaultSettings)).toBe(true);
  });
});

describe('chart geometry', () => {
  it('keeps labels apart, in order and inside', () => {
    expect(spreadLabels([50, 10, 90], 18, [0, 100])).toEqual([50, 10, 90]);
    const crowded = spreadLabels([98, 99, 97], 18, [0, 100]);
    expect(crowded).toEqual([82, 100, 64]);
  });

  it('finds the nearest point', () => {
    const points = [0, 1, 2, 10].map((x) => ({ x, y: 0 }));
    expect([-5, 0.4, 0.6, 5, 7, 99].map((x) => nearestIndex(points, x))).toEqual([0, 0, 1, 2, 3, 3]);
    expect(nearestIndex([], 1)).toBe(-1);
  });

  it('draws a bounded number of points, with both ends, the extremes and the gaps', () => {
    const usual = Array.from({ length: 2001 }, (_, x) => ({ x, y: Math.sin(x) }));
    expect(drawnPoints(usual)).toBe(usual);
    const long = Array.from({ length: 100_001 }, (_, x) => ({ x, y: x === 50_003 ? Number.NaN : x === 777 ? 9 : Math.sin(x) }));
    const drawn = drawnPoints(long);
    expect(drawn.length).toBeLessThanOrEqual(4100);
    for (const x of [0, 777, 50_003, 100_000]) expect(drawn).toContain(long[x]);
    expect(drawn.map(({ x }) => x)).toEqual(drawn.map(({ x }) => x).sort((a, b) => a - b));
  });
});
