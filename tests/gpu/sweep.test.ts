import { describe, expect, test } from 'vitest';
import { defaultSettings, noOverNever } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { type Experiment, ExperimentError, type OptimizerChoice, type Sweep, type SweepResult, type Trajectory } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { toyExperiment, toyPolicies } from './toy-policies.ts';

const optimizers: OptimizerChoice[] = [
  { kind: 'sgd', learningRate: 0.2, steps: 12 },
  { kind: 'momentum', learningRate: 0.05, steps: 12, momentum: 0.8, weightDecay: 0.01 },
  { kind: 'nesterov', learningRate: 0.05, steps: 12 },
  { kind: 'adam', learningRate: 0.02, steps: 12 },
];

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

const every = (steps: number) => Array.from({ length: steps + 1 }, (_, step) => step);

/** What a sweep says of a run, from the trajectory of the same run alone. */
function changes({ steps }: Trajectory) {
  const [first, last] = [steps[0], steps.at(-1)];
  if (!first || !last) throw new Error('The run recorded nothing.');
  const change = (side: 'chosenLogps' | 'rejectedLogps') =>
    last[side].reduce((sum, logp, i) => sum + (logp - (first[side][i] ?? 0)), 0) / last[side].length;
  const chosen = (step: typeof first) => step.chosenLogps.reduce((sum, logp, i) => sum + (logp - (first.chosenLogps[i] ?? 0)), 0);
  return {
    chosenLogpChange: change('chosenLogps'),
    lowestChosenLogpChange: Math.min(...steps.map((step) => chosen(step) / first.chosenLogps.length)),
    rejectedLogpChange: change('rejectedLogps'),
    margin: last.chosenLogps.reduce((sum, logp, i) => sum + (logp - (last.rejectedLogps[i] ?? 0)), 0) / last.chosenLogps.length,
    loss: last.loss,
  };
}

const grid = (experiment: Experiment, more: Partial<Sweep> = {}): Sweep => ({
  experiment,
  x: { path: 'objective.params.beta', values: [0.1, 0.5, 2] },
  y: { path: 'optimizer.learningRate', values: [0.01, 0.1] },
  ...more,
});

