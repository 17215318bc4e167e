import { describe, expect, test } from 'vitest';
import { meshOf, regionBelow } from '../../src/core/simplex-geometry.ts';
import { type Engine, type Experiment, ExperimentError, type FlowExperiment, type ObjectiveChoice, openEngine } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

/** No, Never and Yes of the displacement toy: the triangle of their vectors has 135 degrees at the chosen one. */
const shared: FlowExperiment['policy'] = {
  kind: 'features',
  hidden: [[-1, -4, 1.5]],
  unembedding: [
    [-1, 0, 1],
    [-2, 1, 1],
    [1, 0, 1],
  ],
  train: 'hidden',
};
const free: FlowExperiment['policy'] = { kind: 'tabular', logits: [[2.5, -0.5, 0.5]] };

/** Log-probs of points of the triangle, none within 0.01 of an edge. */
function spread(count: number): number[] {
  const starts: number[] = [];
  for (let i = 0; i < count; i++) {
    const [u, v] = [Math.sqrt((0.7549 * i + 0.3) % 1), (0.5698 * i + 0.7) % 1];
    for (const p of [1 - u, u * (1 - v), u * v]) starts.push(Math.log(0.01 + 0.97 * p));
  }
  return starts;
}

const experiment: FlowExperiment = {
  policy: shared,
  pairs: [{ prompt: 0, chosen: 0, rejected: 1, rewards: [1, 0], label: 0.9 }],
  objective: { name: 'dpo', params: { beta: 0.5 } },
  corners: [0, 1, 2],
  starts: spread(40),
  clock: 'time',
  size: 0.05,
  steps: 20,
};

/** One for each way in which a column is found, and for each form of the force: of the margin, two forces, a kink, a regression. */
const various: ObjectiveChoice[] = [
  ...['ipo', 'aot', 'aot_unpaired', 'slic', 'dpop', 'orpo', 'sppo', 'soft_label_dpo'].map((name) => ({ name })),
  { name: 'kto', params: { beta: 2 } },
  { name: 'bco', params: { beta: 2 } },
  { name: 'dpo', params: { beta: 0.5, useWeighting: true } },
  { expression: 'softplus(-0.3 * margin) - 0.1 * logp_w' },
];

const still: Experiment['optimizer'] = { kind: 'sgd', learningRate: 0, steps: 0 };

const cornersAt = ({ corners, starts }: Awaited<ReturnType<Engine['flow']>>, point: number, line: number): number[] =>
  corners.map((corner) => corner[point * starts + line] ?? Number.NaN);

