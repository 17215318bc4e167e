import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { defaultSettings } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { readPairLogps } from '../../src/data/logps/pair-logps.ts';
import { readHiddenChes } from '../../src/data/open/hidden-ches.ts';
import { parsePreferencePairs } from '../../src/data/pairs/parse-preference-pairs.ts';
import { MAX_RESPONSE_LENGTH } from '../../src/data/pairs/read-pair.ts';
import { readData } from '../../src/shell/files/read-data.ts';
import { openRuns, writeRuns } from '../../src/shell/runs/run-file.ts';
import { mostStates, RunHistory } from '../../src/shell/runs/run-history.svelte.ts';
import { writeToy } from '../../src/views/displacement/displacement-link.ts';
import { toyRuns } from '../../src/views/displacement/toy-runs.ts';

const attack = new URL('../golden/attack/', import.meta.url);
const sample = (name: string): Blob => new Blob([readFileSync(new URL(name, attack))]);
const problemOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'read',
    (error: Error) => `${error.name}: ${error.message}`,
  );

/** A file of any size without its bytes. What is read of it is counted. */
class HollowFile extends Blob {
  read = 0;
  readonly #size: number;
  constructor(head: Uint8Array<ArrayBuffer>, size: number) {
    super([head]);
    this.#size = size;
  }
  override get size(): number {
    return this.#size;
  }
  override slice(from = 0, to = this.#size): Blob {
    this.read += Math.min(to, this.#size) - from;
    return super.slice(from, to);
  }
  override text(): Promise<string> {
    this.read += this.#size;
    return super.text();
  }
}

function npyHead(shape: string): Uint8Array<ArrayBuffer> {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117);
  return Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0, ...new TextEncoder().encode(`${text}\n`)]);
}

describe('arrays', () => {
  it.each(readdirSync(attack).filter((name) => name.endsWith('.npy')))('%s is read, or refused in words', async (name) => {
    const file = sample(name);
    const problem = await problemOf(readHiddenChes({ chosen: file, rejected: file }));
    if (name === 'n_ok.npy' || name === 'n_3d.npy') expect(problem).toBe('read');
    else expect(problem).toMatch(/^NpyError: .{20,300}\.$/);
  });

  it.each([
    ['1, 300000, 1000', 'One pair of it has 1200 MB'],
    ['100000000, 3', '100000000 pairs'],
  ])('of shape (%s) are refused before they are read', async (shape, why) => {
    const elements = shape.split(',').reduce((product, size) => product * Number(size), 1);
    const file = new HollowFile(npyHead(shape), 128 + 4 * elements);
    expect(await problemOf(readHiddenChes({ chosen: file, rejected: file }))).toContain(why);
    expect(file.read).toBeLessThan(200_000);
  });

  it('with a header of sixty thousand brackets are refused in words', async () => {
    const text = `{'descr': [${' '.repeat(60_000)}`;
    const head = Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
    const file = new Blob([head, text]);
    expect(await problemOf(readHiddenChes({ chosen: file, rejected: file }))).toMatch(/^NpyError: .{20,300}\.$/);
  });
});

describe('pairs', () => {
  it('whose text is not what it was are left out, and said', async () => {
    expect(await problemOf(parsePreferencePairs(sample('utf8bad.jsonl')))).toMatch(/Line 1: "prompt" holds “\uFFFD”.*no UTF-8/);
    expect(await problemOf(parsePreferencePairs(sample('surrogate.jsonl')))).toMatch(/Line 1: "prompt" holds half of a character/);
    const lines = ['{"prompt":"p","chosen":"\\ud83d\\ude00 a","rejected":"b"}', '{"prompt":"p","chosen":"\\udc00 a","rejected":"b"}'];
    const { pairs, problems } = await parsePreferencePairs(lines.join('\n'));
    expect(pairs.map(({ chosen }) => chosen)).toEqual(['😀 a']);
    expect(problems).toMatchObject([{ line: 2, problem: expect.stringContaining('"chosen" holds half') }]);
  });

  it('are not cut within a character', async () => {
    const chosen = `${'x'.repeat(MAX_RESPONSE_LENGTH - 1)}😀 and more`;
    const { pairs } = await parsePreferencePairs(JSON.stringify({ prompt: '', chosen, rejected: 'no' }));
    expect(pairs[0]?.chosen).toBe('x'.repeat(MAX_RESPONSE_LENGTH - 1));
  });

  it.each(['nul.jsonl', 'proto.jsonl', 'xss.jsonl'])('%s is read line by line', async (name) => {
    const { pairCount, problemCount } = await parsePreferencePairs(sample(name));
    expect(pairCount).toBeGreaterThan(0);
    expect(pairCount + problemCount).toBe(name === 'nul.jsonl' ? 2 : pairCount);
  });
});

