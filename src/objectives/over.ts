import { ExpressionError } from '../core/errors.ts';
import type { ObjectiveChoice } from '../core/experiment.ts';
import { findObjective } from './catalogue.ts';
import { objectiveNamesInText } from './inputs.ts';

/** What a loss is a loss of: each pair, or each group as a whole. */
export type Over = 'pairs' | 'groups';

/** What is known of each response of a group besides its log-prob; a loss names the response by the ending _i or _j. */
export const responseColumns = ['ref', 'prev', 'len', 'reward', 'place', 'rank'] as const;

const ofGroups = new RegExp(`^(?:logp|logratio|${responseColumns.join('|')})_[ij]$`);
const ofPairs = new Set([...objectiveNamesInText.inputs, ...Object.keys(objectiveNamesInText.shorthands)]);

/**
 * What a typed line is a loss of, by the inputs that it names: those of a pair end in _w and _l, those of a group in _i and _j. Null where
 * it names none. Throws an ExpressionError for a line that names both.
 */
export function overOfLine(text: string): Over | null {
  if (typeof text !== 'string') return null; // the reader of lines says what is wrong
  let over: Over | null = null;
  let first = '';
  for (const { 0: name, index } of text.matchAll(/(?<![\w.])[A-Za-z_]\w*/g)) {
    const own = ofGroups.test(name) ? 'groups' : ofPairs.has(name) ? 'pairs' : null;
    if (own === null || own === over) continue;
    if (over !== null)
      throw new ExpressionError(
        text,
        index,
        index + name.length,
        `'${first}' is of ${over} and '${name}' of ${own}, and a loss is of one or the other: _w and _l are the responses of a pair, _i and _j those of a group.`,
      );
    over = own;
    first = name;
  }
  return over;
}

/**
 * What a choice is a loss of, before it is read: a name that is no pair objective's can only be of groups, and one such part makes a
 * mixture so. What cannot be read at all is left to who reads it.
 */
export function overOf(choice: ObjectiveChoice): Over {
  if (typeof choice !== 'object' || choice === null) return 'pairs';
  if ('name' in choice) return typeof choice.name !== 'string' || findObjective(choice.name) ? 'pairs' : 'groups';
  if ('expression' in choice) return overOfLine(choice.expression) ?? 'pairs';
  const members = Array.isArray(choice.mix) ? choice.mix : [];
  return members.some((member) => overOf(member?.objective) === 'groups') ? 'groups' : 'pairs';
}
