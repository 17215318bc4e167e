import { expect, test } from 'vitest';
import { type Experiment, ExperimentError, expectedReward, type Sweep, type SweepResult, type SweepRuns } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { toyExperiment } from './toy-policies.ts';

const steps = 10;
const metrics = [
  'chosenLogpChange',
  'lowestChosenLogpChange',
  'rejectedLogpChange',
  'margin',
  'loss',
  'topGainerProb',
  'entropy',
  'klToReference',
] as const;

/** Two roundoffs of numbers below 4 at each update, as in the tests of sweeps. */
const gpuBound = 2 * 4 * float32Roundoff * (steps + 2);

const noisy: Sweep = {
  experiment: { ...toyExperiment('features', { kind: 'sgd', learningRate: 0.1, steps }, 0.3), seed: 5 },
  x: { path: 'objective.params.beta', values: [0.1, 0.5, 2] },
  y: { path: 'optimizer.learningRate', values: [0.01, 0.1] },
  seeds: 3,
  perSeed: true,
};

const runsOf = ({ perSeed }: SweepResult): SweepRuns => {
  if (!perSeed) throw new Error('The sweep gave no runs.');
  return perSeed;
};

/** The sweep as it stands after its first `most` runs: what a device that is lost then leaves behind. */
function cut(result: SweepResult, most: number): SweepResult {
  const runs = structuredClone(runsOf(result));
  const cells = result.finished.length;
  for (let index = most; index < runs.state.length; index++) {
    runs.state[index] = 0;
    for (const metric of metrics) runs[metric][index] = Number.NaN;
  }
  const finished = result.finished.map((_, cell) => runs.state.filter((state, index) => state > 0 && index % cells === cell).length);
  return { ...structuredClone(result), perSeed: runs, finished, runs: most };
}

