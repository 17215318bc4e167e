import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { groupObjectives, type ObjectiveChoice, resolveGroupObjective } from '../../src/index.ts';
import { evaluateGroups, type GroupValues, groupBounds, randomGroup } from '../shared/groups.ts';
import { randomStream } from '../shared/random-expressions.ts';
import { smallestNormal } from './rows.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

let gpu: Backend | null = null;
beforeAll(async () => {
  gpu = await createWebGpuBackend();
});
afterAll(() => gpu?.dispose());

/** Compares losses and slopes on WebGPU with the definition in float64; returns how many could be compared. */
async function compare(choice: ObjectiveChoice, groups: readonly GroupValues[]): Promise<[compared: number, asked: number]> {
  if (!gpu) throw new Error('The WebGPU backend did not open.');
  const objective = resolveGroupObjective(choice);
  const single = await evaluateGroups(gpu, objective, groups);
  let [compared, asked] = [0, 0];
  for (const [index, group] of groups.entries()) {
    const { loss, slopes, tokenSlopes } = groupBounds(objective, group);
    const got = [single.losses[index] ?? Number.NaN, ...(single.slopes[index] ?? []), ...(single.tokenSlopes[index] ?? [])];
    expect(got.length).toBe(1 + slopes.length + tokenSlopes.length);
    for (const [at, { value, error }] of [loss, ...slopes, ...tokenSlopes].entries()) {
      asked++;
      if (!Number.isFinite(error)) continue;
      compared++;
      if (!(Math.abs((got[at] ?? Number.NaN) - value) <= error))
        expect.fail(`${JSON.stringify({ choice, index, at, group })}: ${got[at]}, not ${value} ± ${error}`);
    }
  }
  return [compared, asked];
}

describe('objectives of groups on WebGPU, from ordinary to extreme log-probs', () => {
  const everyOption = groupObjectives.flatMap(({ id, options }) =>
    Object.entries(options).flatMap(([option, values]) =>
      values.slice(1).map((value) => ({ name: id, params: { [option]: value, beta: 0.3 } })),
    ),
  );
  const choices: { name: string; params?: object }[] = [
    ...groupObjectives.map(({ id }) => ({ name: id })),
    { name: 'dpo' },
    { name: 'simpo' },
  ];
  test.each([...choices, ...everyOption])('%j', async (choice) => {
    const random = randomStream(31);
    const ordinary = Array.from({ length: 16 }, (_, round) => randomGroup(random, 1 + (round % 7)));
    const far = ordinary.map((group) =>
      group.map((values, index) => ({ ...values, logp: index % 2 === 0 ? -1 - index : -1e4 + 7 * index, ref: -1 - (index % 3) * 300 })),
    );
    for (const groups of [ordinary, far]) {
      const [compared, asked] = await compare(choice as ObjectiveChoice, groups);
      expect(compared).toBe(asked);
    }
  });

  test('mixtures and typed losses, two sums over j in one line', async () => {
    const random = randomStream(8);
    const groups = Array.from({ length: 12 }, () => randomGroup(random, 5));
    const typed = {
      expression: 'tanh(sum(logp_j / len_j) / count) * lse_from(beta * (logp_j - logp_i)) + sum_after(square(logratio_i - logratio_j))',
    };
    const mix = {
      mix: [
        { objective: { name: 'plackett_luce', params: { beta: 0.5 } }, weight: 1 },
        { objective: typed, weight: 0.25 },
        { objective: { name: 'nca' }, weight: -1 },
      ],
    };
    const tokens = {
      mix: [
        { objective: { name: 'grpo', params: { beta: 0.2 } }, weight: 0.5 },
        { objective: { expression: 'sum_t(tanh(logp_t) * logp_i) * lse(logp_j / 4) + square(sum_t(logratio_t) / 9)' }, weight: 1 },
        { objective: { name: 'cispo' }, weight: 2 },
      ],
    };
    for (const choice of [typed, mix, tokens]) {
      const [compared, asked] = await compare(choice, groups);
      expect(compared).toBe(asked);
    }
  });

  test('what is undefined stays so, within its group', async () => {
    if (!gpu) throw new Error('The WebGPU backend did not open.');
    const random = randomStream(3);
    const [broken, whole] = [randomGroup(random, 4), randomGroup(random, 3)];
    for (const backend of [gpu, createCpuBackend()])
      for (const name of ['plackett_luce', 'rrhf', 'dpo', 'exo'])
        for (const field of ['logp', 'ref'] as const) {
          const objective = resolveGroupObjective({ name });
          if (field === 'ref' && !objective.inputs.includes('ref')) continue;
          const lost = broken.map((values, index) => (index === 0 ? { ...values, [field]: Number.NaN } : values));
          const got = await evaluateGroups(backend, objective, [lost, whole]);
          expect(got.losses[0], name).toBeNaN();
          expect(got.slopes[0]?.[0], name).toBeNaN();
          const alone = await evaluateGroups(backend, objective, [whole]);
          expect([got.losses[1], got.slopes[1]], name).toEqual([alone.losses[0], alone.slopes[0]]);
        }
    // what no other response reads leaves their slopes alone, but not the loss
    for (const backend of [gpu, createCpuBackend()]) {
      const lost = broken.map((values, index) => (index === 3 ? { ...values, reward: Number.NaN } : values));
      const got = await evaluateGroups(backend, resolveGroupObjective({ name: 'reinforce' }), [lost, whole]);
      expect(got.losses[0]).toBeNaN();
      expect(got.slopes[0]?.map(Number.isNaN)).toEqual([false, false, false, true]);
    }
  });
});

// Groups of 1 and of more than a workgroup, shares that differ, and more responses than a few workgroups have.
test.each(['plackett_luce', 'rrhf', 'exo'])('%s: groups of many sizes, each with its share in the mean', async (name) => {
  if (!gpu) throw new Error('The WebGPU backend did not open.');
  const random = randomStream(17);
  const groups = [1, 70, 1, 2, 33, 1, 9, 64, 1].map((size) => randomGroup(random, size));
  const shares = groups.map((_, index) => (index === 4 ? 0 : Math.fround(random() / 4)));
  const objective = resolveGroupObjective({ name });
  const single = await evaluateGroups(gpu, objective, groups, shares);
  const double = await evaluateGroups(createCpuBackend(), objective, groups, shares);
  for (const [index, group] of groups.entries()) {
    const { loss, slopes } = groupBounds(objective, group);
    const share = shares[index] ?? 0;
    const what = `group ${index} of ${group.length}`;
    expectWithin([single.losses[index] ?? Number.NaN], [double.losses[index] ?? Number.NaN], () => loss.error + smallestNormal, what);
    // the product with the share rounds once
    const bound = (i: number) => {
      const { value, error } = slopes[i] ?? { value: 0, error: 0 };
      return share * (error + 1.1 * float32Roundoff * (Math.abs(value) + error)) + smallestNormal;
    };
    expect(Number.isFinite(loss.error) && slopes.every(({ error }) => Number.isFinite(error))).toBe(true);
    expectWithin(single.slopes[index] ?? [], double.slopes[index] ?? [], bound, what);
  }
});
