import { describe, expect, test } from 'vitest';
import { type Experiment, type Group, groupObjectives } from '../../src/index.ts';
import { type Expectation, lawOf, expectations as methods, policy, reference, rewards } from '../shared/expectations.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

const outcomes = policy.length;

const geometric = (c: number) => lawOf(policy.map((x, y) => (1 - c) * x + c * (reference[y] ?? 0)));

/** Every group of n responses, and how probable it is. */
function allGroups({ n, mixtureCoef }: Expectation): { group: Group; probability: number }[] {
  const opponents = mixtureCoef === undefined ? 0 : Math.floor(n / 2);
  return Array.from({ length: outcomes ** n }, (_, index) => {
    const responses = Array.from({ length: n }, (_, k) => Math.floor(index / outcomes ** k) % outcomes);
    const probability = responses.reduce((product, y, k) => {
      const law = k < n - opponents ? geometric(0) : geometric(mixtureCoef ?? 0);
      return product * (law[y] ?? 0);
    }, 1);
    const group: Group = { prompt: 0, responses, rewards: responses.map((y) => rewards[y] ?? 0), ...(opponents > 0 ? { opponents } : {}) };
    return { group, probability };
  });
}

/** What a loss reads of all groups together is of one group alone: those that could be drawn are no batch. */
const readsBatch = ({ objective: { name, params } }: Expectation) => name === 'reinforce_plus_plus' || params?.['scaleRewards'] === 'batch';

test('every objective that is meant for own samples has its expectation here, and so has a third response', () => {
  const names = new Set(methods.map(({ objective }) => objective.name));
  for (const { id, onPolicy } of groupObjectives) if (onPolicy) expect(names).toContain(id);
  expect(names).toContain('tpo');
  for (const { n, mixtureCoef } of methods) {
    const all = allGroups({ n, ...(mixtureCoef === undefined ? {} : { mixtureCoef }) } as Expectation);
    expect(all.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 14);
  }
});

describeEngines('the mean gradient over all groups that could be drawn', (engine, kind) => {
  /** The gradient of the mean loss of some groups, from one update at rate 1. */
  async function gradientOf({ objective }: Expectation, groups: Group[]): Promise<number[]> {
    const experiment: Experiment = {
      policy: { kind: 'tabular', logits: [policy] },
      pairs: [],
      groups,
      objective,
      optimizer: { kind: 'sgd', learningRate: 1, steps: 1 },
      reference: { kind: 'tabular', logits: [reference] },
      record: [0],
    };
    const { final } = await engine().train(experiment);
    return policy.map((logit, y) => logit - (final['logits']?.[y] ?? Number.NaN));
  }

  describe.each(methods)('$objective of groups of $n', (method) => {
    test('is autograd’s', async () => {
      const all = allGroups(method);
      const whole = readsBatch(method)
        ? (await Promise.all(all.map(async ({ group }) => gradientOf(method, [group])))).reduce(
            (sum, gradient, index) => sum.map((x, y) => x + (all[index]?.probability ?? 0) * (gradient[y] ?? Number.NaN)),
            policy.map(() => 0),
          )
        : await gradientOf(
            method,
            all.map(({ group, probability }) => ({ ...group, weight: probability * all.length })),
          );
      // A slope of a group's loss by a log-prob stays below 10 here. Each is a few dozen roundings, each of all responses' shares is added
      // once, and the update and the difference round at a logit below 8.
      const unit = kind === 'cpu' ? Number.EPSILON / 2 : float32Roundoff;
      const bound = unit * (10 * (64 + all.length * method.n) + 16);
      expectWithin(whole, method.gradient, () => bound, 'autograd');
      if (method.exact) expectWithin(whole, method.exact, () => bound, 'closed form');
    });
  });
});
