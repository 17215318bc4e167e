import { describe, expect, it } from 'vitest';
import { bigramExperiment, smoothedBigramTable, tokenisePairs } from '../../src/data/bigram-experiment.ts';
import { pairGeometry } from '../../src/data/pair-geometry.ts';
import { parsePreferencePairs } from '../../src/data/pairs/parse-preference-pairs.ts';
import { samplePairsJsonl } from '../../src/data/sample-pairs.ts';
import { type Experiment, openEngine } from '../../src/index.ts';

describe('the geometry of pairs of words', () => {
  it('is that of the engine: gradients of the bigram policy, and CHES of the same policy written with hidden vectors', async () => {
    const { pairs } = await parsePreferencePairs(samplePairsJsonl);
    const data = tokenisePairs(pairs, { maxTokens: 12, maxWords: 30 });
    const table = smoothedBigramTable(data);
    const geometry = pairGeometry(data, table);
    const bigram = bigramExperiment(data, { objective: { name: 'dpo' }, learningRate: 1, steps: 1 }, table);

    // The same policy as Wᵀ e_row: a one-hot vector for each prefix, the table's columns as the unembedding.
    const prefixes = new Map<string, { prompt: number; tokens: number[]; hidden: number[] }>();
    for (const { prompt, chosen, rejected } of data.pairs)
      for (const response of [chosen, rejected])
        response.forEach((_, t) => {
          const tokens = response.slice(0, t);
          const last = tokens.at(-1);
          const row = last === undefined ? prompt : data.prompts.length + last;
          prefixes.set(`${prompt}:${tokens.join()}`, { prompt, tokens, hidden: table.map((_row, r) => Number(r === row)) });
        });
    const unembedding = data.vocabulary.words.map((_, v) => table.map((row) => row[v] ?? 0));
    const sequence: Experiment = {
      ...bigram,
      policy: { kind: 'sequence', form: 'features', prefixes: [...prefixes.values()], unembedding, train: 'unembedding' },
    };

    const engine = await openEngine({ backend: 'cpu' });
    const [plain, hidden] = [await engine.diagnose(bigram), await engine.diagnose(sequence)];
    const { steps } = await engine.train({ ...bigram, record: [0] });
    engine.dispose();
    // Float64: each number sums fewer than 1000 products below 150.
    const bound = 1000 * 150 * 2 ** -52;
    for (const [i, { innerProduct, chosenGradNormSq, ches }] of plain.entries()) {
      expect(ches).toBeNull();
      expect(geometry.ches[i]).toBe(hidden[i]?.ches);
      expect(Math.abs((geometry.chesNormalised[i] ?? Number.NaN) - (hidden[i]?.chesNormalised ?? Number.NaN))).toBeLessThan(bound);
      expect(Math.abs((geometry.fall[i] ?? Number.NaN) - (innerProduct - chosenGradNormSq))).toBeLessThan(bound);
      expect(Math.abs((geometry.chosenLogps[i] ?? Number.NaN) - (steps[0]?.chosenLogps[i] ?? Number.NaN))).toBeLessThan(bound);
      expect(Math.abs((geometry.rejectedLogps[i] ?? Number.NaN) - (steps[0]?.rejectedLogps[i] ?? Number.NaN))).toBeLessThan(bound);
    }
  });

  it('CHES by hand', () => {
    // the chosen response reads rows prompt, a; the rejected one prompt, b, b: s_w = e_p + e_a, s_l = e_p + 2 e_b
    const data = tokenisePairs([{ line: 1, prompt: 'p', chosen: 'a b', rejected: 'b b c' }], { maxTokens: 9, maxWords: 9 });
    const { ches, chesNormalised } = pairGeometry(data, smoothedBigramTable(data));
    expect([...ches]).toEqual([1 - 2]);
    expect([...chesNormalised]).toEqual([1 / 6 - 2 / 4]);
  });
});
