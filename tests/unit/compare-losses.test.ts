import { describe, expect, it } from 'vitest';
import { smoothedBigramTable, tokenisePairs } from '../../src/data/bigram-experiment.ts';
import { readPairLogps } from '../../src/data/logps/pair-logps.ts';
import { pairGeometry } from '../../src/data/pair-geometry.ts';
import { samplePairsJsonl } from '../../src/data/sample-pairs.ts';
import { comparedRows, compareLosses, mostCompared, type PairNumbers } from '../../src/views/pairs/losses/compare-losses.ts';
import { limitWords, readingOf } from '../../src/views/pairs/losses/loss-words.ts';
import { toyNumbers } from '../../src/views/pairs/losses/toy-numbers.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const named = (losses: ReturnType<typeof compareLosses>, name: string) => {
  const one = losses.find(({ choice }) => 'name' in choice && choice.name === name);
  if (!one) throw new Error(name);
  return one;
};
const pair: PairNumbers = {
  chosen: [-12],
  rejected: [-9],
  reference: { chosen: [-10], rejected: [-6] },
  lengths: { chosen: [6], rejected: [3] },
  overlaps: null,
};

describe('losses at the reader’s log-probs', () => {
  // a handful of operations of float64 on numbers of order 1 to 100
  const digits = 12;

  it('have the forces of a calculator', () => {
    const losses = compareLosses(pair, 0.2);
    // margin = (−12 + 10) − (−9 + 6) = 1
    const dpo = 0.2 * sigmoid(-0.2);
    expect(named(losses, 'dpo').found?.onChosen).toBeCloseTo(dpo, digits);
    expect(named(losses, 'dpo').found?.onRejected).toBeCloseTo(-dpo, digits);
    expect(named(losses, 'dpo').found?.limit).toBeCloseTo(1, digits);
    expect(named(losses, 'dpo').found?.loss).toBeCloseTo(-Math.log(sigmoid(0.2)), digits);
    // SimPO of −2 and −3 nats a token: 2 × (−2 + 3) − 0.5 = 1.5; the sides are 6 and 3 tokens long
    const simpo = 2 * sigmoid(-1.5);
    expect(named(losses, 'simpo').found?.onChosen).toBeCloseTo(simpo / 6, digits);
    expect(named(losses, 'simpo').found?.onRejected).toBeCloseTo(-simpo / 3, digits);
    expect(named(losses, 'simpo').found?.limit).toBeCloseTo(0.5, digits);
    // the chosen response is 2 nats below its reference: DPOP pulls it by λ more
    const dpop = 0.2 * sigmoid(-0.2 * (1 - 50 * 2));
    expect(named(losses, 'dpop').found?.onChosen).toBeCloseTo(51 * dpop, 10);
    expect(named(losses, 'dpop').found?.limit).toBeCloseTo(51, 10);
    // the likelihood is a mean over six tokens
    expect(named(losses, 'rpo').found?.onChosen).toBeCloseTo(dpo + 0.1 / 6, digits);
    // CPO: a margin of −3 at β 0.1, and the likelihood
    expect(named(losses, 'cpo').found?.onChosen).toBeCloseTo(0.1 * sigmoid(0.3) + 1 / 6, digits);
    // KTO: z₀ = max(0, (−2 − 3) / 2) = 0, and half of each side
    const half = (h: number) => (0.2 * sigmoid(0.2 * h) * sigmoid(-0.2 * h)) / 2;
    expect(named(losses, 'kto').found?.onChosen).toBeCloseTo(half(-2), digits);
    expect(named(losses, 'kto').found?.onRejected).toBeCloseTo(-half(3), digits);
  });

  it('say what is missing, and compute the rest', () => {
    const bare = compareLosses({ ...pair, reference: null, lengths: null }, 0.1);
    expect(bare.every(({ found }) => found === null)).toBe(true);
    expect(named(bare, 'dpo').missing).toEqual(['reference']);
    expect(named(bare, 'simpo').missing).toEqual(['lengths']);
    expect(readingOf(bare)).toBe('No loss of the list can be computed');
    const noReference = compareLosses({ ...pair, reference: null }, 0.1);
    expect(named(noReference, 'orpo').found?.raised).toBeNull();
    expect(named(noReference, 'orpo').found?.limit).toBeGreaterThan(1);
    expect(named(noReference, 'kto').found).toBeNull();
  });

  it('tell by a known overlap whether the first step lifts the chosen response', () => {
    const at = (overlaps: number[]) =>
      compareLosses(
        { ...pair, chosen: [-12, -12], rejected: [-9, -9], reference: null, lengths: { chosen: [6, 6], rejected: [3, 3] }, overlaps },
        0.1,
      );
    // SimPO's limit is 0.5 here
    expect(named(at([0.49, 0.51]), 'simpo').found?.raised).toEqual({ count: 1, of: 2 });
    expect(named(at([Number.NaN, 0]), 'simpo').found?.raised).toEqual({ count: 1, of: 1 });
  });

  it('say that past its target IPO lifts chosen above an overlap only', () => {
    // at β = 0.1 the target is 5 nats a token; responses of 6 and 3 tokens, 10 and −5 nats a token from the reference
    const past = { ...pair, chosen: [-1], rejected: [-30], reference: { chosen: [-61], rejected: [-15] } };
    const at = (overlap: number) => {
      const { found } = named(compareLosses({ ...past, overlaps: [overlap] }, 0.1), 'ipo');
      if (!found) throw new Error('ipo');
      return found;
    };
    expect(at(0).onChosen).toBeLessThan(0);
    // the pull on rejected is 6 / 3 times the push on chosen
    expect(at(0).above).toBeCloseTo(0.5, digits);
    expect([at(0.49).raised?.count, at(0.51).raised?.count]).toEqual([0, 1]);
    expect(limitWords(at(0))).toBe('above 0.500');
    expect(named(compareLosses(past, 0.1), 'dpo').found?.above).toBeNull();
  });

  it('name the side of the limit', () => {
    const words = (limit: number, above: number | null = null) => limitWords({ limit, above });
    expect([words(1), words(Number.POSITIVE_INFINITY)]).toEqual(['below 1.00', 'anything above 0']);
    const [none, never] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    expect([words(none, 1), words(none, never)]).toEqual(['above 1.00', 'at none']);
  });

  it('compute so many pairs at most, at equal distances', () => {
    const rows = comparedRows(3 * mostCompared);
    expect([rows.length, rows[1], rows.at(-1)]).toEqual([mostCompared, 3, 3 * (mostCompared - 1)]);
    expect(comparedRows(3)).toEqual([0, 1, 2]);
  });
});

