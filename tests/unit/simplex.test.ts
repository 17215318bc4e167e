import { describe, expect, test } from 'vitest';
import { tokens } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { clampMix, height, type Mix, meshOf, regionBelow, restsOf, spreadMixes, toMix, toPoint } from '../../src/core/simplex-geometry.ts';
import { openEngine } from '../../src/index.ts';
import { readLink, writeLink } from '../../src/shell/links/link.ts';
import {
  centreOf,
  changeSimplex,
  defaultSimplex,
  fallsOn,
  flowFrom,
  leastShare,
  partsOf,
  shareText,
  toyReference,
  unembeddingOf,
  vectorTriangle,
} from '../../src/views/simplex/simplex.ts';
import { defaultStarts, readSimplex, type SimplexLink, writeSimplex } from '../../src/views/simplex/simplex-link.ts';

const sum = (mix: readonly number[]): number => mix.reduce((total, p) => total + p, 0);
/** 0, 1, 2, ... as numbers from 0 to 1 without order. */
const scrambled = (i: number): number => (0.6180339887 * i + 0.137) % 1;

describe('the triangle', () => {
  test('a part’s centre is that of its area, however finely its edge is cut', () => {
    const square = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ] as const;
    const cut = [
      [1, 0],
      [1, 0.1],
      [1, 0.2],
      [1, 0.3],
      [1, 1],
      [0, 1],
      [0, 0],
    ] as const;
    for (const polygon of [square, cut]) for (const x of centreOf([polygon])) expect(x).toBeCloseTo(0.5, 12);
    const below = square.map(([x, y]) => [x, y - 1] as const);
    expect(centreOf([square, below])[1]).toBeCloseTo(0, 12);
  });

  test('points and mixes are each other’s inverse, and what lies outside comes to the edge', () => {
    for (const mix of spreadMixes(500)) {
      const back = toMix(toPoint(mix), leastShare);
      for (const [i, p] of mix.entries()) expect(back[i]).toBeCloseTo(p, 12);
    }
    for (let i = 0; i < 2000; i++) {
      const mix = toMix([4 * scrambled(i) - 1.5, 4 * scrambled(3 * i) - 1.5], leastShare);
      expect(sum(mix)).toBeCloseTo(1, 12);
      expect(Math.min(...mix)).toBeGreaterThanOrEqual(leastShare - 1e-12);
    }
    expect(clampMix([0.2, 0.3, 0.5], leastShare)).toEqual([0.2, 0.3, 0.5]);
  });

  test('starts are spread evenly: each quarter of the triangle has a quarter of them', () => {
    const mixes = spreadMixes(4000);
    for (const corner of [0, 1, 2]) {
      const share = mixes.filter((mix) => (mix[corner] ?? 0) > 0.5).length / mixes.length;
      expect(Math.abs(share - 0.25)).toBeLessThan(0.01);
    }
  });

  test('a mesh of n divisions has (n + 1)(n + 2) / 2 points and n² cells that fill it', () => {
    const { mixes, cells } = meshOf(9);
    expect(mixes).toHaveLength(55);
    expect(cells).toHaveLength(81);
    for (const mix of mixes) expect(sum(mix)).toBeCloseTo(1, 12);
    expect(
      regionBelow(
        { mixes, cells },
        mixes.map(() => -1),
      ).share,
    ).toBeCloseTo(1, 12);
    expect(
      regionBelow(
        { mixes, cells },
        mixes.map(() => 1),
      ).polygons,
    ).toHaveLength(0);
  });

  test('the part below zero of a linear function has its exact area and boundary', () => {
    const mesh = meshOf(16);
    // p_1 < 1/4 leaves out a triangle of side 3/4; the mesh is a little smaller than the whole
    const region = regionBelow(
      mesh,
      mesh.mixes.map(([first]) => first - 0.25),
    );
    expect(Math.abs(region.share - 7 / 16)).toBeLessThan(0.01);
    for (const [from, to] of region.boundary) for (const [, y] of [from, to]) expect(y).toBeCloseTo(0.75 * height, 12);
    expect(region.polygons.every((polygon) => polygon.length >= 3)).toBe(true);
  });
});

