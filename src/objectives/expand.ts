import { ObjectiveError } from '../core/errors.ts';
import type { ObjectiveChoice } from '../core/experiment.ts';
import { parameter } from '../core/expression/expression.ts';
import { nearest } from '../core/expression/nearest.ts';
import type { ObjectiveParameter } from './objective.ts';
import { checked, real, show } from './parameters.ts';
import { parameterOf } from './text/typed.ts';

/** Most losses in one mixture, nested ones included. */
const maxMembers = 32;

type Params = Readonly<Record<string, unknown>>;

/** A loss of a mixture, and what it counts for. */
export interface Member<Spec> {
  readonly spec: Spec;
  readonly weight: number;
}

/** What differs where choices are read as losses of pairs, or of groups. */
export interface Reading<Spec> {
  /** the loss that a name means; null where it means none */
  readonly named: (name: string, params: Params) => Spec | null;
  readonly typed: (text: string, params: Params) => Spec;
  readonly mixed: (members: readonly Member<Spec>[]) => Spec;
  /** names that a misspelt one may have meant */
  readonly names: () => readonly string[];
  /** what there is, for who asks for what there is not */
  readonly known: () => string;
}

/** Reads a choice. Throws an ObjectiveError or an ExpressionError that says what would be accepted. */
export function expand<Spec>(choice: ObjectiveChoice, reading: Reading<Spec>): Spec {
  let members = 0;
  const read = (each: ObjectiveChoice): Spec => {
    members++;
    if (members > maxMembers) throw new ObjectiveError(`A mixture holds at most ${maxMembers} losses, nested ones included.`);
    if (typeof each !== 'object' || each === null)
      throw new ObjectiveError(`An objective is an object such as { name: 'dpo' }, not ${show(each)}.`);
    if ('name' in each) return named(each.name, each.params, reading);
    if ('expression' in each) return reading.typed(each.expression, each.params ?? {});
    if (!('mix' in each)) throw new ObjectiveError("An objective has a 'name', an 'expression' or a 'mix'.");
    if (!Array.isArray(each.mix) || each.mix.length === 0)
      throw new ObjectiveError(
        "A mixture is a list such as [{ objective: { name: 'dpo' }, weight: 1 }, { objective: { name: 'sft' }, weight: 0.1 }].",
      );
    return reading.mixed(
      each.mix.map((member, index) => {
        if (typeof member !== 'object' || member === null)
          throw new ObjectiveError(`mix[${index}] must be { objective, weight }, not ${show(member)}.`);
        const weight = checked(`mix[${index}]`, 'weight', member.weight, real);
        return { spec: read(member.objective), weight };
      }),
    );
  };
  return read(choice);
}

function named<Spec>(name: unknown, params: Params | undefined, { named: find, names, known }: Reading<Spec>): Spec {
  const spec = typeof name === 'string' ? find(name, params ?? {}) : null;
  if (spec !== null) return spec;
  const guess = typeof name === 'string' ? ` Did you mean '${nearest(name, names())}'?` : '';
  throw new ObjectiveError(
    `There is no objective ${typeof name === 'string' ? `'${name}'` : show(name)}.${guess} Known names: ${known()}.`,
  );
}

/** What of params is set: TRL's configurations hold null for what is not. */
export function givenOf(owner: string, params: Params): [name: string, value: unknown][] {
  if (typeof params !== 'object' || params === null) throw new ObjectiveError(`${owner}'s params must be an object, not ${show(params)}.`);
  return Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
}

/**
 * The values of an objective's parameters: as given, under any of their names, else their defaults. `also`: what else it would take, for
 * who gives what it does not.
 */
export function valuesOf(
  owner: string,
  parameters: Readonly<Record<string, Pick<ObjectiveParameter, 'default' | 'valid' | 'aliases' | 'follows'>>>,
  given: readonly (readonly [name: string, value: unknown])[],
  also: readonly string[] = [],
): Record<string, number> {
  const declared = Object.entries(parameters);
  const values = Object.fromEntries(declared.map(([name, { default: value }]) => [name, value]));
  const set = new Set<string>();
  for (const [key, value] of given) {
    const [name, about] = declared.find(([own, { aliases = [] }]) => own === key || aliases.includes(key)) ?? [];
    if (name === undefined || !about) {
      const names = [...Object.keys(parameters), ...also];
      throw new ObjectiveError(
        `${owner} has no parameter '${key}'. ${names.length > 0 ? `Its parameters: ${names.join(', ')}.` : 'It has none.'}`,
      );
    }
    values[name] = checked(owner, key, value, about.valid);
    set.add(name);
  }
  for (const [name, { follows }] of declared) if (follows !== undefined && !set.has(name)) values[name] = values[follows] as number;
  return values;
}

/** The values of a typed line's parameters. */
export const valuesOfLine = (names: readonly string[], params: Params): Record<string, number> =>
  valuesOf('The expression', Object.fromEntries(names.map((name) => [name, parameterOf(name)])), givenOf('The expression', params));

/** Each member of a mixture keeps parameters of its own, under names that a typed line cannot hold, and has its weight as one more. */
export function inMixture(index: number, { weight, spec }: Member<{ readonly values: Readonly<Record<string, number>> }>) {
  const own = (name: string) => `mix${index}__${name}`;
  return {
    own,
    weight: parameter(own('weight')),
    values: [...Object.entries(spec.values).map(([name, value]) => [own(name), value] as const), [own('weight'), weight] as const],
  };
}
