import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { banditBins, banditReference } from '../../src/atlas/toys/modes/bandit.ts';
import { firstStep, logarithmicMean } from '../../src/atlas/toys/modes/first-step.ts';
import { ipoLimit } from '../../src/atlas/toys/modes/ipo-limit.ts';
import { decodeLevels, encodeLevels, heightsOf, lawOf, levelsOf, topLevel } from '../../src/atlas/toys/modes/levels.ts';
import { contestants, defaultRace, raceExperiment, raceRanges, samplings } from '../../src/atlas/toys/modes/race.ts';
import { lawKinds } from '../../src/atlas/toys/modes/scene.ts';
import { bulk, coverage } from '../../src/core/coverage.ts';
import { expectedReward } from '../../src/core/exact.ts';
import { logSumExp } from '../../src/core/softmax.ts';
import { isLinkTo, LinkReader, readLink, writeLink } from '../../src/shell/links/link.ts';
import { type Engine, openEngine } from '../../src/train/engine.ts';
import {
  banditOf,
  defaultModes,
  keptSteps,
  type ModesSettings,
  modesPresets,
  modesRanges,
  openingModes,
} from '../../src/views/modes/modes.ts';
import { firstStepWords } from '../../src/views/modes/modes-first-step.ts';
import type { ModesLink } from '../../src/views/modes/modes-link.ts';
import { linkModes, openModes, readModes, writeModes } from '../../src/views/modes/modes-link.ts';
import { Stroke } from '../../src/views/modes/stroke.ts';
import { modesView } from '../../src/views/modes/view.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ backend: 'cpu' });
});
afterAll(() => engine.dispose());

const normalised = (weights: readonly number[]): number[] => {
  const logs = weights.map(Math.log);
  const logZ = logSumExp(logs);
  return logs.map((log) => log - logZ);
};
const laws = fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }).map(normalised);

/** What one update of size 1 does to log π(a) - log π(b), measured on the engine. */
async function measure(p: number[], q: number[], direction: 'forward' | 'reverse', [a, b]: readonly [number, number]): Promise<number> {
  const { steps } = await engine.matchTarget({
    policy: { kind: 'tabular', logits: [p] },
    targetLogps: [q],
    direction,
    optimizer: { kind: 'sgd', learningRate: 1, steps: 1 },
    record: [0, 1],
  });
  const ratio = (logps: readonly number[] = []): number => (logps[a] ?? Number.NaN) - (logps[b] ?? Number.NaN);
  return ratio(steps[1]?.outcomeLogps) - ratio(steps[0]?.outcomeLogps);
}

it('reverse KL empties a leading answer first only where it does not lead by too much', async () => {
  // the numbers are numpy's, to the digits given
  const target = normalised(Array.from({ length: 10 }, (_, z) => (z === 3 ? 0.45 : z === 7 ? 0.46 : 0.01)));
  const left = async (lead: number, direction: 'forward' | 'reverse'): Promise<number> => {
    const { steps } = await engine.matchTarget({
      policy: { kind: 'tabular', logits: [[lead, ...new Array<number>(9).fill(0)]] },
      targetLogps: [target],
      direction,
      optimizer: { kind: 'sgd', learningRate: 0.5, steps: 10 },
      record: [10],
    });
    return Math.exp(steps[0]?.outcomeLogps[0] ?? Number.NaN);
  };
  for (const [lead, forward, reverse] of [
    [3, 0.1628, 0.096], // 69 % at the start
    [6, 0.3282, 0.931], // 98 %
  ] as const) {
    expect(await left(lead, 'forward')).toBeCloseTo(forward, 3);
    expect(await left(lead, 'reverse')).toBeCloseTo(reverse, 3);
  }
});

