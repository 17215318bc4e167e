import { describe, expect, inject, test } from 'vitest';
import { type Experiment, ExperimentError, measureNames, type Trial, type TrialExperiment, UnsupportedError } from '../../src/index.ts';
import { adamDrift } from '../shared/adam-drift.ts';
import { RandomTrials } from '../shared/random-trials.ts';
import { numbersOf, trainedAlone } from '../shared/same-numbers.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { toyPolicies } from './toy-policies.ts';

const lastOf = (experiment: TrialExperiment): number =>
  'sampling' in experiment
    ? experiment.sampling.rounds * experiment.sampling.updates
    : (experiment.stages ?? []).reduce((sum, { optimizer }) => sum + (optimizer ?? experiment.optimizer).steps, experiment.optimizer.steps);

declare module 'vitest' {
  interface ProvidedContext {
    trials: number;
    trialsSeed: number;
  }
}

/** A minute for every so many: a software adapter trains each of them three times. */
const trialsAMinute = 10;

// tests/unit/trials.test.ts has a thousand of them on the CPU engine, with all losses; here `TRIALS=1000` asks for as many
describeEngines('trials', (engine, kind) => {
  const count = kind === 'cpu' ? 100 : inject('trials');

  test('give the numbers of each experiment alone, packed or not', {
    timeout: Math.max(300_000, (60_000 * count) / trialsAMinute),
  }, async () => {
    const random = new RandomTrials(inject('trialsSeed'), Math.max(6, Math.ceil(count / 25)), false);
    const experiments = Array.from({ length: count }, () => random.draw());
    const partial: number[] = [];
    const told = new Set<number>();
    const packed = await engine().trials(experiments, {
      measures: measureNames,
      onPartial: (finished, fresh) => {
        partial.push(finished.size);
        for (const index of fresh) told.add(index);
      },
    });
    expect([...told].sort((a, b) => a - b)).toEqual([...experiments.keys()]);
    expect(partial.at(-1)).toBe(experiments.length);
    expect(partial.length).toBeLessThan(experiments.length); // some came together
    const single = await engine().trials(experiments, { measures: measureNames, record: [0, 2] });
    let [lost, loose] = [0, 0];
    for (const [index, experiment] of experiments.entries()) {
      const [one, other] = [packed[index], single[index]] as [Trial, Trial];
      const which = JSON.stringify(experiment);
      const last = lastOf(experiment);
      expect(
        (other.steps ?? other.rounds)?.map((state) => ('step' in state ? state.step : state.updates)),
        which,
      ).toEqual([0, 2].filter((step) => step <= last));
      const { final, outcomeLogps = [], diverged } = await trainedAlone(engine(), experiment);
      expect([one.diverged, other.diverged], which).toEqual([diverged, diverged]);
      if (diverged) {
        lost++;
        expect([...numbersOf(one), ...numbersOf(other)].every(Number.isNaN), which).toBe(true);
        continue;
      }
      expect(other.final, which).toEqual(final); // the same program, so the same bits on any engine
      expect(other.outcomeLogps ?? [], which).toEqual(outcomeLogps);
      // Two roundoffs of numbers below 8 at each update, in both, and slopes of at most 2, as in the tests of sweeps. What Adam makes of
      // rounding besides, in both; a log-prob moves by as much as two logits.
      const drift = kind === 'cpu' ? 0 : await adamDrift(experiment);
      const bound = kind === 'cpu' ? 0 : 2 * 2 * 2 * 8 * float32Roundoff * (last + 2) + 2 * 2 * drift;
      if (bound > 0.02) loose++;
      expectWithin(numbersOf(one), numbersOf(other), () => bound, which);
    }
    expect(lost).toBeLessThan(count / 5);
    expect(loose).toBeLessThan(count / 5); // others are compared closely
    if (count >= 100) expect(lost).toBeGreaterThan(0);
  });

  test('tell apart runs that lose their numbers', async () => {
    const { policy, pairs } = toyPolicies.tabular as (typeof toyPolicies)[string];
    const at = (learningRate: number): Experiment => ({
      ...{ policy, pairs, objective: { name: 'ipo' } },
      optimizer: { kind: 'sgd', learningRate, steps: 40 },
    });
    const trials = await engine().trials([at(0.1), at(1e37), at(0.2)], { measures: ['margin'] });
    expect(trials.map(({ diverged }) => diverged)).toEqual([false, true, false]);
    expect([...(trials[1]?.final['logits'] ?? [0])].every(Number.isNaN)).toBe(true);
    expect(trials[1]?.measures['margin']).toBeNaN();
    expect(trials[2]?.measures['margin']).toBeGreaterThan(0);
  });

  test('keep what has finished when they are cancelled, and say which experiment is at fault', async () => {
    const { policy, pairs } = toyPolicies.bigram as (typeof toyPolicies)[string];
    const one: Experiment = { policy, pairs, objective: { name: 'dpo' }, optimizer: { kind: 'sgd', learningRate: 0.1, steps: 3 } };
    const abort = new AbortController();
    let kept = 0;
    const cancelled = engine().trials(
      Array.from({ length: 9 }, () => one),
      {
        record: [3],
        signal: abort.signal,
        onProgress: (done) => done === 4 && abort.abort(new Error('Enough.')),
        onPartial: (finished) => {
          kept = finished.size;
        },
      },
    );
    await expect(cancelled).rejects.toThrow('Enough.');
    expect(kept).toBe(4);
    const faulty = { ...one, optimizer: { ...one.optimizer, learningRate: Number.NaN } };
    const refused = await engine()
      .trials([one, faulty])
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ExperimentError);
    expect(String(refused)).toContain('[1].optimizer.learningRate');
    const onPolicy = { ...{ policy: toyPolicies['tabular']?.policy, rewards: [[1]] }, sampling: {} } as unknown as TrialExperiment;
    const group = { ...one, pairs: [], groups: [{ prompt: 0, responses: [[1], [2]] }], objective: { name: 'rloo' } };
    for (const [wrong, place] of [
      [{ ...one, stages: [{}, { optimizer: { kind: 'sgd', learningRate: 0.1, steps: 1.5 } }] }, '[1].stages[1].optimizer.steps '],
      [{ ...one, stages: [{ objective: { name: 'dpoo' } }] }, '[1].stages[0]: '],
      [{ ...one, objective: { name: 'dpo', params: { labelSmoothing: 7 } } }, '[1]: '],
      [{ ...group, objective: { name: 'rlo' } }, '[1]: '],
      [group, '[1].groups[0].rewards '],
      [{ ...one, stages: [{ objective: { expression: '-label * logp_w' } }] }, '[1].stages[0].pairs[0].label '],
      [onPolicy, '[1].rewards '],
      [null, '[1] '],
    ] as [unknown, string][]) {
      const began: number[] = [];
      const refusal = engine().trials([one, wrong as TrialExperiment], { onProgress: (done) => began.push(done) });
      await expect(refusal).rejects.toThrow(`experiment.${place}`);
      expect(began).toEqual([]);
    }
    await expect(engine().trials([one], { measures: ['wins'] })).rejects.toThrow(UnsupportedError);
  });
});

describe('measures', () => {
  test('are listed', () =>
    expect(measureNames).toEqual(expect.arrayContaining(['expectedReward', 'klToStart', 'entropy', 'margin', 'chosenLogpChange'])));
});