describeEngines('a run inside a sweep', (engine, kind) => {
  // every optimiser on the tabular policies, and one of them in turn on each of the others
  const cases = Object.keys(toyPolicies).flatMap((name, index) =>
    optimizers
      .filter((_, place) => name.startsWith('tabular') || place === index % optimizers.length)
      .map((optimizer) => ({ name, optimizer })),
  );

  test.each(cases)('$name, $optimizer.kind: equals the same run alone', async ({ name, optimizer }) => {
    const experiment = toyExperiment(name, optimizer, 0.1);
    const result = await engine().sweep(grid(experiment));
    expect(result.runs).toBe(6);
    expect([...result.finished]).toEqual(new Array(6).fill(1));
    expect([...result.diverged]).toEqual(new Array(6).fill(0));
    for (const [x, beta, y, learningRate] of [
      [0, 0.1, 1, 0.1],
      [2, 2, 0, 0.01],
    ] as const) {
      const alone = await engine().train({
        ...experiment,
        objective: { name: 'dpo', params: { beta } },
        optimizer: { ...optimizer, learningRate },
        record: every(optimizer.steps),
      });
      for (const [metric, value] of Object.entries(changes(alone))) {
        const inside = result[metric as keyof ReturnType<typeof changes>][y * 3 + x] ?? Number.NaN;
        // The CPU's sums run in the same order, so the bits agree (a map is float32). The GPU's kernels differ in when a compiler
        // contracts a product and a sum: a roundoff or two of numbers below 4 at each update and token, as in the golden trajectories.
        if (kind === 'cpu') expect(inside, `${metric} at ${x}, ${y}`).toBe(Math.fround(value));
        else expectWithin([inside], [value], () => 2 * 4 * float32Roundoff * (optimizer.steps + 2), `${metric} at ${x}, ${y}`);
      }
    }
  });

  test.each([
    { name: 'simpo', params: { gamma: 0.5 } },
    { name: 'ipo' },
    { name: 'rpo' },
    { name: 'slic' },
    { name: 'dpop', params: { lambda: 5 } },
    { name: 'orpo' },
    { name: 'bco_pair' }, // reads a running mean: trained one by one
    { expression: 'softplus(-k * (logratio_w - logratio_l)) - 0.1 * logp_w / len_w', params: { k: 0.4 } },
  ])('objective $name $expression: equals the same run alone', async (objective) => {
    const experiment: Experiment = { ...toyExperiment('bigram', { kind: 'sgd', learningRate: 0.1, steps: 6 }), objective };
    const result = await engine().sweep({
      experiment,
      x: { path: 'policy.table[1][2]', values: [-1, 0.5] },
      y: { path: 'optimizer.learningRate', values: [0.1] },
    });
    const policy = structuredClone(experiment.policy);
    if (policy.kind !== 'bigram' || !policy.table[1]) throw new Error('The toy is not a bigram.');
    policy.table[1][2] = 0.5;
    const alone = await engine().train({ ...experiment, policy, record: every(6) });
    // slopes are at most 5 here, and multiply what a roundoff does
    const bound = kind === 'cpu' ? 1e-6 : 5 * 2 * 4 * float32Roundoff * 8;
    for (const [metric, value] of Object.entries(changes(alone)))
      expectWithin([result[metric as 'margin'][1] ?? Number.NaN], [value], () => bound, metric);
  });

  test('an axis of pairs trains on each pair alone', async () => {
    const experiment = toyExperiment('sequence, features', { kind: 'sgd', learningRate: 0.2, steps: 12 });
    const last = experiment.pairs.length - 1;
    const result = await engine().sweep({
      experiment,
      x: { path: 'pairs', values: experiment.pairs.map((pair) => [pair]) },
      y: { path: 'objective.params.beta', values: [0.1, 0.5] },
    });
    const pair = experiment.pairs[last];
    if (!pair || last === 0) throw new Error('The toy has a single pair.');
    const alone = await engine().train({
      ...experiment,
      pairs: [pair],
      objective: { name: 'dpo', params: { beta: 0.5 } },
      record: every(12),
    });
    const bound = kind === 'cpu' ? 1e-7 : 2 * 4 * float32Roundoff * 14; // as above
    for (const [metric, value] of Object.entries(changes(alone)))
      expectWithin([result[metric as 'margin'].at(-1) ?? Number.NaN], [value], () => bound, metric);
  });

  test.each([
    ['normalised pairs', { kind: 'normalised-pair', learningRate: 0.1, steps: 7 } as const],
    ['mini-batches', { kind: 'sgd', learningRate: 0.1, steps: 7, batchSize: 1 } as const],
  ])('%s: what cannot be packed is trained one by one', async (_, optimizer) => {
    const experiment = toyExperiment('bigram', optimizer);
    const result = await engine().sweep(grid(experiment));
    const alone = await engine().train({
      ...experiment,
      objective: { name: 'dpo', params: { beta: 0.5 } },
      optimizer: { ...optimizer, learningRate: 0.01 },
      record: every(7),
    });
    const bound = kind === 'cpu' ? 1e-7 : 2 * 4 * float32Roundoff * 9;
    for (const [metric, value] of Object.entries(changes(alone)))
      expectWithin([result[metric as 'margin'][1] ?? Number.NaN], [value], () => bound, metric);
  });

  test('axes reach into the policy, the pairs and generated data', async () => {
    const experiment = toyExperiment('tabular', { kind: 'sgd', learningRate: 0.2, steps: 10 });
    const result = await engine().sweep({
      experiment,
      x: { path: 'policy.logits[0][3]', values: [-1, 0, 3] },
      y: { path: 'pairs[1].weight', values: [0, 2] },
    });
    const policy = structuredClone(experiment.policy);
    if (policy.kind !== 'tabular' || !policy.logits[0]) throw new Error('The toy is not tabular.');
    policy.logits[0][3] = 3;
    const pairs = experiment.pairs.map((pair, index) => (index === 1 ? { ...pair, weight: 2 } : pair));
    const alone = await engine().train({ ...experiment, policy, pairs, record: [0, 10] });
    const bound = kind === 'cpu' ? 1e-7 : 2 * 4 * float32Roundoff * 12;
    expectWithin([result.margin[5] ?? Number.NaN], [changes(alone).margin], () => bound, 'margin');

    const generated: Experiment = {
      ...experiment,
      pairs: [],
      data: { kind: 'bradley-terry', rewards: [[0, 1, 2, 3, 4, 5]], count: 20 },
    };
    const flips = await engine().sweep({
      experiment: generated,
      x: { path: 'data.flipRate', values: [0, 0.5] },
      y: { path: 'seed', values: [3, 9] },
      seeds: 2,
    });
    const runs = await Promise.all(
      [9, 10].map((seed) =>
        engine().train({
          ...generated,
          data: { kind: 'bradley-terry', rewards: [[0, 1, 2, 3, 4, 5]], count: 20, flipRate: 0.5 },
          seed,
          record: [0, 10],
        }),
      ),
    );
    expectWithin([flips.margin[3] ?? Number.NaN], [mean(runs.map((run) => changes(run).margin))], () => bound, 'mean margin over seeds');
  });

  test('how far the chosen answer was down in a run that recovers', async () => {
    const steps = 160;
    const { record: _, ...experiment } = noOverNever({ ...defaultSettings, train: 'both', scale: 1, learningRate: 0.1, steps });
    const { policy } = experiment;
    if (policy.kind !== 'features') throw new Error('The toy has no features.');
    const result = await engine().sweep({
      experiment,
      x: { path: 'policy.scale', values: [2.3, 4] },
      y: { path: 'optimizer.learningRate', values: [0.1] },
    });
    const alone = await engine().train({ ...experiment, policy: { ...policy, scale: 2.3 }, record: every(steps) });
    const { chosenLogpChange, lowestChosenLogpChange } = changes(alone);
    // it was displaced and has come back; at c = 4 it is down at its end
    expect(lowestChosenLogpChange).toBeLessThan(-0.1);
    expect(chosenLogpChange).toBeGreaterThan(0);
    expect(result.lowestChosenLogpChange[1]).toBe(result.chosenLogpChange[1]);
    const bound = kind === 'cpu' ? 1e-6 : 2 * 4 * float32Roundoff * (steps + 2); // as above
    expectWithin(
      [result.lowestChosenLogpChange[0] ?? 0, result.chosenLogpChange[0] ?? 0],
      [lowestChosenLogpChange, chosenLogpChange],
      () => bound,
    );
  });

  test('what else a map shows: entropy, divergence from the start and the outcome that gains most', async () => {
    const experiment = toyExperiment('features', { kind: 'sgd', learningRate: 0.3, steps: 40 });
    const { entropy, klToReference, topGainer, topGainerProb } = await engine().sweep(grid(experiment));
    const { steps } = await engine().train({
      ...experiment,
      objective: { name: 'dpo', params: { beta: 2 } },
      optimizer: { ...experiment.optimizer, learningRate: 0.1 },
      record: [0, 40],
    });
    const K = 7;
    const distributions = steps.map(({ outcomeLogps = [] }) => [outcomeLogps.slice(0, K), outcomeLogps.slice(K)]);
    const [before, after] = distributions;
    const sums = { entropy: 0, kl: 0, top: 0 };
    const gainers = experiment.pairs.map(({ chosen, rejected }, pair) => {
      const [start, end] = [before?.[pair] ?? [], after?.[pair] ?? []];
      for (const [v, logp] of end.entries()) {
        sums.entropy -= Math.exp(logp) * logp;
        sums.kl += Math.exp(logp) * (logp - (start[v] ?? 0));
      }
      const gain = (v: number) => Math.exp(end[v] ?? 0) - Math.exp(start[v] ?? 0);
      const best =
        end
          .map((_, v) => v)
          .filter((v) => v !== chosen && v !== rejected)
          .sort((a, b) => gain(b) - gain(a))[0] ?? K;
      sums.top += Math.exp(end[best] ?? 0);
      return best;
    });
    const bound = kind === 'cpu' ? 1e-6 : 2 * 4 * float32Roundoff * 42;
    expectWithin(
      [entropy[5] ?? 0, klToReference[5] ?? 0, topGainerProb[5] ?? 0],
      [sums.entropy / 2, sums.kl / 2, sums.top / 2],
      () => bound,
    );
    expect(topGainer[5]).toBe(gainers[0]);
  });

  test.each(['tabular', 'tabular, one prompt'])('%s: a run that loses its numbers marks itself and no other', async (name) => {
    const experiment = toyExperiment(name, { kind: 'sgd', learningRate: 0.1, steps: 20 });
    const sweep = (rate: number) =>
      engine().sweep({
        experiment,
        x: { path: 'objective.params.beta', values: [200, 500] },
        y: { path: 'optimizer.learningRate', values: [0.1, rate] },
      });
    const [sound, broken] = [await sweep(0.2), await sweep(1e308)];
    expect([...broken.diverged]).toEqual([0, 0, 1, 1]);
    expect(broken.runs).toBe(4);
    for (const cell of [0, 1]) expect(broken.margin[cell]).toBe(sound.margin[cell]);
    for (const cell of [2, 3]) for (const map of [broken.margin, broken.chosenLogpChange, broken.entropy]) expect(map[cell]).toBeNaN();
  });

  test('the gradient of a response that holds nearly all mass keeps its relative accuracy', async () => {
    // One step on -log p of a response ahead of two others by d: it rises by rate (1 - p), they fall by rate p_v each. Both
    // come from 1 - p = 5.6e-10, which float32 loses in 1 - p taken literally.
    const [ahead, rate] = [22, 1e8];
    const result = await engine().sweep({
      experiment: {
        policy: { kind: 'tabular', logits: [[0, 0, ahead]] },
        pairs: [{ prompt: 0, chosen: 2, rejected: 0 }],
        objective: { expression: '-k * logp_w', params: { k: 1 } },
        optimizer: { kind: 'sgd', learningRate: rate, steps: 1 },
      },
      x: { path: 'objective.params.k', values: [1, 2] },
      y: { path: 'optimizer.learningRate', values: [rate] },
    });
    const rest = 2 * Math.exp(-ahead);
    const change = (k: number) => Math.log1p(rest) - Math.log1p(rest * Math.exp((-1.5 * k * rate * rest) / (1 + rest)));
    // numbers of 22 + 0.1 round at 2e-6, which is that share of rest; the change is at least 0.08 of rest
    for (const [cell, k] of [1, 2].entries())
      expectWithin([result.chosenLogpChange[cell] ?? Number.NaN], [change(k)], () => 1e-4 * change(k), `k = ${k}`);
  });

  test('the same seed gives the same map twice, and noise differs from seed to seed', async () => {
    const experiment = toyExperiment('tabular', { kind: 'sgd', learningRate: 0.1, steps: 5 }, 0.5);
    const [one, again, other] = [
      await engine().sweep(grid({ ...experiment, seed: 4 }, { seeds: 3 })),
      await engine().sweep(grid({ ...experiment, seed: 4 }, { seeds: 3 })),
      await engine().sweep(grid({ ...experiment, seed: 5 }, { seeds: 3 })),
    ];
    expect(again.margin).toEqual(one.margin);
    expect(other.margin).not.toEqual(one.margin);
    expect(one.runs).toBe(18);
  });

  test('a policy whose memory does not fit private arrays trains in storage, with the same result', async () => {
    // 40 rows of 60 tokens: 2400 parameters, far over the 4096 bytes of private memory
    const table = Array.from({ length: 61 }, (_, row) => Array.from({ length: 60 }, (__, v) => Math.sin(row * 60 + v)));
    const experiment: Experiment = {
      policy: { kind: 'bigram', prompts: 1, vocab: 60, table },
      pairs: [{ prompt: 0, chosen: [3, 50, 7], rejected: [9, 50, 1] }],
      objective: { name: 'dpo', params: { beta: 0.5 } },
      optimizer: { kind: 'adam', learningRate: 0.1, steps: 5 },
    };
    const result = await engine().sweep(grid(experiment));
    const alone = await engine().train({ ...experiment, record: [0, 5] });
    expectWithin([result.margin[4] ?? Number.NaN], [changes(alone).margin], () =>
      kind === 'cpu' ? 1e-6 : 2 * 4 * float32Roundoff * 7 * 3,
    );
  });
});

