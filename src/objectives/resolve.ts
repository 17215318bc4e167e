import { ObjectiveError } from '../core/errors.ts';
import type { ObjectiveChoice } from '../core/experiment.ts';
import { add, mul, substitute } from '../core/expression/build.ts';
import { constant, type Expression, input, parameter, parametersOf } from '../core/expression/expression.ts';
import { nearest } from '../core/expression/nearest.ts';
import { findObjective, objectiveNames } from './catalogue.ts';
import { type CompiledObjective, compileObjective } from './compile.ts';
import { withScores } from './inputs.ts';
import type { Objective, ObjectiveParameter } from './objective.ts';
import { isOption, type Options, optionsOf, readOptions } from './options.ts';
import { checked, real, show } from './parameters.ts';
import { readLoss } from './typed.ts';

/** Most losses in one mixture, nested ones included. */
const maxMembers = 32;

/** A choice with its parameters set, before it is compiled. */
export interface ResolvedObjective {
  readonly loss: Expression;
  readonly values: Readonly<Record<string, number>>;
  readonly ldAlpha: number | null;
}

/** The compiled objective that a choice names. Throws an ObjectiveError or an ExpressionError that says what would be accepted. */
export function resolveObjective(choice: ObjectiveChoice): CompiledObjective {
  const { loss, values, ldAlpha } = expandChoice(choice);
  return compileObjective(loss, values, ldAlpha);
}

/** The loss that a choice means, with the values of its parameters. */
export function expandChoice(choice: ObjectiveChoice): ResolvedObjective {
  let members = 0;
  const expand = (each: ObjectiveChoice): ResolvedObjective => {
    members++;
    if (members > maxMembers) throw new ObjectiveError(`A mixture holds at most ${maxMembers} losses, nested ones included.`);
    if (typeof each !== 'object' || each === null)
      throw new ObjectiveError(`An objective is an object such as { name: 'dpo' }, not ${show(each)}.`);
    if ('name' in each) return byName(each.name, each.params);
    if ('expression' in each) return typed(each.expression, each.params);
    if ('mix' in each) return mixed(each.mix, expand);
    throw new ObjectiveError("An objective has a 'name', an 'expression' or a 'mix'.");
  };
  return expand(choice);
}

/** An entry of the catalogue, with everything set that it takes. */
export interface NamedObjective {
  readonly objective: Objective;
  readonly options: Options;
  readonly values: Readonly<Record<string, number>>;
}

/** What a name and its parameters choose. Throws an ObjectiveError that says what would be accepted. */
export function resolveName(name: string, params: Readonly<Record<string, unknown>> = {}): NamedObjective {
  const named = typeof name === 'string' ? findObjective(name) : undefined;
  if (!named) {
    const known = objectiveNames();
    const guess = typeof name === 'string' ? ` Did you mean '${nearest(name, known)}'?` : '';
    throw new ObjectiveError(
      `There is no objective ${typeof name === 'string' ? `'${name}'` : show(name)}.${guess} Known names: ${known.join(', ')}.`,
    );
  }
  if (typeof params !== 'object' || params === null)
    throw new ObjectiveError(`${named.name}'s params must be an object, not ${show(params)}.`);
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  const extension = given.map(([key]) => (Object.hasOwn(named.extensions, key) ? named.extensions[key] : undefined)).find(Boolean);
  const objective = (extension && findObjective(extension)) || named;
  const options = readOptions(objective, given);
  const values = Object.fromEntries(Object.entries(objective.parameters).map(([key, { default: value }]) => [key, value]));
  for (const [key, value] of given) {
    if (isOption(key)) continue;
    const target = parameterNamed(objective, key);
    values[target] = checked(objective.name, key, value, (objective.parameters[target] as ObjectiveParameter).valid);
  }
  return { objective, options, values };
}

function byName(name: string, params?: Readonly<Record<string, unknown>>): ResolvedObjective {
  const { objective, options, values } = resolveName(name, params);
  const loss = withScores(objective.template, options.divergence);
  return {
    loss: options.weighting ? mul(input('wpo_weight'), loss) : loss,
    values: { ...values, ...(options.divergence === 'alpha_divergence' ? { alphaDivergenceCoef: options.coefficient } : {}) },
    ldAlpha: options.ldAlpha,
  };
}

/** The objective's own name for the parameter that goes by `key`. */
function parameterNamed(objective: Objective, key: string): string {
  for (const [name, { aliases = [] }] of Object.entries(objective.parameters)) if (name === key || aliases.includes(key)) return name;
  const names = [...Object.keys(objective.parameters), ...optionsOf(objective)];
  throw new ObjectiveError(`${objective.name} has no parameter '${key}'. Its parameters: ${names.join(', ')}.`);
}

function typed(text: string, params: Readonly<Record<string, unknown>> = {}): ResolvedObjective {
  const { loss, parameters } = readLoss(text);
  const values = Object.fromEntries(Object.entries(parameters).map(([name, { default: value }]) => [name, value]));
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(values, name)) {
      const names = Object.keys(values);
      throw new ObjectiveError(
        `The expression has no parameter '${name}'. ${names.length > 0 ? `Its parameters: ${names.join(', ')}.` : 'It has none.'}`,
      );
    }
    values[name] = checked('The expression', name, value, real);
  }
  return { loss, values, ldAlpha: null };
}

function mixed(
  members: { objective: ObjectiveChoice; weight: number }[],
  expand: (choice: ObjectiveChoice) => ResolvedObjective,
): ResolvedObjective {
  if (!Array.isArray(members) || members.length === 0)
    throw new ObjectiveError(
      "A mixture is a list such as [{ objective: { name: 'dpo' }, weight: 1 }, { objective: { name: 'sft' }, weight: 0.1 }].",
    );
  let loss: Expression = constant(0);
  const values: Record<string, number> = {};
  const ldAlphas = new Set<number | null>();
  for (const [index, member] of members.entries()) {
    if (typeof member !== 'object' || member === null)
      throw new ObjectiveError(`mix[${index}] must be { objective, weight }, not ${show(member)}.`);
    const weight = checked(`mix[${index}]`, 'weight', member.weight, real);
    const part = expand(member.objective);
    ldAlphas.add(part.ldAlpha);
    // Each member keeps parameters of its own, under names that a typed line cannot hold.
    const prefix = `mix${index}__`;
    for (const [name, value] of Object.entries(part.values)) values[prefix + name] = value;
    values[`${prefix}weight`] = weight;
    const renamed = substitute(part.loss, (node) => (node.kind === 'parameter' ? parameter(prefix + node.name) : null));
    loss = add(loss, mul(parameter(`${prefix}weight`), renamed));
  }
  if (ldAlphas.size > 1) throw new ObjectiveError('All losses of a mixture must have the same ldAlpha: they read the same log-probs.');
  const [ldAlpha = null] = ldAlphas;
  const used = new Set(parametersOf(loss));
  return { loss, values: Object.fromEntries(Object.entries(values).filter(([name]) => used.has(name))), ldAlpha };
}
