import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePreferencePairs } from '../../src/data/pairs/parse-preference-pairs.ts';
import { DataFileError, MAX_LINE_LENGTH, MAX_PROBLEMS } from '../../src/data/read-records.ts';
import { samplePairsJsonl } from '../../src/data/sample-pairs.ts';
import { silentLines } from '../shared/silent-lines.ts';

const pair = (chosen: unknown, rejected: unknown, prompt?: unknown): string => JSON.stringify({ prompt, chosen, rejected });
const good = pair('Yes.', 'No.', 'Tea?');

const message = (role: string, content: string) => ({ role, content });

async function problemOf(line: string): Promise<string | undefined> {
  const { problems } = await parsePreferencePairs(`${good}\n${line}`);
  expect(problems.every((problem) => problem.line === 2)).toBe(true);
  return problems[0]?.problem;
}

async function onlyPair(line: string) {
  const { pairs, problems } = await parsePreferencePairs(line);
  expect(problems).toEqual([]);
  expect(pairs).toHaveLength(1);
  return pairs[0];
}

describe("TRL's formats", () => {
  it('reads texts', async () => {
    expect(await onlyPair(good)).toEqual({ line: 1, prompt: 'Tea?', chosen: 'Yes.', rejected: 'No.' });
  });

  it('reads lists of messages', async () => {
    const line = pair(
      [message('assistant', 'Yes.')],
      [message('assistant', 'No.')],
      [message('system', 'Be kind.'), message('user', 'Tea?')],
    );
    expect(await onlyPair(line)).toEqual({ line: 1, prompt: 'Be kind.\nTea?', chosen: 'Yes.', rejected: 'No.' });
  });

  it('takes the prompt from what the responses share, by whole words', async () => {
    const line = pair('The sky is blue.', 'The sky is black.');
    expect(await onlyPair(line)).toEqual({ line: 1, prompt: 'The sky is', chosen: 'blue.', rejected: 'black.' });
  });

  it('takes the prompt from what the responses share, by messages', async () => {
    const user = message('user', 'Tea?');
    const line = pair([user, message('assistant', 'Yes, tea.')], [user, message('assistant', 'Yes, milk.')]);
    expect(await onlyPair(line)).toEqual({ line: 1, prompt: 'Tea?', chosen: 'Yes, tea.', rejected: 'Yes, milk.' });
  });

  it('leaves a prompt given as text out of responses that repeat it as a message', async () => {
    const user = message('user', 'Tea?');
    const line = pair([user, message('assistant', 'Yes.')], [user, message('assistant', 'No.')], 'Tea?');
    expect(await onlyPair(line)).toEqual({ line: 1, prompt: 'Tea?', chosen: 'Yes.', rejected: 'No.' });
  });

  it('keeps a prompt given as text when the responses do not repeat it', async () => {
    const line = pair([message('assistant', 'Yes.')], [message('assistant', 'No.')], 'Tea?');
    expect(await onlyPair(line)).toMatchObject({ prompt: 'Tea?', chosen: 'Yes.', rejected: 'No.' });
  });

  it('takes a null prompt as a missing one', async () => {
    expect(await onlyPair(pair('a b', 'a c', null))).toMatchObject({ prompt: 'a', chosen: 'b', rejected: 'c' });
  });
});

