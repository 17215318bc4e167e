import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countChanges, marginsOf, meanDpoLoss, shareAbove } from '../../src/data/logps/margin-summary.ts';
import { readPairLogps } from '../../src/data/logps/pair-logps.ts';
import { DataFileError } from '../../src/data/read-records.ts';
import { csvFields } from '../../src/data/rows/split-csv.ts';

const read = (text: string) => readPairLogps(new Blob([text]));
/** Text of the characters that matter to a reader of tables. */
const awkward = fc.string({ unit: fc.constantFrom('a', '1', '"', ',', ';', '\t', '\n', '\r', ' ', '{', '[', '\u0000', 'é', '\ud83d') });
const header = 'chosen_logp,rejected_logp,ref_chosen_logp,ref_rejected_logp';

describe('CSV', () => {
  it('reads columns in any order, beside others, and under the names that TRL gives them', async () => {
    const read1 = await read('id,logps/rejected,logps/chosen,note\n1,-3,-2,"a, b"\n2,-5,-4,"two\nlines"\n3,-6,-1,c\n');
    expect([...read1.chosen]).toEqual([-2, -4, -1]);
    expect([...read1.rejected]).toEqual([-3, -5, -6]);
    expect([...read1.lines]).toEqual([2, 3, 5]);
    expect(read1).toMatchObject({ reference: null, problemCount: 0, pairCount: 3 });
    const read2 = await read('Chosen_Logp;rejected_logps;reference_chosen_logps;ref_rejected_logps\r\n-1;-2;-3;-4\r\n');
    expect([...(read2.reference?.chosen ?? [])]).toEqual([-3]);
    expect([...(read2.reference?.rejected ?? [])]).toEqual([-4]);
  });

  it('names bad rows by line, with the fix, and keeps the rest', async () => {
    const rows = ['-1,-2,-3,-4', '-1,-2,-3', '-1,x,-3,-4', '-1,-2,-3,inf', '0.5,-2,-3,-4', ',-2,-3,-4', '"-1,-2,-3,-4', '-5,-6,-7,-8'];
    const { lines, rows: places, rowCount, problems } = await read([header, ...rows].join('\n'));
    expect([...lines]).toEqual([2]);
    expect([[...places], rowCount]).toEqual([[0], 7]); // the quote that does not close takes the last line in
    expect(problems).toEqual([
      { line: 3, problem: 'has 3 fields where the header has 4' },
      { line: 4, problem: '"rejected_logp" is "x"; write a finite number' },
      { line: 5, problem: '"ref_rejected_logp" is Infinity; a log-probability is at most 0' },
      { line: 6, problem: '"chosen_logp" is 0.5; a log-probability is at most 0' },
      { line: 7, problem: '"chosen_logp" is missing; every row needs it' },
      { line: 8, problem: 'its quotes do not close, or stand inside a field' },
    ]);
  });

  it.each([
    ['', 'holds no rows'],
    [header, 'holds no rows'],
    ['a,b\n1,2', '"chosen_logp" and "rejected_logp" are missing'],
    ['chosen_logp,rejected_logp,ref_chosen_logp\n-1,-2,-3', '"ref_chosen_logp" stands alone'],
    ['chosen_logp,logps/chosen,rejected_logp\n-1,-1,-2', 'are both chosen_logp; keep one'],
    [`${header}\nx,x,x,x`, 'No row can be used. Line 2'],
    ['PK\x03\x04', 'zip archive'],
    ['\x1f', 'binary data'],
  ])('refuses %j by name', async (text, message) => {
    await expect(read(text)).rejects.toThrow(DataFileError);
    await expect(read(text)).rejects.toThrow(message);
  });

  it('fields that were quoted come back', () => {
    const field = awkward.map((text) => text.trim());
    fc.assert(
      fc.property(fc.array(field, { minLength: 1 }), fc.constantFrom(',' as const, ';' as const, '\t' as const), (fields, separator) => {
        const row = fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(separator);
        expect(csvFields(row, separator)).toEqual(fields);
      }),
      { numRuns: 500 },
    );
  });
});

describe('JSON', () => {
  it('reads one object a line, and one array', async () => {
    const rows = [
      { chosen_logp: -1, rejected_logp: -2 },
      { 'logps/chosen': -3, 'logps/rejected': -4, extra: [1] },
    ];
    for (const text of [rows.map((row) => JSON.stringify(row)).join('\n'), JSON.stringify(rows)]) {
      const { chosen, rejected, reference } = await read(text);
      expect([...chosen, ...rejected]).toEqual([-1, -3, -2, -4]);
      expect(reference).toBeNull();
    }
  });

  it('wants reference columns on every row or on none', async () => {
    const withReference = '{"chosen_logp":-1,"rejected_logp":-2,"ref_chosen_logp":-1,"ref_rejected_logp":-2}';
    const without = '{"chosen_logp":-1,"rejected_logp":-2}';
    expect((await read(`${withReference}\n${without}`)).problems).toEqual([
      { line: 2, problem: '"ref_chosen_logp" is missing; every row needs it' },
    ]);
    expect((await read(`${without}\n${withReference}`)).problems[0]?.problem).toMatch(/where the first row has none/);
  });
});

it('no file brings anything but numbers, problems by line, or a DataFileError', async () => {
  const row = fc
    .array(fc.oneof(fc.double().map(String), fc.string(), fc.constant('-1.5')), { maxLength: 5 })
    .map((fields) => fields.join());
  const text = fc.array(fc.oneof(row, fc.json(), awkward), { maxLength: 8 }).map((rows) => [header, ...rows].join('\n'));
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, awkward), async (file) => {
      try {
        const { chosen, rejected, lines, problemCount, pairCount } = await read(file);
        expect(chosen.length).toBe(rejected.length);
        expect([...chosen, ...rejected].every((value) => value <= 0 && Number.isFinite(value))).toBe(true);
        expect([...lines].every((line, i) => i === 0 || line >= (lines[i - 1] ?? 0))).toBe(true);
        expect(pairCount + problemCount).toBeLessThanOrEqual(file.split('\n').length);
      } catch (error) {
        if (!(error instanceof DataFileError)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});

describe('margins', () => {
  const logps = {
    chosen: Float64Array.of(-1, -5, -2),
    rejected: Float64Array.of(-3, -9, -2),
    reference: { chosen: Float64Array.of(-2, -4, -1), rejected: Float64Array.of(-3, -5, -3) },
  };

  it('are differences, and accuracies count strict order', () => {
    const margins = marginsOf(logps);
    expect([...margins.policy]).toEqual([2, 4, 0]);
    expect([...(margins.reference ?? [])]).toEqual([1, 1, 2]);
    expect([...(margins.reward ?? [])]).toEqual([1, 3, -2]);
    expect(shareAbove(margins.policy)).toBe(2 / 3);
    // pair 2 fell on both sides while its margin grew; pair 3's chosen fell with its margin
    expect(countChanges(margins)).toEqual({ chosenFell: 2, bothFell: 1, displaced: 1 });
    expect(meanDpoLoss(Float64Array.of(0), 0.1)).toBeCloseTo(Math.LN2, 15);
  });

  it('without a reference there are no rewards', () => {
    const margins = marginsOf({ ...logps, reference: null });
    expect(margins).toMatchObject({ reference: null, reward: null, chosenChange: null });
    expect(countChanges(margins)).toBeNull();
  });
});
