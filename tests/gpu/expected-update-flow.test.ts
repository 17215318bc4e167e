import { describe, expect, test } from 'vitest';
import {
  type Experiment,
  ExperimentError,
  type FlowExperiment,
  type Group,
  groupObjectives,
  type ObjectiveChoice,
} from '../../src/index.ts';
import { expectations as kept, lawOf, policy, reference, rewards } from '../shared/expectations.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

const outcomes = policy.length;
const indices = policy.map((_, y) => y);

const probs = lawOf(policy);
const referenceProbs = lawOf(reference);

/** What differs from one choice to the next among the objectives that are meant for own samples. */
const choices: { readonly objective: ObjectiveChoice; readonly mixture: number | null }[] = [
  ...groupObjectives
    .filter(({ onPolicy }) => onPolicy)
    .map(({ id, mixtureCoef = null }) => ({ objective: { name: id }, mixture: mixtureCoef })),
  ...[
    { name: 'grpo', params: { beta: 0.3 } },
    { name: 'reinforce', params: { beta: 0.3, kl: 'k2' } },
    { name: 'gkd', params: { beta: 0 } },
    { name: 'gkd', params: { beta: 1 } },
    { name: 'dpo', params: { beta: 0.5 } },
    { expression: '-reward_i * logp_i / rank_i + 0.1 * sum(logratio_j * logp_i)', params: {} },
  ].map((objective) => ({ objective: objective as ObjectiveChoice, mixture: null })),
];
const ofOneGroup = ({ objective }: { objective: ObjectiveChoice }) => !('name' in objective && objective.name === 'reinforce_plus_plus');

