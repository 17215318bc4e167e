import { group } from 'd3';
import { objectives } from '../../objectives/catalogue.ts';
import { objectiveTex } from '../../objectives/compile.ts';
import { groupObjectives } from '../../objectives/group-catalogue.ts';
import { groupTex } from '../../objectives/group-compile.ts';
import type { Need, ObjectiveParameter } from '../../objectives/objective.ts';
import { rangeText } from '../../objectives/parameters.ts';
import { symbolText } from '../../shell/controls/format.ts';
import { arxivOf } from '../../shell/losses/objective-view.ts';

/** One objective as the catalogue lists it. */
export interface CatalogueEntry {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
  /** what it is a loss of */
  readonly of: 'pair' | 'group';
  readonly tex: string;
  readonly text: string;
  readonly paper: string | null;
  /** arXiv id of the paper, to link to */
  readonly arxiv: string | null;
  readonly equation: string | null;
  readonly parameters: readonly { readonly symbol: string; readonly name: string; readonly default: number; readonly valid: string }[];
  readonly needs: readonly Need[];
  readonly behaviour: string;
  readonly differences: string | null;
  /** what a search looks through, in lower case */
  readonly words: string;
}

const parameterList = (parameters: Readonly<Record<string, ObjectiveParameter>>): CatalogueEntry['parameters'] =>
  Object.entries(parameters).map(([name, { default: value, valid, tex }]) => ({
    name,
    symbol: symbolText(tex),
    default: value,
    valid: rangeText(valid),
  }));

type Listed = Pick<CatalogueEntry, 'id' | 'name' | 'aliases' | 'text' | 'paper' | 'equation' | 'needs' | 'behaviour' | 'differences'> & {
  family: string;
  parameters: Readonly<Record<string, ObjectiveParameter>>;
};

const entryOf = (objective: Listed, of: CatalogueEntry['of'], tex: string): CatalogueEntry & { family: string } => ({
  ...objective,
  of,
  tex,
  arxiv: arxivOf(objective.paper),
  parameters: parameterList(objective.parameters),
  words: [objective.id, objective.name, objective.family, objective.paper ?? '', objective.behaviour, ...objective.aliases]
    .join(' ')
    .toLowerCase(),
});

const entries = [
  ...objectives.map((objective) => entryOf(objective, 'pair', objectiveTex(objective))),
  ...groupObjectives.map((objective) => entryOf(objective, 'group', groupTex(objective.loss, objective.parameters))),
];

/** Everything that the engine can minimise, family by family; only entries that hold every word of the query. */
export function searchCatalogue(query: string): (readonly [family: string, members: readonly CatalogueEntry[]])[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter((entry) => words.every((word) => entry.words.includes(word)));
  return [...group(found, ({ family }) => family)];
}

export const catalogueSize = entries.length;
