import { beforeAll, describe, expect, test, vi } from 'vitest';
import { contestants, defaultRace, raceExperiment } from '../../src/atlas/toys/modes/race.ts';
import { banditScenes } from '../../src/atlas/toys/modes/scene.ts';
import { expectedReward, mixedShare, passAtK, rewardGradientSquared } from '../../src/core/exact.ts';
import { logSoftmax, softmax } from '../../src/core/softmax.ts';
import {
  type Engine,
  type Experiment,
  type OnPolicyExperiment,
  type OnPolicyRound,
  openEngine,
  type TabularPolicy,
} from '../../src/index.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { type LinkFields, writeLink } from '../../src/shell/links/link.ts';
import { openLink } from '../../src/shell/links/open-link.ts';
import { fetchGroupLosses } from '../../src/shell/losses/group-losses.ts';
import { pushesOf } from '../../src/train/group/group-pushes.ts';
import { GroupsLab, usualLook } from '../../src/views/groups/groups.svelte.ts';
import { readGroups, writeGroups } from '../../src/views/groups/groups-link.ts';
import { choiceOf, experimentOf, groupMethods, methods, paramsOf, racersOf, twinOf, typedId } from '../../src/views/groups/methods.ts';
import { ks, populationNumbers } from '../../src/views/groups/population.ts';
import {
  bandOf,
  type Curve,
  clippedShares,
  curveOf,
  drawnUpdates,
  quantityOf,
  type RacePoint,
  recordedUpdates,
  whenPassed,
} from '../../src/views/groups/race/curves.ts';
import { regimeOf, regimeSentence } from '../../src/views/groups/race/regimes.ts';
import { lineStyles } from '../../src/views/groups/race/style.ts';
import { defaultGroups, enterWorld, type GroupsSettings } from '../../src/views/groups/settings.ts';
import { advantagesOf, ruleOf } from '../../src/views/groups/slow/advantage.ts';
import { clipOf } from '../../src/views/groups/slow/clip.ts';
import { fullBarOf } from '../../src/views/groups/slow/full-bar.ts';
import { groupUpdate } from '../../src/views/groups/slow/group-update.ts';
import { pushParts } from '../../src/views/groups/slow/push-parts.ts';
import { stages } from '../../src/views/groups/slow/slow-motion.svelte.ts';
import { sentenceOf } from '../../src/views/groups/slow/story.ts';
import { answers, prompts, worldOf } from '../../src/views/groups/world.ts';
import { banditOf, defaultModes, type ModesSettings } from '../../src/views/modes/modes.ts';
import { inGroups } from '../../src/views/modes/race/in-groups.ts';

const few: GroupsSettings = { ...defaultGroups, updates: 12, reuse: 4, learningRate: 2 };
const every = (settings: GroupsSettings): number[] => Array.from({ length: settings.updates + 1 }, (_, update) => update);

let engine: Engine;
beforeAll(async () => {
  await fetchGroupLosses();
  engine = await openEngine({ backend: 'cpu' });
});
const statesOf = async (id: string, settings: GroupsSettings, seed = 1): Promise<readonly OnPolicyRound[]> =>
  (await engine.trials([experimentOf(id, seed, settings)], { record: every(settings) }))[0]?.rounds ?? [];

/** Every list of `length` answers of `width`, each with its probability. */
function* draws(probs: readonly number[], length: number): Generator<{ list: readonly number[]; probability: number }> {
  if (length === 0) {
    yield { list: [], probability: 1 };
    return;
  }
  for (const { list, probability } of draws(probs, length - 1))
    for (const [answer, p] of probs.entries()) yield { list: [...list, answer], probability: probability * p };
}

describe('a method that is said to be another', () => {
  const changes: Readonly<Record<string, Partial<GroupsSettings>>> = {
    ...{ nothing: {}, 'a KL in the loss': { beta: 0.1, kl: 'k3' }, 'a KL in the reward': { beta: 0.1, kl: 'reward' } },
    ...{ 'one scale for all': { scale: 'group' }, 'no scale': { scale: 'none' }, 'an upper clip of its own': { epsilonHigh: 0.5 } },
    'both clips alike': { epsilon: 0.1, epsilonHigh: 0.1 },
  };
  const twins = { ppo: 'dr_grpo', bnpo: 'grpo', gspo: 'grpo' } as const;

  test.each(Object.entries(changes))('trains as it, or is not said to: %s', async (_, change) => {
    const settings = { ...few, ...change };
    for (const [id, other] of Object.entries(twins)) {
      const [mine, its] = [(await statesOf(id, settings)).at(-1), (await statesOf(other, settings)).at(-1)];
      const apart = Math.max(...Array.from(mine?.outcomeLogps ?? [], (value, i) => Math.abs(value - (its?.outcomeLogps[i] ?? Number.NaN))));
      expect(twinOf(id, settings) !== null, `${id}: ${apart}`).toBe(apart < 1e-9);
    }
  });
});

