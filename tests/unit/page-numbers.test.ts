import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstOrder } from '../../src/atlas/toys/displacement/first-order.ts';
import { defaultSettings, noOverNever } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { sharedSuffix } from '../../src/atlas/toys/entanglement/shared-suffix.ts';
import { banditReward, narrowLaw } from '../../src/atlas/toys/modes/bandit.ts';
import { emptyLevel, lawOf, topLevel } from '../../src/atlas/toys/modes/levels.ts';
import { defaultRace, raceExperiment } from '../../src/atlas/toys/modes/race.ts';
import { toyRandom } from '../../src/atlas/toys/vectors.ts';
import { meshOf } from '../../src/core/simplex-geometry.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { type Engine, openEngine } from '../../src/train/engine.ts';
import { displacementLesson } from '../../src/views/displacement/lesson.ts';
import { Session } from '../../src/views/displacement/session.svelte.ts';
import { presetSettings, suffixPresets } from '../../src/views/entanglement/entanglement-settings.ts';
import { displacement } from '../../src/views/map/toys/displacement.ts';
import { banditOf, defaultModes, modesPresets } from '../../src/views/modes/modes.ts';

// Sentences of the page that hold a number are compared with what the engine, or the arithmetic, gives.

const sourceOf = (path: string) => readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8').replaceAll(/\s+/g, ' ');
let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ backend: 'cpu' });
});
afterAll(() => engine.dispose());

function preset(title: string) {
  const found = suffixPresets.find((one) => one.title === title);
  if (!found) throw new Error(`There is no case ${title}.`);
  return presetSettings(found);
}
/** the words of a lesson's step and its task as text, told of a lab at its start */
const lessonText = async (title: string) => {
  const session = await Session.create(new PageEngineOwner('cpu'), { calm: true });
  const step = displacementLesson.steps.find((each) => each.title === title);
  return [...(step?.words(session) ?? []), ...(step?.task?.(session) ?? [])]
    .map((piece) => (typeof piece === 'string' ? piece : piece.text))
    .join('');
};

describe('what the map says of its own run', () => {
  const chosenOf = async (scale: number) => {
    const record = Array.from({ length: 2001 }, (_, step) => step);
    const { steps } = await engine.train({
      ...noOverNever({ ...defaultSettings, train: 'both', scale, learningRate: 0.1, steps: 2000 }),
      record,
    });
    return steps.map(({ outcomeLogps }) => Math.exp(outcomeLogps?.[0] ?? Number.NaN));
  };
  const text = displacement.caution;

  test('where “No” begins, where it is after the map’s updates, and when it is back', async () => {
    const probs = await chosenOf(displacement.numbers.scale.default);
    const [start = Number.NaN] = probs;
    const fallen = probs[displacement.start.steps] ?? Number.NaN;
    const back = probs.findIndex((p, step) => step > displacement.start.steps && p >= start);
    expect(text).toContain(
      `π(No) goes from ${(100 * start).toFixed(1)} % to ${(100 * fallen).toFixed(1)} % at update ${displacement.start.steps}`,
    );
    expect(text).toContain(`is back at its start at update ${back}.`);
    expect(text).toContain(`c = ${displacement.numbers.scale.default}, η = ${displacement.start.learningRate}`);
  });

  test('at c = 4 it is not back by update 2000', async () => {
    const probs = await chosenOf(4);
    expect(text).toContain('At c = 4 it has not come back by update 2000.');
    expect(Math.max(...probs.slice(200))).toBeLessThan(probs[0] ?? Number.NaN);
  });
});

describe('what the lesson of displacement says', () => {
  test('of the cause: the inner product above the square of the length', async () => {
    expect(await lessonText('Change the cause')).toContain('Here these are 3.00 and 2.00.');
  });

  test('of random vectors: how seldom a first step lowers the preferred answer', async () => {
    const shareOf = (train: 'hidden' | 'both') => {
      const random = toyRandom(1);
      const vector = () => Array.from({ length: 3 }, () => random.normal());
      const draws = 20_000;
      let falling = 0;
      for (let draw = 0; draw < draws; draw++) {
        const policy = { kind: 'features' as const, hidden: [vector()], unembedding: Array.from({ length: 6 }, vector), train };
        if ((firstOrder(policy, 0, 1).rate[0] ?? 0) < 0) falling++;
      }
      return falling / draws;
    };
    const text = await lessonText('What to keep');
    // four standard errors of the share are below a percentage point: either rounds to the percent that is told, or beside it
    expect(text).toContain('in about 12 % of draws');
    expect(Math.abs(shareOf('hidden') - 0.12)).toBeLessThan(0.01);
    expect(text).toContain('in about 2 % if both are');
    expect(Math.abs(shareOf('both') - 0.02)).toBeLessThan(0.01);
  });
});

describe('what the displacement notebook says of several pairs', () => {
  test('free logits lower the mean of the preferred answers', async () => {
    const { steps } = await engine.train({
      policy: { kind: 'tabular', logits: [[0, 0, 0]] },
      pairs: [
        { prompt: 0, chosen: 0, rejected: 1 },
        { prompt: 0, chosen: 1, rejected: 2 },
      ],
      objective: { name: 'dpo', params: { beta: 0.1 } },
      optimizer: { kind: 'sgd', learningRate: 1, steps: 100 },
      record: [0, 100],
    });
    const meanOf = (step: number) => ((steps[step]?.chosenLogps[0] ?? Number.NaN) + (steps[step]?.chosenLogps[1] ?? Number.NaN)) / 2;
    expect(sourceOf('notebooks/displacement.html')).toContain(`by ${(meanOf(0) - meanOf(1)).toFixed(3)} nats in 100 steps`);
  });
});

