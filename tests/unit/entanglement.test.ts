import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admissibleRatios,
  caseOf,
  firstOrderMove,
  normalisedForces,
  ratioMarks,
} from '../../src/atlas/toys/entanglement/entanglement-geometry.ts';
import { isLinkTo, readLink, writeLink } from '../../src/shell/links/link.ts';
import { forcesOf, objectives } from '../../src/shell/losses/objective-view.ts';
import { openEngine } from '../../src/train/engine.ts';
import { suffixStates } from '../../src/views/entanglement/entanglement.svelte.ts';
import { type EntanglementLink, readEntanglement, writeEntanglement } from '../../src/views/entanglement/entanglement-link.ts';
import {
  allPlaces,
  changeSuffix,
  defaultSuffix,
  entanglingLength,
  presetSettings,
  type SuffixSettings,
  suffixPresets,
  suffixRanges,
} from '../../src/views/entanglement/entanglement-settings.ts';
import { entanglementView } from '../../src/views/entanglement/view.ts';

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
const geometryOf = (gw: readonly number[], gl: readonly number[]) => ({
  chosenGradNormSq: dot(gw, gw),
  rejectedGradNormSq: dot(gl, gl),
  innerProduct: dot(gw, gl),
});
const vector = fc.array(
  fc.integer({ min: -300, max: 300 }).map((hundredths) => hundredths / 100),
  { minLength: 4, maxLength: 4 },
);
/** pairs of gradients that are neither tiny nor, to rounding, parallel or at right angles */
const pairs = fc.tuple(vector, vector).filter(([gw, gl]) => {
  const { chosenGradNormSq: ww, rejectedGradNormSq: ll, innerProduct: inner } = geometryOf(gw, gl);
  return ww > 1e-2 && ll > 1e-2 && Math.abs(inner) > 1e-6 && inner ** 2 < (1 - 1e-6) * ww * ll;
});

describe('the admissible interval of d_w/d_l', () => {
  it('tells the case of a step along d_w g_w - d_l g_l', () => {
    fc.assert(
      fc.property(pairs, fc.double({ min: -4, max: 4, noNaN: true }), ([gw, gl], exponent) => {
        const ratio = 10 ** exponent;
        const step = gw.map((x, i) => ratio * x - (gl[i] ?? 0));
        const move = { chosen: dot(gw, step), rejected: dot(gl, step) };
        const { from, to } = admissibleRatios(geometryOf(gw, gl));
        // A ratio at a bound to rounding is neither side's.
        fc.pre([from, to].every((bound) => Math.abs(ratio - bound) > 1e-6 * (ratio + bound) || !Number.isFinite(bound)));
        expect(from).toBeLessThan(to);
        expect(caseOf(move)).toBe(ratio <= from ? 'both-down' : ratio >= to ? 'both-up' : 'ideal');
      }),
      { numRuns: 5000 },
    );
  });

  it('holds the normalised update, as its geometric mean', () => {
    fc.assert(
      fc.property(pairs, ([gw, gl]) => {
        const geometry = geometryOf(gw, gl);
        const forces = normalisedForces(geometry);
        const { from, to } = admissibleRatios(geometry);
        const ratio = forces.chosen / forces.rejected;
        expect(ratio).toBeGreaterThan(from);
        expect(ratio).toBeLessThan(to);
        // two roots and three quotients, each correctly rounded
        if (geometry.innerProduct > 0) expect(Math.abs(ratio / Math.sqrt(from * to) - 1)).toBeLessThan(16 * Number.EPSILON);
        expect(caseOf(firstOrderMove(geometry, forces))).toBe('ideal');
      }),
      { numRuns: 5000 },
    );
  });

  it('knows an objective that pushes backwards, and one that pushes nothing', () => {
    const geometry = geometryOf([1, 0], [0, 2]);
    expect(caseOf(firstOrderMove(geometry, { chosen: -1, rejected: -1 }))).toBe('reversed');
    expect(caseOf(firstOrderMove(geometry, { chosen: 0, rejected: 0 }))).toBe('still');
  });

  it('has every objective of the catalogue somewhere, once', () => {
    const start = { chosen: -4, rejected: -9, refChosen: -4, refRejected: -9, length: 9 };
    const { groups, still, off } = ratioMarks(({ id }) => forcesOf({ name: id })(start));
    const placed = [...groups.flatMap((group) => group.objectives), ...still, ...off].map(({ id }) => id);
    expect(placed.sort()).toEqual(objectives.map(({ id }) => id).sort());
    const ratioOf = (id: string) => groups.find((group) => group.objectives.some((one) => one.id === id))?.ratio;
    expect(ratioOf('dpo')).toBe(1);
    expect(ratioOf('ipo')).toBe(1);
    expect(ratioOf('simpo')).toBe(1); // n_l / n_w, and both have nine tokens
    expect(ratioOf('sft')).toBe(Number.POSITIVE_INFINITY);
    expect(ratioOf('rpo')).toBeGreaterThan(1);
  });
});

