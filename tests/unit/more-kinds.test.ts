import { readFileSync } from 'node:fs';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parquetRows } from '../../src/data/open/parquet-rows.ts';
import { readData } from '../../src/data/read-data.ts';
import { npyFile, safetensorsFile, zipFile } from '../shared/array-files.ts';

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
const objects = (row: (step: number, i: number) => object): string => lines((step, i) => JSON.stringify(row(step, i)));
const bar = (step: number, metrics = ''): string => `${step}%|██   | ${step}/100 [00:10<01:40,  1.02it/s${metrics}]`;
const card = [
  '| Training Loss | Epoch | Step | Validation Loss | Rewards/chosen |',
  '|:-------------:|:-----:|:----:|:---------------:|:--------------:|',
  lines((step, i, value, reward) => `| ${value} | 0.${i + 1} | ${step} | 0.7 | ${reward} |`),
].join('\n');

describe('logs as trainers and trackers write them', () => {
  it.each<[string, string]>([
    [
      'OpenRLHF’s bar, drawn again on one line',
      `loading\n${lines((step, _, value, reward) => `Train step of epoch 0: ${bar(step, `, loss=${value}, chosen_reward=${reward}, lr=5e-07`)}`, '\r')}\nsaved\n`,
    ],
    [
      'ms-swift’s bar, with a dict behind it and its own steps',
      lines(
        (step, _, value, reward) =>
          `Train: ${bar(1)}{'loss': ${value}, 'rewards/chosen': ${reward}, 'global_step/max_steps': '${step}/100'}`,
      ),
    ],
    ['a bar that alone has the step', lines((step, _, value, reward) => ` ${bar(step)}\r{'loss': ${value}, 'rewards/chosen': ${reward}}`)],
    [
      'torchtune',
      lines((step, _, value, reward) => `Step ${step} | loss:${value} lr:2e-05 rewards/chosen:${reward} log_probs/chosen:-77.1`),
    ],
    [
      'key=value',
      lines((step, _, value, reward) => `2025-01-01 10:00:00,123 - INFO - step=${step} loss=${value} rewards/chosen=${reward}`),
    ],
    ['key: value', lines((step, _, value, reward) => `step ${step}: loss: ${value}, chosen_rewards: ${reward}`)],
    [
      'colours',
      lines(
        (step, _, value, reward) =>
          `\u001b[36m(pid=1)\u001b[0m {\u001b[33m'loss'\u001b[0m: ${value}, 'rewards/chosen': \u001b[36m${reward}\u001b[0m, 'step': ${step}}`,
      ),
    ],
    ['groups of metrics', objects((step, i) => ({ step, rewards: { chosen: chosen[i] }, loss: loss[i] }))],
    ['metrics in a field', objects((step, i) => ({ step, data: { loss: loss[i], 'rewards/chosen': chosen[i] } }))],
    [
      'Docker’s JSON',
      objects((step, i) => ({ log: `{'loss': ${loss[i]}, 'rewards/chosen': ${chosen[i]}, 'step': ${step}}\n`, stream: 'stdout' })),
    ],
    ['a table of Markdown', card],
    [
      'a model card',
      `---\nlicense: mit\n---\n\n# a model\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n### Training results\n\n${card}\n\n### Versions\n`,
    ],
    ['columns of blanks', `step   loss   rewards/chosen\n${lines((step, _, value, reward) => `${step}   ${value}   ${reward}`)}`],
    ['what pandas prints', `    step  loss  rewards/chosen\n${lines((step, i, value, reward) => `${i}     ${step}  ${value}  ${reward}`)}`],
    [
      'long, step by step',
      `step,tag,value\n${lines((step, _, value, reward) => `${step},train/loss,${value}\n${step},train/rewards/chosen,${reward}`)}`,
    ],
    [
      'long, metric by metric',
      `metricName,metricValue,timestamp,step\n${lines((step, _, value) => `loss,${value},17,${step}`)}\n${lines((step, _, __, reward) => `rewards/chosen,${reward},17,${step}`)}`,
    ],
    ['by steps', JSON.stringify(Object.fromEntries(steps.map((step, i) => [step, { loss: loss[i], 'rewards/chosen': chosen[i] }])))],
    [
      'an assigned list of dicts',
      `log_history = [${lines((step, _, value, reward) => `{'loss': ${value}, 'rewards/chosen': ${reward}, 'step': ${step}}`, ', ')}]`,
    ],
    [
      'DPO’s own code, with its counters',
      lines(
        (step, _, value, reward) =>
          `train stats after 64 examples: {'rewards_train/chosen': '${reward}', 'loss/train': '${value}', 'counters/updates': ${step}}`,
      ),
    ],
    [
      'two processes that print the same',
      lines(
        (step, _, value, reward) =>
          `{'loss': ${value}, 'rewards/chosen': ${reward}, 'step': ${step}}\n{'loss': ${value}, 'rewards/chosen': ${reward}, 'step': ${step}}`,
      ),
    ],
    ['steps with commas', `step,loss,rewards/chosen\n"10",0.69,0\n"20",0.6,-0.1\n"0,030",0.5,-0.3\n`.replace('0,030', '30')],
  ])('%s', async (_, text) => {
    const log = await read(text);
    expect(log).toMatchObject({ kind: 'log', steps, problemCount: 0 });
    expect([Array.from(log.columns.loss), Array.from(log.columns['rewards/chosen'])]).toEqual([loss, chosen]);
  });

  it.each<[string, string, Record<string, number[]>]>([
    [
      'verl',
      lines(
        (step, i, value) =>
          `(TaskRunner pid=7) step:${step} - actor/pg_loss:np.float64(${value}) - critic/rewards/mean:0.${i} - response_length/mean:220.5`,
      ),
      { loss, reward: [0, 0.1, 0.2], completion_length: [220.5, 220.5, 220.5] },
    ],
    [
      'Megatron',
      lines(
        (step, _, value) =>
          ` [2025-01-01 10:00:00] iteration   ${step}/  1000 | learning rate: 1.000E-06 | lm loss: ${value.toExponential(6).toUpperCase()} | grad norm: 3.2 |`,
      ),
      { loss, learning_rate: [1e-6, 1e-6, 1e-6] },
    ],
    [
      'DeepSpeed-Chat',
      lines((step, _, value) => `Epoch: 0 | Step: ${step} | PPO Epoch: 1 | Actor Loss: ${value} | Critic Loss: 0.2`),
      { loss },
    ],
    [
      'prime-rl',
      lines((step, i) => `10:00:0${i} SUCCESS Step ${step} | Time: 10.1s | Reward: 0.${i} | Throughput: 123.1 tokens/s`),
      { reward: [0, 0.1, 0.2] },
    ],
    [
      'Lightning',
      `epoch,step,train_loss_step,train_loss_epoch,val_loss\n${lines((step, _, value) => `0,${step},${value},,`)}\n0,30,,0.6,0.55`,
      { loss, eval_loss: [Number.NaN, Number.NaN, 0.55] },
    ],
    [
      'shares as percent',
      `step,loss,rewards/accuracies\n${lines((step, i, value) => `${step},${value},${50 + i}%`)}`,
      { 'rewards/accuracies': [0.5, 0.51, 0.52] },
    ],
  ])('%s', async (_, text, columns) => {
    const log = await read(text);
    expect(log).toMatchObject({ kind: 'log', steps });
    for (const [name, values] of Object.entries(columns)) expect(Array.from(log.columns[name] ?? []), name).toEqual(values);
  });

  it('TensorBoard’s JSON has its metric in its name', async () => {
    const log = await read(JSON.stringify(steps.map((step, i) => [1.7e9 + i, step, loss[i]])), 'run-.-tag-train_loss.json');
    expect([log.steps, Array.from(log.columns.loss)]).toEqual([steps, loss]);
  });

  it('evaluation between training rows is of their step, whatever both name', async () => {
    const log = await read(
      jsonl(
        { loss: 0.6, epoch: 0.1, step: 10 },
        { eval_loss: 0.65, epoch: 0.1, step: 10 },
        { loss: 0.5, epoch: 0.2, step: 20 },
        { eval_loss: 0.6, epoch: 0.2 },
      ),
    );
    expect([log.steps, Array.from(log.columns.eval_loss)]).toEqual([
      [10, 20],
      [0.65, 0.6],
    ]);
  });

  it('of a run that went on from an earlier step, what came after that step is left out', async () => {
    const log = await read(jsonl(...[10, 20, 30, 20, 30, 40].map((step, i) => ({ loss: i + 1, step }))));
    expect([log.steps, Array.from(log.columns.loss)]).toEqual([
      [10, 20, 30, 40],
      [1, 4, 5, 6],
    ]);
    expect(noteOf(log, 'restarted')).toMatchObject({ count: 2, text: expect.stringMatching(/from step 20 on/) });
  });

  it('of many columns those that are known are kept, wherever they stand', async () => {
    const wide = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`aux/${i}`, i]));
    const log = await read(objects((step, i) => ({ ...wide, loss: loss[i], step })));
    expect(Array.from(log.columns.loss)).toEqual(loss);
    expect(noteOf(log, 'ignored-columns').count).toBe(180);
  });

  it('trainer_state.json of a checkpoint is read out of its archive, the last one’s', async () => {
    const state = (value: number) =>
      Buffer.from(
        JSON.stringify({
          log_history: [
            { loss: value, step: 10 },
            { loss: value, step: 20 },
          ],
        }),
      );
    const log = await read(
      zipFile(
        { 'c-100/trainer_state.json': state(0.1), 'c-20/trainer_state.json': state(0.2), 'c-100/config.json': Buffer.from('{}') },
        deflateRawSync,
      ),
    );
    expect(Array.from(log.columns.loss)).toEqual([0.1, 0.1]);
    expect(noteOf(log, 'archive').count).toBe(3);
  });
});

