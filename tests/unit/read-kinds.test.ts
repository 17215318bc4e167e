import { readFileSync } from 'node:fs';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readData } from '../../src/data/read-data.ts';
import { npyFile, safetensorsFile, zipFile } from '../shared/array-files.ts';

/** what a test looks into by name */
type Loose = ReturnType<typeof JSON.parse>;

const read = async (bytes: Uint8Array | string, name = 'x'): Promise<Loose> =>
  readData({ name, bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes });
const jsonl = (...rows: unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const good = { prompt: 'Tea?', chosen: 'Yes, please.', rejected: 'No.' };
const kinds = (data: { notes: readonly { kind: string }[] }): string[] => data.notes.map(({ kind }) => kind);

describe('pairs in the shapes of other tools', () => {
  it.each([
    [
      'ShareGPT',
      {
        conversations: [{ from: 'human', value: 'Tea?' }],
        chosen: { from: 'gpt', value: 'Yes, please.' },
        rejected: { from: 'gpt', value: 'No.' },
      },
    ],
    [
      'ms-swift',
      {
        messages: [
          { role: 'user', content: 'Tea?' },
          { role: 'assistant', content: 'Yes, please.' },
        ],
        rejected_response: 'No.',
      },
    ],
    ['ms-swift, old', { query: 'Tea?', response: 'Yes, please.', rejected_response: 'No.' }],
    [
      'OpenAI',
      {
        input: { messages: [{ role: 'user', content: 'Tea?' }] },
        preferred_output: [{ role: 'assistant', content: 'Yes, please.' }],
        non_preferred_output: [{ role: 'assistant', content: 'No.' }],
      },
    ],
    [
      'UltraFeedback',
      {
        prompt: 'Tea?',
        chosen: [
          { role: 'user', content: 'Tea?' },
          { role: 'assistant', content: 'Yes, please.' },
        ],
        rejected: [
          { role: 'user', content: 'Tea?' },
          { role: 'assistant', content: 'No.' },
        ],
        score_chosen: 8,
        score_rejected: 2,
      },
    ],
    [
      'UltraFeedback, raw',
      {
        instruction: 'Tea?',
        completions: [
          { response: 'No.', overall_score: 3 },
          { response: 'Yes, please.', overall_score: 9 },
          { response: 'Hm.', overall_score: 5 },
        ],
      },
    ],
    [
      'Nectar',
      {
        prompt: 'Tea?',
        answers: [
          { answer: 'Yes, please.', rank: 1 },
          { answer: 'Hm.', rank: 2 },
          { answer: 'No.', rank: 3 },
        ],
      },
    ],
    ['LLaMA-Factory, old', { instruction: 'Tea?', input: '', output: ['Yes, please.', 'No.'] }],
    ['SafeRLHF', { prompt: 'Tea?', response_0: 'No.', response_1: 'Yes, please.', better_response_id: 1 }],
    ['SHP', { history: 'Tea?', human_ref_A: 'Yes, please.', human_ref_B: 'No.', labels: 1 }],
    ['arena', { question: 'Tea?', response_a: 'No.', response_b: 'Yes, please.', winner: 'model_b' }],
    ['HelpSteer3', { context: [{ role: 'user', content: 'Tea?' }], response1: 'No.', response2: 'Yes, please.', overall_preference: 2 }],
    ['orca', { question: 'Tea?', chosen: 'Yes, please.', rejected: 'No.' }],
    ['StackExchange', { question: 'Tea?', response_j: 'Yes, please.', response_k: 'No.' }],
    [
      'stringified',
      {
        prompt: 'Tea?',
        chosen: '[{"role": "assistant", "content": "Yes, please."}]',
        rejected: "[{'role': 'assistant', 'content': 'No.'}]",
      },
    ],
    ['datasets server', { row_idx: 3, row: good, truncated_cells: [] }],
  ])('%s', async (_, row) => {
    const data = await read(JSON.stringify(row));
    expect(data).toMatchObject({ kind: 'pairs', problemCount: 0 });
    expect(data.pairs).toEqual([
      {
        line: 1,
        ...good,
        ...(/"score|overall_score/.test(JSON.stringify(row))
          ? { chosenRating: expect.any(Number), rejectedRating: expect.any(Number) }
          : {}),
      },
    ]);
  });

  it('system, history and ratings', async () => {
    const data = await read(jsonl({ system: 'Be kind.', history: [['Hi', 'Hello']], ...good, score_chosen: 8.5, score_rejected: '3' }));
    expect(data.pairs).toEqual([{ line: 1, ...good, prompt: 'Be kind.\nHi\nHello\nTea?', chosenRating: 8.5, rejectedRating: 3 }]);
  });

  it('ties and what says nothing are left out, with their place', async () => {
    const data = await read(
      jsonl(
        { prompt: 'p', response_a: 'a b', response_b: 'c d', winner: 'tie' },
        { prompt: 'p', response_a: 'a b', response_b: 'c d', winner: 'model_a' },
      ),
    );
    expect(data).toMatchObject({
      kind: 'pairs',
      pairs: [{ line: 2, chosen: 'a b' }],
      problems: [{ line: 1, problem: expect.stringContaining('tie') }],
    });
  });

  it.each([
    ['rows of the datasets server', JSON.stringify({ features: [], rows: [{ row_idx: 0, row: good, truncated_cells: [] }] })],
    ['a document of splits', JSON.stringify({ train: [good] })],
    ['columns', JSON.stringify({ prompt: ['Tea?'], chosen: ['Yes, please.'], rejected: ['No.'] })],
    ['pandas columns', JSON.stringify({ prompt: { 0: 'Tea?' }, chosen: { 0: 'Yes, please.' }, rejected: { 0: 'No.' } })],
    ['pandas split', JSON.stringify({ columns: ['prompt', 'chosen', 'rejected'], index: [0], data: [['Tea?', 'Yes, please.', 'No.']] })],
    ['an array, printed', JSON.stringify([good], null, 2)],
    ['objects behind one another', `${JSON.stringify(good)}`],
    ['a JSON text of JSON', JSON.stringify(JSON.stringify(good))],
    ['a Python dict', "{'prompt': 'Tea?', 'chosen': 'Yes, please.', 'rejected': 'No.', 'x': None, 'y': True}"],
    ['CSV', 'prompt,chosen,rejected\nTea?,"Yes, please.",No.\n'],
    ['TSV', 'prompt\tchosen\trejected\nTea?\tYes, please.\tNo.\n'],
    ['Excel’s CSV', 'sep=;\nprompt;chosen;rejected\nTea?;"Yes, please.";No.\n'],
  ])('as %s', async (_, text) => {
    const data = await read(text);
    expect(data.pairs).toEqual([{ line: expect.any(Number), ...good }]);
  });

  it('many objects on one line, and over lines, beside broken ones that are named', async () => {
    const text = `${JSON.stringify(good)}${JSON.stringify(good)}\n{"prompt": "a", "chosen": "b\n${JSON.stringify(good, null, 2)}\n{"prompt": [1,\n${JSON.stringify(good)}`;
    const data = await read(text);
    expect(data.pairs.map(({ line }: { line: number }) => line)).toEqual([1, 1, 3, 9]);
    expect(data.problems.map(({ line }: { line: number }) => line)).toEqual([2, 8]);
  });

  it('what is to be said of them is counted, with its rows', async () => {
    const data = await read(
      jsonl(
        { ...good, id: 1, meta: { a: 1 } },
        good,
        { ...good, chosen: good.rejected, rejected: good.chosen },
        { ...good, rejected: good.chosen },
        { prompt: 'Sum?', chosen: 'The sum is 17 .', rejected: 'The sum is 18 .' },
      ),
    );
    const said = Object.fromEntries(
      data.notes.map(({ kind, count, rows }: { kind: string; count: number; rows: number[] }) => [kind, rows ?? count]),
    );
    expect(said).toMatchObject({ 'ignored-columns': 2, duplicates: [2], contradictions: [3], same: [4], 'one-word': [5], dropped: [4] });
  });
});

describe('unpaired sets and records of other kinds', () => {
  it.each([
    [
      {
        messages: [
          { role: 'user', content: 'Tea?' },
          { role: 'assistant', content: 'Yes.' },
        ],
        label: 1,
      },
    ],
    [{ instruction: 'Tea?', input: '', output: 'Yes.', kto_tag: 'true' }],
  ])('%j is unpaired', async (row) => {
    expect(await read(JSON.stringify(row))).toMatchObject({
      kind: 'unpaired',
      rows: [{ prompt: 'Tea?', completion: 'Yes.', label: true }],
    });
  });

  it.each([
    [
      {
        messages: [
          { role: 'user', content: 'Tea?' },
          { role: 'assistant', content: 'Yes.' },
        ],
      },
      /supervised fine-tuning/,
    ],
    [{ instruction: 'Tea?', input: '', output: 'Yes.' }, /supervised fine-tuning/],
    [{ prompt: 'Tea?' }, /prompts alone/],
    [{ a: 1, b: 2 }, /JSONL/],
  ])('%j is refused by name', async (row, format) => {
    const data = await read(jsonl(row, row));
    expect(data).toMatchObject({ kind: 'refused', format: expect.stringMatching(format), reason: expect.stringMatching(/“\w+”/) });
  });
});

describe('log-probs', () => {
  const sums = [{ chosen: -6, rejected: -9 }];
  it.each([
    ['TRL’s names', jsonl({ policy_chosen_logps: -6, policy_rejected_logps: -9 }), {}],
    ['paper names', 'logp_w,logp_l\n-6,-9\n', {}],
    ['each token', jsonl({ chosen_logps: [-1, -2, -3], rejected_logps: [null, -4, -5, null] }), { chosenLength: 3, rejectedLength: 2 }],
    ['each token in CSV', 'chosen_logps,rejected_logps\n"[-1.0, -2.0, -3.0]","[-4, -5]"\n', { chosenLength: 3, rejectedLength: 2 }],
    [
      'means with lengths',
      jsonl({ chosen_avg_logp: -2, rejected_avg_logp: -3, chosen_length: 3, rejected_length: 3 }),
      { chosenLength: 3, rejectedLength: 3 },
    ],
  ])('%s', async (_, text, lengths) => {
    expect(await read(text)).toMatchObject({ kind: 'logps', perToken: false, rows: [{ ...sums[0], ...lengths }] });
  });

  it('means without lengths stay means, and are said to be', async () => {
    const data = await read(jsonl({ chosen_mean_logps: -2, rejected_mean_logps: -3 }));
    expect(data).toMatchObject({ kind: 'logps', perToken: true });
    expect(kinds(data)).toContain('per-token');
  });

  it.each([
    [{ chosen_nll: 4, rejected_nll: 5 }, /looks like a loss/],
    [{ chosen_logratios: 0.1, rejected_logratios: 0.2 }, /log-ratio/],
    [{ chosen_logps: 4, rejected_logps: 5 }, /above 0/],
  ])('%j are refused with what to do', async (row, reason) => {
    expect(await read(jsonl(row, row))).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) });
  });

  const w = Float32Array.of(-6, -1, -2, 0);
  const l = Float32Array.of(-9, -3, -4, 0);
  it('in npz, stored and deflated', async () => {
    for (const pack of [null, deflateRawSync]) {
      const data = await read(zipFile({ 'chosen_logps.npy': npyFile(w, '4,'), 'rejected_logps.npy': npyFile(l, '4,') }, pack));
      expect(data).toMatchObject({ kind: 'logps', format: expect.stringContaining('npz') });
      expect(data.rows[0]).toEqual(sums[0]);
    }
  });

  it('in npz, each token, padded with 0', async () => {
    const data = await read(zipFile({ 'chosen_logps.npy': npyFile(w, '2, 2'), 'rejected_logps.npy': npyFile(l, '2, 2') }, null));
    expect(data.rows[1]).toEqual({ chosen: -2, rejected: -4, chosenLength: 1, rejectedLength: 1 });
  });

  it('in safetensors, and hidden states by their shape', async () => {
    const data = await read(safetensorsFile({ chosen_logps: [w, [4]], rejected_logps: [l, [4]] }));
    expect(data).toMatchObject({ kind: 'logps', rows: [sums[0], {}, {}, {}] });
    expect(await read(safetensorsFile({ hidden: [w, [1, 2, 2]] }))).toMatchObject({ kind: 'hidden', shape: [1, 2, 2] });
    expect(await read(npyFile(Float32Array.of(1, 2, 3, 4, 5, 6), '2, 3'))).toMatchObject({ kind: 'hidden', shape: [2, 3] });
    expect(await read(npyFile(Float32Array.of(-1, -2, -3, -4), '2, 2'))).toMatchObject({
      kind: 'logps',
      rows: [{ chosen: -1, rejected: -2 }, {}],
    });
  });
});

