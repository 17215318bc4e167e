import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import {
  ExpressionError,
  type GroupObjective,
  groupObjectives,
  groupTex,
  type ObjectiveChoice,
  ObjectiveError,
  readGroupLoss,
  resolveGroupObjective,
  resolveObjective,
} from '../../src/index.ts';
import { evaluateGroups, type GroupValues, groupBounds, randomGroup } from '../shared/groups.ts';
import { randomStream } from '../shared/random-expressions.ts';

const cpu = createCpuBackend();
const everyName = groupObjectives.flatMap(({ id, aliases }) => [id, ...aliases]);

/** The group with one log-prob moved. */
const moved = (group: GroupValues, at: number, by: number): GroupValues =>
  group.map((values, index) => (index === at ? { ...values, logp: values.logp + by } : values));

/** Fourth-order central differences of a group's loss by one log-prob, with half a step `h`. */
async function difference(objective: Parameters<typeof evaluateGroups>[1], group: GroupValues, at: number, h: number) {
  const { losses } = await evaluateGroups(
    cpu,
    objective,
    [-2, -1, 1, 2].map((steps) => moved(group, at, steps * h)),
  );
  const [a = 0, b = 0, c = 0, d = 0] = losses;
  return { slope: (8 * (c - b) - (d - a)) / (12 * h), size: Math.max(...losses.map(Math.abs)) };
}

const extreme = (group: GroupValues, pattern: readonly number[], field: 'logp' | 'ref'): GroupValues =>
  group.map((values, index) => {
    const far = (pattern[index % pattern.length] ?? -1) - index / Math.PI; // no two alike, means neither: a kink would lie at the point
    return field === 'logp' ? { ...values, logp: far } : { ...values, ref: far, prev: far };
  });

test('names are unique and plain', () => {
  expect(new Set(everyName).size).toBe(everyName.length);
  for (const name of everyName) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
});

/** Each of an objective's options away from its default, and all of them at once. */
const optionsOf = ({ options }: GroupObjective): Record<string, string>[] => {
  const others = Object.entries(options).flatMap(([name, values]) => values.slice(1).map((value) => ({ [name]: value })));
  return [{}, ...others, Object.assign({}, ...others)];
};

describe.each(groupObjectives.map((objective) => ({ id: objective.id, objective })))('$id', ({ id, objective }) => {
  test.each(optionsOf(objective))(
    'slopes agree with finite differences and with the definition, from ordinary to extreme groups: %j',
    async (options) => {
      const random = randomStream(11);
      let [compared, asked] = [0, 0];
      for (let round = 0; round < 12; round++) {
        const params = Object.fromEntries(
          Object.entries(objective.parameters).map(([name, { default: value, max }]) => [name, value + (round / 24) * (max - value)]),
        );
        const compiled = resolveGroupObjective({ name: id, params: { ...params, ...options } });
        const ordinary = randomGroup(random, 2 + (round % 5));
        const groups = [
          ordinary,
          extreme(ordinary, [-1, -1e4], 'logp'),
          extreme(ordinary, [-1e4, -1], 'logp'),
          extreme(ordinary, [-1, -1e4, -300], 'ref'),
        ];
        const { losses, slopes } = await evaluateGroups(cpu, compiled, groups);
        for (const [index, group] of groups.entries()) {
          const exact = groupBounds(compiled, group);
          expect(Number.isFinite(losses[index])).toBe(true);
          expect(losses[index]).toBeCloseTo(exact.loss.value, 8);
          for (const [at, slope] of (slopes[index] ?? []).entries()) {
            expect(Number.isFinite(slope), JSON.stringify({ index, at, slope })).toBe(true);
            expect(Math.abs(slope - (exact.slopes[at]?.value ?? Number.NaN))).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(slope)));
            if (objective.text.includes('detach')) continue; // what is held constant moves in a difference: see the golden trajectories
            const near = await difference(compiled, group, at, 1e-3);
            const nearer = await difference(compiled, group, at, 5e-4);
            asked++;
            const rounding = (256 * Number.EPSILON * near.size) / 5e-4;
            const size = Math.max(Math.abs(slope), Math.abs(nearer.slope));
            if (Math.abs(near.slope - nearer.slope) > 1e-6 * size + rounding) continue; // a kink lies between
            if (rounding > 0.01 * size && size > 0) continue; // lost in rounding: tells nothing
            compared++;
            expect(Math.abs(slope - nearer.slope), JSON.stringify({ id, index, at, slope, near })).toBeLessThanOrEqual(
              1e-6 * size + rounding,
            );
          }
        }
      }
      if (asked > 0) expect(compared).toBeGreaterThan(asked / 4);
    },
  );

  test('its card is complete, and its text can be typed', () => {
    const { parameters, loss, text, behaviour } = objective;
    expect(groupTex(loss, parameters)).toMatch(/^\\sum_\{i\}/);
    expect(groupTex(loss, parameters)).not.toMatch(/undefined|NaN|reduction|_j\b.*input/);
    expect(behaviour).toMatch(/^[A-Zβ].*[.]$/s);
    for (const [name, { default: value, min, max, tex, description }] of Object.entries(parameters)) {
      expect(value, name).toBeGreaterThanOrEqual(min);
      expect(value, name).toBeLessThanOrEqual(max);
      expect(tex).not.toBe('');
      expect(description).toMatch(/[.]$/);
      for (const end of [min, max]) expect(() => resolveGroupObjective({ name: id, params: { [name]: end } }), name).not.toThrow();
      expect(() => resolveGroupObjective({ name: id, params: { [name]: Number.NaN } })).toThrow(new RegExp(`${name} must be a number in`));
    }
    const defaults = Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, parameter.default]));
    expect(resolveGroupObjective({ expression: text, params: defaults }).wgsl).toBe(resolveGroupObjective({ name: id }).wgsl);
    expect(() => resolveGroupObjective({ name: id, params: { nonsense: 1 } })).toThrow(/has no parameter 'nonsense'/);
  });
});

