import { afterAll, beforeAll, expect, test } from 'vitest';
import { groupsARound } from '../../src/atlas/toys/modes/race.ts';
import { type Engine, type OnPolicyExperiment, type OnPolicyRound, openEngine, type Trial } from '../../src/index.ts';
import { experimentOf } from '../../src/views/groups/methods.ts';
import { defaultGroups, type GroupsSettings } from '../../src/views/groups/settings.ts';
import { lockstepCases, lockstepRun } from '../shared/lockstep.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

const engines: Partial<Record<'cpu' | 'webgpu', Engine>> = {};
beforeAll(async () => {
  for (const kind of ['cpu', 'webgpu'] as const) engines[kind] = await openEngine({ backend: kind });
});
afterAll(() => {
  for (const engine of Object.values(engines)) engine.dispose();
});
const get = (kind: 'cpu' | 'webgpu') => engines[kind] as Engine;

const drawnIn = ({ groups }: OnPolicyRound) => groups?.map(({ responses }) => responses);
const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const settings: GroupsSettings = { ...defaultGroups, updates: 8, reuse: 4, learningRate: 0.5 };
const record = [0, 2, 4, 7, 8];

// A kernel does for a run in lockstep what it does for it alone, in the same order, where the rows of both are read in the same way, as
// all rows of up to 64 columns are on a software adapter: then no draw can fall otherwise, and the bits are the same.
test.each([
  ['shared', 'grpo'],
  ['shared', 'dapo'],
  ['shared', 'reinforce_plus_plus'],
  ['shared', 'best_of_n'],
  ['free', 'rloo'],
] as const)(
  '%s, %s: nine seeds in lockstep have the bits of each alone, and the draws and numbers of the CPU engine',
  async (world, id) => {
    const experiments = nine.map((seed) => experimentOf(id, seed, { ...settings, world }));
    const told: number[] = [];
    const together = await get('webgpu').trials(experiments, { record, onPartial: (_, fresh) => told.push(fresh.length) });
    expect(told).toEqual([9]);
    const exact = await get('cpu').trials(experiments, { record });
    for (const [run, experiment] of experiments.entries()) {
      const [one, other] = [together[run], exact[run]] as [Trial, Trial];
      if (run % 4 === 0) {
        const [alone] = await get('webgpu').trials([experiment], { record });
        expect(one).toEqual(alone);
      }
      for (const [i, state] of (one.rounds ?? []).entries()) {
        const known = other.rounds?.[i] as OnPolicyRound;
        // a draw hangs on float32 sums of probabilities: one within rounding of a border may fall otherwise, and none here does
        expect(drawnIn(state)).toEqual(drawnIn(known));
        // as in tests/gpu/group-race.test.ts
        const bound = float32Roundoff * (16 * 4 + 8 * 16 * (2 + 4 * state.updates));
        expectWithin(state.outcomeLogps, known.outcomeLogps, () => bound, `seed ${run + 1}, update ${state.updates}`);
      }
    }
  },
);

test.each(Object.keys(lockstepCases))('%s: in lockstep as alone', async (name) => {
  const experiments = nine.slice(0, 4).map((seed) => (lockstepCases[name] as (seed: number) => OnPolicyExperiment)(seed));
  const told: number[] = [];
  const together = await get('webgpu').trials(experiments, { record: [0, 3, 8], onPartial: (_, fresh) => told.push(fresh.length) });
  expect(told).toEqual([4]);
  for (const [run, experiment] of experiments.entries())
    expect([together[run]]).toEqual(await get('webgpu').trials([experiment], { record: [0, 3, 8] }));
});