describe('training logs', () => {
  const values = (log: Loose, name: string): number[] => Array.from(log.columns[name] ?? []);
  it.each([
    [
      'prefixes',
      jsonl(
        { 'train/loss': 0.5, 'train/rewards/chosen': 0.1, 'train/global_step': 10 },
        { 'train/loss': 0.4, 'train/rewards/chosen': 0.2, 'train/global_step': 20 },
      ),
    ],
    [
      'W&B’s history',
      jsonl({ _step: 10, _runtime: 1, loss: 0.5, 'rewards/chosen': 0.1 }, { _step: 20, _runtime: 2, loss: 0.4, 'rewards/chosen': 0.2 }),
    ],
    [
      'W&B’s CSV',
      '"Step","r1 - train/loss","r1 - train/loss__MIN","r1 - train/rewards/chosen"\n"10","0.5","0.5","0.1"\n"20","0.4","0.4","0.2"\n',
    ],
    [
      'DPO’s own code',
      jsonl({ step: 10, 'loss/train': 0.5, 'rewards_train/chosen': 0.1 }, { step: 20, 'loss/train': 0.4, 'rewards_train/chosen': 0.2 }),
    ],
    ['strings', jsonl({ loss: '0.5', 'rewards/chosen': '0.1', step: '10' }, { loss: '0.4', 'rewards/chosen': '0.2', step: '20' })],
    [
      'a console with a bar',
      `Training...\r\n  5%|▌ | 1/20 [00:05<01:40]\r{'loss': 0.5, 'rewards/chosen': 0.1, 'step': 10}\n10%|█ | 2/20 {'loss': tensor(0.4000, device='cuda:0'), 'rewards/chosen': np.float64(0.2), 'step': 20}\nDone.\n`,
    ],
  ])('%s', async (_, text) => {
    const log = await read(text);
    expect(log).toMatchObject({ kind: 'log', steps: [10, 20] });
    expect([values(log, 'loss'), values(log, 'rewards/chosen')]).toEqual([
      [0.5, 0.4],
      [0.1, 0.2],
    ]);
  });

  it('a TensorBoard export has its metric in its name', async () => {
    const log = await read('Wall time,Step,Value\n1700000000.1,10,0.5\n1700000001.1,20,0.4\n', 'run-.-tag-train_rewards_chosen.csv');
    expect(log).toMatchObject({ kind: 'log', steps: [10, 20] });
    expect(values(log, 'rewards/chosen')).toEqual([0.5, 0.4]);
  });

  it('training and evaluation of one step are one row, and evaluation keeps its prefix beside training', async () => {
    const log = await read(
      jsonl(
        { loss: 0.6, step: 10 },
        { eval_loss: 0.65, step: 10 },
        { loss: 0.5, step: 20 },
        { train_runtime: 9, train_loss: 0.55, step: 20 },
      ),
    );
    expect(log.steps).toEqual([10, 20]);
    expect([values(log, 'loss'), values(log, 'eval_loss')]).toEqual([
      [0.6, 0.5],
      [0.65, Number.NaN],
    ]);
    expect(kinds(log)).toContain('summary');
  });

  it('a row of means over batches is no pair', async () => {
    const log = await read(
      jsonl(
        { 'logps/chosen': -30, 'logps/rejected': -40, loss: 0.6, step: 1 },
        { 'logps/chosen': -31, 'logps/rejected': -42, loss: 0.5, step: 2 },
      ),
    );
    expect(log.kind).toBe('log');
  });
});

