import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Experiment, RecordedStep } from '../../src/core/experiment.ts';
import { samplePairsJsonl } from '../../src/data/sample-pairs.ts';
import type { PageEngine } from '../../src/shell/engine/page-engine.ts';
import { readLink, writeLink } from '../../src/shell/links/link.ts';
import type { PageChoice } from '../../src/shell/losses/objective-view.ts';
import { PairsLab } from '../../src/views/pairs/pairs.svelte.ts';
import { readPairs, writePairs } from '../../src/views/pairs/pairs-link.ts';
import { defaultPairs, pairsRanges } from '../../src/views/pairs/pairs-settings.ts';

/** Log-probabilities fall by 1 a step for every second pair, and the table never moves. */
class FakeEngine implements Pick<PageEngine, 'backend' | 'startRun'> {
  readonly backend = 'cpu';
  running = 0;
  updates = 0;
  lossAt: (step: number) => number = (step) => 1 / (1 + step);
  readonly experiments: Experiment[] = [];

  async startRun(experiment: Experiment) {
    this.experiments.push(experiment);
    this.running++;
    let step = 0;
    const table = experiment.policy.kind === 'bigram' ? Float64Array.from(experiment.policy.table.flat()) : new Float64Array();
    return {
      experiment,
      get step() {
        return step;
      },
      parameters: async () => ({ table }),
      advance: async (count: number): Promise<RecordedStep[]> => {
        const at = step;
        step += count;
        this.updates += count;
        const logps = experiment.pairs.map((_, pair) => -10 - (pair % 2) * at);
        return [{ step: at, loss: this.lossAt(at), losses: [], chosenLogps: logps, rejectedLogps: logps }];
      },
      dispose: () => {
        this.running--;
      },
    };
  }
}

const asEngine = (fake: FakeEngine): PageEngine => fake as unknown as PageEngine;
const nextTurn = () => new Promise<void>((resolve) => setTimeout(resolve));
const sample = new Blob([samplePairsJsonl]);

async function openedLab(): Promise<PairsLab> {
  const lab = new PairsLab({ nextFrame: nextTurn });
  await lab.open(sample, 'pairs.jsonl');
  return lab;
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 1000) throw new Error('The condition did not come true within 1000 turns.');
    await nextTurn();
  }
}

describe('opening', () => {
  it('holds the pairs of a file', async () => {
    const lab = await openedLab();
    expect(lab.source).toMatchObject({ name: 'pairs.jsonl', pairCount: 16 });
    expect(lab.data?.pairs).toHaveLength(16);
    expect(lab.file.opening).toBeNull();
  });

  it('keeps the file and its run when the next file is bad', async () => {
    const lab = await openedLab();
    lab.change({ steps: 3 });
    await lab.start(asEngine(new FakeEngine()));
    const { source, steps } = lab;
    await lab.open(new Blob(['nonsense']), 'bad.jsonl');
    expect(lab.file.problem).toEqual({ name: 'bad.jsonl', message: expect.stringContaining('neither JSON objects nor a table') });
    expect(lab.source).toBe(source);
    expect(lab.steps).toBe(steps);
    expect(lab.status).toBe('finished');
    await lab.open(sample, 'good.jsonl');
    expect(lab.file.problem).toBeNull();
    expect(lab.steps).toEqual([]);
  });

  it('can be cancelled, and the file before stays', async () => {
    const lab = await openedLab();
    const opening = lab.open(new Blob([`${samplePairsJsonl}\n`.repeat(2000)]), 'big.jsonl');
    expect(lab.file.opening?.name).toBe('big.jsonl');
    lab.file.cancel();
    expect(lab.file.opening).toBeNull();
    await opening;
    expect(lab.source?.name).toBe('pairs.jsonl');
    expect(lab.file.problem).toBeNull();
  });

  it('shows the file that was asked for last', async () => {
    const lab = new PairsLab({ nextFrame: nextTurn });
    await Promise.all([lab.open(new Blob([`${samplePairsJsonl}\n`.repeat(2000)]), 'first'), lab.open(sample, 'second')]);
    expect(lab.source?.name).toBe('second');
  });
});

