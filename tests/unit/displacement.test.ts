import { describe, expect, it } from 'vitest';
import { firstOrder, flipScale } from '../../src/atlas/toys/displacement/first-order.ts';
import { defaultSettings, noOverNever, type ToySettings, toyPolicy } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { openEngine } from '../../src/train/engine.ts';

describe('first-order theory of the toy', () => {
  it('has the published alignments with W_w − W_l', () => {
    const { alignment } = firstOrder(toyPolicy(), 0, 1);
    [-1, -3, 1, 0.4, -0.2, 0.2].forEach((value, index) => {
      expect(alignment[index]).toBeCloseTo(value, 12);
    });
  });

  it.each(['hidden', 'unembedding', 'both'] as const)(
    'predicts the first update when the trained part is: %s',
    async (train: ToySettings['train']) => {
      const engine = await openEngine({ backend: 'cpu' });
      const learningRate = 1e-6;
      const settings = { ...defaultSettings, train, scale: 1.7, learningRate, steps: 1 };
      const { steps } = await engine.train(noOverNever(settings));
      engine.dispose();
      const { rate } = firstOrder(toyPolicy(1.7, train), 0, 1);
      rate.forEach((value, token) => {
        const moved = (steps[1]?.outcomeLogps?.[token] ?? Number.NaN) - (steps[0]?.outcomeLogps?.[token] ?? Number.NaN);
        // −ℓ′ = β / 2 at the start. The second-order term is of the order of η, the rounding of log π about 1e-16 / η.
        expect(moved / (learningRate * (0.1 / 2))).toBeCloseTo(value, 4);
      });
    },
  );

  it('finds the scale at which the chosen answer stops rising first', () => {
    const scale = flipScale(toyPolicy(), 0, 1);
    expect(scale).toBeCloseTo(2.208, 3);
    for (const [factor, sign] of [
      [0.999, 1],
      [1.001, -1],
    ] as const) {
      expect(Math.sign(firstOrder(toyPolicy((scale ?? Number.NaN) * factor), 0, 1).rate[0] ?? 0)).toBe(sign);
    }
  });

  it('has no such scale where the hidden part raises the chosen answer', () => {
    expect(
      flipScale(
        {
          kind: 'features',
          hidden: [[1, 1]],
          unembedding: [
            [1, 0],
            [-1, 0],
            [0, 0],
          ],
        },
        0,
        1,
      ),
    ).toBeNull();
  });
});
