import { expect, it } from 'vitest';
import { firstOrder } from '../../src/atlas/toys/displacement/first-order.ts';
import {
  defaultSettings,
  noOverNever,
  type ToyVectors,
  tokens,
  toyPolicy,
  toyVectors,
} from '../../src/atlas/toys/displacement/no-over-never.ts';
import { moveOfProbability } from '../../src/core/regime.ts';
import { openEngine } from '../../src/train/engine.ts';
import { beyondLine, placeThatKeeps } from '../../src/views/displacement/cause/cue.ts';
import { dragRejected, type Push, pushOf } from '../../src/views/displacement/cause/plane.ts';

const cast = { tokens, chosen: 0, rejected: 1 };
const yes = 2;
const forces = { chosen: 0.05, rejected: 0.05 };
const pushAt = (vectors: ToyVectors): Push => pushOf(vectors, cast, firstOrder(toyPolicy(1, 'hidden', vectors), 0, 1).probs, forces);
const beyond = (vectors: ToyVectors): number => beyondLine(vectors, 0, pushAt(vectors));

it('an answer is beyond the dashed line where it gains, and the rate is the engine’s', () => {
  for (const [x, y] of [
    [-1, 1],
    [0.5, 1],
    [2, 0.6],
  ] as const) {
    const vectors = dragRejected(toyVectors, cast, yes, [x, y]);
    const push = pushAt(vectors);
    const { rate, unit } = firstOrder(toyPolicy(1, 'hidden', vectors), 0, 1, forces);
    tokens.forEach((_, token) => {
      expect(beyondLine(vectors, token, push) * Math.hypot(...push.along)).toBeCloseTo(unit * (rate[token] ?? Number.NaN), 12);
    });
  }
});

it('leads the rejected answer to where the whole run keeps the chosen one up', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const ends = async (vectors: ToyVectors): Promise<string> => {
    const { steps } = await engine.train(noOverNever({ ...defaultSettings, vectors }));
    return moveOfProbability(steps[0]?.probs?.[0] ?? Number.NaN, steps.at(-1)?.probs?.[0] ?? Number.NaN);
  };
  const keeps = async (vectors: ToyVectors): Promise<boolean> => (await ends(vectors)) !== 'falls';
  // from the page's own start, and from where a first try in the wrong direction leaves it
  for (const from of [
    toyVectors,
    ...[
      [0.1, 1.4],
      [-1.5, 1.2],
      [0, 1],
    ].map(([x = 0, y = 0]) => dragRejected(toyVectors, cast, yes, [x, y])),
  ]) {
    expect(await ends(from)).toBe('falls');
    const place = await placeThatKeeps(from, cast, yes, beyond, keeps);
    if (!place) throw new Error('no place in sight');
    // a hand is not exact: a tenth of the plane's unit off is near enough
    for (const [dx, dy] of [
      [0, 0],
      [0.1, 0],
      [-0.1, 0],
      [0, 0.1],
      [0, -0.1],
    ] as const) {
      const dropped = dragRejected(from, cast, yes, [place[0] + dx, place[1] + dy]);
      expect(await ends(dropped), `${place} ${dx} ${dy}`).not.toBe('falls');
    }
  }
  // where no run keeps it there is no cue
  expect(await placeThatKeeps(toyVectors, cast, yes, beyond, async () => false)).toBeNull();
  expect(await placeThatKeeps(toyVectors, cast, yes, () => 0, keeps)).toBeNull();
  engine.dispose();
});