describe('training', () => {
  it('records every step from 0 to the last', async () => {
    const lab = await openedLab();
    const engine = new FakeEngine();
    lab.change({ steps: 5, objective: { name: 'dpo', params: { beta: 0.3 } } });
    await lab.start(asEngine(engine));
    expect(lab.status).toBe('finished');
    expect(lab.steps.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(lab.shown).toMatchObject({ step: 5, fallen: 8, meanChosenLogp: -12.5 });
    expect(engine).toMatchObject({ running: 0, updates: 5 });
    expect(engine.experiments[0]?.objective).toEqual({ name: 'dpo', params: { beta: 0.3 } });
  });

  it('pauses, goes on, and follows the newest step again', async () => {
    const lab = await openedLab();
    const engine = new FakeEngine();
    const training = lab.start(asEngine(engine));
    await until(() => lab.steps.length > 4);
    lab.pin(2);
    expect(lab.status).toBe('paused');
    expect(lab.shown?.step).toBe(2);
    await nextTurn();
    const { updates } = engine;
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(engine.updates).toBe(updates);
    lab.play();
    await training;
    expect(lab.status).toBe('finished');
    expect(lab.shown?.step).toBe(60);
  });

  it.each(['starting', 'playing', 'paused'] as const)('can be cancelled while %s', async (status) => {
    const lab = await openedLab();
    const engine = new FakeEngine();
    const training = lab.start(asEngine(engine));
    if (status !== 'starting') await until(() => lab.steps.length > 2);
    if (status === 'paused') lab.pause();
    expect(lab.status).toBe(status);
    lab.cancel();
    const { length } = lab.steps;
    expect(lab.status).toBe(status === 'starting' ? 'idle' : 'cancelled');
    await training;
    expect(lab.steps).toHaveLength(length);
    expect(engine.running).toBe(0);
  });

  it('restarts while it trains, without mixing the runs', async () => {
    const lab = await openedLab();
    const engine = new FakeEngine();
    lab.change({ steps: 8 });
    const old = lab.start(asEngine(engine));
    await until(() => lab.steps.length > 2);
    await Promise.all([lab.start(asEngine(engine)), old]);
    expect(lab.steps.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(engine.running).toBe(0);
  });

  it('stops with the fix when the numbers overflow, and keeps what was finite', async () => {
    const lab = await openedLab();
    const engine = new FakeEngine();
    engine.lossAt = (step) => (step < 3 ? 1 : Number.NaN);
    await lab.start(asEngine(engine));
    expect(lab.status).toBe('failed');
    expect(lab.problem).toMatch(/overflowed at step 3\. Choose a smaller learning rate/);
    expect(lab.steps).toHaveLength(3);
    expect(engine.running).toBe(0);
  });

  it('reports what the engine throws', async () => {
    const lab = await openedLab();
    const engine = new FakeEngine();
    engine.startRun = () => Promise.reject(new Error('The device was lost.'));
    await lab.start(asEngine(engine));
    expect(lab).toMatchObject({ status: 'failed', problem: 'The device was lost.' });
  });

  it('says when the settings are no longer those of the run', async () => {
    const lab = await openedLab();
    lab.change({ steps: 2 });
    await lab.start(asEngine(new FakeEngine()));
    expect(lab.isOutdated).toBe(false);
    lab.change({ maxTokens: 4 });
    expect(lab.isOutdated).toBe(true);
    expect(lab.data?.cutResponses).toBeGreaterThan(0);
    expect(lab.trained?.data.cutResponses).toBe(0);
    lab.change({ maxTokens: 48 });
    expect(lab.isOutdated).toBe(false);
  });
});

it('does not start what no device could bind, and keeps what was trained', async () => {
  const lab = new PairsLab({ nextFrame: nextTurn });
  // 1000 pairs of 128 different words: 1000 × 128 × 2048 logits of four bytes a side, 1 GiB
  const words = (side: string, pair: number) => Array.from({ length: 128 }, (_, i) => `${side}${(131 * pair + i) % 4000}`).join(' ');
  const file = Array.from({ length: 1000 }, (_, pair) => JSON.stringify({ chosen: words('a', pair), rejected: words('b', pair) }));
  await lab.open(new Blob([file.join('\n')]), 'large.jsonl');
  lab.change({ maxPairs: 1000, maxTokens: 128, maxWords: 2047, steps: 1 });
  const engine = new FakeEngine();
  expect(lab.fits).toBe(false);
  await lab.start(asEngine(engine));
  expect(engine.experiments).toHaveLength(0);
  lab.change({ maxPairs: 100 });
  expect(lab.fits).toBe(true);
});

it('a chosen objective comes with a step size that moves an average pair as DPO does', async () => {
  const lab = await openedLab();
  lab.choose({ name: 'dpo', params: { beta: 0.1 } });
  expect(lab.settings.learningRate).toBe(10);
  // at the reference DPO pulls with β/2, hinge with β
  lab.choose({ name: 'hinge', params: { beta: 0.1 } });
  expect(lab.settings.learningRate).toBe(5);
  expect(lab.objective.title).toMatch(/SLiC|[Hh]inge/);
});

describe('links to the pairs', () => {
  const read = (hash: string) => {
    const { reader } = readLink(hash);
    return { settings: readPairs(reader), problems: reader.finish() };
  };

  it('bring every setting back', () => {
    const within = ({ min, max, integer }: { min: number; max: number; integer: boolean }) =>
      integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
    const numbers = fc.record({
      maxPairs: within(pairsRanges.maxPairs),
      maxTokens: within(pairsRanges.maxTokens),
      maxWords: within(pairsRanges.maxWords),
      learningRate: within(pairsRanges.learningRate),
      steps: within(pairsRanges.steps),
      objective: fc.constantFrom<PageChoice>({ name: 'dpo', params: { beta: 0.2 } }, { name: 'hinge', params: { beta: 0.1 } }),
    });
    fc.assert(
      fc.property(numbers, (settings) => {
        const back = read(writeLink('mine/pairs', writePairs(settings)));
        expect(back.problems).toEqual([]);
        expect(back.settings).toMatchObject(settings);
      }),
      { numRuns: 500 },
    );
    expect(writePairs(defaultPairs)).toEqual({ run: {}, look: {} });
  });

  it('say what cannot be used', () => {
    const { settings, problems } = read('v=1&view=pairs&kept=99999&lr=2&colour=red');
    expect(settings).toMatchObject({ maxWords: defaultPairs.maxWords, learningRate: 2 });
    expect(problems.map(({ key }) => key)).toEqual(['kept', 'colour']);
  });
});
