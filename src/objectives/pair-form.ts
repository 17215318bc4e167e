import { add, div, max, mul, sub, substitution, unary } from '../core/expression/build.ts';
import { constant, type Expression, input, match } from '../core/expression/expression.ts';
import { values } from '../core/expression/values.ts';
import type { GroupColumn } from './group-inputs.ts';
import { type GroupLoss, joins, type Reduction, type ReductionRange, reductionName, tokenSumName } from './group-loss.ts';

type Side = 'w' | 'l';
const sides = ['w', 'l'] as const;
const [rewardW, rewardL] = [input('reward_w'), input('reward_l')];

const [lenW, lenL] = [input('len_w'), input('len_l')];

/** What a group of two knows of itself where the first response is the better one, and there is no other group: the pair's inputs say it all. */
const ofTheGroup: Readonly<Partial<Record<GroupColumn, Expression>>> = {
  count: constant(2),
  ordered_pairs: constant(1),
  mean_reward: div(add(rewardW, rewardL), constant(2)),
  reward_deviation: mul(constant(Math.SQRT1_2), sub(rewardW, rewardL)),
  lowest_reward: rewardL,
  batch_mean: div(add(rewardW, rewardL), constant(2)),
  batch_deviation: mul(constant(Math.SQRT1_2), sub(rewardW, rewardL)),
  batch_size: constant(2),
  opponents: constant(1),
  mean_tokens: add(lenW, lenL),
  best_tokens: lenW,
  longest: max(lenW, lenL),
};

/** Conditions on constants, as on the places of the two responses, are decided. */
function decided(e: Expression): Expression {
  const decide = substitution((node) => {
    const [condition, yes, no] = match(node, 'where') ?? [];
    if (condition?.kind !== 'call' || !yes || !no) return null;
    const [a, b] = condition.args;
    if (a?.kind !== 'constant' || b?.kind !== 'constant') return null;
    return decide(values[condition.operator](a.value, b.value, Number.NaN) === 1 ? yes : no);
  });
  return decide(e);
}

/**
 * A group's loss on a group of two, the better response first, as a loss of the pair: the same number and the same slopes. Rewards are
 * the pair's. Sums over j are written out. A pair has no tokens: those of a response are taken to be equally likely, under each policy, which
 * is no assumption where it has one. The worse response is the opponent's.
 */
export function pairForm({ item, reductions, tokenTerms }: GroupLoss): Expression {
  const known = (name: string, i: Side, j: Side): Expression | null => {
    const whole = ofTheGroup[name as GroupColumn];
    if (whole) return whole;
    const [, column, letter] = /^(\w+)_([ij])$/.exec(name) ?? [];
    const [, ofToken] = /^(\w+)_t$/.exec(name) ?? [];
    if (ofToken) return div(input(`${ofToken}_${i}`), input(`len_${i}`));
    if (!column) return null;
    const side = letter === 'i' ? i : j;
    if (column === 'place' || column === 'rank') return constant(1 + sides.indexOf(side));
    if (column === 'opponent') return constant(sides.indexOf(side));
    return input(`${column}_${side}`);
  };
  const placed = (e: Expression, i: Side, j: Side, sums: ReadonlyMap<string, Expression> = new Map()) =>
    decided(substitution((node) => (node.kind === 'input' ? (sums.get(node.name) ?? known(node.name, i, j)) : null))(e));
  const sumOf = ({ operator, range, term }: Reduction, i: Side): Expression => {
    const terms = sides.filter((j) => inSum(range, i, j)).map((j) => placed(term, i, j));
    // log(e^a + e^b) = a + softplus(b - a), whose slopes are right where a and b are equal, too
    return operator === 'sum' ? terms.reduce(add, constant(0)) : terms.reduce((a, b) => add(a, unary('softplus', sub(b, a))));
  };
  const of = (i: Side) =>
    placed(
      item,
      i,
      i,
      new Map([
        ...reductions.map((reduction, m) => [reductionName(m), sumOf(reduction, i)] as const),
        ...tokenTerms.map((term, n) => [tokenSumName(n), mul(input(`len_${i}`), placed(term, i, i))] as const),
      ]),
    );
  return add(of('w'), of('l'));
}

const inSum = (range: ReductionRange, i: Side, j: Side) => joins(range, sides.indexOf(i), sides.indexOf(j));
