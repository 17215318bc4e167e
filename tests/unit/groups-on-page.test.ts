import { beforeAll, describe, expect, test, vi } from 'vitest';
import { defaultSettings, noOverNever, type ToySettings } from '../../src/atlas/toys/displacement/no-over-never.ts';
import type { Mix } from '../../src/core/simplex-geometry.ts';
import { groupObjectives } from '../../src/objectives/group-catalogue.ts';
import { overOf } from '../../src/objectives/over.ts';
import { catalogue, nameOf } from '../../src/objectives/whole-catalogue.ts';
import { Page } from '../../src/page/page.svelte.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { itemsOf, texOf } from '../../src/shell/exports/export.ts';
import { writeLink } from '../../src/shell/links/link.ts';
import { openLink } from '../../src/shell/links/open-link.ts';
import { fetchGroupLosses, groupsElsewhere, lacksGroupLosses } from '../../src/shell/losses/group-losses.ts';
import { trainedOnPair } from '../../src/shell/losses/groups-on-pair.ts';
import { LossEditor } from '../../src/shell/losses/loss-editor.svelte.ts';
import { checkObjective } from '../../src/shell/losses/objective-check.ts';
import { searchObjectives } from '../../src/shell/losses/objective-list.ts';
import { forcesOf, type PageChoice, viewObjective } from '../../src/shell/losses/objective-view.ts';
import { openEngine } from '../../src/train/engine.ts';
import { withoutReward, withReward } from '../../src/views/displacement/cause/reward.ts';
import { displacementExports } from '../../src/views/displacement/displacement-export.ts';
import { readDisplacement, writeToy } from '../../src/views/displacement/displacement-link.ts';
import { Session } from '../../src/views/displacement/session.svelte.ts';
import { readEntanglement } from '../../src/views/entanglement/entanglement-link.ts';
import { readMap, writeMap } from '../../src/views/map/map-link.ts';
import { PhaseMap } from '../../src/views/map/phase-map.svelte.ts';
import { axesOf, sweepAxis } from '../../src/views/map/toys/map-axes.ts';
import { defaultBase, mapExperiment } from '../../src/views/map/toys/map-toys.ts';
import { defaultSimplex, flowFrom, referenceOf } from '../../src/views/simplex/simplex.ts';
import { defaultStarts, readSimplex, writeSimplex } from '../../src/views/simplex/simplex-link.ts';

const line = '-reward_i * logp_i / count + gamma * lse_from(logratio_j - logratio_i)';
const named = catalogue.filter(({ over }) => over === 'groups').map((entry): PageChoice => ({ name: nameOf(entry) }));
const every: readonly PageChoice[] = [...named, { expression: line, params: { gamma: 0.3 } }];
const shown = (choice: PageChoice): string => ('name' in choice ? choice.name : choice.expression);

describe('before anything of groups has been fetched', () => {
  test('a line of groups is read as soon as that is there, and refused where only pairs train', async () => {
    expect(lacksGroupLosses(line)).toBe(true);
    expect(lacksGroupLosses('-logsigmoid(beta * margin)')).toBe(false);
    const choices: PageChoice[] = [];
    const dpo = viewObjective(defaultSettings.objective);
    const editor = new LossEditor(
      () => dpo,
      (choice) => choices.push(choice),
      () => null,
      true,
    );
    editor.type(line);
    expect(choices).toEqual([]);
    await expect.poll(() => choices).toEqual([{ expression: line, params: { gamma: 0.5 } }]);
    expect(editor.problem).toBeNull();
    editor.type('logp_w - lse(logp_j)');
    expect(editor.problem).toMatchObject({ from: 1, to: 6 });
    const elsewhere = new LossEditor(
      () => dpo,
      () => expect.fail('taken'),
    );
    elsewhere.type(line);
    expect(elsewhere.problem?.message).toBe(groupsElsewhere);
  });
});

