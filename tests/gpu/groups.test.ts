import { expect, test } from 'vitest';
import {
  type Experiment,
  ExperimentError,
  type Group,
  groupObjectives,
  type ObjectiveChoice,
  ObjectiveError,
  openEngine,
  type Policy,
} from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

const bigram = (objective: ObjectiveChoice, groups: Group[], more: Partial<Experiment> = {}): Experiment => ({
  policy: {
    kind: 'bigram',
    prompts: 2,
    vocab: 4,
    table: Array.from({ length: 6 }, (_, row) => [0.1 * row, -0.4, 0.7 - 0.2 * row, 0]),
  },
  pairs: [],
  groups,
  objective,
  optimizer: { kind: 'sgd', learningRate: 0.2, steps: 8 },
  record: [0, 1, 4, 8],
  ...more,
});
/** Responses of one to four tokens, so that rows are padded. */
const ragged: Group[] = [
  { prompt: 0, responses: [[0, 1], [2], [1, 3, 3, 0], [3, 2]], rewards: [0.2, 1.5, -1, 0.4] },
  { prompt: 1, responses: [[1, 1, 2], [3]], rewards: [1, 0], weight: 0.5 },
  { prompt: 1, responses: [[2, 0], [0], [3, 3, 1]], rewards: [0.3, 0.3, -0.2] },
];

