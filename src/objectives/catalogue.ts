import { dpo } from './dpo.ts';
import type { Objective } from './objective.ts';

/** Every objective, in the order of the menu. */
export const objectives: readonly Objective[] = [dpo];

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