describe('what is no log, though it has numbers of one', () => {
  it.each<[string, string, RegExp, RegExp]>([
    ['a summary', JSON.stringify({ epoch: 3, train_loss: 0.4, train_runtime: 100.1, total_flos: 1e15 }), /summary/, /trainer_state\.json/],
    [
      'settings',
      JSON.stringify({ model_name_or_path: 'a/b', learning_rate: 5e-7, beta: 0.1, loss_type: 'sigmoid', bf16: true }),
      /settings/,
      /how it went/,
    ],
    ['an empty history', JSON.stringify({ best_metric: null, log_history: [], max_steps: 10 }), /trainer_state/, /empty/],
    ['a notebook', JSON.stringify({ cells: [], metadata: {}, nbformat: 4 }), /notebook/, /paste/],
    ['a server’s error', JSON.stringify({ error: 'The dataset does not exist.' }), /error/, /does not exist/],
    ['rollouts', jsonl({ prompt: 'Tea?', response: 'Yes.', reward: 0.5, step: 3 }), /supervised/, /two responses/],
    ['a script', 'import torch\nfrom trl import DPOTrainer\nDPOTrainer(args={"beta": 0.1})\n', /script/, /first line/],
  ])('%s', async (_, text, format, reason) => {
    expect(await read(text)).toMatchObject({
      kind: 'refused',
      format: expect.stringMatching(format),
      reason: expect.stringMatching(reason),
    });
  });

  it('pairs that speak of losses stay pairs', async () => {
    const csv = `prompt,chosen,rejected\n${[1, 2].map((i) => `"step=${i} loss=0.5, why?","The loss: 0.5, reward: ${i}.","No loss=3 step=${i}."`).join('\n')}`;
    expect(await read(csv)).toMatchObject({ kind: 'pairs', pairCount: 2 });
    expect(await read(jsonl({ prompt: "What is {'loss': 0.69}?", chosen: 'A dict.', rejected: "{'loss': 1}" }))).toMatchObject({
      kind: 'pairs',
    });
  });
});

