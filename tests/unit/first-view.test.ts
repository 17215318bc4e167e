import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettings, tokens, toyStart, toyVectors } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { bandPath, edgesOf, stackOrder, thinned } from '../../src/charts/stack.ts';
import { logSoftmax } from '../../src/core/softmax.ts';
import { dot } from '../../src/core/vectors.ts';
import { forcesOf, viewObjective } from '../../src/shell/losses/objective-view.ts';
import { choiceOfLine, longLoss, shortLoss } from '../../src/shell/losses/short-loss.ts';
import { grownAbout } from '../../src/views/displacement/cause/grown.ts';
import { placeLabels } from '../../src/views/displacement/cause/labels.ts';
import { chordOf, cutOf, dragRejected, halfOf, placeOf, planeOf, pushOf, type Stance } from '../../src/views/displacement/cause/plane.ts';
import { withoutReward, withReward } from '../../src/views/displacement/cause/reward.ts';
import { Still } from '../../src/views/displacement/cause/still.svelte.ts';
import { flowsOf, transfersOf, travel, underWay } from '../../src/views/displacement/mass-flow.ts';
import { logAxis } from '../../src/views/displacement/picture/lens/log-axis.ts';

const cast = { tokens, chosen: 0, rejected: 1 };
const yes = 2;
const distribution = fc
  .array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 })
  .map((weights) => weights.map((weight) => weight / weights.reduce((sum, each) => sum + each, 0)));

describe('mass that moves', () => {
  it('is conserved answer by answer, never negative, and the same each time', () => {
    fc.assert(
      fc.property(distribution, distribution, (before, after) => {
        const transfers = transfersOf(before, after);
        expect(transfersOf(before, after)).toEqual(transfers);
        for (const { from, to, mass } of transfers) {
          expect(mass).toBeGreaterThan(0);
          expect(from).not.toBe(to);
        }
        after.forEach((value, token) => {
          const net = transfers.reduce((sum, { from, to, mass }) => sum + (to === token ? mass : 0) - (from === token ? mass : 0), 0);
          expect(net).toBeCloseTo(value - (before[token] ?? 0), 7);
        });
      }),
    );
  });

  it('is a function of the playhead: all that has left has arrived a while later', () => {
    const probs = [
      [0.8, 0.1, 0.1],
      [0.7, 0.05, 0.25],
      [0.6, 0.02, 0.38],
    ];
    const flows = flowsOf([...probs, ...Array.from({ length: 10 }, () => probs[2] ?? [])]);
    expect(underWay(flows, 0)).toEqual([]);
    const at = underWay(flows, 1.5);
    expect(at.reduce((sum, { mass }) => sum + mass, 0)).toBeCloseTo(0.15 + 0.065, 9);
    expect(underWay(flows, 1.5)).toEqual(at);
    for (const { beads } of at) for (const part of beads) expect(part >= 0 && part <= 1).toBe(true);
    expect(underWay(flows, 2 + travel)).toEqual([]);
  });
});

it('stacks the shares of all answers to exactly one', () => {
  const order = stackOrder(6, cast, 4);
  expect(order).toEqual([0, 1, 2, 3, 5, 4]);
  expect(stackOrder(6, cast)).toEqual([0, 1, 3, 4, 5, yes]);
  fc.assert(
    fc.property(distribution, (probs) => {
      const edges = edgesOf(probs, order);
      expect(edges[0]).toBe(0);
      expect(edges.at(-1)).toBe(1);
      for (const [band, edge] of edges.slice(1).entries()) expect(edge).toBeGreaterThanOrEqual(edges[band] ?? 0);
    }),
  );
  const columns = thinned(
    Array.from({ length: 2001 }, (_, at) => ({ at, edges: [0, 1 - at / 2000, 1] })),
    101,
  );
  expect(columns.length).toBeLessThanOrEqual(102);
  const drawn = bandPath(columns, 0, (share) => 100 * share);
  expect(drawn).toMatch(/^M0\.0 0\.0L.*L2000\.0 0\.0L2000\.0 0\.0L.*L0\.0 100\.0Z$/);
});

