import { add, compare, div, max, mul, sub, substitution, unary, where } from '../core/expression/build.ts';
import { constant, type Expression, input, match } from '../core/expression/expression.ts';
import { values } from '../core/expression/values.ts';
import type { GroupColumn } from './group-inputs.ts';
import { type GroupLoss, joins, type Reduction, type ReductionRange, reductionName, tokenSumName } from './group-loss.ts';

type Side = 'w' | 'l';
const [rewardW, rewardL] = [input('reward_w'), input('reward_l')];
const areEqual = compare('eq', rewardW, rewardL);

/** A group of two as a pair. */
interface GroupOfTwo {
  /** which of the pair stands first in the group: none has a larger reward */
  readonly best: Side;
  /** which of them is the opponent's */
  readonly opponent: Side;
  /** both may have the same reward; else one is known to be better */
  readonly mayBeEqual: boolean;
}

/** What a group of two knows of itself where there is no other group: the pair's inputs say it all. */
function ofTheGroup({ best, mayBeEqual }: GroupOfTwo): Readonly<Partial<Record<GroupColumn, Expression>>> {
  const [better, worse] = best === 'w' ? [rewardW, rewardL] : [rewardL, rewardW];
  const [meanReward, deviation] = [div(add(better, worse), constant(2)), mul(constant(Math.SQRT1_2), sub(better, worse))];
  const lengths = [input('len_w'), input('len_l')] as const;
  return {
    count: constant(2),
    ordered_pairs: mayBeEqual ? where(areEqual, constant(0), constant(1)) : constant(1),
    mean_reward: meanReward,
    reward_deviation: deviation,
    lowest_reward: worse,
    batch_mean: meanReward,
    batch_deviation: deviation,
    batch_size: constant(2),
    opponents: constant(1),
    mean_tokens: add(...lengths),
    best_tokens: input(`len_${best}`),
    longest: max(...lengths),
  };
}

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
export const pairForm = (loss: GroupLoss): Expression => formOf(loss, { best: 'w', opponent: 'l', mayBeEqual: false });

/**
 * The same of two responses as they were drawn, w before l, whatever their rewards: the better one stands first in the group, of equal ones
 * that which was drawn first. The second one is the opponent's.
 */
export const drawnForm = (loss: GroupLoss): Expression =>
  where(
    compare('lt', rewardW, rewardL),
    formOf(loss, { best: 'l', opponent: 'l', mayBeEqual: false }),
    formOf(loss, { best: 'w', opponent: 'l', mayBeEqual: true }),
  );

function formOf({ item, reductions, tokenTerms }: GroupLoss, group: GroupOfTwo): Expression {
  const { best, opponent, mayBeEqual } = group;
  const sides: readonly Side[] = best === 'w' ? ['w', 'l'] : ['l', 'w'];
  const whole = ofTheGroup(group);
  const inSum = (range: ReductionRange, i: Side, j: Side) => joins(range, sides.indexOf(i), sides.indexOf(j));
  const known = (name: string, i: Side, j: Side): Expression | null => {
    const own = whole[name as GroupColumn];
    if (own) return own;
    const [, column, letter] = /^(\w+)_([ij])$/.exec(name) ?? [];
    const [, ofToken] = /^(\w+)_t$/.exec(name) ?? [];
    if (ofToken) return div(input(`${ofToken}_${i}`), input(`len_${i}`));
    if (!column) return null;
    const side = letter === 'i' ? i : j;
    if (column === 'place') return constant(1 + sides.indexOf(side));
    if (column === 'rank') return side === best ? constant(1) : mayBeEqual ? where(areEqual, constant(1), constant(2)) : constant(2);
    if (column === 'opponent') return constant(Number(side === opponent));
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
