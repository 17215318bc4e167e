import type { Paper } from '../../atlas/reading-list.ts';
import { shipped } from '../../atlas/shipped.ts';
import type { Study } from '../../atlas/study.ts';
import { type Theme, themes } from '../../atlas/themes.ts';
import { course } from '../../atlas/ways/course.ts';
import { trained } from '../../atlas/ways/trained.ts';
import { type Outcome, outcomeOf } from '../../shell/study/judged.ts';

/** One entry of the index: a paper, or a study of what is often said. */
export interface Entry {
  /** in its link */
  readonly id: string;
  readonly paper: Paper | undefined;
  readonly studies: readonly Study[];
  readonly outcome: Outcome;
}
export interface Section {
  readonly theme: Theme | null;
  readonly heading: string;
  readonly entries: readonly Entry[];
}

export const verdictOf = (study: string, claim: string): string | undefined => shipped[study]?.engines.cpu?.verdicts[claim];

const entryOf = (id: string, paper: Paper | undefined, studies: readonly Study[]): Entry => ({
  id,
  paper,
  studies,
  outcome: outcomeOf(studies, verdictOf),
});

/** All papers under their themes, in the order of the course, and what is often said below them. */
export function sectionsOf(studies: readonly Study[]): Section[] {
  const ofPaper = (paper: Paper) => paper.studies.flatMap((id) => studies.find((study) => study.id === id) ?? []);
  const often = studies.filter(({ row }) => row === 0).map((study) => entryOf(study.id, undefined, [study]));
  return [
    ...Object.entries(themes).map(([theme, heading]) => ({
      theme: theme as Theme,
      heading,
      entries: course.filter((step) => step.theme === theme).map(({ paper }) => entryOf(paper.arxiv, paper, ofPaper(paper))),
    })),
    { theme: null, heading: 'Often said', entries: often },
  ].filter(({ entries }) => entries.length > 0);
}

const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .toLowerCase();

/** What of an entry is searched. */
const wordsOf = ({ id, paper, studies }: Entry): string =>
  plain(
    [
      id,
      ...(paper ? [`row ${paper.row}`, paper.title, paper.laterTitle ?? '', ...paper.authors, String(paper.year), paper.venue ?? ''] : []),
      ...studies.flatMap(({ finding, mechanism, setup, claims }) => [
        finding,
        mechanism,
        setup,
        ...claims.map(({ statement }) => statement),
      ]),
    ].join(' '),
  );

/** What is looked for. */
export interface Wanted {
  /** every word of it must be there */
  readonly query: string;
  /** null: any */
  readonly theme?: Theme | null;
  /** a loss that a toy must train, by `slugOf`; null: any */
  readonly trains?: string | null;
}

/** Whether one of an entry's toys trains a loss. */
export const trainsLoss = ({ studies }: Entry, loss: string): boolean => studies.some(({ id }) => trained[id]?.losses.includes(loss));

/** The sections with the entries that are as wanted. */
export function searched(sections: readonly Section[], { query, theme = null, trains = null }: Wanted): Section[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  return sections
    .filter((section) => theme === null || section.theme === theme)
    .map((section) => ({
      ...section,
      entries: section.entries.filter((entry) => {
        const text = wordsOf(entry);
        return words.every((word) => text.includes(word)) && (trains === null || trainsLoss(entry, trains));
      }),
    }))
    .filter(({ entries }) => entries.length > 0);
}