describe('bytes', () => {
  const text = `${JSON.stringify(good)}\n`;
  it('gzip, gzip of a table, zstd', async () => {
    expect(await read(gzipSync(text))).toMatchObject({ kind: 'pairs', pairs: [good] });
    expect(await read(gzipSync(gzipSync('chosen_logp,rejected_logp\n-1,-2\n')))).toMatchObject({
      kind: 'logps',
      rows: [{ chosen: -1, rejected: -2 }],
    });
    const zst = readFileSync(new URL('../golden/files/pairs.jsonl.zst', import.meta.url));
    expect((await read(zst)).pairs).toHaveLength(5);
    expect(await read(gzipSync(text).subarray(0, 30))).toMatchObject({
      kind: 'refused',
      format: 'gzip',
      reason: expect.stringContaining('cut off'),
    });
  });

  it.each(['snappy', 'gzip', 'zstd', 'uncompressed'])('Parquet, %s', async (codec) => {
    const data = await read(readFileSync(new URL(`../golden/files/pairs-${codec}.parquet`, import.meta.url)));
    expect(data).toMatchObject({ kind: 'pairs', format: 'TRL preference pairs (Parquet)', pairCount: 40 });
    expect(data.pairs[30]).toEqual({
      line: 31,
      prompt: 'Question 30: what is 30 plus 30?',
      chosen: 'The answer is 60, since twice 30 is 60.',
      rejected: 'I do not know what 30 plus 30 is.',
      chosenRating: 15,
    });
  });

  const utf16 = (label: 'le' | 'be', mark: boolean): Uint8Array => {
    const bytes = Buffer.from(`${mark ? '\uFEFF' : ''}${text}`, 'utf16le');
    return label === 'be' ? bytes.swap16() : bytes;
  };
  it.each([
    ['UTF-16', utf16('le', true)],
    ['UTF-16', utf16('be', true)],
    ['UTF-16', utf16('le', false)],
    ['UTF-16', utf16('be', false)],
    ['Latin-1', Buffer.from(text.replace('Tea?', 'Thé à la crème, s’il vous plaît?'.replace('’', "'")), 'latin1')],
  ])('%s, with a word', async (name, bytes) => {
    const data = await read(new Uint8Array(bytes));
    expect(data).toMatchObject({ kind: 'pairs', pairs: [{ chosen: good.chosen }] });
    expect(data.notes[0]).toMatchObject({ kind: 'encoding', text: expect.stringContaining(name) });
    expect(JSON.stringify(data)).not.toContain('\uFFFD');
  });

  it('rows with bytes that are no UTF-8 are left out of a UTF-8 file', async () => {
    const bad = Buffer.concat([
      Buffer.from(`${text}{"prompt":"`),
      Buffer.from([0xff]),
      Buffer.from(`","chosen":"a b","rejected":"c"}\n${text.replace('Tea', 'Tee, größer')}`),
    ]);
    const data = await read(new Uint8Array(bad));
    expect(data.pairs.map(({ line }: { line: number }) => line)).toEqual([1, 3]);
    expect(data.problems).toMatchObject([{ line: 2 }]);
  });

  it.each([
    ['xlsx', zipFile({ 'xl/workbook.xml': new Uint8Array(3) }, null), /Excel/],
    ['pt', zipFile({ 'archive/data.pkl': new Uint8Array(3) }, null), /PyTorch/],
    ['zip', zipFile({ 'a.txt': new Uint8Array(3), 'b.txt': new Uint8Array(3) }, null), /zip/],
    ['pickle', Uint8Array.of(0x80, 4, 0x95, 1, 2, 3), /pickle/],
    ['arrow', new TextEncoder().encode('ARROW1\0\0rest'), /Arrow/],
  ])('%s is recognised, with the line that converts it', async (_, bytes, format) => {
    expect(await read(bytes)).toMatchObject({
      kind: 'refused',
      format: expect.stringMatching(format),
      convert: expect.stringMatching(/.{10}/),
    });
  });

  it.each([
    ['', null, /empty/],
    ['   \n\n', null, /empty/],
    ['just some words\nand more of them', 'plain text', /neither JSON objects nor a table/],
    ['<!doctype html><html></html>', 'an HTML page', /HTML/],
  ])('%j is refused', async (content, format, reason) => {
    expect(await read(content)).toMatchObject({ kind: 'refused', format, reason: expect.stringMatching(reason) });
  });
});

