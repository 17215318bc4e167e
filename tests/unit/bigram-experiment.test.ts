import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bigramExperiment, smoothedBigramTable, tokenisePairs } from '../../src/data/bigram-experiment.ts';
import type { PreferencePair } from '../../src/data/pairs/read-pair.ts';

const pairs = (...texts: [prompt: string, chosen: string, rejected: string][]): PreferencePair[] =>
  texts.map(([prompt, chosen, rejected], index) => ({ line: index + 1, prompt, chosen, rejected }));

const limits = { maxTokens: 48, maxWords: 255 };

describe('tokenisePairs', () => {
  it('merges equal prompts and numbers words by frequency', () => {
    const data = tokenisePairs(pairs(['p', 'yes yes', 'no'], ['q', 'yes', 'no no'], ['p', 'maybe', 'no']), limits);
    expect(data.prompts).toEqual(['p', 'q']);
    expect(data.vocabulary.words).toEqual(['no', 'yes', 'maybe', '<unk>']);
    expect(data.pairs).toEqual([
      { line: 1, prompt: 0, chosen: [1, 1], rejected: [0] },
      { line: 2, prompt: 1, chosen: [1], rejected: [0, 0] },
      { line: 3, prompt: 0, chosen: [2], rejected: [0] },
    ]);
    expect(data).toMatchObject({ dropped: [], tokens: 8, unknownTokens: 0, cutResponses: 0 });
  });

  it('cuts responses, and counts no word behind the cut', () => {
    const data = tokenisePairs(pairs(['p', 'a b far', 'c d']), { ...limits, maxTokens: 2 });
    expect(data.vocabulary.words).toEqual(['a', 'b', 'c', 'd', '<unk>']);
    expect(data.cutResponses).toBe(1);
  });

  it('drops pairs that can no longer be told apart, by line and with the fix', () => {
    const data = tokenisePairs(pairs(['p', 'a b c', 'a b d'], ['p', 'A!', 'a !'], ['p', 'a rare', 'a odd'], ['p', 'a', 'b b']), {
      maxTokens: 2,
      maxWords: 2,
    });
    expect(data.pairs.map(({ line }) => line)).toEqual([4]);
    expect(data.dropped).toEqual([
      { line: 1, problem: 'the responses agree in their first 2 words; keep more words of a response' },
      { line: 2, problem: 'the responses are the same words; a pair needs two different responses' },
      { line: 3, problem: 'the responses differ only in unknown words; keep more words in the vocabulary' },
    ]);
  });

  it('counts unknown words', () => {
    const data = tokenisePairs(pairs(['p', 'a a b', 'a c']), { ...limits, maxWords: 1 });
    expect(data).toMatchObject({ tokens: 5, unknownTokens: 2 });
  });
});

describe('smoothedBigramTable', () => {
  it('follows its formula', () => {
    // words: a (3), b (2), <unk> (0); N = 5, V = 3; u = (4, 3, 1) / 8
    const data = tokenisePairs(pairs(['p', 'a b a', 'a b']), limits);
    const probabilities = smoothedBigramTable(data).map((row) => row.map(Math.exp));
    const expected = [
      [(2 + 4 / 8) / 3, 3 / 8 / 3, 1 / 8 / 3], // start: both responses begin with a
      [4 / 8 / 3, (2 + 3 / 8) / 3, 1 / 8 / 3], // after a: b twice
      [(1 + 4 / 8) / 2, 3 / 8 / 2, 1 / 8 / 2], // after b: a once
      [4 / 8, 3 / 8, 1 / 8], // after <unk>, never seen: the word frequencies
    ];
    expect(probabilities).toHaveLength(expected.length);
    // exp(log(p)) is p to about 2 units in the last place for p of this size.
    probabilities.forEach((row, r) => {
      row.forEach((p, v) => {
        expect(Math.abs(p - (expected[r]?.[v] ?? Number.NaN))).toBeLessThan(4 * Number.EPSILON);
      });
    });
  });

  it('is a distribution in every row, whatever the text', () => {
    const response = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 8 }).map((words) => words.join(' '));
    const anyPair = fc.tuple(fc.constantFrom('p', 'q'), response, response);
    fc.assert(
      fc.property(fc.array(anyPair, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 6 }), (texts, maxWords) => {
        const data = tokenisePairs(pairs(...texts), { maxTokens: 5, maxWords });
        const table = smoothedBigramTable(data);
        expect(table).toHaveLength(data.prompts.length + data.vocabulary.words.length);
        for (const row of table) {
          expect(row).toHaveLength(data.vocabulary.words.length);
          expect(row.every((logp) => (Number.isFinite(logp) && logp < 0) || row.length === 1)).toBe(true);
          // rounding of at most 7 terms, each below 1
          expect(Math.abs(row.reduce((total, logp) => total + Math.exp(logp), 0) - 1)).toBeLessThan(16 * Number.EPSILON);
        }
      }),
    );
  });
});

it('bigramExperiment is plain JSON of the right shape', () => {
  const data = tokenisePairs(pairs(['p', 'yes', 'no'], ['q', 'yes', 'never']), limits);
  const experiment = bigramExperiment(data, { objective: { name: 'dpo', params: { beta: 0.2 } }, learningRate: 10, steps: 60 });
  expect(experiment.policy).toMatchObject({ kind: 'bigram', prompts: 2, vocab: 4 });
  expect(experiment.pairs[0]).toEqual({ prompt: 0, chosen: [0], rejected: [1] });
  expect(experiment.objective).toEqual({ name: 'dpo', params: { beta: 0.2 } });
  expect(experiment.optimizer).toEqual({ kind: 'sgd', learningRate: 10, steps: 60 });
  expect(JSON.parse(JSON.stringify(experiment))).toEqual(experiment);
});
