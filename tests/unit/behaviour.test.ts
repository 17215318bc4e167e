import { afterAll, describe, expect, test } from 'vitest';
import { settings } from '../../src/atlas/behaviour/behaviour.ts';
import { learningRateFor, measurables, measureBehaviour, measuredLoss } from '../../src/atlas/behaviour/measure.ts';
import { behaviourOf } from '../../src/atlas/behaviour/measured.ts';
import { chosenToken, defaultSettings, noOverNever, toyStart, toyVectors } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { findGroupObjective, objectives, openEngine } from '../../src/index.ts';
import { behaviourWords } from '../../src/shell/losses/behaviour-words.ts';
import { forcesOf } from '../../src/shell/losses/objective-view.ts';

const engine = await openEngine({ backend: 'cpu' });
afterAll(() => engine.dispose());

const stored = (name: string) => {
  const [of = '', id = ''] = name.split('/');
  const behaviour = behaviourOf(of as 'pair' | 'group', id);
  if (!behaviour) throw new Error(`Nothing is measured of ${name}. Run \`npm run generate\`.`);
  return behaviour;
};

test('every objective is measured, with the loss and the parameters that it has today', () => {
  for (const measurable of measurables) expect(stored(measurable.name).loss, measurable.name).toBe(measuredLoss(measurable));
});

// the whole by `npm run generate -- --fresh`, in some minutes
const sample = ['pair/dpo', 'pair/sppo_hard', 'pair/nca_pair', 'pair/apo_zero', 'pair/discopop', 'pair/npo', 'group/nca'];
test.each(sample)('%s behaves on the engine as the catalogue says', async (name) => {
  const measurable = measurables.find((each) => each.name === name);
  if (!measurable) throw new Error(`There is no ${name}.`);
  const [told, now] = [stored(name), await measureBehaviour(engine, measurable)];
  expect([now.chosenForce, now.rejectedForce, now.learningRate]).toEqual([told.chosenForce, told.rejectedForce, told.learningRate]);
  for (const toy of ['shared', 'free'] as const) {
    const [before, after] = [told[toy], now[toy]];
    // five digits are kept, and platforms differ in the last bit of an exponential
    for (const key of ['start', 'after', 'lowest', 'end', 'margin', 'drift'] as const)
      expect(Math.abs(after[key] - before[key]), `${toy} ${key}`).toBeLessThan(1e-4 * Math.max(1, Math.abs(before[key])));
    expect([after.leader, after.diverged]).toEqual([before.leader, before.diverged]);
    expect(Math.abs(after.lowestAt - before.lowestAt)).toBeLessThan(3);
  }
});

test('the forces at the reference are those of the loss itself', () => {
  for (const { id } of objectives) {
    const { chosen, rejected } = forcesOf({ name: id })(toyStart(toyVectors));
    const { chosenForce, rejectedForce } = stored(`pair/${id}`);
    const size = Math.max(Math.abs(chosen), Math.abs(rejected), 1e-6);
    expect(Math.abs(chosenForce - chosen), id).toBeLessThan(1e-4 * size);
    expect(Math.abs(rejectedForce - rejected), id).toBeLessThan(1e-4 * size);
  }
});

// from an independent float64 check of the toy
test.each([
  ['sppo_hard', 0.001, 0.56],
  ['nca_pair', 1, 0.23],
  ['apo_zero', 1, 0.066],
  ['bco_pair', 1, 0.149],
  ['kto', 1, 0.328],
])('under %s, at rate %f, π(No) falls from .756 to %f in 100 updates', (id, rate, after) => {
  const { shared, learningRate, chosenForce, rejectedForce } = stored(`pair/${id}`);
  expect(learningRate).toBe(rate);
  expect(chosenForce).toBe(rejectedForce);
  expect(shared.start).toBeCloseTo(0.7557, 4);
  expect(Math.abs(shared.after - after)).toBeLessThan(6e-4);
});

test('NCA has brought π(No) back by update 3000', () => {
  expect(settings.longUpdates).toBe(3000);
  expect(stored('pair/nca_pair').shared.end).toBeCloseTo(0.898, 3);
});

// how low it falls hangs on the rate a little, where it is after so many updates hangs on it a lot: neither is a number of the loss alone
test.each([
  [0.001, 0.51305, 186, 0.9555],
  [0.01, 0.50747, 18, 0.99706],
])('SPPO at rate %f: π(No) falls to %f at update %i and is %f after 3000', async (learningRate, lowest, when, end) => {
  const { steps } = await engine.train(
    noOverNever({ ...defaultSettings, objective: { name: 'sppo_hard' }, learningRate, steps: settings.longUpdates }),
  );
  const chosen = steps.map(({ probs }) => probs?.[chosenToken] ?? Number.NaN);
  const least = Math.min(...chosen);
  // half a unit of the last digit that the independent check gives
  expect(Math.abs(least - lowest)).toBeLessThanOrEqual(5e-6);
  expect(chosen.indexOf(least)).toBe(when);
  expect(Math.abs((chosen.at(-1) ?? Number.NaN) - end)).toBeLessThanOrEqual(5e-6);
});

test('the learning rate is a power of ten that does not push harder than DPO at rate 1', () => {
  for (const [force, rate] of [
    [0.05, 1],
    [0.0501, 0.1],
    [10, 0.001],
    [0.0125, 1],
    [500, 1e-4],
  ] as const)
    expect(learningRateFor(force, -force / 2)).toBe(rate);
  expect(learningRateFor(0, 0)).toBe(1);
});

describe('in words', () => {
  test('each sentence tells what it holds for', () => {
    for (const { name } of measurables) {
      const [force = '', shared = '', free = ''] = behaviourWords(stored(name));
      expect(force, name).toMatch(/^At the (?:toy’s )?reference .*\.$/);
      expect(shared, name).toMatch(
        /^No over Never, hidden vector trained, learning rate [\d.e-]+: π\(No\) 0\.756 → .* after 3000 updates .*\.$/,
      );
      expect(free, name).toMatch(/^The same policy with free logits, same rate: π\(No\) 0\.756 → .*\.$/);
      expect(`${force}${shared}${free}`).not.toMatch(/NaN|undefined|–/);
    }
  });

  test('a loss that pulls the chosen answer back says so', () => {
    const [force = '', shared = '', free = ''] = behaviourWords(stored('pair/nca_pair'));
    expect(force).toBe(
      'At the toy’s reference it pulls the chosen answer as hard as it pushes the rejected one: the first step goes where DPO’s goes.',
    );
    expect(shared).toContain('π(No) 0.756 → 0.230 in 100 updates, lowest 0.207 at update 143; after 3000 updates it is 0.898');
    expect(free).toContain('never below its start');
  });
});

test('the sampled entropy bonus pulls up what was drawn, unlikely answers hardest, as its entry says', () => {
  const bonus = stored('group/entropy_bonus');
  expect(bonus.chosenForce).toBeGreaterThan(0); // No, of probability 0.756
  expect(-bonus.rejectedForce).toBeGreaterThan(bonus.chosenForce); // Never, of 0.04
  expect(findGroupObjective('entropy_bonus')?.behaviour).toMatch(/^Pulls sampled responses up, unlikely ones hardest/);
  expect(behaviourWords(bonus)[0]).toMatch(/^At the toy’s reference it pulls both answers up, the chosen one 0\.085\d* times as hard\.$/);
});

test('no entry promises what a run contradicts: of displacement its own words do not speak', () => {
  for (const { name, objective } of measurables) expect(objective.behaviour, name).not.toMatch(/cannot|displace|keeps? the (chosen|best)/);
});