describe('long files', () => {
  const big = new Blob([`${JSON.stringify(good)}\n`.repeat(60_000)]);
  it('tell how far they are, and stop when they are told to', async () => {
    const done: number[] = [];
    const data: Loose = await readData(
      { name: 'x', bytes: big },
      {
        onProgress: (bytes, total) => {
          expect(total).toBe(big.size);
          done.push(bytes);
        },
      },
    );
    expect(data.pairCount).toBe(60_000);
    expect([done.length > 3, done.at(-1)]).toEqual([true, big.size]);
    const abort = new AbortController();
    const reading = readData({ name: 'x', bytes: big }, { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) });
    await expect(reading).rejects.toThrow('enough');
  });

  it('a long document is read out of the list that it holds', async () => {
    const rows = Array.from({ length: 20_000 }, (_, step) => ({
      loss: 0.5,
      'rewards/chosen': -0.1,
      learning_rate: 1e-6,
      epoch: step / 1000,
      step,
    }));
    const log: Loose = await readData({
      name: 'x',
      bytes: new Blob([JSON.stringify({ best_metric: null, log_history: rows, max_steps: 20_000 }, null, 1)]),
    });
    expect(log).toMatchObject({ kind: 'log', format: 'trainer_state.json of a Trainer', problemCount: 0 });
    expect(log.steps).toHaveLength(20_000);
  });
});
