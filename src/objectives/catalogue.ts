import type { Objective } from './objective.ts';

/** One file a family; a new file is in the catalogue by being there. */
const files = import.meta.glob<readonly Objective[]>('./families/*.ts', { import: 'objectives', eager: true });

/** Every objective, in the order of the menu: DPO and its kin first, then family by family. */
export const objectives: readonly Objective[] = Object.entries(files)
  .sort(([a], [b]) => Number(b.endsWith('/dpo.ts')) - Number(a.endsWith('/dpo.ts')) || a.localeCompare(b, 'en'))
  .flatMap(([, family]) => family);

const byName = new Map<string, Objective>();
for (const objective of objectives) {
  for (const name of [objective.id, ...objective.aliases]) {
    if (byName.has(name)) throw new Error(`Two objectives claim the name '${name}'.`);
    byName.set(name, objective);
  }
}

/** The objective with this id or alias. */
export const findObjective = (name: string): Objective | undefined => byName.get(name);

/** Every id and alias. */
export const objectiveNames = (): string[] => [...byName.keys()];
