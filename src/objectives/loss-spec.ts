import { ObjectiveError } from '../core/errors.ts';
import type { ObjectiveChoice } from '../core/experiment.ts';
import { type CompiledObjective, compileObjective } from './compile.ts';
import { type CompiledGroupObjective, compileGroupObjective } from './group-compile.ts';
import { type GroupLoss, groupParametersOf, readGroupLoss } from './group-loss.ts';
import { type GroupNeed, groupNeedsOf } from './group-objective.ts';
import { expandOnGroups, type GroupSpec } from './group-resolve.ts';
import type { ObjectiveParameter } from './objective.ts';
import { type Over, overOf, overOfLine } from './over.ts';
import { show } from './parameters.ts';
import { expandChoice, type PairSpec } from './resolve.ts';
import { parameterOf, readLoss, type TypedLoss } from './text/typed.ts';

/** What a choice means: a loss of pairs or of groups, with the values of its parameters. */
export type LossSpec = PairSpec | GroupSpec;

/**
 * The loss that a choice means, on pairs or on groups; by default what it is by itself. On groups an objective of pairs is its mean over
 * the pairs of each group whose ranks differ. Throws an ObjectiveError or an ExpressionError that says what would be accepted.
 */
export function resolveLoss(choice: ObjectiveChoice, on: 'groups'): GroupSpec;
export function resolveLoss(choice: ObjectiveChoice, on: 'pairs'): PairSpec;
export function resolveLoss(choice: ObjectiveChoice, on?: Over): LossSpec;
export function resolveLoss(choice: ObjectiveChoice, on: Over = overOf(choice)): LossSpec {
  if (on === 'groups') return expandOnGroups(choice);
  if (overOf(choice) === 'groups' && isOfGroups(choice)) {
    const shown = 'name' in choice ? choice.name : 'expression' in choice ? choice.expression : show(choice);
    throw new ObjectiveError(
      `'${shown}' is an objective of groups, and here are pairs. Give the experiment groups in their place, or leave pairs out of the method.`,
    );
  }
  return expandChoice(choice);
}

/** A choice that can be read on groups; one that cannot gets its error from who reads pairs. */
function isOfGroups(choice: ObjectiveChoice): boolean {
  try {
    expandOnGroups(choice);
    return true;
  } catch {
    return false;
  }
}

/** A loss made ready for both engines. */
export function compileLoss(spec: PairSpec): CompiledObjective;
export function compileLoss(spec: GroupSpec): CompiledGroupObjective;
export function compileLoss(spec: LossSpec): CompiledObjective | CompiledGroupObjective;
export function compileLoss(spec: LossSpec): CompiledObjective | CompiledGroupObjective {
  return spec.over === 'pairs' ? compileObjective(spec.loss, spec.values, spec.ldAlpha) : compileGroupObjective(spec.loss, spec.values);
}

/** A loss of groups that a reader typed. */
export interface TypedGroupLoss {
  readonly over: 'groups';
  readonly text: string;
  readonly loss: GroupLoss;
  readonly parameters: Readonly<Record<string, ObjectiveParameter>>;
  readonly needs: readonly GroupNeed[];
}

/**
 * Reads a typed line: a loss of a pair, which names its responses by _w and _l, or of a response of a group, which names it and the others
 * by _i and _j. Throws an ExpressionError with the columns and the fix, also for a line that names both.
 */
export function readLine(text: string): TypedLoss | TypedGroupLoss {
  if (overOfLine(text) === 'pairs') return readLoss(text);
  const loss = readGroupLoss(text);
  return {
    over: 'groups',
    text,
    loss,
    parameters: Object.fromEntries(groupParametersOf(loss).map((name) => [name, parameterOf(name)])),
    needs: groupNeedsOf(loss),
  };
}