describe('points of rest', () => {
  const mesh = meshOf(24);
  const at = (force: (mix: Mix) => number) => mesh.mixes.map(force);

  test('none, a curve, a flat part', () => {
    expect(
      restsOf(
        mesh,
        at(() => 0.5),
        at(() => 0.5),
      ),
    ).toEqual({ kind: 'none' });
    expect(
      restsOf(
        mesh,
        at(() => 1),
        at(([, second]) => second),
      ),
    ).toEqual({ kind: 'none' });
    const onTarget = at(([first, second]) => 0.1 - first + second);
    const curve = restsOf(mesh, onTarget, onTarget);
    if (curve.kind !== 'curve') throw new Error(curve.kind);
    for (const [[x, y]] of curve.pieces) {
      const [first, second] = toMix([x, y], 0);
      expect(first - second).toBeCloseTo(0.1, 10);
    }
    const hinge = at(([first]) => Math.max(0, 0.5 - first));
    const flat = restsOf(mesh, hinge, hinge);
    if (flat.kind !== 'area') throw new Error(flat.kind);
    // a third of a cell for each of its vertices: off by less than half a row of them, of the part's side
    expect(Math.abs(flat.share - 0.25)).toBeLessThan(0.5 / 24);
  });

  test('one point, where both forces vanish', () => {
    for (let i = 0; i < 50; i++) {
      const [first, second] = clampMix([scrambled(i), scrambled(7 * i), 1 - scrambled(i) - scrambled(7 * i)], 0.05);
      const rest = restsOf(
        mesh,
        at((mix) => 2 * (mix[0] - first) + mix[1] - second),
        at((mix) => mix[1] - second),
      );
      if (rest.kind !== 'points') throw new Error(rest.kind);
      expect(rest.points).toHaveLength(1);
      const found = toMix(rest.points[0] ?? [0, 0], 0);
      expect(found[0]).toBeCloseTo(first, 10);
      expect(found[1]).toBeCloseTo(second, 10);
    }
  });
});

describe('the toy on the triangle', () => {
  test('its own vectors stand at 135 degrees, and its own policy is that of the notes', () => {
    const { angle, distance, reach } = vectorTriangle(defaultSimplex);
    expect(angle).toBeCloseTo(135, 10);
    expect(distance).toBeCloseTo(Math.SQRT2, 12);
    expect(reach).toBeCloseTo(2, 12);
    // No .7557, Never .0376, and all the rest
    const [no, never] = toyReference({ ...defaultSimplex, third: 'rest' });
    expect(no).toBeCloseTo(0.7557, 4);
    expect(never).toBeCloseTo(0.0376, 4);
  });

  test('a chosen angle and distance are those of the vectors', () => {
    for (const third of ['rest', 2, 4, 5] as const)
      for (const angle of [5, 60, 90, 135, 175]) {
        const settings = { ...defaultSimplex, third, angle, distance: 0.7 };
        const [chosen = [], rejected = []] = unembeddingOf(settings);
        const apart = chosen.map((x, k) => (rejected[k] ?? 0) - x);
        expect(Math.hypot(...apart)).toBeCloseTo(0.7, 12);
        // the toy's own rejected vector, put where its angle and distance are, stays
        const own = vectorTriangle({ ...settings, angle: null, distance: null });
        const same = unembeddingOf({ ...settings, angle: own.angle, distance: own.distance });
        for (const [token, row] of unembeddingOf({ ...settings, angle: null, distance: null }).entries())
          for (const [k, x] of row.entries()) expect(same[token]?.[k]).toBeCloseTo(x, 12);
      }
  });

  test('three different answers stand at the corners, whatever is chosen', () => {
    let settings = defaultSimplex;
    for (let i = 0; i < 2000; i++) {
      const token = Math.floor(scrambled(i) * tokens.length);
      const corner = (['chosen', 'rejected', 'third'] as const)[i % 3] ?? 'third';
      settings = changeSimplex(settings, i % 11 === 0 ? { third: 'rest' } : { [corner]: token });
      const { members, corners } = partsOf(settings);
      expect(new Set(members).size).toBe(members.length);
      expect(new Set(corners).size).toBe(3);
      expect(members.slice(0, 2)).toEqual([settings.chosen, settings.rejected]);
    }
  });

  test('a flow begins where it is told to, with the pool split as in the toy', () => {
    const { starts, corners } = flowFrom({ ...defaultSimplex, third: 'rest' }, 'shared', [[0.5, 0.2, 0.3]], { size: 0.1, steps: 1 });
    const probs = Array.from(starts, Math.exp);
    expect(probs).toHaveLength(6);
    expect(sum(probs.filter((_, i) => corners[i] === 2))).toBeCloseTo(0.3, 12);
    expect(sum(probs)).toBeCloseTo(1, 12);
  });
});