describe('pairs in lists, groups and scores', () => {
  const user = (content: string) => ({ role: 'user', content });
  const answer = (content: string) => ({ role: 'assistant', content });
  it.each<[string, unknown]>([
    ['lists of one text', { ...good, chosen: [good.chosen], rejected: [good.rejected] }],
    ['lists of several texts', { ...good, chosen: [good.chosen], rejected: [good.rejected, 'Never.'] }],
    ['ms-swift, several', { messages: [user('Tea?'), answer(good.chosen)], rejected_response: [good.rejected, 'Never.'] }],
    ['fields in a field', { id: 1, data: good }],
    ['answers in a field', { question: 'Tea?', answer: { chosen: good.chosen, rejected: good.rejected } }],
    [
      'UltraFeedback without overall scores',
      {
        instruction: 'Tea?',
        completions: [
          { response: good.rejected, 'fine-grained_score': 1.5 },
          { response: good.chosen, 'fine-grained_score': 4.5 },
        ],
      },
    ],
    ['distilabel', { input: 'Tea?', generations: [good.rejected, good.chosen], rating: [2, 5] }],
    ['ranks beside', { prompt: 'Tea?', responses: [good.rejected, good.chosen, 'Hm.'], rank: [3, 1, 2] }],
    ['HelpSteer2', { prompt: 'Tea?', response_1: good.rejected, response_2: good.chosen, preference_strength: 2 }],
    [
      'Arena’s table',
      { prompt: '["Tea?"]', response_a: '["Yes, please."]', response_b: '["No."]', winner_model_a: 1, winner_model_b: 0, winner_tie: 0 },
    ],
    [
      'StackExchange',
      {
        question: 'Tea?',
        answers: [
          { text: good.rejected, pm_score: 0 },
          { text: good.chosen, pm_score: 5 },
        ],
      },
    ],
    ['summaries', { info: { post: 'Tea?' }, summaries: [{ text: good.rejected }, { text: good.chosen }], choice: 1 }],
    [
      'Vertex',
      {
        contents: [{ role: 'user', parts: [{ text: 'Tea?' }] }],
        completions: [1, 0].map((score) => ({
          score,
          completion: { role: 'model', parts: [{ text: score ? good.chosen : good.rejected }] },
        })),
      },
    ],
    ['SafeRLHF by safety', { prompt: 'Tea?', response_0: good.rejected, response_1: good.chosen, safer_response_id: 1 }],
    ['winner and loser', { prompt: 'Tea?', winner: good.chosen, loser: good.rejected }],
    [
      'labelled outputs',
      {
        prompt: 'Tea?',
        outputs: [
          { text: good.rejected, label: 'rejected' },
          { text: good.chosen, label: 'chosen' },
        ],
      },
    ],
    ['a named preference', { prompt: 'Tea?', response_1: good.rejected, response_2: good.chosen, preference: 'response_2' }],
    [
      'messages as columns',
      {
        prompt: 'Tea?',
        chosen: { role: ['user', 'assistant'], content: ['Tea?', good.chosen] },
        rejected: { role: ['user', 'assistant'], content: ['Tea?', good.rejected] },
      },
    ],
    [
      'thoughts before the answer',
      {
        ...good,
        chosen: [
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'hm' },
              { type: 'text', text: good.chosen },
            ],
          },
        ],
        rejected: [answer(good.rejected)],
      },
    ],
  ])('%s', async (name, row) => {
    const data = await read(jsonl(row, row));
    expect(data).toMatchObject({ kind: 'pairs', problemCount: 0, pairs: [good, good] });
    expect(noteOf(data, 'several')?.count).toBe(/several/.test(name) ? 2 : undefined);
    expect(noteOf(data, 'thinking')?.count).toBe(/thoughts/.test(name) ? 2 : undefined);
    expect(noteOf(data, 'images')).toBeUndefined();
  });

  it.each<[string, string]>([
    ['turns as texts', jsonl(...[1, 2].map(() => ({ chosen: ['Tea?', good.chosen], rejected: ['Tea?', good.rejected] })))],
    ['names with dots', `data.prompt,data.chosen,data.rejected\n${'Tea?,"Yes, please.",No.\n'.repeat(2)}`],
    [
      'Python’s quotes in a list',
      `[{'prompt': "Tea?", 'chosen': 'Yes, please.', 'rejected': 'No.'},\n{'prompt': "Tea?", 'chosen': 'Yes, please.', 'rejected': "No."}]`,
    ],
    ['comments between', `# made today\n${JSON.stringify(good)}\n// half\n${JSON.stringify(good)}\n`],
    ['carriage returns alone', `prompt,chosen,rejected\r${'Tea?,"Yes, please.",No.\r'.repeat(2)}`],
  ])('%s', async (_, text) => {
    expect(await read(text)).toMatchObject({ kind: 'pairs', problemCount: 0, pairs: [good, good] });
  });

  it('quotes between tabs are marks, and answers may be numbers', async () => {
    expect((await read('prompt\tchosen\trejected\nWho?\tThe "one".\tNo "one\n')).pairs).toMatchObject([
      { chosen: 'The "one".', rejected: 'No "one' },
    ]);
    expect(await read(jsonl({ prompt: '2 + 2?', chosen: '4', rejected: '5' }))).toMatchObject({ kind: 'pairs' });
  });

  it('JSON in a text is an answer as it stands', async () => {
    const row = { prompt: 'Where?', chosen: '{"city": "Oslo", "text": "a b"}', rejected: '["Oslo", "Rome"]' };
    expect((await read(jsonl(row))).pairs).toMatchObject([row]);
  });

  it('a number that may count from 0 or from 1 says nothing', async () => {
    const rows = [0, 1].map((label) => ({ prompt: 'Tea?', response_a: 'No.', response_b: 'Yes.', label }));
    expect(await read(jsonl(...rows))).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/clearly/) });
  });

  it('log-probs beside pairs are named', async () => {
    expect(noteOf(await read(jsonl({ ...good, chosen_logps: -1, rejected_logps: -2 })), 'own-logps').text).toMatch(/your own model/);
    expect(noteOf(await read(jsonl({ ...good, ref_chosen_logps: -1, ref_rejected_logps: -2 })), 'reference-logps').text).toMatch(
      /reference alone/,
    );
  });
});