describe('files', () => {
  it('accepts a byte order mark, CRLF and blank lines, and counts lines as an editor does', async () => {
    const { pairs, problems } = await parsePreferencePairs(new Blob(['\uFEFF', `${good}\r\n\r\n  \r\n`, `nonsense\r\n${good}\r\n`]));
    expect(pairs.map(({ line }) => line)).toEqual([1, 5]);
    expect(problems.map(({ line }) => line)).toEqual([4]);
  });

  it('reads one JSON array, and names the line where a bad element begins', async () => {
    const text = `[\n  ${good},\n  {"chosen": "a ] , } \\" b",\n   "rejected": "c"},\n  {"chosen": "a"}\n]\n`;
    const { pairs, problems } = await parsePreferencePairs(text);
    expect(pairs.map(({ line, chosen }) => ({ line, chosen }))).toEqual([
      { line: 2, chosen: 'Yes.' },
      { line: 3, chosen: 'a ] , } " b' },
    ]);
    expect(problems).toEqual([
      { line: 5, problem: 'element 3 of the array: "rejected" is missing; each line needs prompt, chosen and rejected' },
    ]);
  });

  it('reads an array that arrives in many pieces as it reads lines', async () => {
    const records = Array.from({ length: 3000 }, (_, i) => ({
      prompt: `${'é'.repeat(i % 97)} ${i}`,
      chosen: `yes ${i}`,
      rejected: `no ${i}`,
    }));
    const asArray = await parsePreferencePairs(JSON.stringify(records, null, 2), { maxPairs: 5000 });
    const asLines = await parsePreferencePairs(records.map((record) => JSON.stringify(record)).join('\n'), { maxPairs: 5000 });
    const withoutLine = ({ prompt, chosen, rejected }: { prompt: string; chosen: string; rejected: string }) => ({
      prompt,
      chosen,
      rejected,
    });
    expect(asArray.pairs.map(withoutLine)).toEqual(records);
    expect(asLines.pairs.map(withoutLine)).toEqual(records);
  });

  it.each([
    ['', /is empty/],
    ['[]', /is empty/],
    ['\n\n', /is empty/],
    ['{\n[]', /None of its 2 lines .* Line 1: not valid JSON, it does not end; write one object/],
    ['{"text": "a"}', /only line .* Line 1: "chosen" is missing/],
  ])('says why %j cannot be used', async (text, reason) => {
    await expect(parsePreferencePairs(text)).rejects.toThrow(DataFileError);
    await expect(parsePreferencePairs(text)).rejects.toThrow(reason);
  });

  it.each([
    [[0x1f, 0x8b, 8], /gzip/],
    [[0x50, 0x41, 0x52, 0x31], /Parquet/],
    [[0x50, 0x4b, 0x03, 0x04], /zip archive/],
  ])('names a file of another kind by its first bytes %j', async (bytes, reason) => {
    await expect(parsePreferencePairs(new Blob([Uint8Array.from(bytes)]))).rejects.toThrow(reason);
  });

  it('leaves out a line that is too long and keeps the rest', async () => {
    const { pairs, problems } = await parsePreferencePairs(`${pair('x'.repeat(MAX_LINE_LENGTH), 'y')}\n${good}`);
    expect(pairs.map(({ line }) => line)).toEqual([2]);
    expect(problems).toEqual([{ line: 1, problem: expect.stringMatching(/longer than 1,000,000 characters/) }]);
  });

  it('counts what it does not keep', async () => {
    const text = `${`${good}\n`.repeat(30)}${'x\n'.repeat(MAX_PROBLEMS + 5)}`;
    const result = await parsePreferencePairs(text, { maxPairs: 10 });
    expect(result.pairs).toHaveLength(10);
    expect(result.pairCount).toBe(30);
    expect(result.problems).toHaveLength(MAX_PROBLEMS);
    expect(result.problemCount).toBe(MAX_PROBLEMS + 5);
  });

  it('accepts every pair of the sample', async () => {
    const { pairs, problems } = await parsePreferencePairs(samplePairsJsonl);
    expect(problems).toEqual([]);
    expect(pairs).toHaveLength(16);
  });
});

