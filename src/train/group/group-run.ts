// What a run on groups needs besides, in one piece to fetch.
export { resolveGroupObjective } from '../../objectives/group-resolve.ts';
export { validateGroupInputs } from './group-columns.ts';
export { GroupPass } from './group-pass.ts';
