import type { ObjectiveChoice } from '../../core/experiment.ts';
import { compileLoss, resolveLoss } from '../../objectives/loss-spec.ts';

// What a run on groups needs besides, in one piece to fetch.
export { validateGroupInputs } from './group-columns.ts';
export { GroupPass } from './group-pass.ts';

export const resolveOnGroups = (choice: ObjectiveChoice) => compileLoss(resolveLoss(choice, 'groups'));
/** Throws an ObjectiveError that says so for an objective of groups. */
export const resolveOnPairs = (choice: ObjectiveChoice) => compileLoss(resolveLoss(choice, 'pairs'));
