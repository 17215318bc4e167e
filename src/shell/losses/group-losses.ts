import { ObjectiveError } from '../../core/errors.ts';
import type { ObjectiveChoice } from '../../core/experiment.ts';
import { findObjective } from '../../objectives/catalogue.ts';
import { overOf } from '../../objectives/over.ts';
import { expandChoice, type PairSpec } from '../../objectives/resolve.ts';

type Tools = typeof import('./group-tools.ts');
let fetched: Tools | null = null;

/** Fetches what reads losses of groups, which the page does without until somebody wants one. */
export async function fetchGroupLosses(): Promise<Tools> {
  fetched ??= await import('./group-tools.ts');
  return fetched;
}

/** What reads losses of groups; throws an ObjectiveError before it has been fetched. */
export function groupLosses(): Tools {
  if (!fetched) throw new ObjectiveError('What reads losses of groups has not been fetched yet.');
  return fetched;
}

/** Whether a link or a line speaks of groups before what reads that has been fetched: it names a response _i or _j or a token _t, or no pair objective. */
export const lacksGroupLosses = (text: string): boolean =>
  fetched === null &&
  (/(?:logp|logratio)_[ijt]\b/.test(text) ||
    [...text.matchAll(/objective(?:[=:]|%3D)(\w+)/g)].some(([, name = '']) => !findObjective(name)));

/** Whether this is the name of an objective of groups, as far as they have been fetched. */
export const knowsGroup = (name: string): boolean => fetched?.findGroupObjective(name) !== undefined;

/** Why a view whose runs are of pairs does not take a loss of groups. */
export const groupsElsewhere = 'A loss of whole groups trains in the Displacement view; here there are pairs.';

/** The loss that a choice is on the page's one pair; one of groups on the pair as a group of two with rewards 1 and 0. */
export const onPair = (choice: ObjectiveChoice): PairSpec =>
  overOf(choice) === 'pairs' ? expandChoice(choice) : groupLosses().onGroupOfTwo(choice);