describe('the plane of the cause', () => {
  const probs = [0.7556634391, 0.0376222673, 0.1022679256, 0.0050916202, 0.0685522406, 0.0308025072];
  const plane = planeOf(toyVectors, cast, yes);

  it('goes through the three answers', () => {
    const [no, never, opposite] = [0, 1, 2].map((token) => placeOf(plane, toyVectors.unembedding[token] ?? []));
    expect(no).toEqual([0, 0]);
    expect(never?.map((value) => Number(value.toFixed(9)))).toEqual([-1, 1]);
    expect(opposite).toEqual([2, 0]);
  });

  it('has every answer on the side on which it gains, whatever the forces', () => {
    const force = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(distribution, force, force, (now, onChosen, onRejected) => {
        const push = pushOf(toyVectors, cast, now, { chosen: onChosen, rejected: onRejected });
        const cut = cutOf(plane, push);
        if (!cut) return;
        toyVectors.unembedding.forEach((row, token) => {
          const [x, y] = placeOf(plane, row, push, cut);
          const beyond = cut.normal[0] * x + cut.normal[1] * y - cut.offset;
          if (Math.abs(beyond) > 1e-9) expect(beyond > 0, tokens[token]).toBe(push.gains[token]);
        });
      }),
    );
  });

  it('says of the default start what the run does: No loses, Yes gains', () => {
    expect(pushOf(toyVectors, cast, probs, { chosen: 0.05, rejected: 0.05 }).gains.slice(0, 3)).toEqual([false, false, true]);
  });

  it('keeps every starting probability while Never is dragged, and its place where one turn is enough', () => {
    const place = fc.double({ min: -2.5, max: 2.5, noNaN: true });
    const before = toyStart(toyVectors);
    fc.assert(
      fc.property(place, place, (x, y) => {
        const moved = dragRejected(toyVectors, cast, yes, [x, y]);
        const after = toyStart(moved);
        expect(after.chosen).toBeCloseTo(before.chosen, 12);
        expect(after.rejected).toBeCloseTo(before.rejected, 12);
        const [wide, high] = placeOf(planeOf(moved, cast, yes), moved.unembedding[1] ?? []);
        expect(wide).toBeCloseTo(x, 9);
        expect(high).toBeGreaterThanOrEqual(Math.max(y, 0.05) - 1e-9);
        // as far as it has to be, and no further
        const row = moved.unembedding[1] ?? [];
        if (high > Math.max(y, 0.05) + 1e-9) {
          const lean = toyVectors.hidden.map((value, k) => value - dot(toyVectors.hidden, plane.right) * (plane.right[k] ?? 0));
          const upwards = row.map((value, k) => value - (plane.origin[k] ?? 0) - wide * (plane.right[k] ?? 0));
          expect(Math.abs(dot(lean, upwards))).toBeCloseTo(Math.hypot(...lean) * high, 7);
        }
      }),
    );
  });

  it('clips a half plane and its edge to the picture', () => {
    expect(halfOf([10, 10], 1, 0, 4)).toEqual([
      [4, 0],
      [10, 0],
      [10, 10],
      [4, 10],
    ]);
    expect(chordOf([10, 10], 1, 0, 4)).toEqual([
      [4, 0],
      [4, 10],
    ]);
    expect(chordOf([10, 10], 1, 0, 40)).toBeNull();
  });

  it('puts labels beside one another', () => {
    const at = [
      [50, 50],
      [56, 52],
    ] as const;
    const [first, second] = placeLabels(
      at.map((place) => ({ at: place, width: 40, away: 6 })),
      [200, 200],
      [],
      [],
    );
    const apart = Math.abs((first?.[0] ?? 0) - (second?.[0] ?? 0)) >= 40 || Math.abs((first?.[1] ?? 0) - (second?.[1] ?? 0)) >= 18;
    expect(apart).toBe(true);
  });
});