describe('exact quantities', () => {
  const probs = softmax([0.3, -1.2, 0.8, -0.1]);
  const right = 1;

  test.each([1, 2, 3, 5])('pass@%i and the share of groups with a signal are what counting all draws gives', (k) => {
    let [passed, mixed] = [0, 0];
    for (const { list, probability } of draws([...probs], k)) {
      if (list.includes(right)) passed += probability;
      if (list.includes(right) && list.some((answer) => answer !== right)) mixed += probability;
    }
    // sums of at most 4^5 products of five numbers below 1
    expect(Math.abs(passAtK(probs[right] ?? 0, k) - passed)).toBeLessThan(1e-13);
    expect(Math.abs(mixedShare(probs[right] ?? 0, k) - mixed)).toBeLessThan(1e-13);
  });

  test('pass@512 of a tiny probability keeps its digits', () => {
    expect(passAtK(1e-15, 512)).toBeCloseTo(512e-15 - ((512 * 511) / 2) * 1e-30, 27);
    expect(passAtK(0, 512)).toBe(0);
    expect(passAtK(1, 1)).toBe(1);
  });

  test('the gradient of the expected reward is that of finite differences', () => {
    const [logits, rewards, h] = [[0.4, -0.3, 1.1, 0], [0, 1, 0.3, 0], 1e-4];
    const value = (at: number, by: number) => expectedReward(logSoftmax(logits.map((x, i) => (i === at ? x + by : x))), rewards);
    const squared = logits.reduce(
      (sum, _, i) => sum + ((8 * (value(i, h) - value(i, -h)) - value(i, 2 * h) + value(i, -2 * h)) / (12 * h)) ** 2,
      0,
    );
    expect(rewardGradientSquared(logSoftmax(logits), rewards)).toBeCloseTo(squared, 11);
  });

  test('of a population they are means over its prompts', () => {
    const rows = [softmax([1, 0, -1]), softmax([0, 0, 3])];
    const logps = rows.flatMap((row) => [...row].map(Math.log));
    const rewards = [
      [1, 0, 0],
      [1, 0, 1],
    ];
    const numbers = populationNumbers(logps, { rewards, start: logps, groupSize: 3 });
    const p = [rows[0]?.[0] ?? 0, (rows[1]?.[0] ?? 0) + (rows[1]?.[2] ?? 0)];
    for (const [i, k] of ks.entries())
      expect(numbers.pass[i]).toBeCloseTo(
        p.reduce((sum, each) => sum + (1 - (1 - each) ** k) / 2, 0),
        12,
      );
    expect(numbers.effective).toBeCloseTo(
      p.reduce((sum, each) => sum + (1 - each ** 3 - (1 - each) ** 3) / 2, 0),
      12,
    );
    expect(numbers.kl).toBe(0);
  });
});

describe('the world', () => {
  test.each(['shared', 'free'] as const)('%s: both begin at the same probabilities', async (world) => {
    const [state] = await statesOf('grpo', { ...few, world });
    const { policy } = worldOf({ ...few, world: 'free' }, 1);
    const logps = (policy as TabularPolicy).logits.flatMap((row) => [...logSoftmax(row)]);
    for (const [i, logp] of logps.entries()) expect(state?.outcomeLogps[i]).toBeCloseTo(logp, 12);
  });

  test('one try is right now and then, and some prompts hardly ever', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const [state] = await statesOf('grpo', few, seed);
      const { pass } = populationNumbers(state?.outcomeLogps ?? [], {
        rewards: worldOf(few, seed).rewards,
        start: state?.outcomeLogps ?? [],
        groupSize: 8,
      });
      expect(pass[0]).toBeGreaterThan(0.02);
      expect(pass[0]).toBeLessThan(0.25);
      expect(pass.at(-1)).toBeLessThan(1);
    }
  });
});