describe('the toy with a shared suffix', () => {
  async function statesOf(settings: SuffixSettings, count: number) {
    const engine = await openEngine({ backend: 'cpu' });
    const states = [];
    for await (const state of suffixStates(engine, settings)) {
      states.push(state);
      if (states.length === count) break;
    }
    return states;
  }
  const settingsWith = (change: Partial<SuffixSettings>): SuffixSettings => ({ ...defaultSuffix, ...change });

  it.each([
    [0, 0.6, 0.2, 0.4],
    [1, 0.9, 0.3, 0.1],
    [8, 0.6, 0.2, 0.4],
    [12, 0.5, 0.8, 0.3],
    [20, 0.02, 0.98, 0.49],
  ])(
    'has the geometry of its closed form all along the run: m = %i, p = %f, p′ = %f, π = %f',
    async (suffix, afterChosen, afterRejected, first) => {
      const states = await statesOf(settingsWith({ suffix, afterChosen, afterRejected, first, steps: 12 }), 99);
      expect(states).toHaveLength(13);
      for (const { closed, diagnosis } of states) {
        // sums of at most 63 products of numbers below 1, from softmaxes that are right to a few roundings
        for (const name of ['chosenGradNormSq', 'rejectedGradNormSq', 'innerProduct'] as const)
          expect(Math.abs(closed[name] - diagnosis[name]), name).toBeLessThan(63 * 8 * Number.EPSILON);
        const slope = 1 - closed.firstChosen + closed.firstRejected;
        const tail = suffix > 0 ? 2 * suffix * (1 - closed.afterChosen) * (closed.afterChosen - closed.afterRejected) : 0;
        expect(Math.abs(closed.chosenGradNormSq - closed.innerProduct - (slope - tail))).toBeLessThan(63 * 8 * Number.EPSILON);
      }
    },
  );

  it('has the printed numbers', async () => {
    for (const [suffix, afterChosen, afterRejected, chosen, rejected, cosine] of [
      [9, 0.8, 0.5, 1 - 0.12 * 9, -1 - 0.3 * 9, 0.534],
      [4, 0.6, 0.2, 1 - 0.32 * 4, -1 - 0.64 * 4, 0.656],
      [9, 0.5, 0.8, 1 + 0.3 * 9, -1 + 0.12 * 9, 0.534],
    ] as const) {
      const [state] = await statesOf(settingsWith({ suffix, afterChosen, afterRejected }), 1);
      expect(state?.diagnosis.cosine).toBeCloseTo(cosine, 3); // printed with three digits
      const move = firstOrderMove(state?.closed ?? { chosenGradNormSq: 0, rejectedGradNormSq: 0, innerProduct: 0 }, {
        chosen: 1,
        rejected: 1,
      });
      expect(move.chosen).toBeCloseTo(chosen, 12);
      expect(move.rejected).toBeCloseTo(rejected, 12);
    }
    const [state] = await statesOf(settingsWith({ suffix: 8, afterChosen: 0.6, afterRejected: 0.2 }), 1);
    const { from, to } = admissibleRatios(state?.diagnosis ?? geometryOf([], []));
    expect([from, to].map((bound) => bound.toFixed(3))).toEqual(['1.500', '2.308']);
  });

  it.each(['plain', 'normalised'] as const)(
    'follows first order up to an error that a quarter is left of at half the step: %s',
    async (update) => {
      const errors = [];
      for (const learningRate of [0.02, 0.01]) {
        const [state] = await statesOf(settingsWith({ update, learningRate }), 1);
        if (!state) throw new Error('The run has no start.');
        const { diagnosis, record, next } = state;
        const half = 0.1 / 2; // d of DPO where the policy is its reference: β / 2
        const forces = update === 'plain' ? { chosen: half, rejected: half } : normalisedForces(diagnosis);
        const move = firstOrderMove(diagnosis, forces);
        if (update === 'plain') expect(Math.abs(move.chosen - diagnosis.chosenRate)).toBeLessThan(1e-14);
        errors.push((next.chosenLogps[0] ?? 0) - (record.chosenLogps[0] ?? 0) - learningRate * move.chosen);
      }
      // third order moves the quotient off 4 by a share of the step
      expect((errors[0] ?? 0) / (errors[1] ?? 0)).toBeGreaterThan(3.9);
      expect((errors[0] ?? 0) / (errors[1] ?? 0)).toBeLessThan(4.1);
    },
  );

  it.each(objectives.map(({ id }) => id))('is moved by the forces that the axis shows: %s', async (name) => {
    const settings = settingsWith({ objective: { name }, learningRate: 0.05, steps: 3 });
    const states = await statesOf(settings, 4);
    const [refChosen = Number.NaN, refRejected = Number.NaN] = [states[0]?.record.chosenLogps[0], states[0]?.record.rejectedLogps[0]];
    for (const { step, record, diagnosis } of states) {
      const [chosen = Number.NaN, rejected = Number.NaN] = [record.chosenLogps[0], record.rejectedLogps[0]];
      const forces = forcesOf({ name })({ chosen, rejected, refChosen, refRejected, length: 9 });
      const move = firstOrderMove(diagnosis, forces);
      // The slopes of a loss are right to rounding times its steepest power of a log-ratio; sums of 27 products follow.
      const size = (Math.abs(forces.chosen) + Math.abs(forces.rejected)) * (diagnosis.chosenGradNormSq + diagnosis.rejectedGradNormSq);
      expect(Math.abs(move.chosen - diagnosis.chosenRate), `step ${step}`).toBeLessThanOrEqual(1e-11 * size);
      expect(Math.abs(move.rejected - diagnosis.rejectedRate), `step ${step}`).toBeLessThanOrEqual(1e-11 * size);
    }
  });

  it('with its suffix masked moves as the toy without one, and with a part masked as a shorter one', async () => {
    const changes = async (settings: SuffixSettings) =>
      (await statesOf(settings, 9)).map(({ record, next, diagnosis, closed }) => [
        (next.chosenLogps[0] ?? 0) - (record.chosenLogps[0] ?? 0),
        (next.rejectedLogps[0] ?? 0) - (record.rejectedLogps[0] ?? 0),
        diagnosis.innerProduct,
        closed.innerProduct,
      ]);
    for (const [masked, short] of [
      [allPlaces(8), 0],
      [[2, 3, 7], 5],
    ] as const) {
      const [a, b] = [await changes(settingsWith({ masked })), await changes(settingsWith({ suffix: short }))];
      for (const [step, row] of a.entries())
        for (const [i, value] of row.entries()) expect(Math.abs(value - (b[step]?.[i] ?? Number.NaN))).toBeLessThan(1e-13);
    }
  });

  it('keeps its mask when it grows, if all of it was masked', () => {
    const masked = changeSuffix(defaultSuffix, { masked: allPlaces(8) });
    expect(changeSuffix(masked, { suffix: 10 }).masked).toEqual(allPlaces(10));
    expect(changeSuffix({ ...defaultSuffix, masked: [2, 8] }, { suffix: 5 }).masked).toEqual([2]);
  });

  it('turns at the suffix length that the slider marks', async () => {
    for (const [afterChosen, afterRejected, entangled] of [
      [0.6, 0.2, 'both-down'],
      [0.5, 0.8, 'both-up'],
    ] as const) {
      const settings = settingsWith({ afterChosen, afterRejected });
      const border = entanglingLength(settings) ?? Number.NaN;
      for (const [suffix, pattern] of [
        [Math.floor(border), 'chosen-up-rejected-down'],
        [Math.ceil(border), entangled],
      ] as const)
        expect((await statesOf({ ...settings, suffix }, 1))[0]?.diagnosis.pattern).toBe(pattern);
    }
    expect(entanglingLength(settingsWith({ afterChosen: 0.5, afterRejected: 0.5 }))).toBeNull();
  });

  it('has presets that do what they are called', async () => {
    const patterns = [];
    for (const preset of suffixPresets) patterns.push((await statesOf(presetSettings(preset), 1))[0]?.diagnosis.pattern);
    expect(patterns).toEqual(['chosen-up-rejected-down', 'both-down', 'both-down', 'both-up']);
  });
});

