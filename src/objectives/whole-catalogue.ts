import { findObjective, objectives } from './catalogue.ts';
import { findGroupObjective, groupObjectives } from './group-catalogue.ts';
import type { GroupObjective } from './group-objective.ts';
import type { Objective } from './objective.ts';
import type { Over } from './over.ts';

/** An entry of the one catalogue; `over` says of what it is a loss. */
export type CatalogueEntry = Objective | GroupObjective;

/** Every objective that the engine can minimise: of pairs, then of groups. */
export const catalogue: readonly CatalogueEntry[] = [...objectives, ...groupObjectives];

/**
 * The entry with this id or alias. Where both have the name it is that of what is trained `on`: `rrhf` is of pairs where there are pairs,
 * and of groups where there are groups. Every entry has a name that is its own: see `nameOf`.
 */
export const findEntry = (name: string, on: Over = 'pairs'): CatalogueEntry | undefined =>
  on === 'pairs' ? (findObjective(name) ?? findGroupObjective(name)) : (findGroupObjective(name) ?? findObjective(name));

/** A name of the entry that means it whatever is trained on. */
export function nameOf(entry: CatalogueEntry): string {
  const other = entry.over === 'pairs' ? findGroupObjective : findObjective;
  const own = [entry.id, ...entry.aliases].find((name) => !other(name));
  if (own === undefined) throw new Error(`Every name of '${entry.id}' is another objective's, too.`);
  return own;
}

/** What links call an entry: there is an RRHF of pairs and one of groups. */
export const slugOf = ({ over, id }: Pick<CatalogueEntry, 'over' | 'id'>): string => (over === 'pairs' ? id : `group.${id}`);