describe('the record of an on-policy run', () => {
  test('holds each update: the same groups as stages of one experiment give the same states to the bit', async () => {
    const settings = { ...few, world: 'free' as const, beta: 0.05 };
    const run = experimentOf('grpo', 3, settings);
    const [trial] = await engine.trials([run], { record: every(settings) });
    const rounds = trial?.rounds ?? [];
    expect(rounds.map(({ updates }) => updates)).toEqual(every(settings));
    const drawn = rounds.flatMap(({ groups }) => (groups ? [groups] : []));
    expect(drawn).toHaveLength(3);
    for (const groups of drawn)
      expect(groups.map(({ prompt, responses }) => [prompt, responses.length])).toEqual(
        Array.from({ length: prompts }, (_, prompt) => [prompt, 8]),
      );
    const optimizer = { ...run.optimizer, steps: settings.reuse };
    const objective = choiceOf('grpo', settings);
    const staged: Experiment = {
      policy: run.policy,
      pairs: [],
      groups: drawn[0] ?? [],
      objective,
      optimizer,
      record: every(settings),
      stages: drawn.slice(1).map((groups) => ({ groups, reference: 'run start' as const })),
    };
    const { steps, final } = await engine.train(staged);
    for (const [i, { outcomeLogps }] of rounds.entries()) expect(steps[i]?.outcomeLogps).toEqual(outcomeLogps);
    expect(final).toEqual(trial?.final);
  });

  test('changes nothing of the run, and is absent where nobody asks', async () => {
    const run = experimentOf('dapo', 2, few);
    const [asked, plain] = [await engine.trials([run], { record: every(few) }), await engine.trials([run])];
    expect(asked[0]?.final).toEqual(plain[0]?.final);
    expect(plain[0]?.rounds).toBeUndefined();
    const { rounds } = await engine.trainOnPolicy(run);
    expect(rounds.map(({ updates }) => updates)).toEqual([0, 4, 8, 12]);
    expect(rounds.map(({ groups }) => groups !== undefined)).toEqual([true, true, true, false]);
  });
});