describeEngines('flow', (engine, kind) => {
  test.each([
    ['a shared hidden vector', shared],
    ['a frozen hidden vector', { ...shared, train: 'unembedding', hidden: [[-0.2, -0.8, 0.3]] } as FlowExperiment['policy']],
    ['free logits', free],
  ])('%s: a line from the reference is where gradient descent goes', async (_, policy) => {
    const start = (await engine().train({ ...experiment, policy, optimizer: still })).steps[0]?.probs;
    const lines = await engine().flow({ ...experiment, policy, starts: (start ?? []).map(Math.log), size: 0.1, steps: 10 });
    // Euler's method with step η errs by c η + O(η²) over a fixed time: two step sizes give the limit up to O(η²), in float32 plus the
    // rounding of 200 updates.
    const end = async (steps: number) => {
      const optimizer = { kind: 'sgd' as const, learningRate: 1 / steps, steps };
      return (await engine().train({ ...experiment, policy, optimizer, record: [steps] })).steps[0]?.probs ?? [];
    };
    const [coarse, fine] = [await end(100), await end(200)];
    const limit = fine.map((p, i) => 2 * p - (coarse[i] ?? Number.NaN));
    expectWithin(cornersAt(lines, 10, 0), limit, () => (kind === 'cpu' ? 2e-5 : 2e-5 + 400 * float32Roundoff));
    expect(lines.time[10]).toBeCloseTo(1, 5);
    expect(Math.abs((limit[0] ?? 0) - (start?.[0] ?? 0))).toBeGreaterThan(0.01); // it did go somewhere
  });

  test('rates are those of diagnose away from the reference, whatever the objective reads', async () => {
    if (shared.kind !== 'features') throw new Error('not a features policy');
    const { unembedding } = shared;
    // below and above the mean log-ratio of the reference, which is where the KL baseline has its kink
    const places = [
      [-0.7, -1.2, 0.4],
      [-0.3, -0.2, 0.1],
    ];
    for (const [objective, hidden] of various.flatMap((each) => places.map((place) => [each, place] as const))) {
      const logits = unembedding.map((row) => row.reduce((sum, w, k) => sum + w * (hidden[k] ?? 0), 0));
      const one = { ...experiment, objective, pairs: experiment.pairs.map((pair) => ({ ...pair, weight: 3 })) };
      const [diagnosis] = await engine().diagnose(
        { ...one, optimizer: still },
        {
          hidden: Float64Array.from(hidden),
          unembedding: Float64Array.from(unembedding.flat()),
        },
      );
      const lines = await engine().flow({ ...one, starts: logits, steps: 0 });
      // sums of at most 9 products, of vectors' products up to 6 and a pull of at most a few tens
      const bound = Math.max(1, Math.abs(diagnosis?.chosenRate ?? 0)) * (kind === 'cpu' ? 1e-12 : 200 * float32Roundoff);
      expectWithin([lines.chosenRate[0] ?? Number.NaN], [diagnosis?.chosenRate ?? 0], () => bound, JSON.stringify(objective));
    }
  });

  test('one pair of free logits never displaces; the shared vector does where 2 π_l + π_w < 1', async () => {
    const of = (policy: FlowExperiment['policy']) => engine().flow({ ...experiment, policy, starts: spread(2000), steps: 0 });
    const [together, apart] = [await of(shared), await of(free)];
    expect(Math.min(...apart.chosenRate)).toBeGreaterThan(0);
    for (let line = 0; line < together.starts; line++) {
      const [w = 0, l = 0] = cornersAt(together, 0, line);
      // ⟨W_w − W̄, W_w − W_l⟩ = 2 (2 π_l + π_w − 1) for these vectors; the sign is that of the rate unless rounding decides
      const factor = 2 * (w + 2 * l - 1);
      if (Math.abs(factor) > 32 * float32Roundoff) expect(Math.sign(together.chosenRate[line] ?? 0)).toBe(Math.sign(factor));
    }
  });

  test.each([60, 120, 170])('vectors at %i degrees: the chosen log-prob falls in the share that the closed form has', async (degrees) => {
    const [reach, distance] = [2, 0.8];
    const radians = (degrees * Math.PI) / 180;
    const policy: FlowExperiment['policy'] = {
      kind: 'features',
      hidden: [[0.3, -0.1]],
      unembedding: [
        [0, 0],
        [distance * Math.cos(radians), distance * Math.sin(radians)],
        [reach, 0],
      ],
      train: 'hidden',
    };
    const mesh = meshOf(48);
    const lines = await engine().flow({ ...experiment, policy, starts: mesh.mixes.flat().map(Math.log), steps: 0 });
    // ⟨W_w − W̄, W_w − W_l⟩ is linear in π: 0 at the chosen corner, ‖W_w − W_l‖² at the rejected one, −‖W_z − W_w‖ ‖W_w − W_l‖ cos(π − φ)
    // at the third, so that the line from the chosen corner cuts the opposite edge at this share.
    const pull = Math.max(0, -reach * Math.cos(radians));
    // the slope −ℓ′ varies within a cell
    expect(Math.abs(regionBelow(mesh, lines.chosenRate).share - pull / (pull + distance))).toBeLessThan(0.003);
  });

  test('steps of length are of that length, end at a point of rest, and tell the time', async () => {
    const size = 0.01;
    const ipo: FlowExperiment = { ...experiment, objective: { name: 'ipo', params: { beta: 0.5 } }, clock: 'length', size, steps: 200 };
    const lines = await engine().flow(ipo);
    for (let line = 0; line < lines.starts; line++) {
      const [here, next] = [cornersAt(lines, 0, line), cornersAt(lines, 1, line)];
      const length = Math.sqrt(here.reduce((sum, p, i) => sum + (p - (next[i] ?? 0)) ** 2, 0) / 2);
      expect(length).toBeLessThan(1.1 * size);
      expect(lines.time[lines.starts + line]).toBeGreaterThan(0);
      const end = 200 * lines.starts + line;
      expect(lines.time[end]).toBeGreaterThanOrEqual(lines.time[lines.starts + line] ?? 0);
      // IPO pulls until the margin is on target, or the line runs along an edge towards it
      const [first, last] = [Math.abs(lines.chosenForce[line] ?? Number.NaN), Math.abs(lines.chosenForce[end] ?? Number.NaN)];
      expect(last).toBeLessThan(first);
    }
  });

  test('pools outcomes into a corner', async () => {
    const policy: FlowExperiment['policy'] = { kind: 'tabular', logits: [[1, 0.3, -0.2, 0.1, 0.5]] };
    const starts = [0.1, 0.2, 0.3, 0.25, 0.15].map(Math.log);
    const lines = await engine().flow({ ...experiment, policy, corners: [0, 1, 2, 2, 2], starts, steps: 5 });
    const each = await Promise.all(
      [2, 3, 4].map((own) =>
        engine().flow({
          ...experiment,
          policy,
          corners: [0, 1, 2, 2, 2].map((corner, token) => (token === own ? 2 : Math.min(corner, 1))),
          starts,
          steps: 5,
        }),
      ),
    );
    const pooled = each.reduce((sum, { corners }) => sum + (corners[2][5] ?? Number.NaN), 0);
    expect(Math.abs((lines.corners[2][5] ?? Number.NaN) - pooled)).toBeLessThan(8 * float32Roundoff);
  });

  test.each([
    [{ policy: { ...shared, train: 'both' } }, /policy\.train/],
    [{ corners: [0, 1] }, /corners/],
    [{ corners: [0, 1, 3] }, /corners\[2\]/],
    [{ starts: [0, 0, 0, 0] }, /starts/],
    [{ starts: [0, Number.NaN, 0] }, /starts\[1\]/],
    [{ size: 0 }, /size/],
    [{ referenceLogps: [0, 0, 0] }, /referenceLogps/],
    [{ pairs: [...experiment.pairs, ...experiment.pairs] }, /pairs/],
  ])('refuses %j', async (change, message) => {
    const bad = engine().flow({ ...experiment, ...change } as FlowExperiment);
    await expect(bad).rejects.toThrow(ExperimentError);
    await expect(bad).rejects.toThrow(message);
  });
});

describe('flow on both engines', () => {
  test('the GPU follows the float64 twin, whatever the objective reads', async () => {
    const [gpu, cpu] = [await openEngine({ backend: 'webgpu' }), await openEngine({ backend: 'cpu' })];
    try {
      for (const objective of various) {
        const id = JSON.stringify(objective);
        const one = { ...experiment, objective, clock: 'time' as const, size: 0.02, steps: 4 };
        const [actual, expected] = [await gpu.flow(one), await cpu.flow(one)];
        // Four steps that move log-probs by less than 10 nats in all, from arguments within ±5: a few hundred roundings, scaled by the
        // largest rate that is met.
        for (const [i, corner] of actual.corners.entries())
          expectWithin(corner, expected.corners[i] ?? [], () => 2e-4, `${id}, corner ${i}`);
        const largest = Math.max(1, ...expected.chosenRate.map(Math.abs));
        expectWithin(actual.chosenRate, expected.chosenRate, () => 2e-4 * largest, `${id}, rate of the chosen log-prob`);
      }
    } finally {
      gpu.dispose();
      cpu.dispose();
    }
  });
});
