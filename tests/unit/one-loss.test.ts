import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { mul } from '../../src/core/expression/build.ts';
import { constant } from '../../src/core/expression/expression.ts';
import { ExpressionError, groupObjectives, type ObjectiveChoice, ObjectiveError, objectives } from '../../src/index.ts';
import { compileObjective } from '../../src/objectives/compile.ts';
import { compileLoss, readLine, resolveLoss } from '../../src/objectives/loss-spec.ts';
import { overOf, overOfLine } from '../../src/objectives/over.ts';
import { pairForm } from '../../src/objectives/pair-form.ts';
import { catalogue, findEntry, nameOf } from '../../src/objectives/whole-catalogue.ts';
import { evaluateGroups, type GroupValues, randomGroup } from '../shared/groups.ts';
import { randomStream } from '../shared/random-expressions.ts';

const cpu = createCpuBackend();

describe('the one catalogue', () => {
  test('lists both, and every entry has a name that is its own and resolves to its kind', () => {
    expect(catalogue).toHaveLength(objectives.length + groupObjectives.length);
    for (const entry of catalogue) {
      const name = nameOf(entry);
      for (const on of ['pairs', 'groups'] as const) expect(findEntry(name, on)).toBe(entry);
      expect(overOf({ name })).toBe(entry.over);
      expect(resolveLoss({ name }).over).toBe(entry.over);
    }
    expect(new Set(catalogue.map(nameOf)).size).toBe(catalogue.length);
  });

  test('a name of both means that of what is trained on', () => {
    const shared = objectives.flatMap(({ id, aliases }) => [id, ...aliases]).filter((name) => findEntry(name, 'groups')?.over === 'groups');
    expect(shared).toContain('rrhf');
    for (const name of shared) {
      expect(findEntry(name)?.over).toBe('pairs');
      expect(findEntry(name, 'groups')?.over).toBe('groups');
    }
  });
});

describe('typed lines', () => {
  test('the text of every entry is recognised as what it is', () => {
    for (const { text, over, id } of catalogue) expect(readLine(text), id).toMatchObject({ over, text });
  });

  test.each([
    ['-logsigmoid(beta * margin * count)', 'pairs'],
    ['rho_i * logp_w', 'pairs'],
    ['-lse(logp_j)', 'groups'],
    ['mean_reward - 2', 'pairs'],
  ] as const)('%s is of %s', (text, over) => expect(overOfLine(text)).toBe(over));

  test.each([
    ['logp_w - lse(logp_j)', 1, 6],
    ['reward_i * margin', 12, 17],
    ['where(place_i == 1, -logp_l, 0)', 22, 27],
  ])('%s is refused', (text, from, to) => {
    for (const read of [readLine, (line: string) => resolveLoss({ expression: line })])
      try {
        read(text);
        expect.fail('accepted');
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError);
        expect(error).toMatchObject({
          from,
          to,
          problem: expect.stringMatching(/is of a pair, and the line is of groups.*one or the other/),
        });
      }
  });
});

describe('one resolver', () => {
  const line = '-logsigmoid(beta * margin)';
  test.each([
    [{ name: 'dpo' }, 'pairs'],
    [{ name: 'grpo' }, 'groups'],
    [{ expression: line }, 'pairs'],
    [{ expression: '-reward_i * logp_i' }, 'groups'],
    [{ mix: [{ objective: { name: 'dpo' }, weight: 1 }] }, 'pairs'],
    [{ mix: [{ objective: { mix: [{ objective: { name: 'grpo' }, weight: 1 }] }, weight: 1 }] }, 'groups'],
  ] as const)('%j is of %s', (choice, over) => {
    const spec = resolveLoss(choice as ObjectiveChoice);
    expect(spec.over).toBe(over);
    expect(compileLoss(spec).wgsl).toContain(over === 'pairs' ? 'fn objective_of' : 'fn item_of');
  });

  test('a typed line of pairs on groups is the catalogue’s objective there', () => {
    const [typed, named] = [
      { expression: line, params: { beta: 0.3 } },
      { name: 'dpo', params: { beta: 0.3 } },
    ];
    expect(compileLoss(resolveLoss(typed, 'groups')).wgsl).toBe(compileLoss(resolveLoss(named, 'groups')).wgsl);
  });

  test.each([
    [{ name: 'grpo' }, /'grpo' is an objective of groups, and here are pairs/],
    [{ expression: '-logp_i * reward_i' }, /'-logp_i \* reward_i' is an objective of groups/],
    [{ name: 'grppo' }, /There is no objective 'grppo'/],
  ])('%j is refused on pairs', (choice, problem) => {
    expect(() => resolveLoss(choice as ObjectiveChoice, 'pairs')).toThrow(ObjectiveError);
    expect(() => resolveLoss(choice as ObjectiveChoice, 'pairs')).toThrow(problem);
  });

  test('a misspelt name by itself is told of both kinds', () => {
    expect(() => resolveLoss({ name: 'grppo' })).toThrow(/Did you mean 'grpo'.*of groups .*rloo.*of pairs .*simpo/s);
  });
});