describe('links to the entanglement view', () => {
  const encode = (state: EntanglementLink): string => writeLink(entanglementView.route, writeEntanglement(state));
  const decode = (hash: string) => {
    const { reader, ...place } = readLink(hash);
    expect(isLinkTo(place, entanglementView)).toBe(true);
    return { state: readEntanglement(reader), problems: reader.finish() };
  };
  const number = ({ min, max, integer }: { min: number; max: number; integer: boolean }): fc.Arbitrary<number> =>
    integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
  const states: fc.Arbitrary<EntanglementLink> = fc
    .record({
      suffix: number(suffixRanges.suffix),
      afterChosen: number(suffixRanges.afterChosen),
      afterRejected: number(suffixRanges.afterRejected),
      first: number(suffixRanges.first),
      learningRate: number(suffixRanges.learningRate),
      steps: number(suffixRanges.steps),
      update: fc.constantFrom('plain' as const, 'normalised' as const),
      masked: fc.uniqueArray(fc.integer({ min: 1, max: 20 })),
      objective: fc.constantFrom(...objectives).map(({ id, parameters }) => ({
        name: id,
        params: Object.fromEntries(Object.entries(parameters).map(([name, { default: value }]) => [name, value])),
      })),
    })
    .map((settings) => ({ ...settings, masked: settings.masked.filter((place) => place <= settings.suffix).sort((a, b) => a - b) }))
    .chain((settings) => fc.record({ settings: fc.constant(settings), step: fc.option(fc.integer({ min: 0, max: settings.steps })) }));

  it('hold only what is not the default', () => {
    expect(encode({ settings: defaultSuffix, step: null })).toBe('/why/tug');
    expect(encode({ settings: changeSuffix(defaultSuffix, { update: 'normalised' }), step: null })).toBe('/why/tug?v=3&update=normalised');
  });

  it('bring every state back, to the last digit', () => {
    fc.assert(
      fc.property(states, (state) => {
        const { state: back, problems } = decode(encode(state));
        expect(problems).toEqual([]);
        expect(back).toEqual(state);
      }),
      { numRuns: 1000 },
    );
  });

  it('say what was wrong, and keep what was right', () => {
    const { state, problems } = decode('v=1&view=entanglement&m=99&pw=0.7&pl=2&mask=all&update=odd&step=80&colour=red');
    expect(state.settings).toMatchObject({ suffix: 8, afterChosen: 0.7, afterRejected: 0.2, masked: [], update: 'plain' });
    expect(problems.map(({ key }) => key).sort()).toEqual(['colour', 'm', 'mask', 'pl', 'step', 'update']);
  });
});
