import { bibliography } from '../../atlas/bibliography.ts';
import type { Citation } from '../../objectives/objective.ts';
import { papersOf } from '../../shell/losses/citation.ts';
import type { ViewId } from '../views.ts';

const displacement = '2410.08847';
/** What a view shows is from these; a paper's page names its own. */
const papersOfViews: Readonly<Partial<Record<ViewId, readonly string[]>>> = {
  displacement: [displacement],
  stop: [displacement],
  simplex: [displacement],
  map: [displacement],
  pairs: [displacement],
  entanglement: ['2410.13828'],
  modes: ['2404.14367'],
};

/** A paper on arXiv. */
export interface ShownPaper {
  readonly arxiv: string;
  readonly title: string | null;
  /** in full; none where the page does not know them for certain */
  readonly authors: readonly string[];
}

/** The papers on arXiv that a view and these objectives are from, each once. */
export function papersShown(view: ViewId, objectives: readonly Pick<Citation, 'paper'>[]): ShownPaper[] {
  const ids = [...(papersOfViews[view] ?? []), ...objectives.flatMap(papersOf).flatMap(({ arxiv }) => arxiv ?? [])];
  return [...new Set(ids)].map((arxiv) => {
    const { title = null, authors = [] } = bibliography[arxiv] ?? {};
    return { arxiv, title, authors };
  });
}

/** As TeX reads it; in two pairs of braces no style takes the capitals of a title's names. */
const texTitle = (title: string): string => `{{${title.replace(/[&%$#_]/g, '\\$&')}}}`;

/** The paper as BibTeX: what the page knows of it, and the eprint's id, by which reference managers find the rest. */
export function bibtexOfPaper({ arxiv, title, authors }: ShownPaper): string {
  const fields = [
    ...(title === null ? [] : [`title = ${texTitle(title)}`]),
    ...(authors.length === 0 ? [] : [`author = {${authors.join(' and ')}}`]),
    `year = {20${arxiv.slice(0, 2)}}`,
    `eprint = {${arxiv}}`,
    'archivePrefix = {arXiv}',
    `url = {https://arxiv.org/abs/${arxiv}}`,
  ];
  return [`@misc{arXiv:${arxiv},`, ...fields.map((field) => `  ${field},`), '}'].join('\n');
}
