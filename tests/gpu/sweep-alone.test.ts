import { expect, test } from 'vitest';
import { mean } from '../../src/core/numerics.ts';
import { type Experiment, ExperimentError, type Pair, type RecordedStep, type Sweep } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { toyExperiment } from './toy-policies.ts';

const steps = 6;
const base = (name: string): Experiment => toyExperiment(name, { kind: 'sgd', learningRate: 0.1, steps }, 0.1);
const change = (now: readonly number[], start: readonly number[]) => mean(now.map((logp, i) => logp - (start[i] ?? Number.NaN)));

/** What a map says of a run in stages, or of one alone: of the pairs of its last stage, `first` their state where the run starts. */
const metricsOf = (first: RecordedStep, states: readonly RecordedStep[]) => {
  const last = states.at(-1) ?? first;
  return {
    chosenLogpChange: change(last.chosenLogps, first.chosenLogps),
    rejectedLogpChange: change(last.rejectedLogps, first.rejectedLogps),
    lowestChosenLogpChange: Math.min(0, ...states.map(({ chosenLogps }) => change(chosenLogps, first.chosenLogps))),
    margin: change(last.chosenLogps, last.rejectedLogps),
    loss: last.loss,
  };
};

const bigram = base('bigram');
const [pair] = bigram.pairs as [Pair];
const later: Pair[] = [{ prompt: 1, chosen: [2, 1], rejected: [0, 2, 3] }];

describeEngines('a sweep of what no ensemble can train', (engine, kind) => {
  test.each<[name: string, experiment: Experiment, ofLastStage: Partial<Experiment>, from: number]>([
    ['stages on the same pairs', { ...bigram, stages: [{ objective: { name: 'ipo' }, reference: 'run start' }] }, {}, steps],
    ['a stage on other pairs', { ...bigram, stages: [{ pairs: later }] }, { pairs: later }, steps],
    ['masks', { ...bigram, pairs: [{ ...pair, chosenMask: [1, 0, 1] }] }, {}, 0],
    [
      'groups',
      {
        ...base('tabular'),
        pairs: [],
        groups: [
          { prompt: 0, responses: [1, 3, 5], rewards: [0, 1, 0.5] },
          { prompt: 1, responses: [2, 0], weight: 0.5 },
        ],
        objective: { name: 'plackett_luce' },
      },
      {},
      0,
    ],
  ])('%s: equals the same run alone', async (_, experiment, ofLastStage, from) => {
    const result = await engine().sweep({
      experiment,
      x: { path: 'optimizer.learningRate', values: [0.02, 0.2] },
      y: { path: 'seed', values: [3, 9] },
      perSeed: true,
    });
    const { stages: __, ...first } = experiment;
    const last = steps * (1 + (experiment.stages?.length ?? 0));
    const optimizer = { ...experiment.optimizer, learningRate: 0.2 };
    const all = Array.from({ length: last - from + 1 }, (___, i) => from + i);
    const { steps: states } = await engine().train({ ...experiment, optimizer, seed: 9, record: all });
    const begun = await engine().train({ ...first, ...ofLastStage, optimizer: { ...optimizer, steps: 0 }, seed: 9 });
    expect(result.runs).toBe(4);
    // On the CPU the map's own rounding to float32; on the GPU two roundoffs of numbers below 8 at each update and token, as in sweep.test.
    const bound = (value: number) => (kind === 'cpu' ? 1e-12 + Math.abs(value) * float32Roundoff : 2 * 8 * float32Roundoff * (last + 2));
    for (const [metric, value] of Object.entries(metricsOf(begun.steps[0] as RecordedStep, states)))
      expectWithin([result[metric as 'margin'][3] ?? Number.NaN], [value], () => bound(value), metric);
  });

  test('several paths move along one axis', async () => {
    const experiment = base('tabular');
    const result = await engine().sweep({
      experiment,
      x: {
        path: 'objective.params.beta',
        values: [0.1, 2],
        along: [
          { path: 'optimizer.learningRate', values: [0.3, 0.01] },
          { path: 'policy.logits[0]', values: [experiment.policy, experiment.policy].map(() => [1, 0, -1, 0.5, 0, 2]) },
        ],
      },
      y: { path: 'seed', values: [4] },
    });
    const policy = structuredClone(experiment.policy);
    if (policy.kind !== 'tabular') throw new Error('The toy is not a table.');
    policy.logits[0] = [1, 0, -1, 0.5, 0, 2];
    const { steps: states } = await engine().train({
      ...{ ...experiment, policy, seed: 4, objective: { name: 'dpo', params: { beta: 2 } } },
      optimizer: { ...experiment.optimizer, learningRate: 0.01 },
      record: Array.from({ length: steps + 1 }, (_, step) => step),
    });
    const expected = metricsOf(states[0] as RecordedStep, states);
    for (const [metric, value] of Object.entries(expected))
      expectWithin([result[metric as 'margin'][1] ?? Number.NaN], [value], () => 2 * 8 * float32Roundoff * (steps + 2), metric);
  });

  test('what could not be trained is refused before any work, by its place', async () => {
    const sweep: Sweep = {
      experiment: { ...bigram, stages: [{ optimizer: { kind: 'sgd', learningRate: 0.1, steps } }] },
      x: { path: 'stages[0].optimizer.steps', values: [1, 2, 1.5] },
      y: { path: 'seed', values: [0] },
    };
    const refused = async (more: Partial<Sweep>) => {
      let progress = 0;
      const refusal = await engine()
        .sweep({ ...sweep, ...more }, { onProgress: () => progress++ })
        .catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(ExperimentError);
      expect(progress).toBe(0);
      return String(refusal);
    };
    expect(await refused({})).toContain('stages[0].optimizer.steps');
    const x = { path: 'optimizer.learningRate', values: [0.1, 0.2] };
    expect(await refused({ x: { ...x, along: [{ path: 'optimizer.steps', values: [1] }] } })).toContain('x.along[0].values');
    expect(await refused({ x: { ...x, along: [{ path: 'seed', values: [1, 2] }] } })).toMatch(/seed is a path that/);
  });
});