describe('log-probs a token or a response', () => {
  it.each<[string, string, unknown[]]>([
    [
      'numpy’s lists',
      'chosen_logps,rejected_logps\n"[-1.  -2.5 -3. ]","[-4.  -5.1]"\n',
      [{ chosen: -6.5, rejected: -9.1, chosenLength: 3, rejectedLength: 2 }],
    ],
    [
      'a row a token',
      'pair,side,token,logp\n0,chosen,a,-1\n0,chosen,b,-2\n0,rejected,c,-3\n1,chosen,a,-1.5\n1,rejected,c,-4\n',
      [
        { chosen: -3, rejected: -3, chosenLength: 2, rejectedLength: 1 },
        { chosen: -1.5, rejected: -4, chosenLength: 1, rejectedLength: 1 },
      ],
    ],
    [
      'a row a token of both',
      'pair,token,chosen_logp,rejected_logp\n0,0,-1,-2\n0,1,-1,-2\n0,2,-1,\n',
      [{ chosen: -3, rejected: -4, chosenLength: 3, rejectedLength: 2 }],
    ],
    [
      'a row a response',
      'pair,side,logp,ref_logp\n0,chosen,-10,-9\n0,rejected,-12,-11\n',
      [{ chosen: -10, rejected: -12, refChosen: -9, refRejected: -11 }],
    ],
    [
      'groups by side',
      jsonl({ chosen: { logp: -10, length: 5 }, rejected: { logp: -12, length: 6 } }),
      [{ chosen: -10, rejected: -12, chosenLength: 5, rejectedLength: 6 }],
    ],
    [
      'groups by model',
      jsonl({ policy: { chosen_logps: -10, rejected_logps: -12 }, reference: { chosen_logps: -9, rejected_logps: -11 } }),
      [{ chosen: -10, rejected: -12, refChosen: -9, refRejected: -11 }],
    ],
    [
      'short names of a reference',
      'logp_w,logp_l,ref_w,ref_l\n-1,-2,-1.5,-2.5\n',
      [{ chosen: -1, rejected: -2, refChosen: -1.5, refRejected: -2.5 }],
    ],
    ['columns of blanks', 'chosen_logp rejected_logp\n-12.5 -14.25\n', [{ chosen: -12.5, rejected: -14.25 }]],
  ])('%s', async (_, text, rows) => {
    expect(await read(text)).toMatchObject({ kind: 'logps', perToken: false, rows });
  });

  it('masks in an archive leave tokens out, and lengths may be integers', async () => {
    const integers = (values: number[], shape: string): Uint8Array => {
      const file = Buffer.from(npyFile(new Float32Array(new Int32Array(values).buffer), shape));
      return Buffer.from(file.toString('latin1').replace('<f4', '<i4'), 'latin1');
    };
    const w = npyFile(Float32Array.of(-1, -2, -8, -1, -1, -1), '2, 3');
    const data = await read(
      zipFile({ 'chosen_logps.npy': w, 'rejected_logps.npy': w, 'chosen_mask.npy': integers([1, 1, 0, 1, 1, 1], '2, 3') }, null),
    );
    expect(data.rows[0]).toEqual({ chosen: -3, rejected: -11, chosenLength: 2, rejectedLength: 3 });
    const one = npyFile(Float32Array.of(-6, -9), '2,');
    const lengths = integers([3, 4], '2,');
    const sized = await read(
      zipFile({ 'chosen_logps.npy': one, 'rejected_logps.npy': one, 'chosen_length.npy': lengths, 'rejected_length.npy': lengths }, null),
    );
    expect(sized.rows[1]).toEqual({ chosen: -9, rejected: -9, chosenLength: 4, rejectedLength: 4 });
  });
});