describe('one update', () => {
  const settings: GroupsSettings = { ...few, world: 'free', learningRate: 3 };
  const ids = groupMethods.map(({ id }) => id);

  test.each(ids)('%s: its pushes are what moves the engine’s logits', async (id) => {
    const states = await statesOf(id, settings);
    for (const update of [0, 1, 3, 5]) {
      const batch = update - (update % settings.reuse);
      const [drawnFrom, now, next] = [states[batch], states[update], states[update + 1]];
      const groups = drawnFrom?.groups ?? [];
      const pushes = await pushesOf(choiceOf(id, settings), groups, answers, {
        now: now?.outcomeLogps ?? [],
        drawnFrom: drawnFrom?.outcomeLogps ?? [],
        reference: states[0]?.outcomeLogps ?? [],
      });
      for (const [prompt, own] of pushes.entries()) {
        const probs = (now?.outcomeLogps ?? []).slice(prompt * answers, (prompt + 1) * answers).map(Math.exp);
        const moved = probs.map((p, answer) =>
          own.reduce((sum, push, i) => sum + (push * ((groups[prompt]?.responses[i] === answer ? 1 : 0) - p)) / own.length, 0),
        );
        const [before, after] = [now, next].map((state) => (state?.outcomeLogps ?? []).slice(prompt * answers, (prompt + 1) * answers));
        const expected = logSoftmax((before ?? []).map((logp, answer) => logp + settings.learningRate * (moved[answer] ?? 0)));
        // the log-probs are below 40, the pushes below 100
        for (const [answer, logp] of expected.entries()) expect(Math.abs((after?.[answer] ?? Number.NaN) - logp)).toBeLessThan(1e-11);
      }
    }
  });

  /** The record of an update for every prompt. */
  const shownOf = async (id: string, states: readonly OnPolicyRound[], update: number) => {
    const batch = update - (update % settings.reuse);
    const [drawnFrom, now, next] = [states[batch], states[update], states[update + 1]];
    const logps = { drawnFrom: drawnFrom?.outcomeLogps ?? [], now: now?.outcomeLogps ?? [], next: next?.outcomeLogps ?? [] };
    const groups = drawnFrom?.groups ?? [];
    const reference = states[0]?.outcomeLogps ?? [];
    const pushes = await pushesOf(choiceOf(id, settings), groups, answers, { ...logps, reference });
    const { right } = worldOf(settings, 1);
    return Array.from({ length: prompts }, (_, prompt) =>
      groupUpdate({
        id,
        params: paramsOf(id, settings),
        prompt,
        right: right[prompt] ?? 0,
        hasBonus: false,
        groups,
        ...logps,
        pushes: pushes[prompt] ?? null,
      }),
    );
  };

  test.each(ids)('%s: the formula that is shown is the engine’s number', async (id) => {
    let clipped = 0;
    const states = await statesOf(id, settings);
    for (const update of [0, 3, 7])
      for (const shown of await shownOf(id, states, update)) {
        for (const one of shown?.drawn ?? []) {
          const parts = shown && pushParts(shown, one);
          if (!shown?.rule) expect(parts?.kind).toBe('other');
          else if (shown.clip.kind === 'none' && shown.usesRatio)
            expect(['other', 'ratio']).toContain(parts?.kind); // a gate that bends
          else expect(parts).toMatchObject({ rest: 0 });
          if (parts?.kind === 'clipped') {
            clipped++;
            expect(one.push).toBe(0);
          }
        }
      }
    const { kind } = clipOf(id, paramsOf(id, settings));
    expect(clipped > 0).toBe(kind === 'clip');
  });

  test('advantages: of a group of 1, 0, 0, 0', () => {
    const of = (id: string, params = {}) => {
      const rule = ruleOf(id, params);
      return rule && advantagesOf(rule, [1, 0, 0, 0], [1, 0, 0, 0, 1, 1, 1, 1]).map(({ value }) => value);
    };
    expect(of('dr_grpo')).toEqual([0.75, -0.25, -0.25, -0.25]);
    expect(of('rloo')?.map((value) => value.toFixed(6))).toEqual(['1.000000', '-0.333333', '-0.333333', '-0.333333']);
    expect(of('grpo')?.[0]).toBeCloseTo(0.75 / (0.5 + 1e-4), 12);
    expect(of('reinforce_no_baseline')).toEqual([1, 0, 0, 0]);
    expect(of('best_of_n')).toBeNull();
  });

  test('a KL in the reward leaves answers that did equally well apart, and they are told from the least to the largest', async () => {
    const priced: GroupsSettings = { ...settings, beta: 0.1, kl: 'reward' };
    const method = methods.find(({ id }) => id === 'dr_grpo');
    let apart = 0;
    for (const shown of await shownOf('dr_grpo', await statesOf('dr_grpo', priced), 11)) {
      if (!shown || !method) continue;
      const said = sentenceOf(shown, 'advantage', 11, method);
      const texts = new Set(shown.drawn.map(({ advantage }) => (advantage?.value ?? 0).toFixed(2).replace('-', '−')));
      expect(said).not.toMatch(/the group’s own\.$/);
      if ((shown.rightCount !== 0 && shown.rightCount !== 8) || texts.size === 1) continue;
      apart++;
      expect(said).toMatch(/how the KL in the reward differs: advantages from .+ to .+\./);
      expect([...texts].filter((text) => said.includes(text.replace('−', ''))).length).toBeGreaterThan(1);
    }
    expect(apart).toBeGreaterThan(0);
  });

  test('each stage is told in a sentence with its numbers', async () => {
    const method = methods.find(({ id }) => id === 'grpo');
    for (const shown of await shownOf('grpo', await statesOf('grpo', settings), 3)) {
      if (!shown || !method || shown.rightCount === 0 || shown.rightCount === 8) continue;
      const told = stages.map((stage) => sentenceOf(shown, stage, 3, method));
      expect(told[1]).toContain(`${shown.rightCount} of 8 are right`);
      expect(told[2]).toContain((shown.drawn.find(({ isRight }) => isRight)?.advantage?.value ?? 0).toFixed(2));
      for (const sentence of told) {
        expect(sentence).not.toMatch(/NaN|undefined|null/);
        expect(sentence.length).toBeLessThan(190);
      }
    }
  });
});

