import { indexByName } from './name-index.ts';
import type { Objective } from './objective.ts';

/** One file a family; a new file is in the catalogue by being there. */
const files = import.meta.glob<readonly Objective[]>('./families/*.ts', { import: 'objectives', eager: true });

/** Every objective of pairs, in the order of the menu: DPO and its kin first, then family by family. */
export const objectives: readonly Objective[] = Object.entries(files)
  .sort(([a], [b]) => Number(b.endsWith('/dpo.ts')) - Number(a.endsWith('/dpo.ts')) || a.localeCompare(b, 'en'))
  .flatMap(([, family]) => family);

const byName = indexByName(objectives);

/** The objective of pairs with this id or alias. */
export const findObjective = (name: string): Objective | undefined => byName.get(name);

/** Every id and alias. */
export const objectiveNames = (): string[] => [...byName.keys()];