describe('what the cases of entanglement say', () => {
  const fallsAt = async (title: string, suffix: number) => {
    const [diagnosis] = await engine.diagnose(sharedSuffix({ ...preset(title), suffix }));
    return (diagnosis?.chosenRate ?? Number.NaN) < 0 && (diagnosis?.rejectedRate ?? Number.NaN) < 0;
  };
  const aboutOf = (title: string) => suffixPresets.find((one) => one.title === title)?.about;

  test('“both fall, late” takes nine shared tokens', async () => {
    const lengths = Array.from({ length: 12 }, (_, suffix) => suffix);
    const falls = await Promise.all(lengths.map((suffix) => fallsAt('Both fall, late', suffix)));
    // at p = p′ + 0.3 = 0.8 the chosen answer falls from m > 1 / (2 · 0.2 · 0.3) = 8.33 on
    expect(falls.indexOf(true)).toBe(9);
    expect(aboutOf('Both fall, late')).toContain('The first small step lowers both from nine on');
  });

  /** how far either answer is from its start when a run of the case ends, nats */
  const ends = async (title: string, change = {}) => {
    const { steps } = await engine.train({ ...sharedSuffix({ ...preset(title), ...change }), record: [0, 1, preset(title).steps] });
    const moved = (i: number, side: 'chosenLogps' | 'rejectedLogps') => (steps[i]?.[side][0] ?? 0) - (steps[0]?.[side][0] ?? 0);
    const at = (i: number) => [moved(i, 'chosenLogps'), moved(i, 'rejectedLogps')] as const;
    return { first: at(1), last: at(2) };
  };

  test('in a whole run of it two are enough', async () => {
    expect(aboutOf('Both fall, late')).toContain(`in ${preset('Both fall, late').steps} updates two are enough`);
    expect((await ends('Both fall, late', { suffix: 1 })).last[0]).toBeGreaterThan(0);
    expect(Math.max(...(await ends('Both fall, late', { suffix: 2 })).last)).toBeLessThan(0);
  });

  test('“both rise” lasts for the first updates', async () => {
    const { first, last } = await ends('Both rise');
    expect(Math.min(...first)).toBeGreaterThan(0);
    expect(last[0]).toBeGreaterThan(0);
    expect(last[1]).toBeLessThan(0);
    expect(aboutOf('Both rise')).toContain('both rise at first; later the rejected answer falls');
  });

  test('“both fall” has eight, and both do', async () => {
    expect(preset('Both fall')).toMatchObject({ suffix: 8, afterChosen: 0.6, afterRejected: 0.2 });
    expect(aboutOf('Both fall')).toBe('p = .6, p′ = .2, eight shared tokens.');
    expect(await fallsAt('Both fall', 8)).toBe(true);
  });
});

describe('what the bandit’s texts say', () => {
  const words = (id: string) => modesPresets.find((one) => one.id === id);

  test('a thousandth of the narrow reference is spread out', () => {
    expect(words('uncovered')?.words).toContain('a thousandth of its mass is spread out');
    const least = Math.min(...narrowLaw().map(Math.exp));
    expect(100 * least).toBeCloseTo(1e-3, 5);
  });

  test('bins 15 and 25 are equally good in the target, but not at the start', () => {
    const { target, start } = banditOf({ ...defaultModes, ...words('rich')?.scene });
    expect(words('rich')?.words).toContain('Bins 15 and 25 are equally good in the target, but not at the start');
    expect(target[15]).toBeCloseTo(target[25] ?? Number.NaN, 12);
    expect(Math.abs((start[15] ?? 0) - (start[25] ?? 0))).toBeGreaterThan(0.1);
  });

  test('an empty bin keeps its part of a full one', () => {
    const [empty = Number.NaN, full = Number.NaN] = lawOf([0, topLevel]);
    expect(Math.exp(full - empty)).toBeCloseTo(topLevel / emptyLevel, 6);
    expect(sourceOf('src/views/modes/picture/ModesCause.svelte')).toContain(
      `an empty bin keeps 1/${Math.round(topLevel / emptyLevel)} of a full one`,
    );
  });

  test('IPO is behind best-of-N on all pairs after 100 updates at the far peak, and ahead without the nearly equal ones', async () => {
    const bandit = banditOf(defaultModes);
    expect(bandit.rewards).toEqual(banditReward(70));
    const reached = async (id: 'ipo' | 'bon', threshold: number) => {
      const runs = await Promise.all(
        [1, 2, 3].map((seed) => engine.trainOnPolicy(raceExperiment(id, seed, { ...defaultRace, threshold, rounds: 20 }, bandit))),
      );
      return runs.reduce((sum, { rounds }) => sum + (rounds.at(-1)?.expectedReward ?? Number.NaN), 0) / runs.length;
    };
    const text = sourceOf('src/views/modes/ModesWords.svelte');
    expect(text).toContain('IPO is behind best-of-10 after 100 updates on fresh samples');
    expect(text).toContain('rewards differ by less than 0.2 are left out');
    const bon = await reached('bon', 0);
    expect(await reached('ipo', 0)).toBeLessThan(bon);
    expect(await reached('ipo', 0.2)).toBeGreaterThan(bon);
  });
});

test('the simplex takes its shares from as many points as it says', () => {
  expect(sourceOf('src/views/simplex/SimplexView.svelte')).toContain(`from ${meshOf(64).mixes.length} points`);
});
