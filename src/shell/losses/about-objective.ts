import type { ObjectiveChoice } from '../../core/experiment.ts';
import type { ObjectiveParameter } from '../../objectives/objective.ts';
import type { CatalogueEntry } from '../../objectives/whole-catalogue.ts';

/** A choice that the page can show and change: one of the catalogue, or a line that the reader typed. */
export type PageChoice = Exclude<ObjectiveChoice, { mix: unknown }>;

/** What is known of a choice beside its loss on the pair. */
export interface AboutObjective {
  /** the catalogue's entry; null for a typed loss */
  readonly entry: CatalogueEntry | null;
  /** the name by which a choice means that entry and no other */
  readonly id: string | null;
  readonly parameters: Readonly<Record<string, ObjectiveParameter>>;
  /** of a loss of groups its formula, with these symbols; null: that of the pair's loss */
  readonly tex: ((symbols: Readonly<Record<string, Pick<ObjectiveParameter, 'tex'>>>) => string) | null;
}
