import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bigramExperiment, tokenisePairs } from '../../src/data/bigram-experiment.ts';
import { parsePreferencePairs } from '../../src/data/pairs/parse-preference-pairs.ts';
import type { ParsedPairs } from '../../src/data/pairs/read-pairs.ts';
import { DataFileError } from '../../src/data/read-records.ts';
import { samplePairsJsonl } from '../../src/data/sample-pairs.ts';
import '../../src/policies/further-kinds.ts';
import { validateExperiment } from '../../src/train/validate/validate-experiment.ts';
import { silentLines } from '../shared/silent-lines.ts';

const lines = samplePairsJsonl.trim().split('\n');

const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    ...['"', '{', '}', '[', ']', ',', ':', '\\', '\n', '\r\n', '\u0000', '\ufeff', '\ud800', '\u2028', 'null', 'true', '1e999', '-0'],
    ...['{"chosen":', '"prompt":', '"__proto__":{"polluted":1},', '"constructor":', '<script>pwned()</script>', '}{', '[[[[[['],
    ...['{"chosen":[{"role":"a","content":"b"}],"rejected":"c"}', '{"prompt":1,"chosen":"x y","rejected":"z"}', '{}', '[]'],
  ),
);
const bytes = fc.record({
  at: fc.nat(),
  cut: fc.nat(40),
  put: fc.oneof(
    text.map((each) => Buffer.from(each)),
    fc.uint8Array({ maxLength: 4 }),
  ),
});
const files = fc.record({
  kept: fc.shuffledSubarray(lines, { minLength: 1, maxLength: 6 }),
  edits: fc.array(bytes, { minLength: 1, maxLength: 12 }),
});

test('a file of pairs that was tampered with never crashes the page: each line is a pair, or is named with what is wrong with it', async () => {
  const ran: string[] = [];
  Object.assign(globalThis, { pwned: () => ran.push('pwned') });
  let good = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(files, async ({ kept, edits }) => {
      let file = Buffer.from(kept.join('\n'));
      for (const { at, cut, put } of edits) {
        const place = at % (file.length + 1);
        file = Buffer.concat([file.subarray(0, place), put, file.subarray(place + cut)]);
      }
      let parsed: ParsedPairs;
      try {
        parsed = await parsePreferencePairs(new Blob([file]));
      } catch (error) {
        expect(error).toBeInstanceOf(DataFileError);
        expect((error as Error).message).toMatch(/^[A-Z].{15,}[.)]$|Convert it first: /s);
        refused++;
        return;
      }
      good++;
      const { pairs, problems, pairCount, problemCount } = parsed;
      expect([pairs.length, problems.length]).toEqual([pairCount, problemCount]);
      for (const { problem } of problems) expect(problem.length).toBeGreaterThan(10);
      // no line is passed over in silence
      const decoded = new TextDecoder().decode(file);
      if (/^\s*\{/.test(decoded)) {
        expect(silentLines(decoded, [...pairs, ...problems])).toEqual([]);
      }
      // and what is left can be trained on
      const data = tokenisePairs(pairs, { maxTokens: 48, maxWords: 255 });
      if (data.pairs.length > 0) validateExperiment(bigramExperiment(data, { objective: { name: 'dpo' }, learningRate: 1, steps: 3 }));
    }),
    { numRuns: 1000 },
  );
  expect(good).toBeGreaterThan(300);
  expect(refused).toBeGreaterThan(20);
  expect(ran).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
