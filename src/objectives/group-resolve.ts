import { ObjectiveError } from '../core/errors.ts';
import type { ObjectiveChoice } from '../core/experiment.ts';
import { add, compare, div, max, mul, substitute, where } from '../core/expression/build.ts';
import { constant, type Expression, input, inputsOf, parameter } from '../core/expression/expression.ts';
import { objectiveNames } from './catalogue.ts';
import { expand, givenOf, inMixture, type Member, type Reading, valuesOf, valuesOfLine } from './expand.ts';
import { findGroupObjective, groupObjectiveNames } from './group-catalogue.ts';
import { type CompiledGroupObjective, compileGroupObjective } from './group-compile.ts';
import { type GroupLoss, groupParametersOf, pairNameIn, type Reduction, readGroupLoss, reductionName, tokenSumName } from './group-loss.ts';
import { isGroupOption, readGroupOptions } from './group-options.ts';
import { overOfLine } from './over.ts';
import { type PairSpec, pairReading } from './resolve.ts';

/** A loss of whole groups, with the values of its parameters. */
export interface GroupSpec {
  readonly over: 'groups';
  readonly loss: GroupLoss;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * The compiled objective of groups that a choice names. A pair objective means its mean over the pairs of the group whose ranks differ, the
 * better response as the chosen one. Throws an ObjectiveError or an ExpressionError that says what would be accepted.
 */
export function resolveGroupObjective(choice: ObjectiveChoice): CompiledGroupObjective {
  const { loss, values } = expandOnGroups(choice);
  return compileGroupObjective(loss, values);
}

/** The loss of groups that a choice means, with the values of its parameters. */
export const expandOnGroups = (choice: ObjectiveChoice): GroupSpec => expand(choice, groupReading);

function byName(name: string, params: Readonly<Record<string, unknown>>): GroupSpec | null {
  const objective = findGroupObjective(name);
  if (objective) {
    const { name: owner, parameters, options, unread } = objective;
    const given = givenOf(owner, params);
    const isSetting = (key: string) => !unread.includes(key) && !(isGroupOption(key) && options[key]);
    const settings = given.filter(([key]) => isSetting(key));
    return {
      over: 'groups',
      loss: objective.lossOf(readGroupOptions(owner, options, given)),
      values: valuesOf(owner, parameters, settings, Object.keys(options)),
    };
  }
  const pairs = pairReading.named(name, params);
  return pairs && overPairs(pairs, name);
}

function typed(text: string, params: Readonly<Record<string, unknown>>): GroupSpec {
  if (typeof text === 'string' && overOfLine(text) === 'pairs' && pairNameIn(text)) return overPairs(pairReading.typed(text, params), text);
  const loss = readGroupLoss(text);
  return { over: 'groups', loss, values: valuesOfLine(groupParametersOf(loss), params) };
}

/** A pair objective's mean over the pairs of a group. */
function overPairs({ loss, values, ldAlpha }: PairSpec, shown: string): GroupSpec {
  if (ldAlpha !== null)
    throw new ObjectiveError(`'${shown}' takes no ldAlpha on groups: a response there has no one partner to be cut to.`);
  const sides: Readonly<Record<string, string>> = { w: 'i', l: 'j' };
  const foreign = inputsOf(loss).find((name) => !/^(logp|ref|prev|len|reward)_[wl]$/.test(name));
  if (foreign)
    throw new ObjectiveError(
      `'${shown}' reads ${foreign}, which the responses of a group do not have. Use it on pairs, or choose another objective.`,
    );
  const pairLoss = substitute(loss, (node) =>
    node.kind === 'input' ? input(node.name.replace(/[wl]$/, (side) => sides[side] ?? side)) : null,
  );
  const term = where(compare('gt', input('rank_j'), input('rank_i')), pairLoss, constant(0));
  // a group of equal rewards has no pair and no loss
  const item = div(input(reductionName(0)), max(input('ordered_pairs'), constant(1)));
  return { over: 'groups', loss: { item, reductions: [{ operator: 'sum', range: 'after', term }], tokenTerms: [] }, values };
}

function mixed(members: readonly Member<GroupSpec>[]): GroupSpec {
  let item: Expression = constant(0);
  const reductions: Reduction[] = [];
  const tokenTerms: Expression[] = [];
  const values: (readonly [string, number])[] = [];
  for (const [index, member] of members.entries()) {
    const { loss } = member.spec;
    const { own, weight, values: ownValues } = inMixture(index, member);
    // sums are its own, too
    const [first, firstToken] = [reductions.length, tokenTerms.length];
    const sums = new Map([
      ...loss.reductions.map((_, m) => [reductionName(m), reductionName(first + m)] as const),
      ...loss.tokenTerms.map((_, n) => [tokenSumName(n), tokenSumName(firstToken + n)] as const),
    ]);
    const renamed = (e: Expression) =>
      substitute(e, (node) => {
        if (node.kind === 'parameter') return parameter(own(node.name));
        return node.kind === 'input' ? input(sums.get(node.name) ?? node.name) : null;
      });
    values.push(...ownValues);
    item = add(item, mul(weight, renamed(loss.item)));
    reductions.push(...loss.reductions.map((reduction) => ({ ...reduction, term: renamed(reduction.term) })));
    tokenTerms.push(...loss.tokenTerms.map(renamed));
  }
  return { over: 'groups', loss: { item, reductions, tokenTerms }, values: Object.fromEntries(values) };
}

/** How choices are read as losses of groups: names and lines of pairs mean their mean over the pairs of a group. */
export const groupReading: Reading<GroupSpec> = {
  named: byName,
  typed,
  mixed,
  names: () => [...groupObjectiveNames(), ...objectiveNames()],
  known: () => `of groups ${groupObjectiveNames().join(', ')}; of pairs ${objectiveNames().join(', ')}`,
};