describe('groups of two are pairs', () => {
  const random = randomStream(5);
  const groups = Array.from({ length: 20 }, () => randomGroup(random, 2)).filter(([a, b]) => a?.reward !== b?.reward);

  /** The group's loss and slopes are the pair's, the loss up to the same constant for every group where `loss` says so. */
  async function same(group: ObjectiveChoice, pair: ObjectiveChoice, label: (gap: number) => number = () => Number.NaN, withLoss = true) {
    const [own, other] = [resolveGroupObjective(group), resolveObjective(pair)];
    const { losses, slopes } = await evaluateGroups(cpu, own, groups);
    for (const [index, [w, l]] of groups.entries()) {
      if (!w || !l) continue;
      const columns: Record<string, number> = { label: label(w.reward - l.reward) };
      for (const name of ['ref', 'prev', 'len', 'reward'] as const)
        Object.assign(columns, { [`${name}_w`]: w[name], [`${name}_l`]: l[name] });
      const expected = other.evaluate(
        w.logp,
        l.logp,
        other.inputs.map((name) => columns[name] ?? Number.NaN),
      );
      if (withLoss) expect(losses[index]).toBeCloseTo(expected.loss, 10);
      expect(slopes[index]?.[0]).toBeCloseTo(expected.byChosen, 10);
      expect(slopes[index]?.[1]).toBeCloseTo(expected.byRejected, 10);
    }
  }
  const beta = 0.7;
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

  test.each(['plackett_luce', 'sdpo'])('%s is DPO', (name) => same({ name, params: { beta } }, { name: 'dpo', params: { beta } }));
  test('RRHF is the pair RRHF', () => same({ name: 'rrhf', params: { kappa: 0.5 } }, { name: 'rrhf', params: { kappa: 0.5 } }));
  test('InfoNCA is DPO with the soft label σ(Δr / α)', () =>
    same({ name: 'info_nca', params: { beta, alpha: 0.5 } }, { name: 'soft_label_dpo', params: { beta } }, (gap) => sigmoid(gap / 0.5)));
  test('NCA with one-hot targets is the pair NCA', () =>
    same({ name: 'nca', params: { beta, alpha: 1e-4 } }, { name: 'nca_pair', params: { beta } }));
  test('EXO is the forward KL of the reward gap', () =>
    same({ name: 'exo', params: { beta, alpha: 2 } }, { name: 'reward_rpo_forward', params: { beta, eta: 0.5 } }));
  test.each(['dpo', 'ipo', 'simpo', 'orpo', 'apo_zero', 'rebel'])('%s on groups is the pair objective', (name) => same({ name }, { name }));
});

test('a pair objective is its mean over the pairs of the group whose ranks differ', async () => {
  const random = randomStream(2);
  const pair = resolveObjective({ name: 'dpo', params: { beta: 0.4 } });
  for (let round = 0; round < 20; round++) {
    const group = randomGroup(random, 4);
    const parts = group.flatMap((w) =>
      group
        .filter((l) => l.rank > w.rank)
        .map(
          (l) =>
            pair.evaluate(
              w.logp,
              l.logp,
              pair.inputs.map((name) => (name === 'ref_w' ? w.ref : l.ref)),
            ).loss,
        ),
    );
    const { losses } = await evaluateGroups(cpu, resolveGroupObjective({ name: 'dpo', params: { beta: 0.4 } }), [group]);
    expect(losses[0]).toBeCloseTo(parts.length > 0 ? parts.reduce((sum, loss) => sum + loss, 0) / parts.length : 0, 12);
  }
});

