import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readData } from '../../src/data/read-data.ts';
import type { ReadData } from '../../src/data/read-data-types.ts';

const reports = new URL('../golden/reports/', import.meta.url);

/** A file of the reports, read under another name: the ending must not matter. */
async function open<K extends ReadData['kind']>(name: string, kind: K): Promise<Extract<ReadData, { kind: K }>> {
  const bytes = readFileSync(new URL(name, reports));
  const data = await readData({ name: 'file.bin', bytes: new Blob([bytes]) });
  expect(data.kind).toBe(kind);
  expect(await readData({ name, bytes })).toEqual(data);
  return data as Extract<ReadData, { kind: K }>;
}
const noteOf = (data: ReadData, kind: string) => ('notes' in data ? data.notes.find((note) => note.kind === kind) : undefined);

describe('what practitioners bring', () => {
  it('trainer_state.json is a log of its steps', async () => {
    const log = await open('trainer_state.json', 'log');
    expect(log.format).toContain('trainer_state.json');
    expect(log.steps).toEqual([0, 50, 100, 150, 200, 250, 300, 350]);
    expect([...Array.from(log.columns['rewards/margins'] ?? [])].at(-1)).toBe(4.69);
    expect(Array.from(log.columns['rewards/chosen'] ?? []).at(-1)).toBe(-1.96);
    expect(noteOf(log, 'evaluation')?.text).toContain('rewards/chosen');
    expect(JSON.stringify(log)).not.toContain('not valid JSON');
    expect(log.problemCount).toBe(0);
  });

  it('a log in which both fall says so, from which step, and in nats', async () => {
    const log = await open('log-chosen-and-rejected-fall.jsonl', 'log');
    expect(log.readings.map(({ id }) => id)).toEqual(['both-fall', 'chosen-falls']);
    expect(log.readings[0]).toMatchObject({ fromStep: 50, text: expect.stringContaining('−19.6 nats') }); // -1.96 / 0.1
    expect(log.beta).toBe(0.1); // each change of a reward is 0.1 times that of its log-prob
  });

  it.each(['console-log-dicts.jsonl', 'console-log-stuck-at-ln2.txt'])(
    '%s, dicts that Python printed, is a log that is stuck at ln 2',
    async (name) => {
      const log = await open(name, 'log');
      expect(log.steps).toHaveLength(2);
      expect(Array.from(log.columns['logps/chosen'] ?? [])).toEqual([-77.1, -74.9]);
      expect(log.readings.map(({ id }) => id)).toEqual(['stuck-at-ln2']);
      expect(log.readings[0]?.text).toMatch(/rewards are 0, as if the policy were the reference/);
    },
  );

  it('NaN and -Infinity stay as they are, and are told', async () => {
    const { rows, notes } = await open('nan-from-json-dumps.jsonl', 'logps');
    expect(rows).toEqual([
      { chosen: -40, rejected: -55, refChosen: -41, refRejected: -54 },
      { chosen: Number.NaN, rejected: Number.NaN, refChosen: -38, refRejected: -52 },
      { chosen: Number.NEGATIVE_INFINITY, rejected: -60, refChosen: -39, refRejected: -57 },
    ]);
    expect(notes.find(({ kind }) => kind === 'nan')).toMatchObject({ count: 2, rows: [2, 3] });
  });

  it('the prompt of alpaca columns is instruction and input together', async () => {
    const { pairs, notes } = await open('alpaca-instruction-columns.json', 'pairs');
    expect(pairs.map(({ prompt }) => prompt)).toEqual([
      'Pick one option and justify it in two sentences.\nWhich gas do plants take in? (A) oxygen (B) carbon dioxide',
      'Pick one option and justify it in two sentences.\nWhich planet is largest? (A) Mars (B) Jupiter',
      'Say hello.',
    ]);
    expect(notes.find(({ kind }) => kind === 'columns')?.text).toContain('“instruction”');
  });

  it('calls of tools are text, and told; what stands before them is kept', async () => {
    const data = await open('tool-calls-null-content.jsonl', 'pairs');
    expect(data.pairs).toHaveLength(3);
    expect(data.pairs[0]?.prompt).toBe('Weather in Oslo?\nforecast({"city":"Oslo"})\n{"t":4}');
    expect(data.pairs[1]?.chosen).toBe('book({"n":2})');
    expect(data.pairs[2]?.prompt).toBe('And the weather?\nforecast({})\nrain');
    expect(noteOf(data, 'tool-calls')).toMatchObject({ count: 3, rows: [1, 2, 3] });
  });

  it('of parts with images the texts are read, and the images told', async () => {
    const data = await open('vision-content-parts.jsonl', 'pairs');
    expect(data.pairs[0]).toMatchObject({ prompt: 'What is on the table?', chosen: 'A red mug stands on the table.' });
    expect(noteOf(data, 'images')).toMatchObject({ count: 1 });
  });

  it('an unpaired set is named, with the line that pairs it', async () => {
    const data = await open('kto-label-unpaired.jsonl', 'unpaired');
    expect(data.format).toContain('KTO');
    expect(data.rows.map(({ label }) => label)).toEqual([true, false, true]);
    expect(noteOf(data, 'unpaired')?.text).toMatch(/2 of 3 .* 1 prompt has both kinds.*import pandas/);
  });

  it('text in GBK is read as such, with a word', async () => {
    const data = await open('gbk-encoded.jsonl', 'pairs');
    expect(data.pairs[0]).toMatchObject({ prompt: '你好吗', rejected: '走开' });
    expect(noteOf(data, 'encoding')?.text).toContain('GBK');
    expect(JSON.stringify(data)).not.toContain('\uFFFD');
  });

  it('decimal commas are numbers', async () => {
    const { rows } = await open('decimal-comma.csv', 'logps');
    expect(rows).toEqual([
      { chosen: -12.5, rejected: -14.25, refChosen: -12, refRejected: -13.5 },
      { chosen: -8.75, rejected: -9.5, refChosen: -8.5, refRejected: -9.25 },
    ]);
  });

  it('a prompt that stands in the responses is taken off, and said', async () => {
    const data = await open('prompt-repeated-in-responses.jsonl', 'pairs');
    expect(data.pairs.map(({ chosen }) => chosen)).toEqual(['Oslo, known for its fjord.', 'Oslo, known for its opera.', 'Oslo it is.']);
    expect(noteOf(data, 'prompt-repeated')).toMatchObject({ count: 3, rows: [1, 2, 3] });
  });

  it('HH strings are cut behind the last “Assistant:”', async () => {
    const { pairs } = await open('hh-rlhf-strings.jsonl', 'pairs');
    expect(pairs.map(({ rejected }) => rejected)).toEqual(['Put it in a microwave.', 'Get another.']);
    expect(pairs.every(({ prompt }) => prompt.endsWith('Assistant:'))).toBe(true);
  });

  it('objects over several lines are pairs', async () => {
    const { pairs, problemCount } = await open('pretty-printed-objects.jsonl', 'pairs');
    expect([pairs.map(({ line }) => line), problemCount]).toEqual([[1, 6], 0]);
  });

  it('displaced pairs are counted, with what to look at next', async () => {
    const data = await open('displaced-pairs.csv', 'logps');
    expect(noteOf(data, 'displaced')).toMatchObject({ count: 7, text: expect.stringMatching(/All 7 pairs.*causes.*Look next.*remedy/) });
  });

  it('a policy that is its reference is told: nothing has been trained', async () => {
    const data = await open('policy-equals-reference.csv', 'logps');
    expect(noteOf(data, 'same-models')?.text).toMatch(/two models give the same numbers.*Nothing seems to have been trained.*0 of 6, 0 %/);
    expect(noteOf(data, 'displaced')).toBeUndefined();
  });

  it('pairs that share all words but one are counted', async () => {
    const data = await open('near-identical-maths.jsonl', 'pairs');
    expect(noteOf(data, 'one-word')?.count).toBe(data.pairs.length);
  });

  it('nasty words are pairs; half of a character is left out, with its place', async () => {
    const data = await open('nasty-words.jsonl', 'pairs');
    expect(data.pairs.map(({ line }) => line)).toEqual([2, 3, 4]);
    expect(noteOf(data, 'dropped')).toMatchObject({ count: 1, rows: [1] });
  });
});