describe('the first update', () => {
  test('begins by itself once, unless the reader or a link has been before', () => {
    const fresh = () => new GroupsLab(new PageEngineOwner('cpu'));
    expect(fresh().slow.beginsByItself).toBe(true);
    expect(new GroupsLab(new PageEngineOwner('cpu'), { calm: true }).slow.beginsByItself).toBe(false);
    // what a link brings to its start may begin, one that shows a later stop stands
    const opened = fresh();
    opened.restore({ settings: { ...defaultGroups, learningRate: 2 }, ...usualLook });
    expect(opened.slow.beginsByItself).toBe(true);
    const later = fresh();
    later.restore({ settings: defaultGroups, ...usualLook, slow: { ...usualLook.slow, stop: 4 } });
    expect([later.slow.beginsByItself, later.link.slow.stop]).toEqual([false, 4]);
    for (const act of [
      (lab: GroupsLab) => lab.change({ groupSize: 4 }),
      (lab: GroupsLab) => lab.slow.show({ prompt: 3 }),
      (lab: GroupsLab) => lab.slow.step(1),
      (lab: GroupsLab) => lab.slow.toggle(),
      (lab: GroupsLab) => lab.slow.leaveToReader(),
    ]) {
      vi.stubGlobal('requestAnimationFrame', () => 1);
      const lab = fresh();
      act(lab);
      expect(lab.slow.beginsByItself).toBe(false);
      lab.slow.pause();
      vi.unstubAllGlobals();
    }
  });

  test('plays to the first clip and rests there, waits while nobody sees it, and its link is that of the start', async () => {
    let [now, frame] = [0, (): void => {}];
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    vi.stubGlobal('requestAnimationFrame', (next: () => void) => {
      frame = next;
      return 1;
    });
    const tick = async (): Promise<void> => {
      await lab.slow.refresh();
      now += 2700;
      frame();
      await new Promise((resolve) => setImmediate(resolve));
    };
    const lab = new GroupsLab(new PageEngineOwner('cpu'));
    try {
      lab.slow.beginByItself();
      expect(lab.slow.playing).toBe(true);
      for (const stage of ['reward', 'advantage'] as const) {
        await tick();
        expect(lab.slow.stage).toBe(stage);
      }
      lab.setHidden(true);
      await tick();
      expect([lab.slow.stage, lab.slow.playing, lab.slow.beginsByItself]).toEqual(['advantage', false, true]);
      lab.slow.beginByItself();
      const clips: boolean[] = [];
      while (lab.slow.playing && clips.length < 12) {
        await tick();
        if (lab.slow.stage === 'ratio' && lab.slow.playing)
          clips.push(lab.slow.shown?.drawn.some(({ clipped }) => clipped !== null) ?? true);
      }
      expect([lab.slow.stage, lab.slow.batch, lab.slow.playing]).toEqual(['ratio', 0, false]);
      expect(lab.slow.shown?.drawn.some(({ clipped }) => clipped !== null)).toBe(true);
      expect(clips.slice(0, -1)).not.toContain(true); // the last is where it rests, for as long as its sentence takes to read
      const { stop } = lab.slow.look;
      expect(lab.link.slow).toEqual(usualLook.slow);
      lab.slow.beginByItself();
      expect(lab.slow.playing).toBe(false);
      // what the reader does from here on is what a link shows
      lab.slow.step(1);
      expect([lab.slow.stage, lab.link.slow.stop]).toEqual(['move', stop + 1]);
    } finally {
      vi.restoreAllMocks();
      vi.unstubAllGlobals();
    }
  });

  test('a full bar stands for the least of 1, 2 and 5 times a power of ten that nothing is above', () => {
    const cases = [
      [[], 1],
      [[0, 0], 1],
      [[0.3, -0.7], 1],
      [[1], 1],
      [[-1.0001], 2],
      [[2, 1], 2],
      [[2.64], 5],
      [[-7], 10],
      [[0.05], 0.05],
      [[0.051], 0.1],
      [[30], 50],
    ] as const;
    for (const [values, level] of cases) expect(fullBarOf(values)).toBeCloseTo(level, 12);
  });
});

