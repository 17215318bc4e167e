import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { joinLogs } from '../../src/data/logs/join-logs.ts';
import { readData } from '../../src/data/read-data.ts';
import type { TrainingLog } from '../../src/data/read-data-types.ts';
import { zipFile } from '../shared/array-files.ts';

/** what a test looks into by name */
type Loose = ReturnType<typeof JSON.parse>;

const read = async (bytes: Uint8Array | string, name = 'x'): Promise<Loose> =>
  readData({ name, bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes });
const jsonl = (...rows: unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const good = { prompt: 'Tea?', chosen: 'Yes, please.', rejected: 'No.' };
const noteOf = (data: Loose, kind: string): Loose => data.notes.find((note: Loose) => note.kind === kind);

const steps = [10, 20, 30];
const loss = [0.69, 0.6, 0.5];
const chosen = [0, -0.1, -0.3];
/** a text for each row of a log */
const lines = (row: (step: number, i: number, loss: number, chosen: number) => string, between = '\n'): string =>
  steps.map((step, i) => row(step, i, loss[i] as number, chosen[i] as number)).join(between);

const cells = (names: readonly string[]): string =>
  `<table border="1" class="dataframe"><thead><tr>${names.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${lines(
    (step, _, value, reward) => `<tr>\n<td>${step}</td>\n<td>${value}</td><td>${reward}</td></tr>`,
  )}</tbody></table>`;
const notebook = (output: object): string =>
  JSON.stringify({ cells: [{ cell_type: 'code', source: ['trainer.train()'], outputs: [output] }], metadata: {}, nbformat: 4 }, null, 1);

describe('logs', () => {
  it.each<[string, string]>([
    [
      'W&B’s history as JSON, whose own steps count its rows',
      JSON.stringify(
        steps.map((step, i) => ({ _step: i, 'train/global_step': step, 'train/loss': loss[i], 'train/rewards/chosen': chosen[i] })),
      ),
    ],
    [
      'MLflow’s table of one run',
      `Run,metric,step,timestamp,value\n${lines((step, _, value, reward) => `fox,loss,${step},17,${value}\nfox,rewards/chosen,${step},17,${reward}`)}`,
    ],
    [
      'MLflow’s table of two runs, of which the first is read',
      `Run,metric,step,timestamp,value\n${lines((step, _, value, reward) => `fox,loss,${step},17,${value}\nfox,rewards/chosen,${step},17,${reward}\nowl,loss,${step},17,9`)}`,
    ],
    [
      'a figure of Plotly',
      JSON.stringify({
        data: [
          { name: 'loss', x: steps, y: loss },
          { name: 'rewards/chosen', x: steps, y: chosen },
        ],
        layout: {},
      }),
    ],
    [
      'blocks of NeMo RL',
      lines(
        (step, _, value, reward) =>
          `===== Step ${step}/100 =====\n📊 Training Results:\n  • Loss: ${value}\n  • Rewards Chosen Mean: ${reward}\n⏱️  Timing:\n  • Total step time: 1.20s\n`,
      ),
    ],
    [
      'blocks of Stable-Baselines',
      lines(
        (step, _, value, reward) =>
          `---------------------\n| train/      |     |\n|    loss     | ${value} |\n|    rewards/chosen | ${reward} |\n|    global_step | ${step} |\n---------------------`,
      ),
    ],
    [
      'tables of rich',
      lines(
        (step, _, value, reward) =>
          `╭─────────┬────╮\n│ train/loss │ ${value} │ rewards/chosen │ ${reward} │\n│ grad_norm │ 3.1 │ global_step │ ${step} │\n╰─────────┴────╯`,
      ),
    ],
    [
      'mmengine, as XTuner has it',
      lines(
        (step, i, value, reward) =>
          `11/30 12:00:0${i} - mmengine - INFO - Iter(train) [  ${step}/1000]  lr: 5.0000e-06  eta: 0:10:00  time: 1.2345  loss: ${value}  chosen_rewards: ${reward}  reward_acc: 0.5`,
      ),
    ],
    [
      'objects as Python prints them',
      lines(
        (step, _, value, reward) =>
          `{'loss': ${value}, 'rewards/chosen': Decimal('${reward}'), 'time': datetime.datetime(2025, 1, 1, 10, 0), 'device': device(type='cuda', index=0), 'strategy': <IntervalStrategy.STEPS: 'steps'>, 'tags': {'a', 'b'}, 'step': ${step}}`,
      ),
    ],
    [
      'a defaultdict',
      lines(
        (step, _, value, reward) =>
          `INFO:root:defaultdict(<class 'float'>, {'loss': ${value}, 'rewards/chosen': tensor(${reward}, device='cuda:0', grad_fn=<MeanBackward0>), 'step': ${step}})`,
      ),
    ],
    [
      'an OrderedDict',
      lines((step, _, value, reward) => `OrderedDict([('loss', ${value}), ('rewards/chosen', ${reward}), ('step', ${step})])`),
    ],
    ['rows of cells in JSON', JSON.stringify([['step', 'loss', 'rewards/chosen'], ...steps.map((step, i) => [step, loss[i], chosen[i]])])],
    [
      'a notebook with a trainer’s table',
      notebook({
        output_type: 'display_data',
        data: { 'text/html': [`<div><progress></progress></div>\n${cells(['Step', 'Training Loss', 'rewards / chosen'])}`] },
      }),
    ],
    [
      'a notebook with printed dicts',
      notebook({
        output_type: 'stream',
        text: steps.map((step, i) => `{'loss': ${loss[i]}, 'rewards/chosen': ${chosen[i]}, 'step': ${step}}\n`),
      }),
    ],
    ['a page that was saved', `<!DOCTYPE html><html><body>${cells(['Step', 'Training&nbsp;Loss', 'rewards/chosen'])}</body></html>`],
    [
      'names that every object has',
      lines(
        (step, _, value, reward) =>
          `{"__proto__": 1, "constructor": 2, "toString": 3, "loss": ${value}, "rewards/chosen": ${reward}, "step": ${step}}`,
      ),
    ],
  ])('%s', async (_, text) => {
    const log = await read(text);
    expect(log).toMatchObject({ kind: 'log', steps, problemCount: 0 });
    expect([Array.from(log.columns.loss), Array.from(log.columns['rewards/chosen'])]).toEqual([loss, chosen]);
  });

  it.each<[string, string, string]>([
    ['MLflow’s file of a metric', 'loss', lines((step, i, value) => `17000000${i}0000 ${value} ${step}`)],
    [
      'Neptune’s table of a metric',
      'loss.csv',
      `step,value,timestamp\n${lines((step, _, value) => `${step},${value},2025-01-01 10:00:00`)}`,
    ],
    ['Tunix', 'x.log', lines((step, _, value) => `Train step ${step} training loss: ${value}  - training perplexity: 1.99`)],
  ])('%s', async (_, name, text) => {
    const log = await read(text, name);
    expect(log).toMatchObject({ kind: 'log', steps });
    expect(Array.from(log.columns.loss)).toEqual(loss);
  });

  it('a number that is too large for a float is infinite, and told', async () => {
    const log = await read('{"loss": 0.69, "step": 10}\n{"loss": 1e999, "step": 20}\n{"loss": 0.5, "step": 30}');
    expect(Array.from(log.columns.loss)).toEqual([0.69, Number.POSITIVE_INFINITY, 0.5]);
    expect(log.nonFinite).toEqual([{ column: 'loss', step: 20, value: Number.POSITIVE_INFINITY }]);
  });

  it('the block of means that a trainer prints at its end has no steps', async () => {
    const data = await read('***** train metrics *****\n  epoch = 1.0\n  train_loss = 0.5678\n  train_samples_per_second = 10.1\n');
    expect(data).toMatchObject({ kind: 'refused', reason: expect.stringContaining('no steps') });
  });

  it('a gzip file of several members is read whole, where the browser unpacks one alone', async () => {
    const members = steps.map((step, i) => gzipSync(`${JSON.stringify({ loss: loss[i], 'rewards/chosen': chosen[i], step })}\n`));
    const Whole = globalThis.DecompressionStream;
    // what browsers do: bytes behind the first member are an error
    vi.stubGlobal('DecompressionStream', function Stream(format: CompressionFormat) {
      const one = new Whole(format);
      const writer = one.writable.getWriter();
      const first = members.find((member) => member.length)?.length ?? 0;
      return {
        readable: one.readable,
        writable: new WritableStream({
          write: async (piece: Uint8Array<ArrayBuffer>) => {
            if (piece.length <= first + 4) return writer.write(piece);
            const error = new TypeError('Junk found after end of compressed data.');
            await writer.abort(error);
            throw error;
          },
          close: () => writer.close(),
          abort: (reason) => writer.abort(reason),
        }),
      };
    });
    try {
      const log = await read(Buffer.concat(members));
      expect(log).toMatchObject({ kind: 'log', steps });
      expect(Array.from(log.columns.loss)).toEqual(loss);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('several files of one run are one log, and files of several runs are not', async () => {
    const single = (name: string, values: readonly number[]) =>
      read(`Wall time,Step,Value\n${steps.map((step, i) => `17,${step},${values[i]}`).join('\n')}`, name) as Promise<TrainingLog>;
    const [a, b, c] = await Promise.all([
      single('loss.csv', loss),
      single('run_tag-train_rewards_chosen.csv', chosen),
      single('run_tag-eval_loss.csv', [0.7, 0.65, 0.6]),
    ]);
    const joined = joinLogs([a, b, c]);
    expect(joined?.steps).toEqual(steps);
    expect(Object.fromEntries(Object.entries(joined?.columns ?? {}).map(([name, values]) => [name, Array.from(values)]))).toEqual({
      loss,
      'rewards/chosen': chosen,
      eval_loss: [0.7, 0.65, 0.6],
    });
    expect(joinLogs([a, await single('loss.csv', chosen)])).toBe(null);
    // logs with more than one metric may be of two runs, though one is of evaluation alone
    const whole = (prefix: string) =>
      read(
        jsonl(...steps.map((step, i) => ({ step, [`${prefix}loss`]: loss[i], [`${prefix}rewards/chosen`]: chosen[i] }))),
      ) as Promise<TrainingLog>;
    expect(joinLogs([await whole(''), await whole('eval_')])).toBe(null);
  });
});

const mine = (content: string) => [{ role: 'assistant', content }];

describe('pairs', () => {
  it.each<[string, string]>([
    [
      'of OpenAI’s fine-tuning',
      jsonl({
        input: { messages: [{ role: 'user', content: 'Tea?' }], tools: [] },
        preferred_output: mine('Yes, please.'),
        non_preferred_output: mine('No.'),
      }),
    ],
    [
      'of answers as a server sends them',
      jsonl({
        prompt: 'Tea?',
        chosen: { object: 'chat.completion', choices: [{ index: 0, message: mine('Yes, please.')[0] }] },
        rejected: { object: 'chat.completion', choices: [{ index: 0, message: mine('No.')[0] }] },
      }),
    ],
    [
      'of records with another field',
      jsonl({ prompt: 'Tea?', chosen: { completion: 'Yes, please.', tokens: 3 }, rejected: { completion: 'No.', tokens: 2 } }),
    ],
    [
      'in a text of JSON',
      jsonl({ idx: 1, text: JSON.stringify({ question: 'Tea?', chosen: 'Yes, please.', rejected: 'No.' }), image_path: 'a.png' }),
    ],
    [
      'of Label Studio',
      JSON.stringify([
        {
          id: 1,
          data: { prompt: 'Tea?', answer1: 'No.', answer2: 'Yes, please.' },
          annotations: [{ id: 1, result: [{ type: 'pairwise', to_name: 'answer1,answer2', value: { selected: 'right' } }] }],
        },
      ]),
    ],
    [
      'of Label Studio, the short form',
      JSON.stringify([{ id: 1, prompt: 'Tea?', answer1: 'No.', answer2: 'Yes, please.', comparison: 'right' }]),
    ],
    [
      'of Argilla',
      JSON.stringify([
        {
          id: 'x',
          fields: { prompt: 'Tea?', 'response-1': 'No.', 'response-2': 'Yes, please.' },
          responses: { preference: [{ value: 'response-2', user_id: 'u', status: 'submitted' }] },
        },
      ]),
    ],
    ['of a sheet that names the better column', 'Prompt,Response A,Response B,Preferred\nTea?,No.,"Yes, please.",Response B\n'],
    [
      'of columns with the word in brackets',
      'User prompt,Model output (chosen),Model output (rejected),chosen_model,rejected_model\nTea?,"Yes, please.",No.,a,b\n',
    ],
    [
      'in rows of cells',
      JSON.stringify([
        ['prompt', 'chosen', 'rejected'],
        ['Tea?', 'Yes, please.', 'No.'],
      ]),
    ],
    ['of texts, the best first', jsonl({ prompt: 'Tea?', ranked_responses: ['Yes, please.', 'Perhaps.', 'No.'] })],
  ])('%s', async (_, text) => {
    const data = await read(text);
    expect(data).toMatchObject({ kind: 'pairs', problemCount: 0 });
    expect(data.pairs).toEqual([expect.objectContaining(good)]);
  });

  it('ranks say which end is the best', async () => {
    const data = await read(jsonl({ prompt: 'Tea?', responses: ['No.', 'Yes, please.', 'Perhaps.'], ranking: [3, 1, 2] }));
    expect(data.pairs).toEqual([expect.objectContaining(good)]);
    expect(noteOf(data, 'ranks').text).toContain('lowest number');
  });

  it('people who do not agree prefer neither, and the options of a question are no answers', async () => {
    const said = (...values: string[]) => ({
      prompt: 'Tea?',
      answer1: 'No.',
      answer2: 'Yes.',
      comparison: values.map((selected) => ({ selected })),
    });
    expect(await read(jsonl(said('left', 'right'), said('right', 'right')))).toMatchObject({ pairCount: 1, problemCount: 1 });
    const question = { question: 'Tea?', option_a: 'Yes', option_b: 'No', option_c: 'Both', answer: 'A' };
    expect((await read(jsonl(question))).kind).toBe('refused');
  });

  it('among answers to learn from pairs are found, and further lists of a document are named', async () => {
    const rows = [...Array.from({ length: 5 }, () => ({ prompt: 'Tea?', response: 'Yes.' })), good, good];
    expect(await read(jsonl(...rows))).toMatchObject({ kind: 'pairs', pairCount: 2, problemCount: 5 });
    const data = await read(JSON.stringify({ train: [good, good], test: [good] }));
    expect(data.pairCount).toBe(2);
    expect(noteOf(data, 'lists').text).toContain('“test”');
  });

  it.each<[string, string]>([
    ['content', `${'{"content":'.repeat(30_000)}"x"${'}'.repeat(30_000)}`],
    ['parts', `[{"role":"assistant","content":${'{"parts":'.repeat(30_000)}"x"${'}'.repeat(30_000)}}]`],
  ])('%s that nests too deeply is a problem of its row', async (_, value) => {
    const data = await read(`{"prompt":"Tea?","chosen":${value},"rejected":"No."}\n${jsonl(good)}`);
    expect(data).toMatchObject({ kind: 'pairs', pairCount: 1, problems: [{ line: 1 }] });
  });
});

it('labels of unpaired responses may be words of any such scale', async () => {
  for (const [yes, no] of ['accepted rejected', 'correct incorrect', 'good bad', 'pass fail', 'True False'].map((words) =>
    words.split(' '),
  ))
    expect((await read(`prompt,completion,label\nTea?,Yes.,${yes}\nTea?,No.,${no}\n`)).rows).toEqual([
      { prompt: 'Tea?', completion: 'Yes.', label: true },
      { prompt: 'Tea?', completion: 'No.', label: false },
    ]);
});

it.each<[string, unknown]>([
  ['records', { chosen_logprobs: [{ token: 'Yes', logprob: -0.5 }], rejected_logprobs: [{ token: 'No', logprob: -1 }] }],
  [
    'an answer of a server',
    { chosen_logprobs: { content: [{ token: 'Yes', logprob: -0.5 }] }, rejected_logprobs: { content: [{ token: 'No', logprob: -1 }] } },
  ],
  [
    'vLLM',
    {
      chosen_logprobs: [null, { 11: { logprob: -0.5, decoded_token: 'Yes' } }],
      rejected_logprobs: [null, { 12: { logprob: -1, decoded_token: 'No' } }],
    },
  ],
])('log-probs of tokens in %s are summed', async (_, row) => {
  expect(await read(jsonl(row))).toMatchObject({
    kind: 'logps',
    rows: [{ chosen: -0.5, rejected: -1, chosenLength: 1, rejectedLength: 1 }],
  });
});

describe('what is not read is named', () => {
  const locked = (() => {
    const bytes = Buffer.from(zipFile({ 'a.jsonl': Buffer.from(jsonl(good)) }, deflateRawSync));
    const directory = bytes.readUInt32LE(bytes.length - 6);
    bytes.writeUInt16LE(1, directory + 8);
    return bytes;
  })();
  it.each<[string, Uint8Array | string, RegExp]>([
    ['a locked archive', locked, /password/],
    ['encrypted Parquet', Buffer.concat([Buffer.from('PARE'), Buffer.alloc(100, 7)]), /Parquet, encrypted/],
    ['DuckDB', Buffer.concat([Buffer.alloc(8, 3), Buffer.from('DUCK'), Buffer.alloc(500)]), /DuckDB/],
    ['a notebook without numbers', notebook({ output_type: 'stream', text: ['hello'] }), /notebook/],
    ['the index of weights', JSON.stringify({ metadata: {}, weight_map: { 'a.weight': 'b.safetensors' } }), /weights/],
    ['settings of an adapter', JSON.stringify({ peft_type: 'LORA', r: 16, lora_alpha: 32 }), /settings/],
    ['a saved data set’s list', JSON.stringify({ _data_files: [{ filename: 'data.arrow' }], _split: 'train' }), /data set/],
    ['a tokenizer', JSON.stringify({ version: '1.0', added_tokens: [{ id: 0, content: '<s>' }], model: { vocab: {} } }), /tokenizer/],
  ])('%s', async (_, bytes, format) => {
    const data = await read(bytes);
    expect(data.kind).toBe('refused');
    expect(data.format).toMatch(format);
  });

  it('a folder, or a file that has gone', async () => {
    const blob = new Blob(['x']);
    blob.slice = () => {
      const gone = new Blob(['x']);
      gone.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'));
      return gone;
    };
    expect(await readData({ name: 'x', bytes: blob })).toMatchObject({ kind: 'refused', reason: expect.stringContaining('folder') });
  });
});
