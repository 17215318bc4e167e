import { group } from 'd3';
import type { Behaviour } from '../../atlas/behaviour/behaviour.ts';
import { behaviourOf } from '../../atlas/behaviour/measured.ts';
import { type Move, moveOfProbability } from '../../core/regime.ts';
import { differences } from '../../objectives/check/differences.ts';
import { groupTex } from '../../objectives/group-compile.ts';
import type { Citation, Need, ObjectiveParameter } from '../../objectives/objective.ts';
import { rangeText } from '../../objectives/parameters.ts';
import { objectiveTex } from '../../objectives/text/objective-tex.ts';
import { catalogue, slugOf as catalogueSlug, nameOf } from '../../objectives/whole-catalogue.ts';
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
  /** what the chosen answer does in the measured run by `settings.updates`; null: nothing was measured */
  readonly course: Move | null;
  /** what was measured, in sentences */
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
    course: measured && moveOfProbability(measured.shared.start, measured.shared.after),
    told: measured ? behaviourWords(measured) : [],
    parameters: parameterList(objective.parameters),
    words: [id, name, family, paper ?? '', behaviour, ...aliases].join(' ').toLowerCase(),
  };
}

/** What links call an entry. */
export const slugOf = ({ of, id }: Pick<CatalogueEntry, 'of' | 'id'>): string =>
  catalogueSlug({ over: of === 'pair' ? 'pairs' : 'groups', id });

/** Every objective. */
export const catalogueEntries: readonly (CatalogueEntry & { readonly family: string })[] = catalogue.map((objective) =>
  objective.over === 'pairs'
    ? entryOf({ ...objective, differences: differences[objective.id] ?? null }, nameOf(objective), 'pair', objectiveTex(objective))
    : entryOf(objective, nameOf(objective), 'group', groupTex(objective.loss, objective.parameters)),
);

/** The families, in the order of the catalogue, and what links call one. */
export const families: readonly string[] = [...new Set(catalogueEntries.map(({ family }) => family))];
export const familySlug = (family: string): string =>
  family
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** What the chosen answer may do, the phenomenon first. */
export const courses = ['falls', 'stays', 'rises'] as const satisfies readonly Move[];

/** What is looked for. */
export interface Wanted {
  readonly query: string;
  /** by `familySlug`; null: all */
  readonly family?: string | null;
  /** null: anything */
  readonly course?: Move | null;
}

/** Everything that the engine can minimise, family by family; only entries that hold every word of the query, and are what is asked for. */
export function searchCatalogue({
  query,
  family = null,
  course = null,
}: Wanted): (readonly [family: string, members: readonly CatalogueEntry[]])[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = catalogueEntries.filter(
    (entry) =>
      words.every((word) => entry.words.includes(word)) &&
      (family === null || familySlug(entry.family) === family) &&
      (course === null || entry.course === course),
  );
  return [...group(found, (entry) => entry.family)];
}

export const countOf = (found: ReturnType<typeof searchCatalogue>): number => found.reduce((sum, [, members]) => sum + members.length, 0);

export const catalogueSize = catalogueEntries.length;