describeEngines('the flow of the expected update on groups of two', (engine, kind) => {
  const unit = kind === 'cpu' ? Number.EPSILON / 2 : float32Roundoff;
  // A slope of a group's loss by a log-prob stays below 20 here. Each is a few dozen roundings, and 16 draws are added up.
  const bound = unit * 20 * (64 + outcomes ** 2 * 4);

  const flowOf = (objective: ObjectiveChoice, given: readonly number[], change: Partial<FlowExperiment> = {}) =>
    engine().flow({
      policy: { kind: 'tabular', logits: [policy] },
      referenceLogps: referenceProbs.map(Math.log),
      pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
      rewards: [...given],
      objective,
      corners: [0, 1, 2, 2],
      starts: policy,
      clock: 'time',
      size: 1,
      steps: 0,
      ...change,
    });
  /** How the logits are pulled, from the pulls on two of them at a time. */
  async function pullsOf(objective: ObjectiveChoice, given: readonly number[]): Promise<number[]> {
    const [pulls, opposite]: [number[], number[]] = [[], []];
    for (const y of indices) {
      const lines = await flowOf(objective, given, { pairs: [{ prompt: 0, chosen: y, rejected: (y + 1) % outcomes }] });
      pulls.push(lines.chosenForce[0] ?? Number.NaN);
      opposite.push(-(lines.rejectedForce[0] ?? Number.NaN));
    }
    expect(opposite).toEqual([...pulls.slice(1), pulls[0]]);
    return pulls;
  }
  /** Minus the gradient of the mean over all groups that could be drawn, each trained on by the engine. */
  async function enumerated(objective: ObjectiveChoice, given: readonly number[], mixture: number | null): Promise<number[]> {
    const second = mixture === null ? probs : lawOf(policy.map((x, y) => (1 - mixture) * x + mixture * (reference[y] ?? 0)));
    const all = indices.flatMap((a) =>
      indices.map((b): Group => {
        const weight = (probs[a] ?? 0) * (second[b] ?? 0) * outcomes ** 2;
        const own = mixture === null ? {} : { opponents: 1 };
        return { prompt: 0, responses: [a, b], rewards: [given[a] ?? 0, given[b] ?? 0], weight, ...own };
      }),
    );
    const experiment: Experiment = {
      policy: { kind: 'tabular', logits: [policy] },
      pairs: [],
      groups: all,
      objective,
      optimizer: { kind: 'sgd', learningRate: 1, steps: 1 },
      reference: { kind: 'tabular', logits: [reference] },
      record: [0],
    };
    const { final } = await engine().train(experiment);
    return policy.map((logit, y) => (final['logits']?.[y] ?? Number.NaN) - logit);
  }

  describe.each(choices.filter(ofOneGroup))('$objective', ({ objective, mixture }) => {
    // the policy that groups are drawn from is the present one, in a run at its start
    test('is what one update on all of them does', async () => {
      for (const given of [rewards, [1, 0, 0, 0.5]]) {
        const pulls = await pullsOf(objective, given);
        expectWithin(pulls, await enumerated(objective, given, mixture), () => bound + unit * 16, JSON.stringify(given));
      }
    });
  });

  test('is autograd’s, and that of closed forms', async () => {
    const free = new Set(['reinforce_no_baseline', 'rloo', 'entropy_bonus', 'gkd']); // their means do not depend on the group's size
    const known = kept.filter(({ objective, n, mixtureCoef, exact }) => {
      const own = groupObjectives.find(({ id }) => id === objective.name)?.mixtureCoef;
      return (n === 2 && (mixtureCoef ?? own) === own) || (exact && free.has(objective.name));
    });
    expect(known.length).toBeGreaterThan(10);
    for (const { objective, n, gradient, exact } of known)
      expectWithin(
        await pullsOf(objective, rewards),
        (n === 2 ? gradient : (exact ?? [])).map((x) => -x),
        () => bound,
        JSON.stringify(objective),
      );
  });

  test('GRPO, Dr. GRPO and REINFORCE: that of nine, or here sixteen, draws written out', async () => {
    const advantages: Readonly<Record<string, (own: number, mean: number, deviation: number) => number>> = {
      grpo: (own, mean, deviation) => (own - mean) / (deviation + 1e-4),
      dr_grpo: (own, mean) => own - mean,
      reinforce: (own, mean) => own - mean,
    };
    for (const [name, advantage] of Object.entries(advantages)) {
      const expected = policy.map(() => 0);
      for (const a of indices)
        for (const b of indices) {
          const pair = [a, b].map((y) => [y, rewards[y] ?? 0] as const);
          const mean = ((rewards[a] ?? 0) + (rewards[b] ?? 0)) / 2;
          const deviation = Math.sqrt(pair.reduce((sum, [, reward]) => sum + (reward - mean) ** 2, 0));
          for (const [y, reward] of pair)
            for (const v of indices) {
              const score = (v === y ? 1 : 0) - (probs[v] ?? 0);
              expected[v] = (expected[v] ?? 0) + (probs[a] ?? 0) * (probs[b] ?? 0) * 0.5 * advantage(reward, mean, deviation) * score;
            }
        }
      expectWithin(await pullsOf({ name }, rewards), expected, () => bound, name);
    }
  });

  test('its rates are those of the pulls, and its lines go where gradient descent on all groups goes', async () => {
    const objective = { name: 'grpo' };
    const [pulls, lines] = [await pullsOf(objective, rewards), await flowOf(objective, rewards)];
    const mean = pulls.reduce((sum, pull, y) => sum + pull * (probs[y] ?? 0), 0);
    expectWithin([lines.chosenRate[0] ?? Number.NaN], [(pulls[0] ?? 0) - mean], () => bound);
    const followed = await flowOf(objective, rewards, { size: 0.5, steps: 4, corners: [0, 1, 2, 2] });
    // Euler's method with two step sizes gives the limit up to the square of the finer one
    const end = (steps: number): number[] => {
      let logits = [...policy];
      for (let step = 0; step < steps; step++) {
        const law = lawOf(logits);
        const moved = logits.map(() => 0);
        for (const a of indices)
          for (const b of indices) {
            const [first, second] = [rewards[a] ?? 0, rewards[b] ?? 0];
            const deviation = Math.abs(first - second) / Math.SQRT2;
            for (const [y, own] of [
              [a, first],
              [b, second],
            ] as const)
              for (const v of indices)
                moved[v] =
                  (moved[v] ?? 0) +
                  ((((law[a] ?? 0) * (law[b] ?? 0)) / 2) * (own - (first + second) / 2) * ((v === y ? 1 : 0) - (law[v] ?? 0))) /
                    (deviation + 1e-4);
          }
        logits = logits.map((x, y) => x + (2 / steps) * (moved[y] ?? 0));
      }
      const law = lawOf(logits);
      return [law[0] ?? 0, law[1] ?? 0, (law[2] ?? 0) + (law[3] ?? 0)];
    };
    const [coarse, fine] = [end(2000), end(4000)];
    const corners = followed.corners.map((corner) => corner[4] ?? Number.NaN);
    expectWithin(
      corners,
      fine.map((p, i) => 2 * p - (coarse[i] ?? 0)),
      () => 1e-5,
    );
    expect(Math.abs((corners[1] ?? 0) - (probs[1] ?? 0))).toBeGreaterThan(0.01);
  });

  test('takes a reward of each outcome, and nothing else', async () => {
    await expect(flowOf({ name: 'grpo' }, [1, 0])).rejects.toThrow(ExperimentError);
    await expect(flowOf({ name: 'grpo' }, [1, 0, Number.NaN, 0])).rejects.toThrow(ExperimentError);
  });
});