describe('the race', () => {
  test('its curves are those of the run, and its clips are counted one by one', async () => {
    const states = await statesOf('dapo', few);
    const { rewards } = worldOf(few, 1);
    const curve = curveOf(states, 'dapo', few, rewards);
    expect(curve.map(({ update }) => update)).toEqual([0, 4, 8, 12]);
    expect(curve.map(({ samples }) => samples)).toEqual([0, 256, 512, 768]);
    for (const point of curve) expect(point.pass[0]).toBeCloseTo(states[point.update]?.expectedReward ?? Number.NaN, 12);
    // by hand: DAPO’s own clip is 0.8 to 1.28
    const [drawnFrom, last] = [states[8], states[11]];
    let [low, high] = [0, 0];
    for (const { prompt, responses } of drawnFrom?.groups ?? []) {
      const count = responses.filter((one) => rewards[prompt]?.[one as number] === 1).length;
      if (count === 0 || count === 8) continue;
      for (const one of responses) {
        const at = prompt * answers + (one as number);
        const ratio = Math.exp((last?.outcomeLogps[at] ?? 0) - (drawnFrom?.outcomeLogps[at] ?? 0));
        const isRight = rewards[prompt]?.[one as number] === 1;
        if (isRight && ratio > 1.28) high++;
        if (!isRight && ratio < 0.8) low++;
      }
    }
    expect(low + high).toBeGreaterThan(0);
    expect([curve[3]?.clippedLow, curve[3]?.clippedHigh]).toEqual([low / 256, high / 256]);
    expect(clippedShares(drawnFrom ?? { outcomeLogps: [] }, last?.outcomeLogps ?? [], 'reinforce', {}, answers)).toEqual({
      low: 0,
      high: 0,
    });
  });

  test('what is recorded holds what is drawn', () => {
    for (const settings of [few, defaultGroups, { ...few, reuse: 1 }, { updates: 1200, reuse: 7 }, { updates: 20, reuse: 16 }]) {
      const [drawn, recorded] = [drawnUpdates(settings), new Set(recordedUpdates(settings))];
      expect(drawn.length).toBeLessThanOrEqual(42);
      for (const update of drawn) expect(recorded.has(update) && update % settings.reuse === 0).toBe(true);
    }
  });

  const point = (update: number, pass1: number, pass512: number): RacePoint => ({
    ...{ update, samples: update * 2, entropy: 0, kl: 0, effective: 0, gradient: 0, clippedLow: 0.1, clippedHigh: 0.2 },
    pass: ks.map((k) => (k === 1 ? pass1 : pass512)),
  });
  const curve: Curve = [point(0, 0.1, 0.9), point(10, 0.3, 0.8), point(20, 0.2, 0.7), point(30, 0.6, 0.6)];

  test('at equal pass@1 a run is read at the first moment at which it has risen so far', () => {
    const at = (level: number) => whenPassed(curve, level, (one) => quantityOf(one, 'pass512'));
    expect(at(0.2)).toBeCloseTo(0.85, 12);
    expect(at(0.3)).toBeCloseTo(0.8, 12);
    expect(at(0.4)).toBeCloseTo(0.65, 12);
    expect(at(0.05)).toBeNull();
    expect(at(0.7)).toBeNull();
    const band = bandOf([curve, [point(0, 0.1, 0.5), point(10, 0.5, 0.5)]], 'pass512', 'pass1');
    expect(band[0]?.x).toBeCloseTo(0.1, 12);
    expect(band.at(-1)?.x).toBeCloseTo(0.5, 12);
    expect(band.find(({ x }) => Math.abs(x - 0.2) < 1e-9)).toMatchObject({ low: 0.5, high: expect.closeTo(0.85, 12) });
    expect(bandOf([curve], 'clipped', 'samples')[1]).toMatchObject({ x: 20, mean: expect.closeTo(0.3, 12) });
  });

  test('what has become of a method is told by its numbers', () => {
    const of = (pass1: readonly [number, number], pass512: readonly [number, number]) => regimeOf({ pass1, pass512 }, 3);
    expect(of([0.1, 0.6], [0.9, 0.6])).toBe('sharpens');
    expect(of([0.1, 0.6], [0.9, 0.95])).toBe('widens');
    expect(of([0.1, 0.6], [0.9, 0.9])).toBe('keeps');
    expect(of([0.1, 0.11], [0.9, 0.6])).toBe('stays');
    expect(of([0.1, 0.05], [0.9, 0.9])).toBe('falls');
    expect(regimeOf({ pass1: [0.1, 0.6], pass512: [0.9, 0.6] }, 0)).toBe('start');
    // where one try is right as often as before, 512 may find much less
    const told = regimeSentence('GKD', { pass1: [0.003, 0.004], pass512: [0.998, 0.6] }, 3, 'shared').replaceAll('\u202f', ' ');
    expect(told).toBe('GKD hardly changes pass@1, <1 % → <1 %; pass@512 goes >99 % → 60 %.');
  });

  test('no two methods are drawn alike', () => {
    const styles = Object.values(lineStyles).map((style) => JSON.stringify(style));
    expect(new Set(styles).size).toBe(methods.length + 1); // and the reader's own line
  });

  test('settings that are not moved leave each method its own, and moved ones reach those that have them', () => {
    expect(paramsOf('dapo', defaultGroups)).toEqual({ epsilonHigh: 0.28 });
    expect(paramsOf('grpo', defaultGroups)).toEqual({});
    expect(paramsOf('dapo', { ...defaultGroups, epsilon: 0.1 })).toEqual({ epsilon: 0.1, epsilonHigh: 0.2 });
    expect(paramsOf('cispo', { ...defaultGroups, epsilonHigh: 0.5, scale: 'none' })).toEqual({ scaleRewards: 'none' });
    expect(paramsOf('grpo', { ...defaultGroups, beta: 0.1, kl: 'k2' })).toEqual({ beta: 0.1, kl: 'k2' });
    expect(paramsOf('rloo', { ...defaultGroups, beta: 0.1, kl: 'k3' })).toEqual({ beta: 0.1 });
    expect(experimentOf('grpo', 1, { ...defaultGroups, beta: 0.1, kl: 'reward' })).toMatchObject({
      klPenalty: 0.1,
      method: { objective: { params: {} } },
    });
    for (const { id } of groupMethods)
      for (const kl of ['k1', 'k2', 'k3', 'reward'] as const)
        expect(() => experimentOf(id, 1, { ...defaultGroups, beta: 0.1, kl, scale: 'batch', entropy: 0.01, epsilon: 0.1 })).not.toThrow();
  });
});

