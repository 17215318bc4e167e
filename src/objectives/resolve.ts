import { ObjectiveError, UnsupportedError } from '../core/errors.ts';
import type { ObjectiveChoice } from '../core/experiment.ts';
import { findObjective, objectiveNames } from './catalogue.ts';
import { type CompiledObjective, compileObjective } from './compile.ts';

/** The compiled objective that a choice names. Throws an ObjectiveError that says what would be accepted. */
export function resolveObjective(choice: ObjectiveChoice): CompiledObjective {
  if (typeof choice !== 'object' || choice === null)
    throw new ObjectiveError(`An objective is an object such as { name: 'dpo' }, not ${JSON.stringify(choice)}.`);
  if (!('name' in choice))
    throw new UnsupportedError(
      `Typed and mixed objectives are not part of this version. Choose one by name: ${objectiveNames().join(', ')}.`,
    );
  const objective = findObjective(choice.name);
  if (!objective) throw new ObjectiveError(`There is no objective '${choice.name}'. Known names: ${objectiveNames().join(', ')}.`);
  const values: Record<string, number> = Object.fromEntries(
    Object.entries(objective.parameters).map(([name, { default: value }]) => [name, value]),
  );
  for (const [name, value] of Object.entries(choice.params ?? {})) {
    if (value === undefined) continue;
    if (!Object.hasOwn(objective.parameters, name))
      throw new ObjectiveError(
        `${objective.name} has no parameter '${name}'. Its parameters: ${Object.keys(objective.parameters).join(', ')}.`,
      );
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0)
      throw new ObjectiveError(`${objective.name}'s ${name} must be a positive finite number, not ${String(value)}.`);
    values[name] = value;
  }
  return compileObjective(objective.loss, values);
}
