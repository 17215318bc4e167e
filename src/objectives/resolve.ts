import { ObjectiveError } from '../core/errors.ts';
import type { ObjectiveChoice } from '../core/experiment.ts';
import { add, mul, substitute } from '../core/expression/build.ts';
import { constant, type Expression, input, parameter, parametersOf } from '../core/expression/expression.ts';
import { findObjective, objectiveNames } from './catalogue.ts';
import { type CompiledObjective, compileObjective } from './compile.ts';
import { expand, givenOf, inMixture, type Member, type Reading, valuesOf, valuesOfLine } from './expand.ts';
import { withScores } from './inputs.ts';
import type { Objective } from './objective.ts';
import { isOption, type Options, optionsOf, readOptions } from './options.ts';
import { readLoss } from './text/typed.ts';

/** A loss of each pair, with the values of its parameters. */
export interface PairSpec {
  readonly over: 'pairs';
  readonly loss: Expression;
  readonly values: Readonly<Record<string, number>>;
  readonly ldAlpha: number | null;
}

/** The compiled loss of pairs that a choice means. Throws an ObjectiveError or an ExpressionError that says what would be accepted. */
export function resolveObjective(choice: ObjectiveChoice): CompiledObjective {
  const { loss, values, ldAlpha } = expandChoice(choice);
  return compileObjective(loss, values, ldAlpha);
}

/** The loss of pairs that a choice means, with the values of its parameters. */
export const expandChoice = (choice: ObjectiveChoice): PairSpec => expand(choice, pairReading);

/** An entry of the catalogue, with everything set that it takes. */
export interface NamedObjective {
  readonly objective: Objective;
  readonly options: Options;
  readonly values: Readonly<Record<string, number>>;
}

/** What a name of the catalogue and its parameters choose; null where there is no such name. */
export function resolveName(name: string, params: Readonly<Record<string, unknown>> = {}): NamedObjective | null {
  const named = findObjective(name);
  if (!named) return null;
  const given = givenOf(named.name, params);
  const extension = given.map(([key]) => (Object.hasOwn(named.extensions, key) ? named.extensions[key] : undefined)).find(Boolean);
  const objective = (extension && findObjective(extension)) || named;
  const options = readOptions(objective, given);
  const settings = given.filter(([key]) => !isOption(key));
  return { objective, options, values: valuesOf(objective.name, objective.parameters, settings, optionsOf(objective)) };
}

function byName(name: string, params: Readonly<Record<string, unknown>>): PairSpec | null {
  const chosen = resolveName(name, params);
  if (!chosen) return null;
  const { objective, options, values } = chosen;
  return {
    over: 'pairs',
    loss: lossOf(objective, options),
    values: { ...values, ...(options.divergence === 'alpha_divergence' ? { alphaDivergenceCoef: options.coefficient } : {}) },
    ldAlpha: options.ldAlpha,
  };
}

/** Losses of the catalogue, by the options that change them. */
const losses = new WeakMap<Objective, Map<string, Expression>>();

/** The same expression each time, so that what follows from it is worked out once. */
function lossOf(objective: Objective, { divergence, weighting }: Options): Expression {
  const made = losses.get(objective) ?? new Map<string, Expression>();
  losses.set(objective, made);
  const key = `${divergence} ${weighting}`;
  const known = made.get(key);
  if (known) return known;
  const scored = withScores(objective.template, divergence);
  const loss = weighting ? mul(input('wpo_weight'), scored) : scored;
  made.set(key, loss);
  return loss;
}

function typed(text: string, params: Readonly<Record<string, unknown>>): PairSpec {
  const { loss, parameters } = readLoss(text);
  return { over: 'pairs', loss, values: valuesOfLine(Object.keys(parameters), params), ldAlpha: null };
}

function mixed(members: readonly Member<PairSpec>[]): PairSpec {
  let loss: Expression = constant(0);
  const values: (readonly [string, number])[] = [];
  for (const [index, member] of members.entries()) {
    const { own, weight, values: ownValues } = inMixture(index, member);
    values.push(...ownValues);
    const renamed = substitute(member.spec.loss, (node) => (node.kind === 'parameter' ? parameter(own(node.name)) : null));
    loss = add(loss, mul(weight, renamed));
  }
  const ldAlphas = new Set(members.map(({ spec }) => spec.ldAlpha));
  if (ldAlphas.size > 1) throw new ObjectiveError('All losses of a mixture must have the same ldAlpha: they read the same log-probs.');
  const [ldAlpha = null] = ldAlphas;
  const used = new Set(parametersOf(loss));
  return { over: 'pairs', loss, values: Object.fromEntries(values.filter(([name]) => used.has(name))), ldAlpha };
}

/** How choices are read as losses of pairs. */
export const pairReading: Reading<PairSpec> = {
  named: byName,
  typed,
  mixed,
  names: objectiveNames,
  known: () => objectiveNames().join(', '),
};