describe('the first step between two outcomes', () => {
  it('is what the engine does, in both directions', async () => {
    await fc.assert(
      fc.asyncProperty(laws, laws, async (p, q) => {
        const exact = firstStep(p, q, 1, 4);
        // differences of log-probabilities below 10 in float64, moved by at most 10
        expect(Math.abs((await measure(p, q, 'forward', [1, 4])) - exact.forward)).toBeLessThan(1e-13);
        expect(Math.abs((await measure(p, q, 'reverse', [1, 4])) - exact.reverse)).toBeLessThan(1e-13);
      }),
      { numRuns: 100 },
    );
  });

  it('pushes a logit up harder in reverse exactly where its share of K is below the mean', () => {
    fc.assert(
      fc.property(laws, laws, (p, q) => {
        const { divergence: K, excess, p: own, forward, reverse } = firstStep(p, q, 0, 3);
        const gap = own[0] * (K - excess[0]) - own[1] * (K - excess[1]);
        expect(Math.abs(reverse - forward - gap)).toBeLessThan(1e-13);
        const mean = p.reduce((sum, logp, y) => sum + Math.exp(logp) * firstStep(p, q, y, 0).excess[0], 0);
        expect(Math.abs(mean - K)).toBeLessThan(1e-12);
      }),
    );
  });

  it('with equal starts, prefers the likelier outcome in reverse exactly above the logarithmic mean', () => {
    // the notes' counterexample to generic constants, and one on the other side
    const counter = firstStep(normalised([0.1, 0.1, 0.8]), normalised([0.6, 0.2, 0.2]), 0, 1);
    expect(counter.kind).toBe('equal start');
    expect(counter.forward).toBeCloseTo(0.4, 12);
    expect(counter.reverse).toBeCloseTo(0.11, 3);
    fc.assert(
      fc.property(laws, fc.double({ min: 0.01, max: 0.4, noNaN: true }), (q, share) => {
        const p = normalised([share, share, ...Array.from({ length: 4 }, () => (1 - 2 * share) / 4)]);
        const step = firstStep(p, q, 0, 1);
        expect(step.kind).toBe('equal start');
        const L = logarithmicMean(step.q[0], step.q[1]);
        const towards = Math.sign(step.q[0] - step.q[1]);
        if (Math.abs(step.q[0] - step.q[1]) < 1e-6 || Math.abs(step.p[0] - L) < 1e-6) return; // a tie is one of rounding
        expect(Math.sign(step.reverse - step.forward) * towards).toBe(Math.sign(step.p[0] - L));
        expect(firstStepWords(step, 0, 1).join(' ')).toContain(step.p[0] > L ? 'it is.' : 'it is not.');
      }),
    );
  });

  it('with equal targets, says “the rich get richer” only where reverse KL widens the lead and forward KL closes it', () => {
    let rich = 0;
    fc.assert(
      fc.property(laws, laws, (p, other) => {
        const q = normalised(other.map((logp, y) => Math.exp(other[y < 2 ? 0 : y] ?? logp)));
        const step = firstStep(p, q, 0, 1);
        if (step.kind !== 'equal target') return;
        const lead = Math.sign(step.p[0] - step.p[1]);
        const words = firstStepWords(step, 0, 1).join(' ');
        if (words.includes('rich get richer')) {
          rich++;
          expect(step.reverse * lead).toBeGreaterThan(0);
          expect(step.forward * lead).toBeLessThan(0);
        } else if (words.includes('favours it more')) expect((step.reverse - step.forward) * lead).toBeGreaterThan(0);
        else if (words.includes('favours the bin ahead less')) expect((step.reverse - step.forward) * lead).toBeLessThan(0);
      }),
      { numRuns: 1000 },
    );
    expect(rich).toBeGreaterThan(10);
  });

  it('of the preset is the case that it is named after', () => {
    const scene = modesPresets.find(({ id }) => id === 'rich')?.scene ?? defaultModes;
    const { start, target } = banditOf({ ...defaultModes, ...scene });
    const [a, b] = scene.bins;
    expect(firstStepWords(firstStep(start, target, a, b), a, b).join(' ')).toContain('The rich get richer.');
  });
});

describe('offline IPO with unlimited data', () => {
  it.each([
    ['far', [0.086, 0.144, 0.308, 0.502, 0.716]],
    ['near', [0.582, 0.74, 0.926, 0.979, 0.995]],
  ] as const)('ends where its normal equations say: %s peak', (id, printed) => {
    const { scene } = modesPresets.find((preset) => preset.id === id) ?? { scene: defaultModes };
    const { reference, rewards } = banditOf({ ...defaultModes, ...scene });
    const reached = [1, 2, 5, 10, 20].map((target) => expectedReward(ipoLimit(reference, rewards, target), rewards));
    for (const [index, value] of printed.entries()) expect(Math.abs((reached[index] ?? 0) - value)).toBeLessThan(6e-4); // three printed digits
  });

  it('with data of another law, minimises the loss over that law’s pairs', () => {
    fc.assert(
      fc.property(laws, laws, (reference, data) => {
        const rewards = [0, 3, 1, 5, 2, 4];
        const limit = ipoLimit(reference, rewards, 10, data);
        const score = limit.map((logp, y) => logp - (reference[y] ?? 0));
        // the derivative of Σ μ_a μ_b (s_a - s_b - 10 sign)² by each score, over its factor 4 μ_a
        for (const [a, own] of score.entries()) {
          const pull = score.reduce(
            (sum, other, b) =>
              sum + Math.exp(data[b] ?? Number.NaN) * (own - other - 10 * Math.sign((rewards[a] ?? 0) - (rewards[b] ?? 0))),
            0,
          );
          expect(Math.abs(pull)).toBeLessThan(1e-12);
        }
      }),
    );
  });
});

