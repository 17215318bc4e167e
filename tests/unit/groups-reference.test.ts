// @module-tag slow
import { beforeAll, describe, expect, test } from 'vitest';
import { klDivergence } from '../../src/core/exact.ts';
import { mean } from '../../src/core/numerics.ts';
import { logSoftmax, softmax } from '../../src/core/softmax.ts';
import { type Engine, type OnPolicyRound, openEngine, type Policy } from '../../src/index.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { fetchGroupLosses } from '../../src/shell/losses/group-losses.ts';
import { pushesOf } from '../../src/train/group/group-pushes.ts';
import { GroupsLab } from '../../src/views/groups/groups.svelte.ts';
import { measured } from '../../src/views/groups/measured.ts';
import { choiceOf, experimentOf, methods, syncOf } from '../../src/views/groups/methods.ts';
import { populationNumbers } from '../../src/views/groups/population.ts';
import { defaultGroups, enterWorld, type GroupsSettings, worlds } from '../../src/views/groups/settings.ts';
import { referenceBefore } from '../../src/views/groups/slow/reference.ts';
import { answers, earnedBy, prompts, teacherOf, worldOf } from '../../src/views/groups/world.ts';

const few: GroupsSettings = { ...defaultGroups, updates: 12, reuse: 4, learningRate: 2 };
const every = (settings: GroupsSettings): number[] => Array.from({ length: settings.updates + 1 }, (_, update) => update);

let engine: Engine;
beforeAll(async () => {
  await fetchGroupLosses();
  engine = await openEngine({ backend: 'cpu' });
});
const statesOf = async (id: string, settings: GroupsSettings): Promise<readonly OnPolicyRound[]> =>
  (await engine.trials([experimentOf(id, 1, settings)], { record: every(settings) }))[0]?.rounds ?? [];

