import type { GroupObjective } from './group-objective.ts';

/** One file a family; a new file is in the catalogue by being there. */
const files = import.meta.glob<readonly GroupObjective[]>('./group-families/*.ts', { import: 'objectives', eager: true });

/** Every objective of whole groups, family by family. */
export const groupObjectives: readonly GroupObjective[] = Object.entries(files)
  .sort(([a], [b]) => a.localeCompare(b, 'en'))
  .flatMap(([, family]) => family);

const byName = new Map<string, GroupObjective>();
for (const objective of groupObjectives) {
  for (const name of [objective.id, ...objective.aliases]) {
    if (byName.has(name)) throw new Error(`Two objectives of groups claim the name '${name}'.`);
    byName.set(name, objective);
  }
}

/** The objective of groups with this id or alias. */
export const findGroupObjective = (name: string): GroupObjective | undefined => byName.get(name);

/** Every id and alias. */
export const groupObjectiveNames = (): string[] => [...byName.keys()];
