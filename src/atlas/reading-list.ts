import { studyIds } from './catalogue.ts';
import entries from './reading-list.json';
import { type Provenance, rowOf, type Study } from './study.ts';
import type { Theme } from './themes.ts';

/** A paper of the reading list, as its authors call it, and how far a toy can follow it. */
export interface Paper {
  readonly row: number;
  readonly arxiv: string;
  readonly title: string;
  /** where it was published under another one */
  readonly laterTitle?: string;
  readonly authors: readonly string[];
  /** of the first version */
  readonly year: number;
  readonly venue?: string;
  readonly theme: Theme;
  /** theory: the paper's own toy or theory; mechanism: simplified; analogy: a fragment, or a likeness */
  readonly faithfulness: 'theory' | 'mechanism' | 'analogy' | 'out of scope';
  /** where the formula that is shown was seen, unless a study says otherwise of its own */
  readonly provenance: Provenance;
  /** the study that its page opens with, where that is not the first by name */
  readonly leads?: string;
  /** ids of its studies, that which leads first */
  readonly studies: readonly string[];
}

/** The papers that have a study, in the order of the reading list. */
export const papers: readonly Paper[] = (entries as readonly Omit<Paper, 'studies'>[])
  .map(
    (entry): Paper => ({
      ...entry,
      studies: studyIds.filter((id) => rowOf(id) === entry.row).toSorted((a, b) => Number(b === entry.leads) - Number(a === entry.leads)),
    }),
  )
  .filter(({ studies, faithfulness }) => studies.length > 0 || faithfulness === 'out of scope');

/** The paper that a study is of; undefined for what is often said. */
export const paperOfStudy = ({ row }: Pick<Study, 'row'>): Paper | undefined => papers.find((paper) => paper.row === row);

/** Where a study's formula was seen; undefined where neither the study nor a paper of its row says. */
export const provenanceOf = ({ row, provenance }: Pick<Study, 'row' | 'provenance'>): Provenance | undefined =>
  provenance ?? papers.find((paper) => paper.row === row)?.provenance;