describe('losses at the toy’s pairs', () => {
  it('lift what a small step on the pair alone lifts: the step is taken', () => {
    const pairs = samplePairsJsonl
      .trim()
      .split('\n')
      .map((line, i) => ({ line: i + 1, ...JSON.parse(line) }));
    // a pair of which the sides have nearly all in common is lifted by some losses only
    const alike = { line: 99, prompt: 'say', chosen: 'it is so it is so it is', rejected: 'it is so it is so it is so it is so it is no' };
    const data = tokenisePairs([...pairs, alike], { maxTokens: 48, maxWords: 255, maxPairs: 200 } as Parameters<typeof tokenisePairs>[1]);
    const table = smoothedBigramTable(data);
    const numbers = toyNumbers({ geometry: pairGeometry(data, table), data });
    const prompts = data.prompts.length;
    const rowOf = (prompt: number, previous: number | undefined) => (previous === undefined ? prompt : prompts + previous);
    const logp = (logits: number[][], { prompt, response }: { prompt: number; response: readonly number[] }) =>
      response.reduce((sum, token, t) => {
        const row = logits[rowOf(prompt, response[t - 1])] ?? [];
        return sum + (row[token] ?? 0) - Math.log(row.reduce((all, logit) => all + Math.exp(logit), 0));
      }, 0);
    const gradient = (sequence: { prompt: number; response: readonly number[] }) => {
      const by = table.map((row) => row.map(() => 0));
      for (const [t, token] of sequence.response.entries()) {
        const row = rowOf(sequence.prompt, sequence.response[t - 1]);
        for (const [v, logit] of (table[row] ?? []).entries())
          (by[row] as number[])[v] = (by[row]?.[v] ?? 0) + Number(v === token) - Math.exp(logit);
      }
      return by;
    };
    let wrong = 0;
    for (const name of ['dpo', 'simpo', 'orpo', 'cpo']) {
      for (const [i, { prompt, chosen, rejected }] of data.pairs.entries()) {
        const pick = (values: ArrayLike<number> | undefined) => [values?.[i] ?? Number.NaN];
        const one = compareLosses(
          {
            chosen: pick(numbers.chosen),
            rejected: pick(numbers.rejected),
            reference: { chosen: pick(numbers.chosen), rejected: pick(numbers.rejected) },
            lengths: { chosen: pick(numbers.lengths?.chosen), rejected: pick(numbers.lengths?.rejected) },
            overlaps: pick(numbers.overlaps ?? undefined),
          },
          0.1,
        );
        const { found } = named(one, name);
        if (!found) throw new Error(name);
        const [w, l] = [gradient({ prompt, response: chosen }), gradient({ prompt, response: rejected })];
        const rate = 1e-5;
        const stepped = table.map((row, r) =>
          row.map((logit, v) => logit + rate * (found.onChosen * (w[r]?.[v] ?? 0) + found.onRejected * (l[r]?.[v] ?? 0))),
        );
        const change = logp(stepped, { prompt, response: chosen }) - logp(table as number[][], { prompt, response: chosen });
        // what is below the second order of the step decides nothing
        if (Math.abs(change) < 1e-8) continue;
        if (change > 0 !== (found.raised?.count === 1)) wrong++;
      }
    }
    expect(wrong).toBe(0);
  });

  it('reads lengths and means from a file', async () => {
    const read = (text: string) => readPairLogps(new Blob([text]));
    const given = await read('chosen_logp,rejected_logp,chosen_length,rejected_length\n-2,-3,4,5\n');
    expect([...(given.lengths?.chosen ?? []), ...(given.lengths?.rejected ?? [])]).toEqual([4, 5]);
    expect(given.perToken).toBe(false);
    const some = await read(
      '{"chosen_logp":-2,"rejected_logp":-3,"chosen_length":4,"rejected_length":5}\n{"chosen_logp":-2,"rejected_logp":-3}\n',
    );
    expect(some.lengths).toBeNull();
    expect((await read('avg_chosen_logp,avg_rejected_logp\n-2,-3\n')).perToken).toBe(true);
  });
});