describeEngines('cancelling a sweep of 65,536 runs', (engine) => {
  test('within a tenth of its length, its finished part intact', async () => {
    const experiment = toyExperiment('tabular', { kind: 'sgd', learningRate: 0.1, steps: 200 });
    const tabular = {
      ...experiment,
      policy: { kind: 'tabular' as const, logits: [[0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]] },
      pairs: [{ prompt: 0, chosen: 1, rejected: 2 }],
    };
    const values = (n: number, most: number) => Array.from({ length: n }, (_, i) => ((i + 1) * most) / n);
    const sweep: Sweep = {
      experiment: tabular,
      x: { path: 'objective.params.beta', values: values(256, 2) },
      y: { path: 'optimizer.learningRate', values: values(256, 1) },
    };
    const controller = new AbortController();
    let doneAtAbort = 0;
    const partials: SweepResult[] = [];
    const rejection = await engine()
      .sweep(sweep, {
        signal: controller.signal,
        onProgress: (done, total) => {
          if (partials.length < 2 || controller.signal.aborted) return;
          controller.abort(new Error('enough'));
          doneAtAbort = done / total;
        },
        onPartial: (partial) => partials.push(partial),
      })
      .catch((reason: unknown) => reason);
    expect(rejection).toBe(controller.signal.reason);
    const partial = partials.at(-1);
    const finished = partial?.runs ?? 0;
    // In work rather than time, which a busy machine stretches: what was still trained after the call is less than a tenth of all.
    expect(finished / 65536 - doneAtAbort).toBeLessThan(0.1);
    expect(finished).toBeGreaterThan(0);
    expect(finished).toBeLessThan(65536);
    const small = await engine().sweep({
      ...sweep,
      y: { ...sweep.y, values: sweep.y.values.slice(0, 1) },
      x: { ...sweep.x, values: sweep.x.values.slice(0, 64) },
    });
    expect([...(partial?.margin ?? []).slice(0, 64)]).toEqual([...small.margin]);
    expect(partial?.margin.slice(finished).every(Number.isNaN)).toBe(true);
    expect(partial?.finished.reduce((sum, n) => sum + n, 0)).toBe(finished);
  });
});