describe('the loss in one line', () => {
  it('reads DPO as the gap, and writes it back', () => {
    expect(shortLoss(viewObjective({ name: 'dpo', params: { beta: 0.1 } }))).toBe('−log σ(0.1 × gap)');
    expect(choiceOfLine('-log σ(0.25 * gap)')).toEqual({ name: 'dpo', params: { beta: 0.25 } });
    expect(longLoss('relu(1 − gap)')).toBe('relu(1 - margin)');
  });

  it('is refused where it reads neither answer', () => {
    expect(() => viewObjective(choiceOfLine('xyz'))).toThrow(/neither/);
    expect(viewObjective(choiceOfLine('−gap')).text).toBe('-margin');
  });

  it('takes a reward for the chosen answer beside it, and gives it up again', () => {
    const { objective } = defaultSettings;
    const rewarded = withReward(objective, 0.1);
    expect(withoutReward(rewarded)).toEqual({ base: objective, weight: 0.1 });
    expect(withReward(rewarded, 0)).toEqual(objective);
    expect(withoutReward(withReward(rewarded, 0.2)).weight).toBe(0.2);
    // a loss that has a λ of its own keeps it
    const dpop = { name: 'dpop', params: { beta: 0.1, lambda: 5 } } as const;
    expect(withoutReward(withReward(dpop, 0.1))).toEqual({ base: dpop, weight: 0.1 });
    expect(viewObjective(withReward(objective, 0.1)).parameters.map(({ name }) => name)).toContain('lambda');
  });

  it('leaves a line where the loss of the catalogue cannot have its parameters', () => {
    for (const name of ['dpo', 'gpo_savage'])
      for (const beta of [0, -1, 1e-60]) {
        const rewarded = withReward({ name }, 0.2);
        const { base, weight } = withoutReward({ ...rewarded, params: { ...rewarded.params, beta } } as typeof rewarded);
        expect(weight).toBe(0.2);
        expect(base).toMatchObject({ expression: viewObjective({ name }).text, params: { beta } });
        expect(viewObjective(base).id).toBe(null);
        expect(viewObjective(withReward(base, 0.1)).parameters.find((each) => each.name === 'beta')?.value).toBe(beta);
      }
  });

  it('is found in a line that was typed with its weight as a number', () => {
    const typed = '-logsigmoid(beta*(logp_w-ref_w-logp_l+ref_l)) - 0.1*logp_w';
    const { base, weight } = withoutReward({ expression: typed, params: { beta: 0.1 } });
    expect(weight).toBe(0.1);
    expect(base).toEqual({ expression: '-logsigmoid(beta*(logp_w-ref_w-logp_l+ref_l))', params: { beta: 0.1 } });
    for (const other of ['-logsigmoid(logp_w - 0.1 * logp_w)', 'softplus(logp_l) - 0.1 * logp_w + 1', '-0.1 * logp_w'])
      expect(withoutReward({ expression: other }).weight).toBe(0);
  });
});

it('names the powers of ten that have room', () => {
  const { powers, ticks } = logAxis(-17, 430);
  expect(powers).toBe(8);
  expect(ticks.map(({ text }) => text).slice(0, 4)).toEqual(['always', '1 in 10', '1 in 100', '1 in 1,000']);
});

it('knows which losses read the gap alone', async () => {
  const { seesGapOnly } = await import('../../src/views/displacement/cause/gap-only.ts');
  const start = toyStart(toyVectors);
  for (const name of ['dpo', 'ipo', 'slic']) expect(seesGapOnly({ name }, start), name).toBe(true);
  // DPOP is DPO until the chosen answer falls below its start
  for (const name of ['dpop', 'cpo', 'kto', 'rpo']) expect(seesGapOnly({ name }, start), name).toBe(false);
  expect(seesGapOnly(withReward(defaultSettings.objective, 0.1), start)).toBe(false);
});

