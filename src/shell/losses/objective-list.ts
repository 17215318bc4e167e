import { objectives } from '../../objectives/catalogue.ts';
import type { CatalogueEntry } from '../../objectives/whole-catalogue.ts';

/** An objective in a list: `id` is the name that a choice of it has, `entry` its id among those of its kind where that is another one. */
export interface ListedObjective extends Pick<CatalogueEntry, 'over' | 'id' | 'name' | 'aliases' | 'family' | 'paper' | 'behaviour'> {
  readonly entry?: string;
}

/** Entries that hold every word of the query in name, id, alias, family or paper; by default of those of pairs. */
export function searchObjectives(query: string, among: readonly ListedObjective[] = objectives): ListedObjective[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return among.filter(({ id, name, aliases, family, paper }) => {
    const text = [id, name, family, paper ?? '', ...aliases].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