describeEngines('every run of a sweep', (engine, kind) => {
  test('is the same run alone, in the order of the seeds, and the map is the mean', async () => {
    const result = await engine().sweep(noisy);
    const runs = runsOf(result);
    expect([...runs.state]).toEqual(new Array(18).fill(1));
    for (const [x, beta, y, learningRate, seed] of [
      [0, 0.1, 1, 0.1, 0],
      [2, 2, 0, 0.01, 2],
    ] as const) {
      const alone = await engine().train({
        ...noisy.experiment,
        objective: { name: 'dpo', params: { beta } },
        optimizer: { ...noisy.experiment.optimizer, learningRate },
        seed: 5 + seed,
        record: [0, steps],
      });
      const [first, last] = [alone.steps[0], alone.steps[1]];
      const change = (last?.chosenLogps ?? []).reduce((sum, logp, i) => sum + logp - (first?.chosenLogps[i] ?? 0), 0) / 2;
      const index = seed * 6 + y * 3 + x;
      if (kind === 'cpu') expect(runs.chosenLogpChange[index]).toBe(Math.fround(change));
      else expectWithin([runs.chosenLogpChange[index] ?? 0], [change], () => gpuBound);
    }
    for (const metric of metrics) {
      const means = Array.from(
        { length: 6 },
        (_, cell) => ((runs[metric][cell] ?? 0) + (runs[metric][cell + 6] ?? 0) + (runs[metric][cell + 12] ?? 0)) / 3,
      );
      // each run is a float32, and so is their mean
      expectWithin(result[metric], means, (i) => 4 * float32Roundoff * Math.max(1, Math.abs(means[i] ?? 0)), metric);
    }
    expect((await engine().sweep({ ...noisy, perSeed: false })).perSeed).toBeUndefined();
  });

  test.each([1, 7, 17])('%i runs that are finished already are kept, and the others trained', async (kept) => {
    const whole = await engine().sweep(noisy);
    const before = cut(whole, kept);
    // what is kept is not trained again: a mark on it is still there
    runsOf(before).margin[0] = 77;
    const progress: number[] = [];
    const resumed = await engine().sweep({ ...noisy, resume: before }, { onProgress: (done) => progress.push(done) });
    expect(progress[0]).toBeGreaterThanOrEqual(kept);
    expect(runsOf(resumed).margin[0]).toBe(77);
    expect([...resumed.finished]).toEqual(new Array(6).fill(3));
    expect(runsOf(resumed).margin.slice(1)).toEqual(runsOf(whole).margin.slice(1));
    expect(resumed.topGainer).toEqual(whole.topGainer);
  });

  test('a map of one seed is its own record of what is finished', async () => {
    const { seeds: _, perSeed: __, ...one } = noisy;
    const whole = await engine().sweep(one);
    const margin = whole.margin.map((value, cell) => (cell < 4 ? value : Number.NaN));
    const resumed = await engine().sweep({ ...one, resume: { ...whole, margin, finished: whole.finished.map((_, i) => Number(i < 4)) } });
    expect(resumed.margin).toEqual(whole.margin);
    const refusal = await engine()
      .sweep({ ...noisy, resume: whole })
      .catch((reason: unknown) => reason);
    expect(refusal).toBeInstanceOf(ExperimentError);
  });

  test('a run that has lost its numbers says so', async () => {
    const { state, margin } = runsOf(
      await engine().sweep({
        ...noisy,
        experiment: toyExperiment('tabular', { kind: 'sgd', learningRate: 0.1, steps: 20 }),
        x: { path: 'objective.params.beta', values: [200] },
        y: { path: 'optimizer.learningRate', values: [0.1, 1e308] },
        seeds: 2,
      }),
    );
    expect([...state]).toEqual([1, 2, 1, 2]);
    expect([...margin].map(Number.isNaN)).toEqual([false, true, false, true]);
  });

  test('axes of whole vectors, of pairs and of frozen offsets: each cell is the same run alone', async () => {
    const experiment: Experiment = {
      policy: {
        kind: 'sequence',
        form: 'factorised',
        logits: [[0, 0, -1], ...[0, 1, 2].map(() => [0, 0, null])],
        offsets: [
          { prefix: [0], logits: [0.4, -0.9, 0] },
          { prefix: [1], logits: [-1.4, -0.2, 0] },
        ],
      },
      pairs: [{ prompt: 0, chosen: [0, 0, 0, 0], rejected: [1, 0, 0, 0] }],
      objective: { name: 'simpo' },
      optimizer: { kind: 'sgd', learningRate: 0.3, steps },
    };
    const answers = [0, 1, 3].map((suffix) => {
      const rest = new Array<number>(suffix).fill(0);
      return [{ prompt: 0, chosen: [0, ...rest], rejected: [1, ...rest] }];
    });
    const offsets = [
      [0.4, -0.9, 0],
      [-2, 0.1, 0],
    ];
    const map = await engine().sweep({
      experiment,
      x: { path: 'pairs', values: answers },
      y: { path: 'policy.offsets[1].logits', values: offsets },
    });
    for (const [x, pairs] of answers.entries())
      for (const [y, logits] of offsets.entries()) {
        const policy = structuredClone(experiment.policy);
        if (policy.kind !== 'sequence' || policy.form !== 'factorised' || !policy.offsets?.[1]) throw new Error('The toy is another one.');
        policy.offsets[1].logits = logits;
        const { steps: recorded } = await engine().train({ ...experiment, policy, pairs, record: [0, steps] });
        const change = (recorded[1]?.chosenLogps[0] ?? 0) - (recorded[0]?.chosenLogps[0] ?? 0);
        const inside = map.chosenLogpChange[y * 3 + x] ?? Number.NaN;
        if (kind === 'cpu') expect(inside).toBe(Math.fround(change));
        else expectWithin([inside], [change], () => 4 * gpuBound, `${x}, ${y}`); // four tokens to a response
      }
    const refused = async (axis: Sweep['x']) => {
      const error = await engine()
        .sweep({ experiment, x: axis, y: { path: 'optimizer.learningRate', values: [0.1] } })
        .catch((reason: unknown) => reason);
      expect(error, axis.path).toBeInstanceOf(ExperimentError);
    };
    await refused({ path: 'optimizer', values: [{ kind: 'adam', learningRate: 0.1, steps: 1 }] });
    await refused({ path: 'policy.logits[0]', values: [[0, 0, 0], 1] });
    await refused({ path: 'policy.logits[0]', values: [[0, 0]] });
  });

  test('the expected reward is that of the run alone, by the true rewards of its data', async () => {
    const rewards = [0, 0.3, 1, 0.2, 0.7];
    const experiment: Experiment = {
      policy: { kind: 'tabular', logits: [[0.5, 0.2, -0.4, 1, 0]] },
      pairs: [],
      data: { kind: 'bradley-terry', rewards: [rewards], count: 14, temperature: 0.2 },
      objective: { name: 'dpo', params: { beta: 0.5 } },
      optimizer: { kind: 'sgd', learningRate: 0.5, steps },
    };
    const { expectedReward: map } = await engine().sweep({
      experiment,
      x: { path: 'data.flipRate', values: [0, 1] },
      y: { path: 'optimizer.learningRate', values: [0.5] },
    });
    for (const [x, flipRate] of [0, 1].entries()) {
      const { steps: recorded } = await engine().train({
        ...experiment,
        data: { kind: 'bradley-terry', rewards: [rewards], count: 14, temperature: 0.2, flipRate },
        record: [steps],
      });
      expectWithin([map[x] ?? Number.NaN], [expectedReward(recorded[0]?.outcomeLogps ?? [], rewards)], () =>
        kind === 'cpu' ? float32Roundoff : gpuBound,
      );
    }
    expect((await engine().sweep(noisy)).expectedReward[0]).toBeNaN();
  });

  test('CHES is that of the trained hidden vectors', async () => {
    const experiment = toyExperiment('sequence, features', { kind: 'sgd', learningRate: 0.1, steps });
    const { ches } = await engine().sweep({ ...noisy, experiment, seeds: 1, perSeed: false });
    const { final } = await engine().train({
      ...experiment,
      objective: { name: 'dpo', params: { beta: 2 } },
      optimizer: { ...experiment.optimizer, learningRate: 0.01 },
    });
    const diagnoses = await engine().diagnose(experiment, final);
    const mean = diagnoses.reduce((sum, pair) => sum + (pair.ches ?? Number.NaN), 0) / diagnoses.length;
    // sums of a dozen products of numbers below 4
    expectWithin([ches[2] ?? Number.NaN], [mean], () => (kind === 'cpu' ? 8 * float32Roundoff : 12 * 4 * gpuBound));
    const tabular = await engine().sweep({ ...noisy, experiment: toyExperiment('tabular', noisy.experiment.optimizer), seeds: 1 });
    expect(tabular.ches[0]).toBeNaN();
  });
});