describe('bad sweeps', () => {
  describeEngines('are refused by name', (engine) => {
    test('unknown paths, empty axes, equal axes and invalid values', async () => {
      const experiment = toyExperiment('tabular', optimizers[0] as OptimizerChoice);
      const refused = async (more: Partial<Sweep>, path: string) => {
        const error = await engine()
          .sweep(grid(experiment, more))
          .catch((reason: unknown) => reason);
        expect(error, path).toBeInstanceOf(ExperimentError);
        expect((error as ExperimentError).path).toContain(path);
      };
      await refused({ x: { path: 'optimizer.learningrate', values: [1] } }, 'optimizer.learningrate');
      await refused({ x: { path: 'policy.logits[0][9]', values: [1] } }, 'policy.logits[0][9]');
      await refused({ x: { path: '][', values: [1] } }, '][');
      await refused({ x: { path: 'optimizer.learningRate', values: [1] } }, 'optimizer.learningRate');
      await refused({ x: { path: 'policy.noise', values: [] } }, 'x.values');
      await refused({ x: { path: 'policy.noise', values: [0, -1] } }, 'policy.noise');
      await refused({ y: { path: 'optimizer.steps', values: [1, 1.5] } }, 'optimizer.steps');
      await refused({ seeds: 0 }, 'seeds');
    });
  });
});