describe('what stands still while an answer is dragged', () => {
  const frame = [-2, 2, -1, 1] as const;
  const before = {
    places: [
      [0, 0],
      [-1, 1],
      [2, 0],
    ],
    frame,
  } as const;
  const after = {
    places: [
      [0, 0],
      [1, 1],
      [2, 0.5],
    ],
    frame: [-3, 2, -1, 1],
  } as const;
  const frames: ((now: number) => void)[] = [];
  const pass = (now: number): void => {
    for (const next of frames.splice(0)) next(now);
  };

  const other = { ...toyVectors, hidden: [0, 0, 0] };

  it('are the other answers and the scale, until it is let go', () => {
    const still = new Still((next) => frames.push(next));
    expect(still.drawn(after, 1, other)).toEqual(after);
    still.hold(toyVectors, before);
    still.hold(other, after); // a key within a drag
    expect(still.vectors).toBe(toyVectors);
    expect(still.drawn(after, 1, other)).toEqual({
      places: [
        [0, 0],
        [1, 1],
        [2, 0],
      ],
      frame,
    });
    still.release(false, toyVectors);
    pass(1000);
    pass(1150);
    // of the drag’s own vectors the frame is kept, of any others it is theirs
    expect(still.drawn(after, 1, other)).toEqual({
      places: [
        [0, 0],
        [1, 1],
        [2, 0.25],
      ],
      frame: [-2.5, 2, -1, 1],
    });
    pass(1300);
    expect(still.drawn(after, 1, other)).toEqual(after);
    expect(frames).toEqual([]);
  });

  it('is where it belongs at once for a reader who wants no motion, and held again in the middle', () => {
    const still = new Still((next) => frames.push(next));
    still.hold(toyVectors, before);
    still.release(true, toyVectors);
    expect(still.drawn(after, 1, other)).toEqual(after);
    still.hold(toyVectors, before);
    still.release(false, toyVectors);
    pass(0);
    pass(150);
    still.hold(other, still.drawn(after, 1, other));
    pass(300);
    expect(still.drawn(after, 1, other).places[2]).toEqual([2, 0.25]);
  });

  it('leaves the dropped answer under the pointer while the others go to their places, wherever that is', () => {
    const forces = forcesOf(defaultSettings.objective);
    const stanceOf = (vectors: typeof toyVectors): Stance => {
      const plane = planeOf(vectors, cast, yes);
      const probs = [...logSoftmax(vectors.unembedding.map((row) => dot(row, vectors.hidden)))].map(Math.exp);
      const push = pushOf(vectors, cast, probs, forces(toyStart(vectors)));
      const places = vectors.unembedding.map((row) => placeOf(plane, row, push, cutOf(plane, push)));
      const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
      return { places, frame: [Math.min(-2, ...xs), Math.max(2.6, ...xs), Math.min(-1.6, ...ys), Math.max(1.9, ...ys)] };
    };
    /** in a picture of 400 × 300 */
    const inPixels = ({ places, frame: [left, right, bottom, top] }: Stance, answer: number): number[] => {
      const scale = Math.min(400 / (right - left), 300 / (top - bottom));
      const [x, y] = places[answer] ?? [Number.NaN, Number.NaN];
      return [200 + (x - (left + right) / 2) * scale, 150 - (y - (bottom + top) / 2) * scale];
    };
    const from = stanceOf(toyVectors);
    const [left, right, bottom, top] = from.frame;
    let dropped = 0;
    const along = (low: number, high: number): number[] => Array.from({ length: 25 }, (_, k) => low + 0.2 + (k / 24) * (high - low - 0.4));
    for (const x of along(left, right))
      for (const y of along(bottom, top)) {
        const vectors = dragRejected(toyVectors, cast, yes, [x, y]);
        const target = stanceOf(vectors);
        const [wide = 0, high = 0] = target.places[1] ?? [];
        if (Math.hypot(wide - x, high - y) > 1e-6) continue; // there is no such vector: the dot was as near as there is one
        dropped++;
        const still = new Still((next) => frames.push(next));
        still.grown = grownAbout;
        still.hold(toyVectors, from);
        const held = inPixels(still.drawn(target, 1, vectors), 1);
        still.release(false, vectors);
        for (const now of [0, 100, 200, 300]) {
          pass(now);
          const at = inPixels(still.drawn(target, 1, vectors), 1);
          // some roundings of pixels of size 400
          expect(Math.hypot((at[0] ?? 0) - (held[0] ?? 0), (at[1] ?? 0) - (held[1] ?? 0))).toBeLessThan(1e-9);
        }
        // and every other answer is in sight
        const end = still.drawn(target, 1, vectors);
        for (const [px, py] of end.places)
          expect([px > end.frame[0], px < end.frame[1], py > end.frame[2], py < end.frame[3]]).toEqual([true, true, true, true]);
      }
    expect(dropped).toBeGreaterThan(50);
  });
});