describeEngines('training on groups', (engine, kind) => {
  // As in the golden trajectories: each update rounds parameters below 4 once, and responses have up to four tokens.
  const drift = (step: number) => (kind === 'cpu' ? 1e-13 : 4 * 4 * float32Roundoff) * (step + 2);

  test.each(['plackett_luce', 'sdpo', 'dpo'])('%s on groups of two trains as DPO on pairs, token by token', async (name) => {
    const two: Group[] = [
      { prompt: 0, responses: [[0, 1], [2]] },
      {
        prompt: 1,
        responses: [
          [3, 3, 1],
          [1, 2],
        ],
        weight: 0.5,
      },
      { prompt: 1, responses: [[1], [0, 0, 2, 3]], rewards: [-1, 2] }, // worse first
    ];
    const params = { beta: 0.8 };
    const groups = await engine().train(bigram({ name, params }, two));
    const { groups: _, ...rest } = bigram({ name: 'dpo', params }, []);
    const pairs = await engine().train({
      ...rest,
      pairs: [
        { prompt: 0, chosen: [0, 1], rejected: [2] },
        { prompt: 1, chosen: [3, 3, 1], rejected: [1, 2], weight: 0.5 },
        { prompt: 1, chosen: [0, 0, 2, 3], rejected: [1] },
      ],
    });
    for (const [index, state] of groups.steps.entries()) {
      const expected = pairs.steps[index];
      const bound = () => drift(state.step);
      expectWithin([state.loss], [expected?.loss ?? Number.NaN], bound, 'loss');
      expectWithin(state.chosenLogps, expected?.chosenLogps ?? [], bound, 'best');
      expectWithin(state.rejectedLogps, expected?.rejectedLogps ?? [], bound, 'worst');
      // in the order in which they were given
      expectWithin(state.responseLogps?.[2] ?? [], [expected?.rejectedLogps[2] ?? 0, expected?.chosenLogps[2] ?? 0], bound, 'third group');
    }
    expectWithin(groups.final['table'] ?? [], pairs.final['table'] ?? [], () => drift(8), 'table');
  });

  test.each(groupObjectives.map(({ id }) => id))('%s: an update is the gradient of the loss, and training lowers it', async (name) => {
    const epsilon = 1e-4;
    // a teacher, for what is drawn to the reference alone: from the reference itself it has nowhere to go
    const reference: Policy = {
      kind: 'bigram',
      prompts: 2,
      vocab: 4,
      table: Array.from({ length: 6 }, (_, row) => [0.2, 0.1 * row, -0.3, 0.5]),
    };
    const experiment = bigram({ name }, ragged, {
      ...{ optimizer: { kind: 'sgd', learningRate: 0.01, steps: 12 }, record: [0, 12] },
      ...(name === 'gkd' ? { reference } : {}),
    });
    const { steps, final } = await engine().train(experiment);
    const [first, last] = steps.map(({ loss }) => loss);
    // what holds a weight constant descends another loss at every update
    const isGradient = !groupObjectives.find(({ id }) => id === name)?.text.includes('detach');
    if (isGradient) expect(last, name).toBeLessThan(first ?? Number.NaN);
    if (kind === 'webgpu') {
      // the same run in float64: twelve updates of at most the learning rate times slopes, each within a few roundoffs of the slopes
      const cpu = await openEngine({ backend: 'cpu' });
      const exact = await cpu.train(experiment);
      const scale = Math.max(1, ...(['rrhf', 'pro'].includes(name) ? [100] : []));
      expectWithin(final['table'] ?? [], exact.final['table'] ?? [], () => scale * drift(12), 'table');
      cpu.dispose();
      return;
    }
    if (!isGradient) return;
    // a small update in float64 lowers the loss by rate · ‖gradient‖², and moves the parameters by rate · gradient
    const small = { ...experiment, optimizer: { kind: 'sgd' as const, learningRate: epsilon, steps: 1 }, record: [0, 1] };
    const run = await engine().train(small);
    const start = experiment.policy.kind === 'bigram' ? experiment.policy.table.flat() : [];
    const normSq = [...(run.final['table'] ?? [])].reduce((sum, x, i) => sum + ((x - (start[i] ?? 0)) / epsilon) ** 2, 0);
    const fall = ((run.steps[0]?.loss ?? 0) - (run.steps[1]?.loss ?? 0)) / epsilon;
    expect(Math.abs(fall - normSq)).toBeLessThan(0.05 * normSq);
  });

  test('a policy of features, mini-batches, and a stage of groups after one of pairs', async () => {
    const features: Experiment = {
      policy: {
        kind: 'features',
        hidden: [
          [-1, -0.4, 1.5],
          [0.3, 0.2, -0.6],
        ],
        unembedding: [
          [-1, 0, 1],
          [-2, 1, 1],
          [1, 0, 1],
          [0, 0.2, 0.6],
        ],
      },
      pairs: [{ prompt: 0, chosen: 2, rejected: 0 }],
      objective: { name: 'sft' },
      optimizer: { kind: 'adam', learningRate: 0.02, steps: 3 },
      seed: 4,
    };
    const groups: Group[] = [
      { prompt: 0, responses: [2, 3, 0] },
      { prompt: 1, responses: [1, 0] },
      { prompt: 1, responses: [3, 2, 0, 1] },
    ];
    const stage = {
      groups,
      objective: { name: 'plackett_luce', params: { beta: 1 } },
      optimizer: { kind: 'sgd', learningRate: 0.1, steps: 9, batchSize: 1 },
    } as const;
    const { steps } = await engine().train({ ...features, record: [0, 3, 12], stages: [{ ...stage, groups }] });
    expect(steps.map(({ losses }) => losses.length)).toEqual([1, 3, 3]);
    expect(steps[0]?.responseLogps).toBeUndefined();
    // the reference is the policy at the stage's start: Plackett and Luce's -log(1 / K!), the mean over the groups
    expectWithin(
      steps[1]?.losses ?? [],
      [6, 2, 24].map(Math.log),
      () => (kind === 'cpu' ? 1e-14 : 16 * float32Roundoff),
      'at the reference',
    );
    expect(steps[2]?.loss).toBeLessThan(steps[1]?.loss ?? 0);
    expect(steps[2]?.responseLogps?.map(({ length }) => length)).toEqual([3, 2, 4]);
    const back = await engine().train({
      ...features,
      ...stage,
      pairs: [],
      groups,
      record: [0],
      stages: [{ pairs: features.pairs, objective: { name: 'sft' } }],
    });
    expect(back.steps[0]?.losses.length).toBe(3);
  });

  test('any objective of groups trains on samples', async () => {
    const { rounds } = await engine().trainOnPolicy({
      policy: { kind: 'tabular', logits: [[0.5, -0.3, 0.1, 0.8, -1, 0]] },
      rewards: [[0, 0.2, 1, 0.1, 0.4, 0]],
      method: { kind: 'group', objective: { name: 'grpo', params: { beta: 0.01 } } },
      sampling: { groups: 4, n: 6, rounds: 8, updates: 2 },
      optimizer: { kind: 'sgd', learningRate: 0.5 },
      seed: 3,
    });
    expect(rounds.at(-1)?.expectedReward).toBeGreaterThan((rounds[0]?.expectedReward ?? 1) + 0.2);
  });

  test('bad groups are refused by name', async () => {
    const refused = async (experiment: Partial<Experiment>, path: string) => {
      const error = await engine()
        .train({ ...bigram({ name: 'pro' }, ragged), ...experiment })
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ExperimentError);
      expect((error as ExperimentError).path).toBe(path);
    };
    const first = ragged[0] as Group;
    await refused({ groups: [] }, 'groups');
    await refused({ pairs: [{ prompt: 0, chosen: [1], rejected: [2] }] }, 'groups');
    await refused({ groups: [{ ...first, responses: [[1]] }] }, 'groups[0].responses');
    await refused({ groups: [{ ...first, rewards: [1, 2] }] }, 'groups[0].rewards');
    await refused({ groups: [{ ...first, rewards: [1, 2, Number.NaN, 0] }] }, 'groups[0].rewards[2]');
    await refused({ groups: [{ ...first, prompt: 2 }] }, 'groups[0].prompt');
    await refused({ groups: [{ ...first, weight: -1 }] }, 'groups[0].weight');
    await refused({ groups: [first, { prompt: 0, responses: [[1], [2]] }] }, 'groups[1].rewards'); // PRO reads rewards
    await refused({ optimizer: { kind: 'normalised-pair', learningRate: 1, steps: 1 } }, 'optimizer.kind');
    await refused({ optimizer: { kind: 'sgd', learningRate: 1, steps: 1, batchSize: 4 } }, 'optimizer.batchSize');
    const pairs = [{ prompt: 0, chosen: [1], rejected: [2] }];
    const { groups: _, ...onPairs } = bigram({ name: 'grpo' }, []);
    await expect(engine().train({ ...onPairs, pairs })).rejects.toThrow(/'grpo' is an objective of groups, and here are pairs/);
    await expect(engine().train({ ...onPairs, pairs, objective: { name: 'grppo' } })).rejects.toThrow(/no objective 'grppo'/);
    await expect(engine().train(bigram({ name: 'kto' }, ragged))).rejects.toBeInstanceOf(ObjectiveError);
    await expect(engine().diagnose(bigram({ name: 'dpo' }, ragged))).rejects.toBeInstanceOf(ExperimentError);
    const sweep = {
      experiment: bigram({ name: 'dpo' }, ragged),
      x: { path: 'seed', values: [1] },
      y: { path: 'optimizer.learningRate', values: [1] },
    };
    // sweeps take groups; an axis may not make them bad ones
    const bad = { ...sweep, x: { path: 'groups.0.weight', values: [-1] } };
    await expect(engine().sweep(bad)).rejects.toMatchObject({ path: 'groups[0].weight' });
  });
});