describe('a reference that follows the policy', () => {
  const following: readonly (readonly [id: string, change: Partial<GroupsSettings>])[] = [
    ['grpo', { beta: 0.3, sync: 'soft', syncAlpha: 0.3, syncSteps: 3 }],
    ['dr_grpo', { beta: 0.3, kl: 'reward', sync: 'hard', syncSteps: 4 }],
    ['online_dpo', { sync: 'soft', syncSteps: 1 }],
    ['nash_md', { sync: 'hard', syncSteps: 2 }],
  ];

  test.each(following)('%s: the update that is shown is made with it', async (id, change) => {
    for (const world of ['free', 'shared'] as const) {
      const settings: GroupsSettings = { ...few, ...change, world, learningRate: 1 };
      const states = await statesOf(id, settings);
      for (const update of [0, 1, 2, 3, 5, 8, 11]) {
        const reference = referenceBefore(states, update, syncOf(id, settings), answers);
        const batch = update - (update % settings.reuse);
        const [drawnFrom, now, next] = [states[batch], states[update], states[update + 1]];
        const logps = now?.outcomeLogps ?? [];
        const row = (of: readonly number[], prompt: number) => of.slice(prompt * answers, (prompt + 1) * answers);
        const kl = Array.from({ length: prompts }, (_, prompt) => klDivergence(row(logps, prompt), row(reference, prompt)));
        // log-probs below 40, each off by some 1e-15 of that for every one of the 12 updates
        expect(Math.abs(kl.reduce((sum, one) => sum + one, 0) / prompts - (now?.klToReference ?? Number.NaN))).toBeLessThan(1e-11);
        if (world === 'shared') continue; // there other prompts move a prompt's logits, too
        const groups = drawnFrom?.groups ?? [];
        const pushes = await pushesOf(choiceOf(id, settings), groups, answers, {
          now: logps,
          drawnFrom: drawnFrom?.outcomeLogps ?? [],
          reference,
        });
        for (const [prompt, own] of pushes.entries()) {
          const moved = row(logps, prompt).map((logp, answer) =>
            own.reduce(
              (sum, push, i) => sum + (push * ((groups[prompt]?.responses[i] === answer ? 1 : 0) - Math.exp(logp))) / own.length,
              logp,
            ),
          );
          const after = row(next?.outcomeLogps ?? [], prompt);
          for (const [answer, logp] of [...logSoftmax(moved)].entries())
            expect(Math.abs((after[answer] ?? Number.NaN) - logp)).toBeLessThan(1e-11);
        }
      }
    }
  });

  test('is of those that read one: the others are not run again', () => {
    const moving: GroupsSettings = { ...defaultGroups, sync: 'hard', syncSteps: 7 };
    const readers = (settings: GroupsSettings) => methods.filter(({ id }) => syncOf(id, settings)).map(({ id }) => id);
    expect(readers(moving)).toEqual(['online_dpo', 'online_ipo', 'xpo', 'nash_md', 'dpo', 'dpo-on', 'ipo', 'ipo-on']);
    expect(readers({ ...moving, beta: 0.1 })).toContain('grpo');
    expect(readers({ ...moving, beta: 0.1 })).not.toContain('best_of_n');
    expect(readers({ ...moving, beta: 0.1, kl: 'reward' })).toEqual(methods.map(({ id }) => id).filter((id) => id !== 'gkd'));
    expect(experimentOf('online_dpo', 1, moving).syncReference).toEqual({ refModelSyncSteps: 7, refModelMixupAlpha: 1 });
    expect(experimentOf('online_dpo', 1, { ...moving, sync: 'soft' }).syncReference?.refModelMixupAlpha).toBe(0.6);
    const keysOf = (change: Partial<GroupsSettings>): ReadonlyMap<string, string> => {
      const lab = new GroupsLab(new PageEngineOwner('cpu'));
      lab.change({ methods: ['grpo', 'online_dpo', 'gkd'], seeds: 1, ...change });
      return new Map(lab.race.jobs.map(({ id, key }) => [id, key]));
    };
    const changed = (change: Partial<GroupsSettings>) => {
      const [before, after] = [keysOf({}), keysOf(change)];
      return [...before].filter(([id, key]) => after.get(id) !== key).map(([id]) => id);
    };
    expect(changed({ sync: 'hard' })).toEqual(['online_dpo']);
    expect(changed({ syncSteps: 3 })).toEqual([]);
    for (const change of [{ teacher: 2 }, { lmbda: 1 }, { divergence: 0 }]) expect(changed(change)).toEqual(['gkd']);
  });

  test('holds the policy less: as the view’s words say', async () => {
    const endsOf = async (id: string, change: Partial<GroupsSettings>): Promise<readonly OnPolicyRound[]> => {
      const settings: GroupsSettings = { ...defaultGroups, ...change };
      const experiments = [1, 2, 3].map((seed) => experimentOf(id, seed, settings));
      return (await Promise.all(experiments.map((one) => engine.trainOnPolicy(one)))).flatMap(({ rounds }) => rounds.slice(-1));
    };
    const kls = [{ beta: 0.1 }, { beta: 0.1, sync: 'soft' }, {}] as const;
    const ends = await Promise.all(kls.map((change) => endsOf('dr_grpo', { ...change, kl: 'reward' })));
    expect(ends.map((rounds) => mean(rounds.map(({ klToStart }) => klToStart)).toFixed(1))).toEqual(measured.kl);
    const onBandit = await Promise.all(
      (['off', 'soft'] as const).map((sync) => endsOf('dpo', { ...enterWorld('bandit', 'shared'), sync })),
    );
    expect(onBandit.map((rounds) => mean(rounds.map(({ expectedReward }) => expectedReward)).toFixed(2))).toEqual(measured.reward);
  });
});

