// @module-tag slow
import { beforeAll, describe, expect, test } from 'vitest';
import { banditScenes } from '../../src/atlas/toys/modes/scene.ts';
import { ExperimentError } from '../../src/core/errors.ts';
import { type Engine, openEngine } from '../../src/index.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { itemsOf } from '../../src/shell/exports/export.ts';
import type { ScriptOptions } from '../../src/shell/exports/export-pytorch.ts';
import { trlScript } from '../../src/shell/exports/export-trl.ts';
import { onPolicyColumns, onPolicyScript } from '../../src/shell/exports/on-policy-script.ts';
import { type GroupSampling, trlGroupConfig, trlGroupScript } from '../../src/shell/exports/trl-groups.ts';
import { fetchGroupLosses } from '../../src/shell/losses/group-losses.ts';
import { GroupsLab } from '../../src/views/groups/groups.svelte.ts';
import { raceExports, updateExports } from '../../src/views/groups/groups-export.ts';
import { experimentOf, groupMethods, methods, typedId } from '../../src/views/groups/methods.ts';
import { ks, populationNumbers } from '../../src/views/groups/population.ts';
import { defaultGroups, enterWorld, type GroupsSettings } from '../../src/views/groups/settings.ts';
import { worldOf } from '../../src/views/groups/world.ts';
import golden from '../golden/trl_group_configs.json';
import { findPyTorch, readCsv, runScripts } from '../shared/pytorch.ts';

const options: ScriptOptions = { title: 'A test', notes: [], objective: 'the objective' };
const few: GroupsSettings = { ...defaultGroups, updates: 12, reuse: 3, learningRate: 1, groupSize: 5 };
const bandit: GroupsSettings = { ...few, ...enterWorld('bandit', 'shared'), updates: 15, threshold: 0.05, scene: banditScenes.data.scene };

const cases: readonly (readonly [title: string, id: string, settings: GroupsSettings])[] = [
  ...groupMethods.map(({ id }) => [id, id, few] as const),
  ['grpo with k3', 'grpo', { ...few, beta: 0.2, kl: 'k3' }],
  ['dr_grpo with a KL in the reward, free logits', 'dr_grpo', { ...few, beta: 0.2, kl: 'reward', world: 'free' }],
  ['sapo with an entropy bonus', 'sapo', { ...few, entropy: 0.05 }],
  ['a typed line', typedId, { ...few, typed: { expression: '-gamma * (reward_i - mean_reward) * logp_i / count', params: { gamma: 2 } } }],
  ['a typed line of pairs', typedId, { ...few, typed: { expression: '-logsigmoid(beta * margin)', params: { beta: 1 } } }],
  ...methods.filter(({ objective }) => objective === null).map(({ id }) => [`${id} on the bandit`, id, bandit] as const),
  ['dpo on fixed data', 'dpo', { ...bandit, sampling: 'fixed' }],
  ['ppo on the bandit', 'ppo', bandit],
  // a reference that moves between two updates on the same answers, too
  ['grpo with a soft reference', 'grpo', { ...few, beta: 0.2, sync: 'soft', syncAlpha: 0.3, syncSteps: 2 }],
  ['sapo with a KL in the reward to a hard reference', 'sapo', { ...few, beta: 0.2, kl: 'reward', sync: 'hard', syncSteps: 4 }],
  ['online DPO with a soft reference, free logits', 'online_dpo', { ...few, world: 'free', sync: 'soft', syncSteps: 5 }],
  ['dpo with a soft reference', 'dpo', { ...bandit, sync: 'soft', syncSteps: 2 }],
  ['dpo online with a hard reference', 'dpo-on', { ...bandit, sync: 'hard', syncSteps: 4 }],
  [
    'a typed line of pairs with a soft reference',
    typedId,
    { ...few, typed: { expression: '-logsigmoid(beta * margin)', params: { beta: 1 } }, sync: 'soft', syncSteps: 1 },
  ],
  ...([0, 0.5, 1] as const).flatMap((divergence) =>
    ([0, 0.6, 1] as const).map(
      (lmbda) => [`gkd with β ${divergence} and λ ${lmbda}`, 'gkd', { ...few, divergence, lmbda, teacher: 3 }] as const,
    ),
  ),
  ['gkd on the bandit', 'gkd', { ...bandit, divergence: 1, lmbda: 0.5 }],
  ['gkd, free logits', 'gkd', { ...few, world: 'free', divergence: 0, lmbda: 0.5 }],
];

let engine: Engine;
beforeAll(async () => {
  await fetchGroupLosses();
  engine = await openEngine({ backend: 'cpu' });
});

const found = findPyTorch();
const name = (what: string) => ('missing' in found ? `${what}: ${found.missing}` : what);

