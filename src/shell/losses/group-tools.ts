import { ExpressionError } from '../../core/errors.ts';
import type { ObjectiveChoice } from '../../core/experiment.ts';
import { nodesOf, parametersOf } from '../../core/expression/expression.ts';
import { toLine } from '../../core/expression/text.ts';
import { slopesOf } from '../../objectives/compile.ts';
import { findGroupObjective, groupObjectives } from '../../objectives/group-catalogue.ts';
import { groupTex } from '../../objectives/group-compile.ts';
import { readLine, resolveLoss } from '../../objectives/loss-spec.ts';
import { pairForm } from '../../objectives/pair-form.ts';
import type { PairSpec } from '../../objectives/resolve.ts';
import { maxValues } from '../../objectives/text/typed.ts';
import { nameOf } from '../../objectives/whole-catalogue.ts';
import { trlGroupConfig, trlGroupScript } from '../exports/trl-groups.ts';
import type { AboutObjective, PageChoice } from './about-objective.ts';
import type { ListedObjective } from './objective-list.ts';

export { findGroupObjective, trlGroupConfig, trlGroupScript };

/** The loss of a choice on a group of two, as one of the pair. */
export function onGroupOfTwo(choice: ObjectiveChoice): PairSpec {
  const { loss: group, values } = resolveLoss(choice, 'groups');
  const loss = pairForm(group);
  const { byChosen, byRejected } = slopesOf(loss);
  if ('expression' in choice && nodesOf(loss, byChosen, byRejected).length > maxValues)
    throw new ExpressionError(
      choice.expression,
      0,
      choice.expression.length,
      `The loss of two responses and its slopes have more than ${maxValues} names, numbers and operations. Shorten it.`,
    );
  return { over: 'pairs', loss, values, ldAlpha: null };
}

/** The loss of a choice on a group of two, as a line of the pair with the same parameters. */
export function lineOnPair(choice: PageChoice): PageChoice {
  const { loss, values } = onGroupOfTwo(choice);
  const read = new Set(parametersOf(loss));
  return { expression: toLine(loss), params: Object.fromEntries(Object.entries(values).filter(([name]) => read.has(name))) };
}

/** What the page says of an objective of groups. */
export function aboutGroups(choice: PageChoice): AboutObjective {
  const entry = 'name' in choice ? (findGroupObjective(choice.name) ?? null) : null;
  const { loss } = resolveLoss(choice, 'groups');
  return {
    entry,
    id: entry && nameOf(entry),
    parameters: entry?.parameters ?? readLine('expression' in choice ? choice.expression : '').parameters,
    tex: (symbols) => groupTex(loss, symbols),
  };
}

/** The objectives of groups as a list shows them, by names that no objective of pairs has. */
export const listedGroups: readonly ListedObjective[] = groupObjectives.map((entry) => ({ ...entry, entry: entry.id, id: nameOf(entry) }));