test('Plackett–Luce is minus the log-probability of the ranking', async () => {
  const group = randomGroup(randomStream(9), 4);
  const x = group.map(({ logp, ref }) => logp - ref);
  const probability = x.reduce(
    (product, own, t) => (product * Math.exp(own)) / x.slice(t).reduce((sum, each) => sum + Math.exp(each), 0),
    1,
  );
  const { losses } = await evaluateGroups(cpu, resolveGroupObjective({ name: 'pl_dpo', params: { beta: 1 } }), [group]);
  expect(losses[0]).toBeCloseTo(-Math.log(probability), 12);
});

test('slopes of what sees margins only sum to zero', async () => {
  const random = randomStream(21);
  for (const name of ['plackett_luce', 'sdpo', 'info_nca', 'exo']) {
    const { slopes } = await evaluateGroups(cpu, resolveGroupObjective({ name }), [randomGroup(random, 5)]);
    expect(
      (slopes[0] ?? []).reduce((sum, slope) => sum + slope, 0),
      name,
    ).toBeCloseTo(0, 12);
  }
});

test('mixtures weigh, and keep parameters and sums apart', async () => {
  const group = randomGroup(randomStream(4), 3);
  const parts: ObjectiveChoice[] = [
    { name: 'plackett_luce', params: { beta: 0.3 } },
    { mix: [{ objective: { name: 'best_of_n' }, weight: 2 }] },
    { expression: 'beta * lse(beta * logp_j) / count', params: { beta: 2 } },
    { name: 'dpo', params: { beta: 0.9 } },
  ];
  const weights = [1, 0.5, -0.25, 2];
  const mix = { mix: parts.map((objective, index) => ({ objective, weight: weights[index] ?? 0 })) };
  const of = async (choice: ObjectiveChoice) => evaluateGroups(cpu, resolveGroupObjective(choice), [group]);
  const [whole, ...alone] = [await of(mix), ...(await Promise.all(parts.map(of)))];
  expect(whole?.losses[0]).toBeCloseTo(
    alone.reduce((sum, { losses }, i) => sum + (weights[i] ?? 0) * (losses[0] ?? 0), 0),
    12,
  );
  for (const at of group.keys())
    expect(whole?.slopes[0]?.[at]).toBeCloseTo(
      alone.reduce((sum, { slopes }, i) => sum + (weights[i] ?? 0) * (slopes[0]?.[at] ?? 0), 0),
      12,
    );
});

describe('sums over tokens', () => {
  const group = randomGroup(randomStream(14), 3);
  const of = async (choice: ObjectiveChoice) => evaluateGroups(cpu, resolveGroupObjective(choice), [group]);

  test('a response is the sum of its tokens, whoever adds them up', async () => {
    const [tokens, responses] = [
      await of({ expression: 'reward_i * sum_t(logratio_t)' }),
      await of({ expression: 'reward_i * logratio_i' }),
    ];
    expect(tokens.losses[0]).toBeCloseTo(responses.losses[0] ?? Number.NaN, 12);
    for (const [at, { len }] of group.entries()) {
      const first = group.slice(0, at).reduce((sum, each) => sum + each.len, 0);
      for (const slope of tokens.tokenSlopes[0]?.slice(first, first + len) ?? [])
        expect(slope).toBeCloseTo(responses.slopes[0]?.[at] ?? 0, 12);
    }
  });

  test.each([
    'sum_t(exp(logp_t - prev_t)) * logp_i',
    'sum_t(tanh(logp_t) * logp_i) / len_i',
    'square(sum_t(beta * logp_t)) + sum_t(prev_t * exp(logp_t / 4))',
    'tanh(sum_t(square(logp_t - ref_t)) / 9) * lse(logp_j / 4)',
    'sum_t(where(logp_t > -1, 2, 1) * logp_t) / mean_tokens',
  ])('%s: slopes agree with finite differences', async (expression) => {
    const compiled = resolveGroupObjective({ expression });
    const { slopes } = await evaluateGroups(cpu, compiled, [group]);
    for (const at of group.keys()) {
      const { slope } = await difference(compiled, group, at, 1e-3);
      expect(slopes[0]?.[at]).toBeCloseTo(slope, 7);
    }
  });

  test('an ε_high that is not given is ε, and TRL’s names of neutral settings are taken', () => {
    const valuesOf = (choice: ObjectiveChoice) => {
      const { parameterNames, parameterValues } = resolveGroupObjective(choice);
      return Object.fromEntries(parameterNames.map((name, index) => [name, parameterValues[index]]));
    };
    expect(valuesOf({ name: 'grpo', params: { epsilon: 0.1 } })).toMatchObject({ epsilon: 0.1, epsilonHigh: 0.1 });
    expect(valuesOf({ name: 'grpo', params: { epsilonHigh: 0.3 } })).toMatchObject({ epsilon: 0.2, epsilonHigh: 0.3 });
    expect(valuesOf({ name: 'cispo', params: { epsilon: 0.1 } })).toMatchObject({ epsilonHigh: 5 });
    expect(valuesOf({ name: 'rloo', params: { kl: 'k1', beta: 0.1 } })).toMatchObject({ beta: 0.1 });
  });

  test('of responses of one token GRPO, DAPO and Dr. GRPO are what PPO-clip is, up to the advantage', async () => {
    const single = group.map((values) => ({ ...values, len: 1, longest: 1, mean_tokens: group.length }));
    const of = (choice: ObjectiveChoice) => evaluateGroups(cpu, resolveGroupObjective(choice), [single]);
    const ppo = await of({ name: 'ppo' });
    for (const name of ['grpo', 'dapo', 'bnpo', 'dr_grpo', 'gspo']) {
      const other = await of({ name, params: { scaleRewards: 'none' } });
      expect(other.losses[0]).toBeCloseTo(ppo.losses[0] ?? Number.NaN, 12);
      for (const at of single.keys()) expect(other.slopes[0]?.[at]).toBeCloseTo(ppo.slopes[0]?.[at] ?? Number.NaN, 12);
    }
  });
});

