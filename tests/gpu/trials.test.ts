import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/rng.ts';
import { type Experiment, ExperimentError, measureNames, type ObjectiveChoice, type Trial, UnsupportedError } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { toyPolicies } from './toy-policies.ts';

const random = new RandomStream(5, 2026);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random.uniform() * from.length)] as T;
const steps = 12;

const objectives: readonly ObjectiveChoice[] = [
  { name: 'dpo', params: { beta: 0.3 } },
  { name: 'dpo', params: { beta: 1.5 } },
  { name: 'simpo', params: { gamma: 0.5 } },
  { expression: 'softplus(-k * (logratio_w - logratio_l)) - 0.1 * logp_w / len_w', params: { k: 0.4 } },
];

/** Any experiment: what ensembles can train, and now and then what they cannot. */
function anyExperiment(): Experiment {
  const { policy, pairs } = pick(Object.values(toyPolicies));
  const base: Experiment = {
    policy: { ...policy, ...(random.uniform() < 0.3 ? { noise: 0.2 } : {}) },
    pairs: pairs.map((pair) => ({ ...pair })),
    objective: pick(objectives),
    optimizer: {
      kind: pick(['sgd', 'sgd', 'momentum', 'adam'] as const),
      learningRate: pick([0.01, 0.05, 0.1]),
      steps: pick([steps, 5, 0]),
    },
    seed: Math.floor(1000 * random.uniform()),
  };
  const [first] = base.pairs;
  const special = random.uniform();
  if (special < 0.1) return { ...base, optimizer: { ...base.optimizer, batchSize: 1 } };
  if (special < 0.2) return { ...base, stages: [{}, { objective: { name: 'ipo' }, reference: 'stage start' }] };
  if (special < 0.3 && first && Array.isArray(first.chosen))
    return { ...base, pairs: [{ ...first, chosenMask: first.chosen.map((_, token) => (token === 0 ? 0 : 1)) }] };
  if (special < 0.4 && policy.kind === 'tabular')
    return {
      ...base,
      pairs: [],
      data: { kind: 'bradley-terry', rewards: policy.logits.map((row) => row.map((_, y) => y / 3)), count: 12 },
    };
  if (special < 0.5 && policy.kind === 'tabular')
    return {
      ...base,
      pairs: [],
      groups: [{ prompt: 0, responses: [0, 1, 2], rewards: [1, 0, 0.5] }],
      objective: { name: 'plackett_luce' },
    };
  return base;
}

/** All numbers of a trial, in one order. */
const numbersOf = ({ final, outcomeLogps = [], measures }: Trial): number[] => [
  ...Object.keys(final)
    .sort()
    .flatMap((name) => [...(final[name] ?? [])]),
  ...outcomeLogps,
  ...measureNames.map((name) => measures[name] ?? Number.NaN),
];

describeEngines('trials', (engine, kind) => {
  test('give the numbers of each experiment alone, packed or not', async () => {
    const experiments = Array.from({ length: kind === 'cpu' ? 400 : 40 }, anyExperiment);
    const partial: number[] = [];
    const [packed, alone] = [
      await engine().trials(experiments, { measures: measureNames, onPartial: (finished) => partial.push(finished.size) }),
      await engine().trials(experiments, { measures: measureNames, record: [0] }),
    ];
    expect(partial.at(-1)).toBe(experiments.length);
    expect(partial.length).toBeLessThan(experiments.length); // some came together
    for (const [index, experiment] of experiments.entries()) {
      const [one, other] = [packed[index], alone[index]] as [Trial, Trial];
      expect(other.steps?.map(({ step }) => step)).toEqual([0]);
      expect(one.diverged, JSON.stringify(experiment)).toBe(other.diverged);
      const { final, steps: states } = await engine().train({
        ...experiment,
        record: [0, 2 * steps].filter((step) => step <= lastOf(experiment)),
      });
      expect(Object.keys(final)).toEqual(Object.keys(one.final));
      const [numbers, expected] = [numbersOf(one), numbersOf(other)];
      if (kind === 'cpu') {
        expect(numbers, JSON.stringify(experiment)).toEqual(expected);
        if (!one.diverged) expect(one.final).toEqual(final);
      } else {
        // Two roundoffs of numbers below 8 at each update, in both, and slopes of at most 2, as in the tests of sweeps.
        const bound = 2 * 2 * 2 * 8 * float32Roundoff * (2 * steps + 2);
        expectWithin(numbers, expected, () => bound, JSON.stringify(experiment));
      }
      expect(states[0]?.step).toBe(0);
    }
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
    await expect(engine().trials([one], { measures: ['wins'] })).rejects.toThrow(UnsupportedError);
  });
});

const lastOf = ({ optimizer, stages }: Experiment): number => (stages?.length ?? 1) * optimizer.steps;

describe('measures', () => {
  test('are listed', () =>
    expect(measureNames).toEqual(expect.arrayContaining(['expectedReward', 'klToStart', 'entropy', 'margin', 'chosenLogpChange'])));
});
