import { expect, test } from 'vitest';
import { openEngine } from '../../src/index.ts';
import { experimentOf } from '../../src/views/groups/methods.ts';
import { defaultGroups, type GroupsSettings } from '../../src/views/groups/settings.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

const settings: GroupsSettings = { ...defaultGroups, updates: 8, reuse: 4, learningRate: 0.5 };
const ids = ['reinforce', 'rloo', 'grpo', 'cispo', 'gmpo', 'sapo', 'reinforce_plus_plus', 'best_of_n'];

test.each(['shared', 'free'] as const)('%s: the race of methods has the same states on both engines', async (world) => {
  const moving = { sync: 'soft', syncAlpha: 0.3, syncSteps: 3 } as const;
  const experiments = [1, 2].flatMap((seed) => [
    ...ids.map((id) => experimentOf(id, seed, { ...settings, world })),
    // a reference that moves between two updates on a group, and a teacher
    experimentOf('grpo', seed, { ...settings, ...moving, world, beta: 0.2 }),
    experimentOf('online_dpo', seed, { ...settings, world, sync: 'hard', syncSteps: 2 }),
    experimentOf('gkd', seed, { ...settings, world, lmbda: 0.5, divergence: 0.5, teacher: 2 }),
  ]);
  const record = [0, 2, 4, 7, 8];
  const [cpu, gpu] = [await openEngine({ backend: 'cpu' }), await openEngine({ backend: 'webgpu' })];
  const told: number[] = [];
  const [exact, single] = [
    await cpu.trials(experiments, { record }),
    await gpu.trials(experiments, { record, onPartial: (_, fresh) => told.push(...fresh) }),
  ];
  expect(told.toSorted((a, b) => a - b)).toEqual([...experiments.keys()]); // each once, in whatever order
  for (const [index, { rounds = [] }] of single.entries()) {
    const other = exact[index]?.rounds ?? [];
    expect(rounds.map(({ updates }) => updates)).toEqual(record);
    for (const [i, { outcomeLogps, groups, updates }] of rounds.entries()) {
      // draws hang on float32 sums of probabilities: one on the border would fall otherwise, and none here does
      expect(groups?.map(({ responses }) => responses)).toEqual(other[i]?.groups?.map(({ responses }) => responses));
      // a parameter (below 8) and the sum of 12 products of a logit round once an update and by as much before; log-probs stay below 16
      const bound = float32Roundoff * (16 * 4 + 8 * 16 * (2 + 4 * updates));
      expectWithin(outcomeLogps, other[i]?.outcomeLogps ?? [], () => bound, `run ${index}, update ${updates}`);
    }
  }
  cpu.dispose();
  gpu.dispose();
});