describe('coverage', () => {
  it('counts the smallest set of a share, and what of it is reached', () => {
    const q = normalised([0.5, 0.3, 0.15, 0.05]);
    expect(bulk(q, 0.9)).toEqual([0, 1, 2]);
    expect(coverage(q, q, 0.9)).toBe(1);
    expect(coverage(normalised([0.85, 0.05, 0.08, 0.02]), q, 0.9)).toBeCloseTo(2 / 3, 12); // 0.08 is above half of 0.15, 0.05 below half of 0.3
  });
});

const levels = fc.array(fc.integer({ min: 0, max: topLevel }), { minLength: banditBins, maxLength: banditBins });

describe('drawn curves', () => {
  it('come back from a link to the level, and from nothing else', () => {
    fc.assert(
      fc.property(levels, (drawn) => {
        const text = encodeLevels(drawn);
        expect(text).toMatch(/^[\w-]{134}$/);
        expect(text).toBe(Buffer.from(drawn).toString('base64url'));
        expect(decodeLevels(text, banditBins)).toEqual(drawn);
      }),
    );
    const text = encodeLevels(Array.from({ length: banditBins }, (_, k) => 2 * k));
    for (const bad of ['', text.slice(1), `${text}A`, `${text.slice(0, -1)}!`, `${text.slice(0, -1)}B`])
      expect(decodeLevels(bad, banditBins)).toBeNull();
  });

  it('are laws without impossible bins', () => {
    fc.assert(
      fc.property(levels, (drawn) => {
        const law = lawOf(drawn);
        expect(Math.abs(logSumExp(law))).toBeLessThan(1e-12);
        expect(law.every(Number.isFinite)).toBe(true);
      }),
    );
    const law = banditReference();
    expect(levelsOf(heightsOf(law))[0]).toBe(topLevel); // the edge bin is the tallest
  });

  it('do not depend on how often the pointer reports a place, and follow it across gaps', () => {
    const flat = Array.from({ length: banditBins }, () => 0.2);
    const slow = new Stroke(flat, 3);
    const quick = new Stroke(flat, 3);
    for (const bin of [20, 20, 20, 21, 22, 23, 24, 25, 26, 26]) slow.to(bin, 0.8);
    quick.to(20, 0.8);
    const end = quick.to(26, 0.8);
    expect(slow.to(26, 0.8)).toEqual(end);
    expect(end[23]).toBe(Math.round(0.8 * topLevel));
    expect(end[60]).toBe(Math.round(0.2 * topLevel));
    expect(end[29]).toBeGreaterThan(end[32] ?? 0); // a soft edge
  });
});

const within = ({ min, max, integer }: { min: number; max: number; integer: boolean }): fc.Arbitrary<number> =>
  integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
const law = fc.oneof(fc.constantFrom(...lawKinds), levels);
const settings: fc.Arbitrary<ModesSettings> = fc.record({
  reward: fc.oneof(fc.record({ centre: within(modesRanges.centre), width: within(modesRanges.width) }), levels),
  reference: law,
  start: fc.oneof(fc.constant('reference' as const), law),
  data: fc.constantFrom('reference' as const, ...lawKinds),
  beta: within(modesRanges.beta),
  learningRate: within(modesRanges.learningRate),
  steps: within(modesRanges.steps),
  bins: fc
    .tuple(within(modesRanges.centre), within(modesRanges.centre))
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => [a, b] as const),
  race: fc.record({
    contestants: fc.subarray(contestants.map(({ id }) => id)),
    seeds: within(raceRanges.seeds),
    n: within(raceRanges.n),
    rounds: within(raceRanges.rounds),
    learningRate: within(raceRanges.learningRate),
    threshold: within(raceRanges.threshold),
    sampling: fc.constantFrom(...samplings),
  }),
});
const states: fc.Arbitrary<ModesLink> = settings.chain((each) =>
  fc.record({ settings: fc.constant(each), step: fc.option(fc.integer({ min: 0, max: each.steps })) }),
);

function decode(hash: string) {
  const { reader, ...place } = readLink(hash);
  expect(isLinkTo(place, modesView)).toBe(true);
  const state = readModes(reader);
  return { state, problems: reader.finish() };
}

