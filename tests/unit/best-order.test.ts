import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestOrder } from '../../src/data/pairs/best-order.ts';
import { readData } from '../../src/data/read-data.ts';

const pairsOf = (wins: readonly (readonly [chosen: string, rejected: string])[], prompt = 'q') =>
  wins.map(([chosen, rejected], i) => ({ line: i + 1, prompt, chosen, rejected }));

/** Every order of the answers, and the pairs that it ranks right. */
function bruteForce(pairs: ReturnType<typeof pairsOf>): number {
  const answers = [...new Set(pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]))];
  const orders = (rest: readonly string[]): string[][] =>
    rest.length === 0 ? [[]] : rest.flatMap((one) => orders(rest.filter((other) => other !== one)).map((order) => [one, ...order]));
  return Math.max(
    ...orders(answers).map((order) => pairs.filter(({ chosen, rejected }) => order.indexOf(chosen) < order.indexOf(rejected)).length),
  );
}

describe('the best order of contradictory pairs', () => {
  it('ranks as many pairs right as the best of all orders, prompt by prompt', () => {
    const win = fc.tuple(fc.nat(4), fc.nat(4)).filter(([a, b]) => a !== b);
    fc.assert(
      fc.property(fc.array(win, { maxLength: 14 }), fc.array(win, { maxLength: 8 }), (first, second) => {
        const [a, b] = [first, second].map((wins, i) =>
          pairsOf(
            wins.map(([w, l]) => [`a${w}`, `a${l}`] as const),
            `prompt ${i}`,
          ),
        );
        if (!a || !b) throw new Error();
        const right = [a, b].reduce((sum, pairs) => sum + (pairs.length > 0 ? bruteForce(pairs) : 0), 0);
        expect(bestOrder([...a, ...b])).toEqual({ right, pairs: a.length + b.length, isExact: true });
      }),
      { numRuns: 150 },
    );
  });

  it('is bounded where a ring is too long to try: no order ranks both of two opposite pairs', () => {
    const ring = Array.from({ length: 20 }, (_, i) => [`${i}`, `${(i + 1) % 20}`] as const);
    // the ring closes, so one of its pairs is wrong: the bound does not see it, and says that it is one
    expect(bestOrder(pairsOf(ring))).toEqual({ right: 20, pairs: 20, isExact: false });
    expect(bestOrder(pairsOf([...ring, ['1', '0'], ['1', '0']]))).toEqual({ right: 21, pairs: 22, isExact: false });
  });

  it('is told as a fraction, and only where pairs contradict each other', async () => {
    const text = (wins: readonly (readonly [string, string])[]) =>
      wins.map(([chosen, rejected]) => JSON.stringify({ prompt: 'Which?', chosen, rejected })).join('\n');
    const limit = async (wins: readonly (readonly [string, string])[]) => {
      const data = await readData({ name: 'p.jsonl', bytes: new TextEncoder().encode(text(wins)) });
      return data.notes.find(({ kind }) => kind === 'accuracy-limit')?.text;
    };
    const sound = [
      ['one', 'two'],
      ['two', 'three'],
      ['one', 'three'],
    ] as const;
    expect(await limit(sound)).toBeUndefined();
    // a ring of three, an opposite pair, and two pairs beside them: one of each must be wrong
    const wins = [
      ['one', 'two'],
      ['two', 'three'],
      ['three', 'one'],
      ['x', 'y'],
      ['y', 'x'],
      ['x', 'z'],
      ['y', 'z'],
    ] as const;
    expect(await limit(wins)).toBe('Ranking accuracy cannot pass 5/7 (71.4 %): the pairs contradict each other.');
  });
});