describe('a teacher', () => {
  test('of free logits is the best policy less a KL, and of shared features every prompt’s features are on its right answer', () => {
    const free = worldOf({ ...defaultGroups, world: 'free' }, 2);
    const shared = worldOf(defaultGroups, 2);
    const [ofFree, ofShared] = [teacherOf(free, 3), teacherOf(shared, 3)];
    if (free.policy.kind !== 'tabular' || ofFree.kind !== 'tabular') throw new Error('free logits are a table');
    if (shared.policy.kind !== 'features' || ofShared.kind !== 'features') throw new Error('shared features are no table');
    for (const [prompt, row] of free.policy.logits.entries()) {
      const tilted = row.map((x, answer) => Math.exp(x) * Math.exp(3 * (free.rewards[prompt]?.[answer] ?? 0)));
      const total = tilted.reduce((sum, x) => sum + x, 0);
      for (const [answer, p] of softmax(ofFree.logits[prompt] ?? []).entries()) expect(p).toBeCloseTo((tilted[answer] ?? 0) / total, 13);
    }
    // of one prompt alone the two teachers are one, since its features have length 1
    const [first = []] = shared.policy.hidden;
    const alone = { ...shared, policy: { ...shared.policy, hidden: [first] }, rewards: shared.rewards.slice(0, 1) };
    const taught = teacherOf(alone, 3);
    if (taught.kind !== 'features') throw new Error('a teacher is of the policy’s kind');
    for (const [answer, row] of taught.unembedding.entries())
      expect(row.reduce((sum, x, i) => sum + x * (first[i] ?? 0), 0)).toBeCloseTo(ofFree.logits[0]?.[answer] ?? Number.NaN, 12);
    expect(earnedBy(ofFree, free.rewards)).toBeGreaterThan(earnedBy(free.policy, free.rewards));
    expect(earnedBy(ofShared, shared.rewards)).toBeGreaterThan(earnedBy(shared.policy, shared.rewards));
  });

  test.each(worlds)('%s: GKD comes nearer to it, whoever draws, and has it as its reference', async (world) => {
    const settings: GroupsSettings = {
      ...{ ...defaultGroups, updates: 60, ...enterWorld(world, 'shared') },
      ...({ beta: 0.1, sync: 'hard' } as const),
    };
    for (const [lmbda, divergence] of [
      [1, 0],
      [0, 0],
      [0.5, 1],
    ] as const) {
      const experiment = experimentOf('gkd', 1, { ...settings, lmbda, divergence });
      expect(experiment).toMatchObject({ sampling: { lmbda }, method: { objective: { name: 'gkd', params: { beta: divergence } } } });
      expect(experiment.syncReference ?? experiment.klPenalty).toBeUndefined();
      const { rounds } = await engine.trainOnPolicy(experiment);
      const [first, last] = [rounds[0], rounds.at(-1)];
      expect((last?.klToReference ?? 0) / (first?.klToReference ?? 0)).toBeLessThan(0.75);
      expect(last?.expectedReward ?? 0).toBeGreaterThan(first?.expectedReward ?? 0);
    }
  });

  test('and what the reverse KL and the forward one find on the way: as the view’s words say', async () => {
    const worlds = [1, 2, 3].map((seed) => worldOf(defaultGroups, seed));
    const passOf = (i: number, logps: readonly number[], start: readonly number[]): number =>
      populationNumbers(logps, { rewards: worlds[i]?.rewards ?? [], start, groupSize: 8 }).pass.at(-1) ?? Number.NaN;
    const logpsOf = (policy: Policy): number[] => {
      if (policy.kind !== 'features') throw new Error('The view’s default world shares features.');
      const { hidden, unembedding } = policy;
      return hidden.flatMap((own) => [...logSoftmax(unembedding.map((row) => row.reduce((sum, x, k) => sum + x * (own[k] ?? 0), 0)))]);
    };
    const before = mean(worlds.map(({ policy }, i) => passOf(i, logpsOf(policy), logpsOf(policy))));
    const teachers = mean(worlds.map((world, i) => passOf(i, logpsOf(teacherOf(world, defaultGroups.teacher)), logpsOf(world.policy))));
    const afterSome = async (divergence: number): Promise<number> => {
      const settings: GroupsSettings = { ...defaultGroups, divergence, updates: 48 };
      const trials = await engine.trials(
        [1, 2, 3].map((seed) => experimentOf('gkd', seed, settings)),
        { record: [0, settings.updates] },
      );
      return mean(trials.map(({ rounds = [] }, i) => passOf(i, rounds.at(-1)?.outcomeLogps ?? [], rounds[0]?.outcomeLogps ?? [])));
    };
    const passes = [await afterSome(0), await afterSome(1), before, teachers];
    expect(passes.map((pass) => `${(100 * pass).toFixed(0)}`)).toEqual(measured.pass512);
  });
});