describe('the form on a pair', () => {
  const random = randomStream(3);
  const groups = Array.from({ length: 40 }, () => randomGroup(random, 2)).filter(([a, b]) => a?.reward !== b?.reward);
  /** a + softplus(b - a) for a log of a sum cancels up to |a| + |b|; the rest is a handful of operations */
  const close = (actual: number | undefined, expected: number, size: number, about: string) =>
    expect(Math.abs((actual ?? Number.NaN) - expected), about).toBeLessThanOrEqual(64 * Number.EPSILON * Math.max(1, size));

  test.each(groupObjectives.map((objective) => nameOf(objective)))('%s on a group of two is its pair form', async (name) => {
    const spec = resolveLoss({ name }, 'groups');
    const pair = compileObjective(pairForm(spec.loss), spec.values);
    // a pair has no tokens: a response of one token is what it knows of them
    const oneToken = spec.loss.tokenTerms.length > 0 ? { len: 1, mean_tokens: 2, longest: 1 } : {};
    for (const size of [12, 300]) {
      const scaled: readonly GroupValues[] = groups.map((group) =>
        // mean and deviation as they are in float64: those of the group are float32's
        group.map((each) => ({
          ...each,
          logp: (each.logp * size) / 12,
          ref: (each.ref * size) / 12,
          mean_reward: group.reduce((sum, { reward }) => sum + reward / 2, 0),
          reward_deviation: Math.abs((group[0]?.reward ?? 0) - (group[1]?.reward ?? 0)) * Math.SQRT1_2,
          batch_mean: group.reduce((sum, { reward }) => sum + reward / 2, 0),
          batch_deviation: Math.abs((group[0]?.reward ?? 0) - (group[1]?.reward ?? 0)) * Math.SQRT1_2,
          ...oneToken,
        })),
      );
      const { losses, slopes } = await evaluateGroups(cpu, compileLoss(spec), scaled);
      for (const [index, [w, l]] of scaled.entries()) {
        if (!w || !l) continue;
        const columns: Record<string, number> = {};
        for (const column of ['ref', 'prev', 'len', 'reward'] as const)
          Object.assign(columns, { [`${column}_w`]: w[column], [`${column}_l`]: l[column] });
        const own = pair.evaluate(
          w.logp,
          l.logp,
          pair.inputs.map((column) => columns[column] ?? Number.NaN),
        );
        const scale = Math.abs(own.loss) + size * Math.max(1, Math.abs(own.byChosen), Math.abs(own.byRejected));
        close(losses[index], own.loss, scale, `${name} loss`);
        close(slopes[index]?.[0], own.byChosen, scale, `${name} by chosen`);
        close(slopes[index]?.[1], own.byRejected, scale, `${name} by rejected`);
      }
    }
  });

  test('a pair objective on groups has its own form back', () => {
    const { loss } = resolveLoss({ name: 'dpo' }, 'pairs');
    const { loss: group, values } = resolveLoss({ name: 'dpo' }, 'groups');
    const [own, back] = [compileObjective(loss, values), compileObjective(mul(constant(1), pairForm(group)), values)];
    expect(back.wgsl).toBe(own.wgsl);
  });
});
