import { overOf } from '../../objectives/over.ts';
import type { Field } from '../links/fields.ts';
import { groupLosses } from './group-losses.ts';
import { readObjective, writeObjective } from './objective-link.ts';
import type { PageChoice } from './objective-view.ts';

/** What trains where there is one pair: a loss of groups trains on it as one fixed group of two, with rewards 1 and 0. */
export const trainedOnPair = (choice: PageChoice): PageChoice => (overOf(choice) === 'pairs' ? choice : groupLosses().lineOnPair(choice));

/** The fields of an objective where a loss of groups is taken, too. */
export const anyObjectiveField: Field<PageChoice> = { read: (reader) => readObjective(reader, null, true), write: writeObjective };