describe('log-probs', () => {
  it('that are lists, nested however deep, are one bad row', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const good = '{"chosen_logp":-1,"rejected_logp":-2}';
    const { pairCount, problems } = await readPairLogps(new Blob([`{"chosen_logp":${deep},"rejected_logp":-1}\n${good}`]));
    expect(pairCount).toBe(1);
    expect(problems).toEqual([{ line: 1, problem: '"chosen_logp" is a list or an object; write a finite number' }]);
  });
});

describe('saved runs', () => {
  const restored = (file: Blob) => openRuns(new RunHistory(writeToy), file, toyRuns);

  it('of 1.2 GB are refused before they are read', async () => {
    const file = new HollowFile(new Uint8Array(8), 1_200_000_000);
    expect(await restored(file)).toEqual([expect.stringMatching(/has 1200 MB; at most 16 MB/)]);
    expect(file.read).toBe(0);
  });

  it.each([
    ['not JSON', 'nothing'],
    ['deep', `{"format":"prefscope runs","version":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['prototypes', '{"format":"prefscope runs","version":1,"view":"__proto__","runs":[]}'],
    ['constructor', '{"format":"prefscope runs","version":1,"view":"constructor","runs":[]}'],
    [
      'no states',
      '{"format":"prefscope runs","version":1,"view":"displacement","runs":[{"settings":"","engine":"cpu","finished":true,"states":[]}]}',
    ],
    [
      'a loss that is none',
      '{"format":"prefscope runs","version":1,"view":"displacement","runs":[{"settings":"v=1&loss=log(logp_w)","engine":"cpu","finished":true,"states":[[0,-1,-1,-1,-1,-1,-1,-1]]}]}',
    ],
  ])('that are damaged (%s) come back as problems', async (_, text) => {
    const [problem = ''] = await restored(new Blob([text]));
    expect(problem.length).toBeGreaterThan(15);
    expect(problem.length).toBeLessThan(400);
  });

  it.each([
    ['lists', '[],', 1e5],
    ['names', '"k":0,', 1e5],
    ['numbers', '0,', 1e6],
  ])('of more %s than the page writes are refused before they are parsed', async (_, part, count) => {
    const parse = vi.spyOn(JSON, 'parse');
    const [problem] = await restored(new Blob([`{"runs":[${part.repeat(count + 1)}0]}`]));
    expect(problem).toMatch(/more lists or numbers than any/);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it('as large as the page writes them are restored run by run, with room between them', async () => {
    const history = new RunHistory(writeToy);
    for (let run = 0; run < 20; run++) {
      const settings = { ...defaultSettings, learningRate: 0.1 + run / 100, steps: 1999 };
      const states = Array.from({ length: mostStates / 20 }, (_, step) => {
        const outcomeLogps = Array.from({ length: 6 }, (__, i) => -Math.sqrt(step + i + 0.1));
        const [chosen = 0, rejected = 0] = outcomeLogps;
        const probs = outcomeLogps.map(Math.exp);
        return { step, loss: 1 / 3, losses: [1 / 3], chosenLogps: [chosen], rejectedLogps: [rejected], outcomeLogps, probs };
      });
      history.keep({ settings, states, engine: 'cpu', finished: true });
    }
    const file = new Blob([writeRuns(history, toyRuns)]);
    let turns = 0;
    const clock = setInterval(() => turns++);
    const back = new RunHistory(writeToy);
    expect(await openRuns(back, file, toyRuns)).toEqual([]);
    clearInterval(clock);
    expect(back.runs.map(({ states }) => states.length)).toEqual(Array(20).fill(2000));
    expect(turns).toBeGreaterThan(10);
  });
});

describe('the worker that reads files', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  /** A worker that loads, or not, and then breaks. */
  function stubWorker(loads: boolean): { made: number; ended: number } {
    const count = { made: 0, ended: 0 };
    vi.stubGlobal(
      'Worker',
      class {
        onmessage: ((event: { data: unknown }) => void) | null = null;
        onerror: ((event: { preventDefault(): void }) => void) | null = null;
        constructor() {
          count.made++;
        }
        postMessage(): void {
          queueMicrotask(() => {
            if (loads) this.onmessage?.({ data: { loaded: true } });
            this.onerror?.({ preventDefault: () => {} });
          });
        }
        terminate(): void {
          count.ended++;
        }
      },
    );
    return count;
  }
  const job = () => ({ kind: 'any' as const, name: 'p', file: new Blob(['{"prompt":"p","chosen":"a","rejected":"b"}']), maxRows: 5 });

  it('is not followed by the page where it breaks as it reads', async () => {
    const count = stubWorker(true);
    expect(await problemOf(readData<'any'>(job()))).toMatch(/^DataJobError: .*more memory.*smaller part/);
    expect(count).toEqual({ made: 1, ended: 1 });
  });

  it('is where it could not be loaded', async () => {
    stubWorker(false);
    expect(await readData<'any'>(job())).toMatchObject({ kind: 'pairs', pairCount: 1 });
  });
});
