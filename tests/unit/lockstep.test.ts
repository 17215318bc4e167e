import { expect, test } from 'vitest';
import type { Backend, FurtherKernels } from '../../src/backend/backend.ts';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import type { OnPolicyExperiment } from '../../src/index.ts';
import { lockstepShape } from '../../src/train/on-policy/lockstep-shape.ts';
import { trainOnPolicy, trainTogether } from '../../src/train/on-policy/on-policy.ts';
import { validateOnPolicy } from '../../src/train/on-policy/validate-on-policy.ts';
import { jobsOf } from '../../src/train/trials/jobs.ts';
import { lockstepCases, lockstepRun } from '../shared/lockstep.ts';

const valid = (experiment: OnPolicyExperiment) => ({ experiment, loss: validateOnPolicy(experiment) });
const keyOf = (experiment: OnPolicyExperiment) => lockstepShape(valid(experiment))?.key ?? null;
const seeds = [1, 2, 3, 4, 5];

test.each(Object.keys(lockstepCases))('%s: runs in lockstep have the bits of each alone', async (name) => {
  const backend = createCpuBackend();
  const experiments = seeds.map((seed) => (lockstepCases[name] as (seed: number) => OnPolicyExperiment)(seed));
  expect(new Set(experiments.map(keyOf)).size).toBe(1);
  expect(keyOf(experiments[0] as OnPolicyExperiment)).not.toBeNull();
  const together = await trainTogether(backend, experiments.map(valid), { record: [0, 3, 5] });
  for (const [run, experiment] of experiments.entries()) {
    const alone = await trainOnPolicy(backend, experiment, { record: [0, 3, 5] });
    expect(alone.rounds.at(-1)?.outcomeLogps).not.toEqual(alone.rounds[0]?.outcomeLogps);
    expect(together[run]).toEqual(alone);
  }
});

test('a run that loses its numbers, and one without a group that is left, change nothing for the others', async () => {
  const backend = createCpuBackend();
  const dropping = { sampling: { groups: 1, n: 3, rounds: 4, updates: 2, dropEqualRewards: true } };
  const [first, lost, last] = [1, 2, 3].map((seed) => lockstepRun(seed, dropping, 'unembedding')) as [
    OnPolicyExperiment,
    ...OnPolicyExperiment[],
  ];
  const experiments = [
    first,
    { ...(lost as OnPolicyExperiment), rewards: (lost as OnPolicyExperiment).rewards.map((row) => row.map((_, y) => 1e308 * (y % 2))) },
    { ...(last as OnPolicyExperiment), rewards: (last as OnPolicyExperiment).rewards.map((row) => row.map(() => 1)) },
    lockstepRun(4, dropping, 'unembedding'),
  ];
  const together = await trainTogether(backend, experiments.map(valid));
  for (const [run, experiment] of experiments.entries()) expect(together[run]).toEqual(await trainOnPolicy(backend, experiment));
  expect(together[1]?.rounds.at(-1)?.expectedReward).toBeNaN();
  expect(together[2]?.rounds.at(-1)?.klToStart).toBe(0);
});

/** An engine that counts the calls of its kernels, and what the host waits for. */
function counting() {
  const counts = { calls: 0, waits: 0 };
  const waits = new Set(['read', 'readIndices', 'done']);
  const counted = <T extends object>(of: T): T =>
    new Proxy(of, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          if (waits.has(String(name))) counts.waits++;
          else if (!['upload', 'allocate', 'copy', 'further'].includes(String(name))) counts.calls++;
          const result = (value as (...all: unknown[]) => unknown)(...given);
          return name === 'further' ? (result as Promise<FurtherKernels>).then(counted) : result;
        };
      },
    });
  return { backend: counted<Backend>(createCpuBackend()), counts };
}

test.each(['table', 'unembedding'] as const)('%s: nine runs call as many kernels, and wait as often, as one', async (policy) => {
  const counts = await Promise.all(
    [1, 9].map(async (runs) => {
      const { backend, counts } = counting();
      const experiments = Array.from({ length: runs }, (_, index) => lockstepRun(index + 1, {}, policy));
      await trainTogether(backend, experiments.map(valid));
      return counts;
    }),
  );
  expect(counts[0]?.calls).toBeGreaterThan(50);
  expect(counts[1]).toEqual(counts[0]);
});

test('what cannot go in lockstep is trained alone', () => {
  const one = lockstepRun(1);
  const { sampling } = one;
  for (const more of [
    { method: { kind: 'dpo' } },
    { sampling: { ...sampling, lmbda: 0.5 } },
    { sampling: { ...sampling, dropEqualRewards: true }, optimizer: { kind: 'adam', learningRate: 0.1 } },
    { sampling: { ...sampling, dropEqualRewards: true }, optimizer: { kind: 'sgd', learningRate: 0.1, weightDecay: 0.1 } },
    { policy: { kind: 'logLinear', weights: [[0], [0], [0]], features: [[1], [2], [3], [4], [5]], base: [0, 0, 0, 0, 1] } },
  ] satisfies Partial<OnPolicyExperiment>[])
    expect(keyOf({ ...one, ...more })).toBeNull();
  for (const more of [
    { sampling: { ...sampling, n: 4 } },
    { sampling: { ...sampling, sampler: one.rewards } },
    { method: { objective: { name: 'grpo', params: { beta: 0.1 } } } },
    { optimizer: { kind: 'sgd', learningRate: 0.2 } },
    { klPenalty: 0.1 },
    { resetReference: 1 },
    { syncReference: {} },
    { verdicts: { temperature: 1 } },
    { reference: one.policy },
    { rewards: one.rewards.slice(1), policy: { kind: 'tabular', logits: one.rewards.slice(1) } },
  ] satisfies Partial<OnPolicyExperiment>[])
    expect(keyOf({ ...one, ...more })).not.toBe(keyOf(one));
});

test('on WebGPU runs of a kind are one job, as far as a storage holds them; on the CPU engine each is one', async () => {
  const entry = (experiment: OnPolicyExperiment) => ({
    kind: 'on-policy' as const,
    ...valid(experiment),
    rewards: experiment.rewards,
    columns: 5,
  });
  const others = (seed: number) => lockstepRun(seed, { method: { kind: 'dpo' } });
  const entries = [lockstepRun(1), others(1), lockstepRun(2), others(2), lockstepRun(3), lockstepRun(1, {}, 'hidden'), lockstepRun(4)].map(
    entry,
  );
  const like = (kind: Backend['kind'], maxStorageLength: number) => ({ ...createCpuBackend(), kind, maxStorageLength });
  expect(await jobsOf(like('webgpu', 2 ** 27), [...entries, null])).toEqual([[0, 2, 4, 6], [1], [3], [5]]);
  expect(await jobsOf(like('cpu', 2 ** 27), [...entries, null])).toEqual(entries.map((_, index) => [index]));
  const { numbers = 0 } = lockstepShape(valid(lockstepRun(1))) ?? {};
  expect(await jobsOf(like('webgpu', 2 * numbers + 1), entries)).toEqual([[0, 2], [1], [3], [4, 6], [5]]);
  expect(await jobsOf(like('webgpu', numbers - 1), entries)).toEqual(entries.map((_, index) => [index]));
  const many = await jobsOf(
    like('webgpu', 2 ** 27),
    Array.from({ length: 70 }, (_, seed) => entry(lockstepRun(seed))),
  );
  expect(many.map(({ length }) => length)).toEqual([32, 32, 6]);
});