describe('recognised alone', () => {
  const ascii = (text: string) => Buffer.from(text, 'latin1');
  it.each<[string, Uint8Array, RegExp, RegExp]>([
    ['an Arrow stream', Buffer.concat([Buffer.from([255, 255, 255, 255, 0xf0, 2, 0, 0]), Buffer.alloc(80)]), /Arrow/, /from_file/],
    ['an old .pt', Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex'), /PyTorch/, /torch\.load/],
    ['a pickle of protocol 0', ascii('(lp0\n(dp1\nVprompt\np2\n'), /pickle/, /read_pickle/],
    ['a .wandb', Buffer.concat([ascii(':W&B'), Buffer.from([0xe1, 0xbe, 0, 1])]), /W&B/, /history\(\)/],
    ['ods', zipFile({ mimetype: ascii('a'), 'content.xml': ascii('b') }, null), /OpenDocument/, /odf/],
    ['YAML', ascii('- prompt: Tea?\n  chosen: Yes\n'), /YAML/, /yaml\.safe_load/],
  ])('%s', async (_, bytes, format, convert) => {
    expect(await read(new Uint8Array(bytes))).toMatchObject({
      kind: 'refused',
      format: expect.stringMatching(format),
      convert: expect.stringMatching(convert),
    });
  });

  it('a model’s weights are no hidden states', async () => {
    const data = await read(
      safetensorsFile({ 'model.embed_tokens.weight': [new Float32Array(4), [2, 2]], 'lm_head.weight': [new Float32Array(4), [2, 2]] }),
    );
    expect(data).toMatchObject({ kind: 'refused', format: expect.stringContaining('weights') });
  });
});

describe('encodings that look alike', () => {
  const bytes = (hex: string): Uint8Array =>
    new Uint8Array(Buffer.concat([Buffer.from('{"prompt":"a","chosen":"'), Buffer.from(hex, 'hex'), Buffer.from('","rejected":"no"}\n')]));
  it.each([
    // each as Python's encode() gives it
    ['EUC-KR', 'b3d72c20b0a8bbe7c7d5b4cfb4d92e20c1c1bec6bfe42e', '네, 감사합니다. 좋아요.'],
    ['Windows-1251', 'c4e02c20efeee6e0ebf3e9f1f2e02c20f120ebe8eceeedeeec2e', 'Да, пожалуйста, с лимоном.'],
    ['GBK', 'ced2bababac3a3acd0bbd0bbc4e3b5c4b9d8d0c4a1a3', '我汉好，谢谢你的关心。'],
  ])('%s', async (name, hex, text) => {
    for (const file of [bytes(hex), new Uint8Array(gzipSync(bytes(hex)))]) {
      const data = await read(file);
      expect(data.pairs[0].chosen).toBe(text);
      expect(noteOf(data, 'encoding').text).toContain(name);
    }
  });
});

describe('passes over a file', () => {
  /** A file that keeps what is read of it. */
  class WatchedFile extends Blob {
    readonly ranges: string[] = [];
    override slice(from = 0, to = this.size): Blob {
      // neither its head nor its metadata, which stand at both ends
      if (from >= 4 && to < this.size - 8) this.ranges.push(`${from} to ${to}`);
      return super.slice(from, to);
    }
  }

  it('tell how far they are, packed or not, and never go back', async () => {
    const text = `${JSON.stringify(good)}\n`.repeat(40_000);
    for (const bytes of [new Blob([text]), new Blob([gzipSync(text)])]) {
      const shares: number[] = [];
      await readData({ name: 'x', bytes }, { onProgress: (done, total) => shares.push(done / total) });
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
      expect([shares.length > 5, shares.at(-1)]).toEqual([true, 1]);
    }
  });

  it('decode the first rows of a Parquet file once', async () => {
    const file = new WatchedFile([readFileSync(new URL('../golden/files/pairs-zstd.parquet', import.meta.url))]);
    const rows = await parquetRows(file);
    await rows.each(() => false, {}); // as what tells what the rows are
    let count = 0;
    await rows.each(() => ++count > 0, {});
    expect(count).toBe(40);
    expect(file.ranges.length).toBeGreaterThan(1);
    expect(file.ranges).toEqual([...new Set(file.ranges)]);
  });
});