describe('a loss of groups in the displacement view', () => {
  beforeAll(async () => {
    await fetchGroupLosses();
  });
  const settingsOf = (objective: PageChoice, more: Partial<ToySettings> = {}): ToySettings => ({ ...defaultSettings, objective, ...more });

  test.each(every)('%j: its forces on the pair are the first update that the engine makes with the group', async (objective) => {
    const learningRate = 1e-6;
    const experiment = noOverNever(settingsOf(objective, { learningRate, steps: 1 }));
    expect(experiment.pairs).toEqual([]);
    expect(experiment.groups).toHaveLength(1);
    const logits = [0.5, -0.2, 0.1, 0.3, -1, 0];
    const engine = await openEngine({ backend: 'cpu' });
    const { steps, final } = await engine.train({ ...experiment, policy: { kind: 'tabular', logits: [logits] } });
    engine.dispose();
    const [chosen = 0, rejected = 0] = [steps[0]?.chosenLogps[0], steps[0]?.rejectedLogps[0]];
    const forces = forcesOf(objective)({ chosen, rejected, refChosen: chosen, refRejected: rejected });
    expect(steps[0]?.loss).toBeCloseTo(forces.loss, 12);
    // logit k moves by η (d_w (1[k = w] - π_k) - d_l (1[k = l] - π_k)); the difference of two logits is rounded by about 1e-16 / η
    for (const [k, logit] of logits.entries()) {
      const p = steps[0]?.probs?.[k] ?? Number.NaN;
      const expected = forces.chosen * (Number(k === 0) - p) - forces.rejected * (Number(k === 1) - p);
      const moved = ((final['logits']?.[k] ?? Number.NaN) - logit) / learningRate;
      expect(Math.abs(moved - expected), `${shown(objective)} ${k}`).toBeLessThan(1e-9 * (1 + Math.abs(expected)));
    }
  });

  test.each(every)('%j: comes back from a link, and its gradient agrees with finite differences', async (objective) => {
    const values = viewObjective(objective).parameters.map(
      ({ name, about }) => [name, about.default === 0.7 ? 0.6 : Math.min(0.7, about.max)] as const,
    );
    const settings = settingsOf({ ...objective, params: Object.fromEntries(values) } as PageChoice);
    const link = writeToy(settings);
    const { reader } = await openLink(link);
    expect(readDisplacement(reader).settings).toEqual(settings);
    expect(reader.finish()).toEqual([]);
    const view = viewObjective(settings.objective);
    expect(view.over).toBe('groups');
    expect(view.tex?.({})).toMatch(/^\\sum_/);
    const start = { chosen: -1.3, rejected: -0.6, refChosen: -1.3, refRejected: -0.6 };
    expect(checkObjective(view, start)).toMatchObject({ passed: true });
  });

  test('other views refuse it in words', async () => {
    for (const field of ['objective=grpo', `loss=${encodeURIComponent(line)}`]) {
      const { reader } = await openLink(`/why/tug?v=3&${field}`);
      expect(readEntanglement(reader).settings.objective).toMatchObject({ name: 'dpo' });
      expect(reader.finish().map(({ reason }) => reason)).toContain(groupsElsewhere);
    }
    const { reader } = await openLink('?v=3&objective=grppo');
    expect(readDisplacement(reader).settings.objective).toMatchObject({ name: 'dpo' });
  });

  test('a fork from a pair to a group is two stages, and back again', async () => {
    const settings = settingsOf({ name: 'grpo' }, { steps: 6, past: [{ until: 3, objective: { name: 'dpo' }, learningRate: 1 }] });
    const experiment = noOverNever(settings);
    expect(experiment.pairs).toHaveLength(1);
    expect(experiment.stages?.[0]?.groups).toHaveLength(1);
    const engine = await openEngine({ backend: 'cpu' });
    const { steps } = await engine.train(experiment);
    expect(steps).toHaveLength(7);
    expect(steps[2]?.responseLogps).toBeUndefined();
    expect(steps[6]?.responseLogps).toHaveLength(1);
    const back = noOverNever({
      ...settings,
      objective: { name: 'dpo' },
      past: [{ until: 3, objective: { name: 'grpo' }, learningRate: 1 }],
    });
    expect((await engine.train(back)).steps[6]?.responseLogps).toBeUndefined();
    engine.dispose();
    expect(readDisplacement((await openLink(writeToy(settings))).reader).settings.past).toMatchObject([
      { until: 3, objective: { name: 'dpo' } },
    ]);
  });

  test('the session trains it, and hands it out', async () => {
    const owner = new PageEngineOwner('cpu');
    const session = await Session.create(owner, { calm: true, link: { settings: settingsOf({ name: 'plackett_luce' }), step: null } });
    // on a group of two it is DPO
    const dpo = await Session.create(owner, { calm: true, link: { settings: defaultSettings, step: null } });
    for (const [step, state] of session.expected.entries())
      expect(state.probs?.[0]).toBeCloseTo(dpo.expected[step]?.probs?.[0] ?? Number.NaN, 12);
    expect(session.expected).toHaveLength(101);
    expect(session.seesGapOnly).toBe(true);
    const exports = displacementExports(session);
    expect(itemsOf(exports).map(({ format }) => format)).toEqual(['svg', 'png', 'csv', 'json', 'tex', 'pytorch']);
    const script = exports.script?.({ title: 'A test', notes: [], objective: 'Plackett–Luce' }, 0) ?? '';
    expect(script).toContain('PAIRS = [(0, (0,), (1,))]');
    expect(script).toContain('F.logsigmoid');
    expect(texOf(session.settings.objective, [])).toMatch(/loss of a group[\s\S]*\\sum_\{i\}[\s\S]*as a loss of the pair/);
    for (const each of [session, dpo]) each.dispose();
  });

  test('it is told of the view, and stays there', async () => {
    vi.stubGlobal('addEventListener', () => {});
    const page = await Page.create({ hash: '/why?v=3&objective=grpo', choice: 'cpu', calm: true });
    expect(page.problems).toEqual([]);
    expect(page.experiment.objective).toMatchObject({ name: 'grpo' });
    page.show('simplex');
    await expect.poll(() => page.lab('simplex'), { timeout: 30_000 }).not.toBeNull();
    expect(page.experiment.objective).toMatchObject({ name: 'dpo' });
    page.show('displacement');
    await expect.poll(() => page.experiment.objective, { timeout: 30_000 }).toMatchObject({ name: 'grpo' });
    page.lab('displacement')?.dispose();
    vi.unstubAllGlobals();
  });

  test.each(every)('%j: is the same loss as a line of the pair', (objective) => {
    const line = trainedOnPair(objective);
    expect(overOf(line)).toBe('pairs');
    const [whole, read] = [forcesOf(objective), forcesOf(line)];
    for (const [chosen, rejected] of [
      [-1.2, -0.7],
      [-0.3, -2.5],
      [-4, -0.05],
    ] as const) {
      const state = { chosen, rejected, refChosen: -1.3, refRejected: -0.6 };
      const [expected, found] = [whole(state), read(state)];
      // the same operations, but for constants that were worked out while the line was read
      for (const name of ['loss', 'chosen', 'rejected'] as const)
        expect(Math.abs(found[name] - expected[name]), name).toBeLessThanOrEqual(1e-13 * (1 + Math.abs(expected[name])));
    }
  });

  test.each(named)('%j: flows on the triangle as the engine trains all groups of two that can be drawn', async (objective) => {
    const reference = referenceOf(defaultSimplex);
    const { mixtureCoef = 0 } = groupObjectives.find(({ id }) => id === ('name' in objective ? objective.name : '')) ?? {};
    // at the reference a mixture with it is the policy itself
    const own = mixtureCoef === 0 ? {} : { opponents: 1 };
    const engine = await openEngine({ backend: 'cpu' });
    const flow = await engine.flow(flowFrom({ ...defaultSimplex, objective }, 'free', [reference], { size: 1, steps: 0 }));
    const learningRate = 1e-6;
    let moved = 0;
    // one by one: what reads a batch reads that of the group alone
    for (const [a, first] of reference.entries())
      for (const [b, second] of reference.entries()) {
        const { steps } = await engine.train({
          policy: { kind: 'tabular', logits: [reference.map(Math.log)] },
          pairs: [],
          groups: [{ prompt: 0, responses: [a, b], rewards: [Number(a === 0), Number(b === 0)], ...own }],
          objective,
          optimizer: { kind: 'sgd', learningRate, steps: 1 },
        });
        const [before, after] = [steps[0], steps.at(-1)].map((step) => step?.outcomeLogps?.[0] ?? Number.NaN) as [number, number];
        moved += (first * second * (after - before)) / learningRate;
      }
    engine.dispose();
    // a log-prob near 1 is rounded by about 1e-16, and the step's second order is its size
    expect(Math.abs((flow.chosenRate[0] ?? Number.NaN) - moved)).toBeLessThan(1e-9 + 10 * learningRate * (1 + moved * moved));
  });

  test('on the triangle every answer but the chosen one is wrong, a group is always new, and a link brings it back', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const free = (objective: PageChoice, reference: Mix, mixes: readonly Mix[]) =>
      engine.flow(flowFrom({ ...defaultSimplex, reference, objective }, 'free', mixes, { size: 1, steps: 0 }));
    const mixes: readonly Mix[] = [
      [0.3, 0.4, 0.3],
      [0.8, 0.1, 0.1],
      [0.01, 0.95, 0.04],
    ];
    for (const [i, [chosen, rejected]] of mixes.entries()) {
      // however far it is from the reference, no ratio is clipped: A = ± ½ ÷ (√½ + 1e-4), which the chance of a mixed group weighs
      const lines = await free({ name: 'grpo' }, [0.2, 0.2, 0.6], [mixes[i] as Mix]);
      const advantage = 0.5 / (Math.SQRT1_2 + 1e-4);
      expect(lines.chosenForce[0]).toBeCloseTo(chosen * (1 - chosen) * advantage, 13);
      expect(lines.rejectedForce[0]).toBeCloseTo(chosen * rejected * advantage, 13);
    }
    engine.dispose();
    const settings = { ...defaultSimplex, objective: { name: 'grpo', params: { beta: 0.3, epsilon: 0.1, epsilonHigh: 0.1 } } };
    const { reader } = await openLink(`#${writeLink('why/triangle', writeSimplex({ settings, starts: defaultStarts }))}`);
    expect(readSimplex(reader).settings).toEqual(settings);
    expect(reader.finish()).toEqual([]);
  });

  test('its parameters are axes of the map of the toy with one pair, whose runs are those of the engine', async () => {
    const base = { ...defaultBase, steps: 40, objective: { name: 'grpo', params: { beta: 0, epsilon: 0.2, epsilonHigh: 0.2 } } };
    const epsilon = axesOf(base).find(({ id }) => id === 'p.epsilon');
    if (!epsilon) throw new Error('There is no such axis.');
    const x = { ...sweepAxis(epsilon, base, 3), values: [0.05, 0.2, 0.5] };
    const y = { path: 'optimizer.learningRate', values: [0.02, 0.1] };
    const engine = await openEngine({ backend: 'cpu' });
    const runs = await engine.sweep({ experiment: mapExperiment(base), x, y });
    for (const [row, learningRate] of y.values.entries())
      for (const [column, value] of x.values.entries()) {
        const objective = { ...base.objective, params: { beta: 0, epsilon: value, epsilonHigh: 0.2 } };
        const { steps } = await engine.train(noOverNever({ ...base, objective, learningRate, sync: null }));
        const change = (steps.at(-1)?.chosenLogps[0] ?? Number.NaN) - (steps[0]?.chosenLogps[0] ?? Number.NaN);
        // a map keeps float32 numbers, of changes below 4 nats; 40 updates round otherwise where the pair's sums are written out
        expect(Math.abs((runs.chosenLogpChange[row * x.values.length + column] ?? Number.NaN) - change)).toBeLessThan(4 * 2 ** -24 + 1e-12);
      }
    engine.dispose();
    const map = new PhaseMap(() => null);
    map.change({ objective: base.objective });
    const { reader } = await openLink(`#${writeLink('stop/map', writeMap(map.state))}`);
    expect(readMap(reader).base.objective).toEqual(base.objective);
    map.setToy('suffix'); // whose answers have tokens that a pair does not know one by one
    expect(map.base.objective).toMatchObject({ name: 'dpo' });
    const refused = (await openLink('#/stop/map?v=3&toy=suffix&objective=grpo')).reader;
    expect(readMap(refused).base.objective).toMatchObject({ name: 'dpo' });
    expect(refused.finish().map(({ reason }) => reason)).toContain(groupsElsewhere);
  });

  test('the reward for the chosen answer itself stands beside it', () => {
    const rewarded = withReward({ name: 'grpo', params: { beta: 0.1, epsilon: 0.2 } }, 0.25);
    expect(overOf(rewarded)).toBe('groups');
    const state = { chosen: -1, rejected: -2, refChosen: -1.5, refRejected: -1.1 };
    const [plain, more] = [forcesOf({ name: 'grpo', params: { beta: 0.1 } })(state), forcesOf(rewarded)(state)];
    expect(more.chosen).toBeCloseTo(plain.chosen + 0.25, 12);
    expect(more.rejected).toBeCloseTo(plain.rejected, 12);
    expect(withoutReward(rewarded)).toEqual({
      base: { name: 'grpo', params: { beta: 0.1, epsilon: 0.2, epsilonHigh: 0.2 } },
      weight: 0.25,
    });
  });

  test('the list has both, each by a name of its own', async () => {
    const { listedGroups } = await fetchGroupLosses();
    expect(searchObjectives('rrhf').map(({ id }) => id)).toEqual(['rrhf']);
    expect(searchObjectives('rrhf', listedGroups).map(({ id }) => id)).toEqual(['rrhf_list']);
  });
});
