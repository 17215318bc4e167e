import { symbol, symbolCircle, symbolDiamond, symbolSquare } from 'd3';
import { describe, expect, it } from 'vitest';
import { type Mark, markPath } from '../../src/charts/marks.ts';

const symbols = { circle: symbolCircle, square: symbolSquare, diamond: symbolDiamond };
const numbersIn = (drawn: string): number[] => (drawn.match(/-?\d+(\.\d+)?(e-?\d+)?/g) ?? []).map(Number);

describe.each(Object.keys(symbols) as Mark[])('the mark %s', (mark) => {
  it.each([1, 50, 120])('is as large as that of d3 with an area of %d', (area) => {
    // the corner that both begin with, and the next, which d3 gives of a square by its distance
    const ours = numbersIn(markPath(mark, area));
    const theirs = numbersIn(symbol(symbols[mark], area)() ?? '');
    const shared = mark === 'square' ? 2 : 4;
    expect(theirs.length).toBeGreaterThanOrEqual(shared);
    for (let index = 0; index < shared; index++) expect(ours[index]).toBeCloseTo(theirs[index] ?? Number.NaN, 2); // d3 writes three digits
  });
});