describe('the bandit', () => {
  const modes: ModesSettings = {
    ...defaultModes,
    ...banditScenes.data.scene,
    race: { ...defaultRace, contestants: contestants.map(({ id }) => id), rounds: 4, threshold: 0.1, sampling: 'fixed', seeds: 2 },
  };
  const opened = async (run: LinkFields['run']): Promise<GroupsSettings> => {
    const { reader } = await openLink(`#${writeLink('why/groups', { run, look: {} })}`);
    const { settings } = readGroups(reader);
    expect(reader.finish()).toEqual([]);
    return settings;
  };

  test('a link from Mode-seeking has the same race, to the bit', async () => {
    const settings = await opened(inGroups(modes));
    expect(settings).toMatchObject({
      world: 'bandit',
      groupSize: 10,
      learningRate: 0.05,
      updates: 20,
      reuse: 5,
      scene: banditScenes.data.scene,
    });
    expect(settings).toMatchObject({ seeds: 2, threshold: 0.1, sampling: 'fixed' });
    const racers = racersOf(settings).map(({ id }) => id);
    expect(racers).toHaveLength(contestants.length);
    const runOf = async (experiment: OnPolicyExperiment) => (await engine.trainOnPolicy(experiment)).rounds;
    for (const { id } of contestants) {
      const own = id === 'bon-on' ? 'best_of_n' : id;
      expect(racers).toContain(own);
      expect(await runOf(experimentOf(own, 2, settings)), id).toEqual(await runOf(raceExperiment(id, 2, modes.race, banditOf(modes))));
    }
  });

  test('a reward that was drawn, and its name, go by the link', async () => {
    const drawn = banditScenes.two.scene.reward.map((level, bin) => (bin === 3 ? 9 : level));
    for (const reward of [drawn, banditScenes.two.scene.reward]) {
      const { scene } = await opened(inGroups({ ...modes, reward }));
      expect(scene).toEqual({ ...banditScenes.data.scene, reward });
    }
  });

  test('the best of k answers and groups with a signal are what counting all draws gives', () => {
    const logps = [...logSoftmax([0.3, -1.2, 0.8, -0.1])];
    const source = [...logSoftmax([-0.4, 0.2, 0.1, 1])];
    const rewards = [0.2, 0.9, 0.2, 0.5];
    for (const [row, groupSize] of [
      [0, 3],
      [1, 4],
    ] as const) {
      const numbers = populationNumbers(logps, { rewards: [rewards], start: logps, groupSize, ...(row === 1 ? { source } : {}) });
      const ofLaw = (law: readonly number[]) => law.map(Math.exp);
      for (const k of [1, 2, 4] as const) {
        let best = 0;
        for (const { list, probability } of draws(ofLaw(logps), k))
          best += probability * Math.max(...list.map((answer) => rewards[answer] ?? 0));
        // sums of at most 4^4 products of six numbers of at most 1
        expect(Math.abs((numbers.pass[ks.indexOf(k)] ?? Number.NaN) - best)).toBeLessThan(1e-13);
      }
      let mixed = 0;
      for (const { list, probability } of draws(ofLaw(row === 1 ? source : logps), groupSize))
        if (new Set(list.map((answer) => rewards[answer])).size > 1) mixed += probability;
      expect(Math.abs(numbers.effective - mixed)).toBeLessThan(1e-13);
    }
  });

  test('rewards of 0 and 1 give the same numbers as verdicts', () => {
    const logps = [...logSoftmax([0.3, -1.2, 0.8, -0.1])];
    const of = (right: number) => populationNumbers(logps, { rewards: [[0, right, right, 0]], start: logps, groupSize: 5 });
    const [verdicts, rewards] = [of(1), of(1 - 2 ** -40)];
    for (const [i, share] of verdicts.pass.entries()) expect(rewards.pass[i]).toBeCloseTo(share, 11);
    expect(rewards.effective).toBeCloseTo(verdicts.effective, 11);
  });

  test('curves of every method have finite numbers, and a world brings its settings and takes them back', async () => {
    const there = { ...defaultGroups, ...enterWorld('bandit', 'shared') };
    expect(there).toMatchObject({ world: 'bandit', learningRate: 0.05, groupSize: 10, updates: 150, reuse: 5 });
    expect({ ...there, ...enterWorld('free', 'bandit') }).toEqual({ ...defaultGroups, world: 'free' });
    const settings: GroupsSettings = {
      ...there,
      updates: 10,
      methods: methods.map(({ id }) => id),
      beta: 0.1,
      kl: 'reward',
      entropy: 0.01,
    };
    for (const { id } of racersOf(settings)) {
      const [trial] = await engine.trials([experimentOf(id, 1, settings)], { record: recordedUpdates(settings) });
      const curve = curveOf(trial?.rounds ?? [], id, settings, worldOf(settings, 1).rewards);
      expect(curve.map(({ update, samples }) => [update, samples])).toEqual([
        [0, 0],
        [5, 100],
        [10, 200],
      ]);
      for (const point of curve) expect(Object.values(point).flat().every(Number.isFinite), id).toBe(true);
    }
    const lab = new GroupsLab(new PageEngineOwner('cpu'));
    lab.look({ lens: 'race' });
    lab.change(enterWorld('bandit', 'shared'));
    lab.look({ lens: 'update' }); // which has prompts to show, and a bandit has none
    expect([lab.lens, lab.settings.world, lab.settings.learningRate]).toEqual(['update', 'shared', 0.5]);
  });
});

