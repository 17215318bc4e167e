import { messageOf } from '../../core/message-of.ts';
import { objectiveNames } from '../../objectives/catalogue.ts';
import { isInRange, rangeText } from '../../objectives/parameters.ts';
import type { Field } from '../links/fields.ts';
import type { LinkReader } from '../links/link.ts';
import { groupsElsewhere, knowsGroup } from './group-losses.ts';
import { checkStart } from './loss-start.ts';
import { findObjective, type PageChoice, type PairState, viewLine, viewObjective } from './objective-view.ts';

/** What a parameter's value of the objective is called: 'p.beta'. */
const parameterPrefix = 'p.';

/** The fields of an objective: name or typed line, and the parameters that are not at their defaults, or whose default is another's value. */
export function writeObjective(objective: PageChoice): Record<string, string> {
  const fields: Record<string, string> = {};
  if (!('name' in objective)) fields['loss'] = objective.expression;
  else if (objective.name !== 'dpo') fields['objective'] = objective.name;
  for (const { name, value, about } of viewObjective(objective).parameters)
    if (value !== about.default || about.follows !== undefined) fields[parameterPrefix + name] = String(value);
  return fields;
}

/**
 * The objective of a link; DPO where it names none that can be read, and trained from `start` (where that is known). What reads losses of
 * groups must have been fetched where they are taken: `openLink` does.
 */
export function readObjective(
  reader: Pick<LinkReader, 'take' | 'refuse'>,
  start: PairState | null = null,
  takesGroups = false,
): PageChoice {
  let choice: PageChoice = { name: 'dpo' };
  const name = reader.take('objective');
  if (name !== null) {
    if (findObjective(name) || (takesGroups && knowsGroup(name))) choice = { name };
    else reader.refuse('objective', name, knowsGroup(name) ? groupsElsewhere : `Known names: ${objectiveNames().join(', ')}.`);
  }
  const expression = reader.take('loss');
  if (expression !== null) {
    try {
      viewLine(expression, takesGroups);
      choice = { expression };
    } catch (error) {
      reader.refuse('loss', expression, messageOf(error));
    }
  }
  const params: Record<string, number> = {};
  for (const { name: parameter, value, about } of viewObjective(choice).parameters) {
    const text = reader.take(parameterPrefix + parameter);
    params[parameter] = value;
    if (text === null) continue;
    const parsed = Number(text);
    if (text.trim() !== '' && isInRange(parsed, about.valid)) params[parameter] = parsed;
    else reader.refuse(parameterPrefix + parameter, text, `It must be a number in ${rangeText(about.valid)}.`);
  }
  const read = { ...choice, params } as PageChoice;
  try {
    checkStart(read, start);
    return read;
  } catch (error) {
    if (expression === null) reader.refuse('objective', name ?? 'dpo', messageOf(error));
    else reader.refuse('loss', expression, messageOf(error));
    for (const key of Object.keys(params).map((name) => parameterPrefix + name)) {
      const text = reader.take(key);
      if (text !== null) reader.refuse(key, text, 'It belongs to a loss that is not used.');
    }
    const usual: PageChoice = { name: 'dpo' };
    return { ...usual, params: Object.fromEntries(viewObjective(usual).parameters.map(({ name, value }) => [name, value])) };
  }
}

export const objectiveField: Field<PageChoice> = { read: (reader) => readObjective(reader), write: writeObjective };

/** The same for a run whose start is known: a loss that is not finite there is refused. */
export const objectiveAt = (start: PairState, takesGroups = false): Field<PageChoice> => ({
  read: (reader) => readObjective(reader, start, takesGroups),
  write: writeObjective,
});
