import type { GroupObjective } from './group-objective.ts';
import { indexByName } from './name-index.ts';

/** One file a family; a new file is in the catalogue by being there. */
const files = import.meta.glob<readonly GroupObjective[]>('./group-families/*.ts', { import: 'objectives', eager: true });

/** Every objective of whole groups, family by family. */
export const groupObjectives: readonly GroupObjective[] = Object.entries(files)
  .sort(([a], [b]) => a.localeCompare(b, 'en'))
  .flatMap(([, family]) => family);

const byName = indexByName(groupObjectives);

/** The objective of groups with this id or alias. */
export const findGroupObjective = (name: string): GroupObjective | undefined => byName.get(name);

/** Every id and alias. */
export const groupObjectiveNames = (): string[] => [...byName.keys()];