describe('a typed loss', () => {
  const line = (id: string): string => groupMethods.find((method) => method.id === id)?.objective?.text ?? '';

  test('of the words of a method runs as the method does, in its race and in its pushes', async () => {
    const settings: GroupsSettings = {
      ...few,
      updates: 8,
      typed: { expression: line('grpo'), params: { epsilon: 0.2, epsilonHigh: 0.2, beta: 0 } },
    };
    expect(racersOf(settings).at(-1)?.id).toBe(typedId);
    const [own, named] = [await statesOf(typedId, settings), await statesOf('grpo', settings)];
    expect(own.map(({ outcomeLogps }) => outcomeLogps)).toEqual(named.map(({ outcomeLogps }) => outcomeLogps));
    const pushesOfId = (id: string) =>
      pushesOf(choiceOf(id, settings), own[4]?.groups ?? [], answers, {
        now: own[6]?.outcomeLogps ?? [],
        drawnFrom: own[4]?.outcomeLogps ?? [],
        reference: own[0]?.outcomeLogps ?? [],
      });
    expect(await pushesOfId(typedId)).toEqual(await pushesOfId('grpo'));
  });

  test('goes by the link with its parameters, and what cannot be read is refused', async () => {
    for (const expression of ['-gamma * reward_i * logp_i / count', '-logsigmoid(beta * margin)']) {
      const lab = new GroupsLab(new PageEngineOwner('cpu'));
      const name = expression.includes('gamma') ? 'gamma' : 'beta';
      lab.restore({ settings: { ...few, updates: 24, typed: { expression, params: { [name]: 0.3 } } }, ...usualLook });
      const { reader } = await openLink(`#${writeLink('why/groups', writeGroups(lab.link))}`);
      expect(readGroups(reader).settings).toEqual(lab.settings);
      expect(reader.finish()).toEqual([]);
    }
    const { reader } = await openLink('#/why/groups?v=3&own.loss=reward_i%20*%20&own.p.beta=0.2');
    expect(readGroups(reader).settings.typed).toBeNull();
    expect(reader.finish().map(({ key }) => key)).toEqual(['own.loss', 'own.p.beta']);
  });
});

test('the view as it comes has an empty link', () => {
  const lab = new GroupsLab(new PageEngineOwner('cpu'));
  expect(lab.link).toEqual({ settings: defaultGroups, ...usualLook });
  expect(writeLink('why/groups', writeGroups(lab.link))).toBe('/why/groups');
});
