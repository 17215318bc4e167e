import { expect, test } from 'vitest';
import { type Experiment, ExperimentError, type OnPolicyExperiment, type OnPolicyMethod } from '../../src/index.ts';
import golden from '../golden/online_losses.json';
import { describeEngines } from './engines.ts';

const { policy: logits, reference, rewards, methods } = golden.expectations;
const low = -80;
/** can only say 1 and 3 */
const narrow = { kind: 'tabular' as const, logits: [[low, 0, low, 0.5]] };
const experiment = (method: OnPolicyMethod, more: Partial<OnPolicyExperiment> = {}): OnPolicyExperiment => ({
  policy: { kind: 'tabular', logits: [logits] },
  reference: { kind: 'tabular', logits: [reference] },
  rewards: [rewards],
  method,
  sampling: { groups: 6, n: 5, rounds: 4, updates: 2 },
  optimizer: { kind: 'sgd', learningRate: 0.2 },
  seed: 3,
  ...more,
});
const xpo: OnPolicyMethod = { objective: { name: 'xpo' } };
const nash: OnPolicyMethod = { objective: { name: 'nash_md' } };

describeEngines('samples of two policies', (engine) => {
  const drawn = async (one: OnPolicyExperiment) => (await engine().trainOnPolicy(one)).rounds.flatMap(({ groups = [] }) => groups);

  test.each([
    [{ name: 'nash_md', params: { beta: 0.1 } }, 0.5, undefined],
    [{ name: 'nash_md', params: { beta: 0.3 } }, 0.25, 0.25],
    [{ name: 'xpo', params: { alpha: 0.1 } }, 1, undefined],
  ])('a large sample of %j has its exact mean gradient, within five standard errors', async (objective, mixtureCoef, given) => {
    const known = methods.find((each) => {
      return JSON.stringify(each.objective) === JSON.stringify(objective) && each.n === 2 && each.mixtureCoef === mixtureCoef;
    });
    const groups = 20_000;
    const { final } = await engine().trainOnPolicy(
      experiment(
        { objective },
        {
          sampling: { groups, n: 2, rounds: 1, updates: 1, ...(given === undefined ? {} : { mixtureCoef: given }) },
          optimizer: { kind: 'sgd', learningRate: 1 },
        },
      ),
    );
    for (const [y, expected] of (known?.gradient ?? [Number.NaN]).entries()) {
      // a group's gradient by a logit lies in [-1, 1] here
      const gradient = (logits[y] ?? 0) - (final['logits']?.[y] ?? Number.NaN);
      expect(Math.abs(gradient - expected), `${y}`).toBeLessThan(5 / Math.sqrt(groups));
    }
  });

  test('half of each group, rounded down and drawn last, are the opponent’s: of the reference for XPO, of a mixture for Nash-MD', async () => {
    const own = { reference: narrow, optimizer: { kind: 'sgd' as const, learningRate: 0 } };
    const of = async (method: OnPolicyMethod, mixtureCoef?: number) => {
      const sampling = { groups: 40, n: 5, rounds: 2, updates: 1, ...(mixtureCoef === undefined ? {} : { mixtureCoef }) };
      const groups = await drawn(experiment(method, { ...own, sampling }));
      for (const { opponents, responses } of groups) expect([opponents, responses.length]).toEqual([2, 5]);
      const [first, last] = [
        groups.flatMap(({ responses }) => responses.slice(0, 3)),
        groups.flatMap(({ responses }) => responses.slice(3)),
      ];
      expect(new Set(first)).toEqual(new Set([0, 1, 2, 3]));
      return new Set(last);
    };
    expect(await of(xpo)).toEqual(new Set([1, 3]));
    expect(await of(nash)).toEqual(new Set([1, 3])); // e^-40 is never drawn
    expect(await of(nash, 0)).toEqual(new Set([0, 1, 2, 3]));
    expect(await of({ objective: { expression: 'logp_i * opponent_i / count' } })).toEqual(new Set([1, 3]));
    const mix = {
      mix: [
        { objective: { name: 'entropy_bonus' }, weight: 0.1 },
        { objective: { name: 'nash_md' }, weight: 1 },
      ],
    };
    expect(await of({ objective: mix }, 0)).toEqual(new Set([0, 1, 2, 3]));
  });

  test('who draws no opponents draws what it always drew', async () => {
    const groups = await drawn(experiment({ objective: { name: 'rloo' } }));
    for (const group of groups) expect(group).not.toHaveProperty('opponents');
    expect((await drawn(experiment({ objective: { name: 'online_dpo' } })))[0]?.responses).toEqual(groups[0]?.responses);
    // of the same stream, a policy's part is the same whoever stands against it
    const [a, b] = [await drawn(experiment(xpo)), await drawn(experiment(nash))];
    expect(a[0]?.responses.slice(0, 3)).toEqual(b[0]?.responses.slice(0, 3));
  });

  test.each([0, 0.4, 1])('distillation with λ = %f draws the policy to its teacher', async (lmbda) => {
    const sampling = { groups: 16, n: 8, rounds: 40, updates: 1, lmbda };
    const teacher = { kind: 'tabular' as const, logits: [[1, -1, 0.5, -0.5]] };
    const end = async (beta: number) => {
      const method = { objective: { name: 'gkd', params: { beta } } };
      const { rounds } = await engine().trainOnPolicy(experiment(method, { reference: teacher, sampling }));
      return [rounds[0]?.klToReference ?? Number.NaN, rounds.at(-1)?.klToReference ?? Number.NaN] as const;
    };
    for (const beta of [0, 0.5, 1]) {
      const [first, last] = await end(beta);
      expect(last, `${beta}`).toBeLessThan(first / (beta === 0.5 ? 2 : 4));
    }
  });

  test('λ is the share of the rounds whose samples are the policy’s own', async () => {
    const own = { reference: narrow, optimizer: { kind: 'sgd' as const, learningRate: 0 } };
    const rounds = 60;
    const taught = async (lmbda: number) => {
      const sampling = { groups: 1, n: 24, rounds, updates: 1, lmbda };
      const groups = await drawn(experiment({ objective: { name: 'gkd' } }, { ...own, sampling }));
      return groups.filter(({ responses }) => responses.every((y) => y === 1 || y === 3)).length;
    };
    expect(await taught(0)).toBe(rounds);
    expect(await taught(1)).toBe(0);
    // five standard deviations of a binomial
    expect(Math.abs((await taught(0.4)) - 0.6 * rounds)).toBeLessThan(5 * Math.sqrt(rounds * 0.24));
  });

  test('a reference that takes the policy’s place after each round is one that is reset', async () => {
    const method: OnPolicyMethod = { objective: { name: 'online_dpo', params: { beta: 0.5 } } };
    const { reference: _, ...plain } = experiment(method);
    const synced = await engine().trainOnPolicy({ ...plain, syncReference: { refModelSyncSteps: 4, refModelMixupAlpha: 1 } });
    const reset = await engine().trainOnPolicy({ ...plain, resetReference: 2 });
    expect(synced.final).toEqual(reset.final);
    expect(synced.rounds.slice(0, -1)).toEqual(reset.rounds.slice(0, -1));
    const soft = await engine().trainOnPolicy({ ...plain, syncReference: { refModelSyncSteps: 1, refModelMixupAlpha: 0.5 } });
    expect(soft.final).not.toEqual(reset.final);
    for (const { klToReference, klToStart } of soft.rounds.slice(1)) expect(klToReference).toBeLessThan(klToStart);
  });

  test('within a round the ratio stays one to who was sampled, though the reference moves', async () => {
    // no term reads the reference: moving it changes nothing
    const { reference: _, ...plain } = experiment(
      { objective: { name: 'grpo' } },
      { sampling: { groups: 6, n: 5, rounds: 2, updates: 5 } },
    );
    const still = await engine().trainOnPolicy(plain);
    const moving = await engine().trainOnPolicy({ ...plain, syncReference: { refModelSyncSteps: 2, refModelMixupAlpha: 0.5 } });
    expect(moving.final).toEqual(still.final);
  });

  test('groups of equal rewards can be left out, so that the others’ tokens alone are counted', async () => {
    const { reference: _, ...plain } = experiment({ objective: { name: 'dapo' } }, { rewards: [[1, 0, 1, 1]] });
    const sampling = { groups: 30, n: 3, rounds: 1, updates: 1 };
    const whole = await engine().trainOnPolicy({ ...plain, sampling });
    const groups = whole.rounds[0]?.groups ?? [];
    const mixed = groups.filter(({ rewards: own = [] }) => new Set(own).size > 1);
    expect(mixed.length).toBeGreaterThan(3);
    expect(mixed.length).toBeLessThan(groups.length);
    const dropped = await engine().trainOnPolicy({ ...plain, sampling: { ...sampling, dropEqualRewards: true } });
    const { sampling: __, rewards: ___, method: ____, ...rest } = plain;
    const alone = await engine().train({
      ...{ ...rest, pairs: [], groups: mixed, objective: { name: 'dapo' } },
      optimizer: { ...plain.optimizer, steps: 1 },
    });
    expect(dropped.final).toEqual(alone.final);
    expect(dropped.final).not.toEqual(whole.final);
    const none = await engine().trainOnPolicy({ ...plain, rewards: [[1, 1, 1, 1]], sampling: { ...sampling, dropEqualRewards: true } });
    expect(none.rounds.at(-1)?.outcomeLogps).toEqual(none.rounds[0]?.outcomeLogps);
  });

  test('what there cannot be is refused by name', async () => {
    const refused = async (one: OnPolicyExperiment, path: string) => {
      const error = await engine()
        .trainOnPolicy(one)
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ExperimentError);
      expect((error as ExperimentError).path).toBe(path);
    };
    const { sampling } = experiment(nash);
    await refused(experiment(nash, { sampling: { ...sampling, n: 1 } }), 'sampling.n');
    await refused(experiment(nash, { sampling: { ...sampling, mixtureCoef: 2 } }), 'sampling.mixtureCoef');
    await refused(experiment({ objective: { name: 'grpo' } }, { sampling: { ...sampling, mixtureCoef: 0.5 } }), 'sampling.mixtureCoef');
    await refused(experiment(nash, { sampling: { ...sampling, lmbda: -1 } }), 'sampling.lmbda');
    await refused(experiment(nash, { sampling: { ...sampling, lmbda: 0.5, source: 'start' } }), 'sampling.lmbda');
    await refused(experiment(nash, { sampling: { ...sampling, dropEqualRewards: 1 as unknown as boolean } }), 'sampling.dropEqualRewards');
    await refused(experiment(nash, { syncReference: {}, resetReference: 2 }), 'syncReference');
    await refused(experiment(nash, { syncReference: { refModelSyncSteps: 0 } }), 'syncReference.refModelSyncSteps');
    await refused(experiment(nash, { reference: { kind: 'tabular', logits: [[0, 1]] } }), 'reference');
    const groups = [{ prompt: 0, responses: [0, 1], rewards: [1, 0], opponents: 2 }];
    const one: Experiment = {
      policy: { kind: 'tabular', logits: [logits] },
      ...{ pairs: [], groups, objective: { name: 'xpo' }, optimizer: { kind: 'sgd', learningRate: 1, steps: 1 } },
    };
    await expect(engine().train(one)).rejects.toMatchObject({ path: 'groups[0].opponents' });
  });
});