describe('links to the bandit', () => {
  it('hold nothing but the view where everything is the default', () => {
    expect(writeLink(modesView.route, writeModes({ settings: defaultModes, step: null }))).toBe('/why/peaks');
    expect(decode('v=1&view=modes').state).toEqual({ settings: defaultModes, step: null });
  });

  it('bring every state back', () => {
    fc.assert(
      fc.property(states, (state) => {
        const { state: back, problems } = decode(writeLink(modesView.route, writeModes(state)));
        expect(problems).toEqual([]);
        expect(back).toEqual(state);
      }),
      { numRuns: 1000 },
    );
  });

  it('open on two peaks where they say nothing, and on the peak at bin 70 where they are of version 1 or 2', () => {
    const open = (fields: Record<string, string>) => openModes(new LinkReader(new URLSearchParams(fields))).settings;
    expect(open({ v: '1', view: 'modes' })).toEqual(defaultModes);
    expect(open({ v: '3' })).toEqual(openingModes);
    expect(open({ v: '3', peak: '70' })).toEqual(defaultModes);
    expect(open({ v: '3', lr: '2' })).toEqual({ ...defaultModes, learningRate: 2 });
    expect(open({ v: '1', reward: 'two-peaks' })).toEqual(openingModes);
    for (const settings of [openingModes, defaultModes, { ...openingModes, beta: 0.3 }, { ...defaultModes, beta: 0.3 }])
      expect(openModes(readLink(writeLink('modes', linkModes({ settings, step: null }))).reader).settings).toEqual(settings);
  });

  it('say what was wrong, and keep what was right', () => {
    const { state, problems } = decode(
      'v=1&view=modes&peak=300&reward=AAAA&ref=cauchy&start=uniform&bins=4.4&race=bon.nobody&seeds=0&beta=0.5',
    );
    expect(problems.map(({ key }) => key).sort()).toEqual(['bins', 'peak', 'race', 'ref', 'reward', 'seeds']);
    expect(state.settings).toEqual({ ...defaultModes, start: 'uniform', beta: 0.5, race: defaultRace });
  });
});

describe('the race', () => {
  it('gives everyone the same number of samples, and is accepted by the engine', async () => {
    const bandit = banditOf(defaultModes);
    for (const { id } of contestants) {
      const experiment = raceExperiment(id, 1, { ...defaultRace, rounds: 1 }, bandit);
      expect(experiment.sampling.groups * experiment.sampling.n).toBe(100);
      expect((await engine.trainOnPolicy(experiment)).rounds).toHaveLength(2);
    }
  });

  it('gives data that others made to offline methods alone', () => {
    const scene = modesPresets.find(({ id }) => id === 'data')?.scene;
    const bandit = banditOf({ ...defaultModes, ...scene });
    expect(bandit.reference).toEqual(banditReference());
    expect(raceExperiment('bon', 1, defaultRace, bandit).sampling).toMatchObject({ sampler: [bandit.data] });
    expect(raceExperiment('bon', 1, defaultRace, banditOf(defaultModes)).sampling).toMatchObject({ source: 'start' });
    expect(raceExperiment('bon-on', 1, defaultRace, bandit).sampling).toMatchObject({ source: 'policy' });
    expect(raceExperiment('ipo', 1, { ...defaultRace, threshold: 0.2 }, bandit).method).toEqual({
      objective: { name: 'ipo_sum', params: { beta: 0.05 } },
      pairs: { threshold: 0.2 },
    });
  });

  it('keeps the samples of the first round where the data is fixed, for those who sample the reference', () => {
    const [fixed, elsewhere] = [{ ...defaultRace, sampling: 'fixed' } as const, banditOf({ ...defaultModes, data: 'narrow' })];
    expect(raceExperiment('ipo', 1, fixed, banditOf(defaultModes)).sampling).toMatchObject({ source: 'start', once: true });
    expect(raceExperiment('ipo', 1, fixed, elsewhere).sampling).toMatchObject({ sampler: [elsewhere.data], once: true });
    expect(raceExperiment('ipo-on', 1, fixed, elsewhere).sampling).not.toHaveProperty('once');
    expect(raceExperiment('ipo', 1, defaultRace, elsewhere).sampling).not.toHaveProperty('once');
  });

  it('shows the effect of geometry: online best-of-10 leaves the ceiling of the offline one far behind only where the peaks are apart', async () => {
    const gap = async (id: 'far' | 'near') => {
      const scene = modesPresets.find((preset) => preset.id === id)?.scene ?? defaultModes;
      const bandit = banditOf({ ...defaultModes, ...scene });
      const [online, offline] = await Promise.all(
        (['bon-on', 'bon'] as const).map(
          async (contestant) =>
            (await engine.trainOnPolicy(raceExperiment(contestant, 1, { ...defaultRace, rounds: 60 }, bandit))).rounds.at(-1)
              ?.expectedReward,
        ),
      );
      return (online ?? Number.NaN) - (offline ?? Number.NaN);
    };
    // the notes' margins for 300 updates
    expect(await gap('far')).toBeGreaterThan(0.6);
    expect(await gap('near')).toBeLessThan(0.1);
  });

  it('keeps every early step of a descent, and its last', () => {
    const kept = keptSteps(400);
    expect(kept.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(kept.at(-1)).toBe(400);
    expect(kept.length).toBeLessThan(120);
    expect(keptSteps(20).at(-1)).toBe(20);
  });
});
