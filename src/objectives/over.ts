import type { ObjectiveChoice } from '../core/experiment.ts';
import { findObjective } from './catalogue.ts';

/** What a loss is a loss of: each pair, or each group as a whole. */
export type Over = 'pairs' | 'groups';

/** What is known of each response of a group besides its log-prob; a loss names the response by the ending _i or _j. */
export const responseColumns = ['ref', 'prev', 'len', 'reward', 'place', 'rank', 'opponent'] as const;

const ofGroups = new RegExp(`\\b((logp|logratio|${responseColumns.join('|')})_[ij]|(logp|logratio|ref|prev)_t)\\b`);

/** What a typed line is a loss of: of groups where it names a response by _i or _j, or its tokens by _t. A line that names both kinds is for its reader to refuse. */
export const overOfLine = (text: string): Over => (ofGroups.test(text) ? 'groups' : 'pairs');

/**
 * What a choice is a loss of, before it is read: a name that is no pair objective's can only be of groups, and one such part makes a
 * mixture so. What cannot be read at all is left to who reads it.
 */
export function overOf(choice: ObjectiveChoice): Over {
  if (typeof choice !== 'object' || choice === null) return 'pairs';
  if ('name' in choice) return typeof choice.name !== 'string' || findObjective(choice.name) ? 'pairs' : 'groups';
  if ('expression' in choice) return overOfLine(choice.expression);
  const members = Array.isArray(choice.mix) ? choice.mix : [];
  return members.some((member) => overOf(member?.objective) === 'groups') ? 'groups' : 'pairs';
}
