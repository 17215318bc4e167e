import { group } from 'd3';
import type { Behaviour } from '../../atlas/behaviour/behaviour.ts';
import { behaviourOf } from '../../atlas/behaviour/measured.ts';

import { objectiveTex } from '../../objectives/compile.ts';
import { differences } from '../../objectives/differences.ts';
import { groupTex } from '../../objectives/group-compile.ts';
import type { Citation, Need, ObjectiveParameter } from '../../objectives/objective.ts';
import { rangeText } from '../../objectives/parameters.ts';
import { catalogue, nameOf } from '../../objectives/whole-catalogue.ts';
import { symbolText } from '../../shell/controls/format.ts';
import { behaviourWords } from '../../shell/losses/behaviour-words.ts';

/** One objective as the catalogue lists it. */
export interface CatalogueEntry extends Citation {
  readonly id: string;
  /** the name by which an experiment chooses it, whatever it trains on */
  readonly choice: string;
  readonly name: string;
  readonly aliases: readonly string[];
  /** what it is a loss of */
  readonly of: 'pair' | 'group';
  readonly tex: string;
  readonly text: string;
  readonly parameters: readonly { readonly symbol: string; readonly name: string; readonly default: number; readonly valid: string }[];
  readonly needs: readonly Need[];
  readonly behaviour: string;
  /** what was measured of it; null: nothing was */
  readonly measured: Behaviour | null;
  /** that, in sentences */
  readonly told: readonly string[];
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

type Listed = Pick<CatalogueEntry, 'id' | 'name' | 'aliases' | 'text' | 'needs' | 'behaviour' | 'differences' | keyof Citation> & {
  family: string;
  parameters: Readonly<Record<string, ObjectiveParameter>>;
};

function entryOf(objective: Listed, choice: string, of: CatalogueEntry['of'], tex: string): CatalogueEntry & { family: string } {
  const { id, name, family, paper, behaviour, aliases } = objective;
  const measured = behaviourOf(of, id);
  return {
    ...objective,
    choice,
    of,
    tex,
    measured,
    told: measured ? behaviourWords(measured) : [],
    parameters: parameterList(objective.parameters),
    words: [id, name, family, paper ?? '', behaviour, ...aliases].join(' ').toLowerCase(),
  };
}

/** What links call an entry: there is an RRHF of pairs and one of groups. */
export const slugOf = ({ of, id }: Pick<CatalogueEntry, 'of' | 'id'>): string => (of === 'pair' ? id : `group.${id}`);

/** Every objective. */
export const catalogueEntries: readonly (CatalogueEntry & { readonly family: string })[] = catalogue.map((objective) =>
  objective.over === 'pairs'
    ? entryOf({ ...objective, differences: differences[objective.id] ?? null }, nameOf(objective), 'pair', objectiveTex(objective))
    : entryOf(objective, nameOf(objective), 'group', groupTex(objective.loss, objective.parameters)),
);

/** Everything that the engine can minimise, family by family; only entries that hold every word of the query. */
export function searchCatalogue(query: string): (readonly [family: string, members: readonly CatalogueEntry[]])[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = catalogueEntries.filter((entry) => words.every((word) => entry.words.includes(word)));
  return [...group(found, ({ family }) => family)];
}

export const catalogueSize = catalogueEntries.length;