describe('problems name what is wrong and the fix', () => {
  it.each([
    ['[1]', /not a JSON object; each line needs prompt, chosen and rejected/],
    ['{"chosen": "a",', /not valid JSON, it does not end; write one object/],
    [JSON.stringify({ prompt: 'a', chosen: 'b' }), /"rejected" is missing; each line needs prompt, chosen and rejected/],
    [pair(3, 'b', 'a'), /"chosen" is neither a text nor a list of messages; write/],
    [pair('a', [{ of: 'gpt', value: 'b' }], 'a'), /"rejected" is neither a text nor a list of messages/],
    [pair([message('assistant', 'a')], 'b'), /different kinds; make both texts or both lists/],
    [pair('a', 'a', 'p'), /are the same; a pair needs two different responses/],
    [pair('a b', 'a b'), /are the same/],
    [pair('a', 'a b'), /"chosen" holds no words; give it/],
    [pair('a', ' \n', 'p'), /"rejected" holds no words/],
    ['{"chosen": "__proto__", "__proto__": {"rejected": "b"}}', /"rejected" is missing/],
  ])('%s', async (line, problem) => {
    expect(await problemOf(line)).toMatch(problem);
  });
});

describe('progress and cancelling', () => {
  const big = `${good}\n`.repeat(20_000);

  it('reports bytes up to the total', async () => {
    const reports: number[] = [];
    await parsePreferencePairs(big, {
      onProgress: (done, total) => {
        expect(total).toBe(big.length);
        reports.push(done);
      },
    });
    expect(reports.length).toBeGreaterThan(3);
    expect(reports).toEqual([...reports].sort((a, b) => a - b));
    expect(reports.at(-1)).toBe(big.length);
  });

  it('stops with the reason of the signal', async () => {
    const controller = new AbortController();
    const reading = parsePreferencePairs(big, {
      signal: controller.signal,
      onProgress: (done, total) => {
        expect(done).toBeLessThan(total);
        controller.abort(new Error('cancelled'));
      },
    });
    await expect(reading).rejects.toThrow('cancelled');
    await expect(parsePreferencePairs(good, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });

  it('lets other work run', async () => {
    let turns = 0;
    let reading = true;
    const count = (): void => {
      turns++;
      if (reading) setTimeout(count);
    };
    setTimeout(count);
    await parsePreferencePairs(big.repeat(5));
    reading = false;
    expect(turns).toBeGreaterThan(5);
  });
});

describe('whatever the file holds', () => {
  const jsonish = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .record({ prompt: fc.jsonValue(), chosen: fc.jsonValue(), rejected: fc.jsonValue() }, { requiredKeys: [] })
      .map((value) => JSON.stringify(value)),
    fc.record({ prompt: fc.string(), chosen: fc.string(), rejected: fc.string() }).map((value) => JSON.stringify(value)),
  );
  const separator = fc.constantFrom('\n', '\r\n', '\n\n');
  const file = fc.array(fc.tuple(jsonish, separator), { maxLength: 30 }).map((parts) => parts.flat().join(''));

  it('every line that is not blank is a pair or a problem', async () => {
    await fc.assert(
      fc.asyncProperty(file, async (body) => {
        const text = `${good}\n${body}`;
        const { pairs, problems } = await parsePreferencePairs(text);
        expect(silentLines(text, [...pairs, ...problems])).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('nothing but a DataFileError is thrown', async () => {
    const anyFile = fc.oneof(
      file,
      file.map((body) => `[${body}`),
      fc.array(jsonish).map((items) => `[\n${items.join(',')}\n]`),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyFile, fc.uint8Array({ maxLength: 200 })), async (content) => {
        try {
          const result = await parsePreferencePairs(typeof content === 'string' ? content : new Blob([new Uint8Array(content)]));
          expect(result.pairCount).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(DataFileError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('an array of objects gives one pair or problem an element', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.constantFrom('prompt', 'chosen', 'rejected'), fc.jsonValue()), { maxLength: 10 }),
        async (items) => {
          const { pairCount, problemCount } = await parsePreferencePairs(JSON.stringify([JSON.parse(good), ...items], null, 1));
          expect(pairCount + problemCount).toBe(items.length + 1);
        },
      ),
    );
  });
});