describe('what is refused', () => {
  test.each([
    [{ name: 'placket_luce' }, /Did you mean 'plackett_luce'/],
    [{ name: 'kto' }, /'kto' reads kl_baseline/],
    [{ name: 'soft_label_dpo' }, /reads label/],
    [{ name: 'dpo', params: { ldAlpha: 0.5 } }, /takes no ldAlpha on groups/],
    [{ name: 'plackett_luce', params: { beta: 0 } }, /beta must be a number in \(0, ∞\)/],
    [{ name: 'best_of_n', params: { beta: 1 } }, /It has none/],
    [{ name: 'grpo', params: { kl: 'k4' } }, /GRPO's kl must be one of k3, k1, k2, not "k4"/],
    [{ name: 'gspo', params: { level: 'token' } }, /GSPO's level must be one of sequence/],
    [{ name: 'ppo', params: { level: 'token' } }, /has no parameter 'level'. Its parameters: epsilon/],
    [{ name: 'reinforce', params: { epsilon: 0.2 } }, /has no parameter 'epsilon'. Its parameters: beta, kl, scaleRewards/],
    [{ expression: 'lse(gamma * logp_j)', params: { beta: 1 } }, /no parameter 'beta'. Its parameters: gamma/],
    [{ mix: [] }, /A mixture is a list/],
    [{}, /'name', an 'expression' or a 'mix'/],
    [null, /such as/],
  ])('%j', (choice, problem) => {
    expect(() => resolveGroupObjective(choice as unknown as ObjectiveChoice)).toThrow(ObjectiveError);
    expect(() => resolveGroupObjective(choice as unknown as ObjectiveChoice)).toThrow(problem);
  });

  test.each([
    ['logp_j - logp_i', 1, 6, /'logp_j' needs a sum over j around it: sum, sum_after, lse, lse_from. The response itself is logp_i/],
    ['logp_i + lse(logp_j + sum(logp_j))', 10, 13, /cannot hold another/],
    ['lse_form(logp_j)', 1, 8, /Did you mean 'lse_from'/],
    ['logp_w - logp_i', 1, 6, /'logp_w' is of a pair, and the line is of groups/],
    ['reward_i * sum(reward_j)', 1, 24, /depends on no logp_i, logp_j or logp_t/],
    ['logp_t - logp_i', 1, 6, /'logp_t' is of one token, and needs a sum over the tokens.*sum_t. The whole response is logp_i/],
    ['sum_t(logp_t * logp_j)', 16, 21, /'logp_j' needs a sum over j/],
    ['sum(logp_j - ref_t)', 14, 18, /'ref_t' is of one token/],
    ['logp_i + sum_t(logp_t * sum(reward_j))', 10, 15, /cannot hold another/],
    ['lse(logp_j', 4, 4, /not closed/],
  ] as const)('%s', (text, from, to, problem) => {
    try {
      readGroupLoss(text);
      expect.fail('accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(ExpressionError);
      expect(error).toMatchObject({ from, to, problem: expect.stringMatching(problem) });
    }
  });
});
