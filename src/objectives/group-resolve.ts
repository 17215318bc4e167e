import { ObjectiveError } from '../core/errors.ts';
import type { ObjectiveChoice } from '../core/experiment.ts';
import { add, compare, div, max, mul, substitute, where } from '../core/expression/build.ts';
import { constant, type Expression, input, inputsOf, parameter } from '../core/expression/expression.ts';
import { nearest } from '../core/expression/nearest.ts';
import { findObjective, objectiveNames } from './catalogue.ts';
import { findGroupObjective, groupObjectiveNames } from './group-catalogue.ts';
import { type CompiledGroupObjective, compileGroupObjective } from './group-compile.ts';
import { type GroupLoss, groupParametersOf, type Reduction, readGroupLoss, reductionName } from './group-loss.ts';
import { checked, real, show } from './parameters.ts';
import { expandChoice } from './resolve.ts';
import { parameterOf } from './typed.ts';

interface ResolvedGroupObjective {
  readonly loss: GroupLoss;
  readonly values: Readonly<Record<string, number>>;
}

/** Most losses in one mixture, nested ones included. */
const maxMembers = 32;

/**
 * The compiled objective of groups that a choice names. A pair objective means its mean over the pairs of the group whose ranks differ, the
 * better response as the chosen one. Throws an ObjectiveError or an ExpressionError that says what would be accepted.
 */
export function resolveGroupObjective(choice: ObjectiveChoice): CompiledGroupObjective {
  let members = 0;
  const expand = (each: ObjectiveChoice): ResolvedGroupObjective => {
    members++;
    if (members > maxMembers) throw new ObjectiveError(`A mixture holds at most ${maxMembers} losses, nested ones included.`);
    if (typeof each !== 'object' || each === null)
      throw new ObjectiveError(`An objective is an object such as { name: 'plackett_luce' }, not ${show(each)}.`);
    if ('name' in each) return byName(each);
    if ('expression' in each) return typed(each.expression, each.params);
    if ('mix' in each) return mixed(each.mix, expand);
    throw new ObjectiveError("An objective has a 'name', an 'expression' or a 'mix'.");
  };
  const { loss, values } = expand(choice);
  return compileGroupObjective(loss, values);
}

function byName(choice: Extract<ObjectiveChoice, { name: string }>): ResolvedGroupObjective {
  const { name, params = {} } = choice;
  const objective = typeof name === 'string' ? findGroupObjective(name) : undefined;
  if (!objective) {
    if (typeof name === 'string' && findObjective(name)) return overPairs(choice);
    const known = groupObjectiveNames();
    const guess = typeof name === 'string' ? ` Did you mean '${nearest(name, [...known, ...objectiveNames()])}'?` : '';
    throw new ObjectiveError(
      `There is no objective ${typeof name === 'string' ? `'${name}'` : show(name)} of groups.${guess} Known names: ${known.join(', ')}, and those of pairs.`,
    );
  }
  if (typeof params !== 'object' || params === null)
    throw new ObjectiveError(`${objective.name}'s params must be an object, not ${show(params)}.`);
  const declared = Object.entries(objective.parameters);
  const values = Object.fromEntries(declared.map(([key, { default: value }]) => [key, value]));
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined || value === null) continue;
    const [target, about] = declared.find(([own, { aliases = [] }]) => own === key || aliases.includes(key)) ?? [];
    if (!target || !about)
      throw new ObjectiveError(
        `${objective.name} has no parameter '${key}'. ${declared.length > 0 ? `Its parameters: ${declared.map(([own]) => own).join(', ')}.` : 'It has none.'}`,
      );
    values[target] = checked(objective.name, key, value, about.valid);
  }
  return { loss: objective.loss, values };
}

/** A pair objective's mean over the pairs of a group. */
function overPairs(choice: ObjectiveChoice): ResolvedGroupObjective {
  const { loss, values, ldAlpha } = expandChoice(choice);
  const shown = 'name' in choice ? choice.name : show(choice);
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
  return { loss: { item, reductions: [{ operator: 'sum', range: 'after', term }] }, values };
}

function typed(text: string, params: Readonly<Record<string, unknown>> = {}): ResolvedGroupObjective {
  const loss = readGroupLoss(text);
  const values = Object.fromEntries(groupParametersOf(loss).map((name) => [name, parameterOf(name).default]));
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(values, name))
      throw new ObjectiveError(`The expression has no parameter '${name}'. Its parameters: ${Object.keys(values).join(', ') || 'none'}.`);
    values[name] = checked('The expression', name, value, real);
  }
  return { loss, values };
}

function mixed(
  members: { objective: ObjectiveChoice; weight: number }[],
  expand: (choice: ObjectiveChoice) => ResolvedGroupObjective,
): ResolvedGroupObjective {
  if (!Array.isArray(members) || members.length === 0)
    throw new ObjectiveError("A mixture is a list such as [{ objective: { name: 'plackett_luce' }, weight: 1 }].");
  let item: Expression = constant(0);
  const reductions: Reduction[] = [];
  const values: Record<string, number> = {};
  for (const [index, member] of members.entries()) {
    if (typeof member !== 'object' || member === null)
      throw new ObjectiveError(`mix[${index}] must be { objective, weight }, not ${show(member)}.`);
    const part = expand(member.objective);
    // Each member keeps parameters and sums of its own, under names that a typed line cannot hold.
    const prefix = `mix${index}__`;
    const first = reductions.length;
    const own = new Map(part.loss.reductions.map((_, m) => [reductionName(m), reductionName(first + m)]));
    const renamed = (e: Expression) =>
      substitute(e, (node) => {
        if (node.kind === 'parameter') return parameter(prefix + node.name);
        return node.kind === 'input' ? input(own.get(node.name) ?? node.name) : null;
      });
    for (const [name, value] of Object.entries(part.values)) values[prefix + name] = value;
    values[`${prefix}weight`] = checked(`mix[${index}]`, 'weight', member.weight, real);
    item = add(item, mul(parameter(`${prefix}weight`), renamed(part.loss.item)));
    reductions.push(...part.loss.reductions.map((reduction) => ({ ...reduction, term: renamed(reduction.term) })));
  }
  return { loss: { item, reductions }, values };
}