describe('a run that samples, as PyTorch', () => {
  test.runIf('python' in found)(
    name('draws the page’s answers and comes to its numbers'),
    async () => {
      const scripts = cases.map(([, id, settings]) => onPolicyScript(experimentOf(id, 2, settings), options));
      const written = runScripts('python' in found ? found.python : '', scripts);
      for (const [index, [title, id, settings]] of cases.entries()) {
        const experiment = experimentOf(id, 2, settings);
        const { rounds } = await engine.trainOnPolicy(experiment);
        const { columns, rows } = readCsv(written[index] ?? '');
        expect(columns).toEqual(onPolicyColumns);
        expect(rows).toHaveLength(rounds.length);
        const { rewards } = worldOf(settings, 2);
        const start = rounds[0]?.outcomeLogps ?? [];
        for (const [round, { updates, expectedReward, entropy, klToStart, outcomeLogps }] of rounds.entries()) {
          const { pass } = populationNumbers(outcomeLogps, { rewards, start, groupSize: settings.groupSize });
          const expected = [expectedReward, entropy, klToStart, ...pass.slice(0, ks.length)];
          const drawn = (round * experiment.sampling.groups * experiment.sampling.n * rewards.length) as number;
          const [update, answers, ...numbers] = rows[round] ?? [];
          expect([update, answers]).toEqual([updates, drawn]);
          // Both compute in float64. An update's parameters are off by some 1e-15 of what they were, and each of the 15 updates multiplies that
          // by less than 10; entropy and KL are below 10, the powers of best-of-k multiply an error of a probability by k.
          for (const [place, value] of expected.entries())
            expect(
              Math.abs((numbers[place] ?? Number.NaN) - value),
              `${title}, update ${updates}, ${onPolicyColumns[place + 2]}`,
            ).toBeLessThan(1e-10);
        }
      }
    },
    300_000,
  );

  test('says which random numbers it draws, and refuses what it does not write', () => {
    const run = experimentOf('grpo', 7, few);
    expect(onPolicyScript(run, options)).toContain('SEED = 7');
    for (const change of [{ verdicts: { temperature: 1 } }, { resetReference: 2 }, { method: { kind: 'reinforce' as const } }])
      expect(() => onPolicyScript({ ...run, ...change }, options)).toThrow(ExperimentError);
  });
});