test.each([
  // shares of a mesh of 1024 divisions, where halving the cells moves them by less than 0.0005
  ['dpo', 0.5],
  ['sppo_hard', 0.4817],
  ['nca_pair', 0.4779],
  ['kto', 0.5003],
])('the share of the triangle where the chosen answer falls under %s is that of a much finer mesh', async (name, share) => {
  const mesh = meshOf(64);
  const engine = await openEngine({ backend: 'cpu' });
  const at = await engine.flow(flowFrom({ ...defaultSimplex, objective: { name } }, 'shared', mesh.mixes, { size: 1, steps: 0 }));
  engine.dispose();
  expect(Math.abs(fallsOn(mesh, at).share - share)).toBeLessThan(0.001);
});

describe('links to the simplex', () => {
  const reread = (link: SimplexLink) => {
    const { route, reader } = readLink(writeLink('why/triangle', writeSimplex(link)));
    const read = readSimplex(reader);
    return { route, read, problems: reader.finish() };
  };

  test('the default is short, and links come back as they went', () => {
    expect(writeLink('why/triangle', writeSimplex({ settings: defaultSimplex, starts: defaultStarts }))).toBe('/why/triangle');
    for (let i = 0; i < 500; i++) {
      const pick = (k: number) => scrambled(i * 7 + k);
      const mix = (k: number): Mix => {
        const [first, second] = clampMix([pick(k), pick(k + 1), 1 - pick(k) - pick(k + 1)], 0.01).map((p) => Number(p.toFixed(4)));
        return [first ?? 0, second ?? 0, 1 - (first ?? 0) - (second ?? 0)];
      };
      let settings = changeSimplex(defaultSimplex, { rejected: Math.floor(pick(1) * 6) });
      settings = changeSimplex(settings, { chosen: Math.floor(pick(2) * 6) });
      if (pick(3) > 0.5) settings = changeSimplex(settings, { third: 'rest' });
      settings = {
        ...settings,
        angle: pick(4) > 0.5 ? Math.round(5 + 170 * pick(5)) : null,
        distance: pick(6) > 0.5 ? Number((0.1 + 4 * pick(7)).toFixed(3)) : null,
        reference: pick(8) > 0.5 ? mix(9) : null,
      };
      const link = { settings, starts: Array.from({ length: Math.floor(pick(11) * 9) }, (_, k) => mix(12 + 2 * k)) };
      const { route, read, problems } = reread(link);
      expect(problems).toEqual([]);
      expect(route).toBe('why/triangle');
      expect(read).toEqual(link);
    }
  });

  test.each([
    ['w=No&l=No', 'third'],
    ['third=Perhaps', 'third'],
    ['angle=400', 'angle'],
    ['apart=-1', 'apart'],
    ['ref=0.5_0.6', 'ref'],
    ['ref=0.5', 'ref'],
    ['from=0.2_0.2~x', 'from'],
    [`from=${Array(12).fill('0.2_0.2').join('~')}`, 'from'],
  ])('refuses %s, and opens what is left', (fields, key) => {
    const { reader } = readLink(`v=1&view=simplex&${fields}`);
    const { settings } = readSimplex(reader);
    expect(settings.chosen).toBe(defaultSimplex.chosen);
    expect(reader.finish().map((problem) => problem.key)).toEqual([key]);
  });
});

test('a share that is small, or not seen on the mesh, is not said to be none', () => {
  const of = (polygons: readonly [number, number][][], share: number, isOfMargin: boolean): string =>
    shareText({ falls: { share, polygons, boundary: [] }, isOfMargin }).replaceAll('\u202f', ' ');
  const corner: [number, number][][] = [
    [
      [0, 0],
      [1e-9, 0],
      [0, 1e-9],
    ],
  ];
  expect([of(corner, 0, false), of(corner, 4e-5, true), of([], 0, true), of([], 0, false)]).toEqual(['<0.01 %', '<0.01 %', '0 %', '≈ 0 %']);
});