test('rows too long to be held may be read in another way: the numbers agree within rounding', async () => {
  const bandit: GroupsSettings = { ...settings, world: 'bandit', groupSize: 8 };
  const [learningRate, rows] = [0.05, 8 * groupsARound];
  const experiments = nine.map(
    (seed): OnPolicyExperiment => ({ ...experimentOf('ppo', seed, bandit), optimizer: { kind: 'sgd', learningRate } }),
  );
  const together = await get('webgpu').trials(experiments, { record });
  for (const [run, experiment] of experiments.entries()) {
    const [alone] = await get('webgpu').trials([experiment], { record });
    for (const [i, state] of (together[run]?.rounds ?? []).entries()) {
      const other = alone?.rounds?.[i] as OnPolicyRound;
      expect(drawnIn(state)).toEqual(drawnIn(other));
      // Slopes sum up to less than 2 in size: a gradient, a sum over the rows, is off by as many roundoffs of that and a few of a slope, a
      // logit (below 16) by one. What is off moves the next gradient by at most twice as much: times (1 + 2 · 0.05)^8 < 2.2.
      const each = 2 * learningRate * (rows + 16) + 16;
      const bound = float32Roundoff * (16 * 4 + 2.2 * each * state.updates);
      expectWithin(state.outcomeLogps, other.outcomeLogps, () => bound, `seed ${run + 1}, update ${state.updates}`);
    }
  }
});

test('a mixture of what can go in lockstep and what cannot has the results in their order; a lost run is told apart', async () => {
  const lost = lockstepRun(3, { rewards: lockstepRun(3).rewards.map((row) => row.map((_, y) => 1e308 * (y % 2))) });
  const pairs = lockstepRun(2, { method: { kind: 'dpo' } });
  const experiments = [lockstepRun(1), pairs, lost, lockstepRun(4), lockstepRun(4, {}, 'unembedding')];
  const progress: number[] = [];
  const trials = await get('webgpu').trials(experiments, { measures: ['entropy'], onProgress: (done) => progress.push(done) });
  expect(progress.at(-1)).toBe(5);
  expect(progress.length).toBe(3);
  expect(trials.map(({ diverged }) => diverged)).toEqual([false, false, true, false, false]);
  for (const [index, experiment] of experiments.entries())
    expect([trials[index]]).toEqual(await get('webgpu').trials([experiment], { measures: ['entropy'] }));
});

test('cancelled between two rounds, it keeps what has finished; resumed, it gives the same', async () => {
  const short = nine.slice(0, 3).map((seed) => lockstepRun(seed));
  const long = nine.slice(0, 3).map((seed) => lockstepRun(seed, { sampling: { groups: 1, n: 3, rounds: 5000, updates: 2 } }));
  const abort = new AbortController();
  const kept = new Map<number, Trial>();
  const cancelled = get('webgpu').trials([...long, ...short], {
    signal: abort.signal,
    onPartial: (finished) => {
      for (const [index, trial] of finished) kept.set(index, trial);
      abort.abort(new Error('Enough.'));
    },
  });
  await expect(cancelled).rejects.toThrow('Enough.');
  expect([...kept.keys()].sort()).toEqual([3, 4, 5]);
  const experiments = [...nine.slice(4, 7).map((seed) => lockstepRun(seed, { klPenalty: 0.1 })), ...short];
  const whole = await get('webgpu').trials(experiments);
  expect(whole.slice(3)).toEqual([3, 4, 5].map((index) => kept.get(index)));
  const told: number[][] = [];
  const some = new Map([4, 5].map((index) => [index, whole[index] as Trial]));
  expect(await get('webgpu').trials(experiments, { resume: some, onPartial: (_, fresh) => told.push([...fresh]) })).toEqual(whole);
  expect(told.map((fresh) => fresh.length).toSorted()).toEqual([1, 3]); // only what was missing is told
});

test('a fault of one is told with its place, before any work', async () => {
  const faulty = lockstepRun(2, { optimizer: { kind: 'sgd', learningRate: Number.NaN } });
  const refused = get('webgpu').trials([lockstepRun(1), faulty, lockstepRun(3)], { onProgress: () => expect.unreachable('it has begun') });
  await expect(refused).rejects.toThrow('experiment.[1].optimizer.learningRate');
});