describe('an objective of groups for TRL', () => {
  const sampling: GroupSampling = { groupSize: 8, reuse: 4, entropy: 0, klInReward: 0 };
  const setOf = (objective: string, params: Record<string, number | string> = {}, change: Partial<GroupSampling> = {}) => {
    const config = trlGroupConfig({ name: objective, params }, { ...sampling, ...change });
    return config && { trainer: config.trainer, ...Object.fromEntries(config.arguments) };
  };

  test.each(groupMethods.map(({ id }) => id))('%s: names are those of TRL’s own configuration', (id) => {
    const config = trlGroupConfig({ name: id }, sampling);
    if (!config) return;
    const { GRPOConfig, RLOOConfig, GMPOConfig, GKDConfig } = golden.configs;
    const known = { GRPO: GRPOConfig, RLOO: RLOOConfig, GMPO: { ...GRPOConfig, ...GMPOConfig }, GKD: GKDConfig }[config.trainer];
    for (const [argument] of config.arguments) expect(Object.keys(known)).toContain(argument);
  });

  test('what is not moved is TRL’s default, where the two agree on one', () => {
    const usual = (trainer: keyof typeof golden.configs, names: readonly string[]) => {
      const values = { ...golden.configs.GRPOConfig, ...golden.configs[trainer] } as Record<string, unknown>;
      return Object.fromEntries(names.map((each) => [each, JSON.stringify(values[each]).replace(/\.0$/, '')]));
    };
    expect(setOf('grpo')).toMatchObject(
      usual('GRPOConfig', ['scale_rewards', 'importance_sampling_level', 'beta', 'epsilon', 'num_generations']),
    );
    expect(setOf('sapo')).toMatchObject(usual('GRPOConfig', ['sapo_temperature_pos', 'sapo_temperature_neg']));
    expect(setOf('gmpo')).toMatchObject({ trainer: 'GMPO', ...usual('GMPOConfig', ['epsilon']) });
    // TRL's null is ε, and so is the value here
    expect(setOf('dapo')).toMatchObject({ loss_type: '"dapo"', epsilon_high: '0.2', num_iterations: '4' });
  });

  test('each says what it means, and what TRL cannot do has no script', () => {
    expect(setOf('gspo')).toMatchObject({ trainer: 'GRPO', loss_type: '"grpo"', importance_sampling_level: '"sequence"' });
    expect(setOf('dr_grpo')).toMatchObject({ loss_type: '"dr_grpo"', scale_rewards: '"none"' });
    expect(setOf('dr_grpo')).not.toHaveProperty('max_completion_length');
    expect(setOf('dr_grpo', { maxLength: 12 })).toMatchObject({ max_completion_length: '12' });
    expect(setOf('dapo', { epsilonHigh: 0.28 })).toMatchObject({ epsilon: '0.2', epsilon_high: '0.28' });
    expect(setOf('cispo')).toMatchObject({ loss_type: '"cispo"', epsilon_high: '5' });
    expect(setOf('rloo', {}, { klInReward: 0.1 })).toMatchObject({ trainer: 'RLOO', beta: '0.1' });
    expect(setOf('grpo', {}, { entropy: 0.01 })).toMatchObject({ entropy_coef: '0.01' });
    expect(setOf('grpo', { beta: 0.1, kl: 'k1' })).toBeNull();
    expect(setOf('grpo', { beta: 0.1 }, { klInReward: 0.1 })).toBeNull();
    for (const id of ['reinforce', 'ppo', 'rwr', 'best_of_n', 'reinforce_plus_plus']) expect(setOf(id)).toBeNull();
    const script = trlGroupScript({ name: 'gmpo' }, { title: 'A test', notes: [] }, sampling) ?? '';
    expect(script).toContain('from trl.experimental.gmpo import GMPOConfig, GMPOTrainer');
    expect(script).toContain('per_device_train_batch_size=8,');
  });

  test('a reference that moves, and a teacher, go by TRL’s names', () => {
    const sync = { refModelSyncSteps: 20, refModelMixupAlpha: 0.6 };
    const moved = { sync_ref_model: 'True', ref_model_mixup_alpha: '0.6', ref_model_sync_steps: '20' };
    for (const config of [golden.configs.GRPOConfig, golden.configs.RLOOConfig, golden.configs.DPOConfig])
      for (const each of Object.keys(moved)) expect(Object.keys(config)).toContain(each);
    expect(setOf('grpo', { beta: 0.1 }, { sync })).toMatchObject(moved);
    expect(setOf('rloo', {}, { sync, klInReward: 0.1 })).toMatchObject(moved);
    // TRL refuses it where no KL has a weight
    expect(setOf('grpo', {}, { sync })).not.toHaveProperty('sync_ref_model');
    expect(setOf('grpo', { beta: 0.1 })).not.toHaveProperty('sync_ref_model');
    for (const [lmbda, seqKd] of [
      [1, {}],
      [0.5, { seq_kd: 'True' }],
    ] as const)
      expect(setOf('gkd', { beta: 0 }, { lmbda })).toEqual({
        ...{ trainer: 'GKD', beta: '0', lmbda: String(lmbda), temperature: '1.0' },
        ...seqKd,
      });
    for (const each of Object.keys(setOf('gkd', {}, { lmbda: 0 }) ?? {}).filter((key) => key !== 'trainer'))
      expect(Object.keys(golden.configs.GKDConfig)).toContain(each);
    expect(setOf('gkd', {}, { entropy: 0.1 })).toBeNull();
    const head = { title: 'A test', notes: [] };
    expect(trlGroupScript({ name: 'gkd' }, head, { ...sampling, lmbda: 0.5 })).toContain(
      'from trl.experimental.gkd import GKDConfig, GKDTrainer',
    );
    // DPO’s own loss takes them, too; a loss of the page’s asks the reference at each batch in place of what was computed beforehand
    const own = trlScript({ name: 'dpo' }, { ...head, objective: 'DPO', sync });
    expect(own).toContain('        sync_ref_model=True,\n        ref_model_mixup_alpha=0.6,\n        ref_model_sync_steps=20,');
    const written = trlScript({ name: 'ipo_sum' }, { ...head, objective: 'IPO', sync });
    expect(written).toContain('self.ref_model(**inputs, use_cache=False)');
    expect(written).not.toMatch(/precompute_ref_log_probs|ref_chosen_logps/);
    expect(trlScript({ name: 'ipo_sum' }, { ...head, objective: 'IPO' })).toContain('precompute_ref_log_probs=True');
    // one without a reference has none to move
    expect(trlScript({ name: 'simpo' }, { ...head, objective: 'SimPO', sync })).not.toContain('sync_ref_model');
  });

  test('the view hands out a script of each method, and TRL’s of those that it has', () => {
    const lab = new GroupsLab(new PageEngineOwner('cpu'));
    lab.change({ methods: ['reinforce', 'grpo', 'rloo'] });
    const formats = itemsOf(raceExports(lab)).map(({ format, of }) => `${format} ${of ?? ''}`.trim());
    expect(formats.filter((each) => /^(pytorch|trl)/.test(each))).toEqual([
      'pytorch REINFORCE, mean of the group as baseline',
      'pytorch RLOO',
      'pytorch GRPO',
      'trl RLOO',
      'trl GRPO',
    ]);
    expect(updateExports(lab).script?.({ ...options }, 0)).toContain('def draw(logp, batch, n, stream=4):');
    expect(itemsOf(updateExports(lab)).map(({ format }) => format)).toEqual(['svg', 'png', 'csv', 'json', 'tex', 'pytorch', 'trl']);
  });
});
