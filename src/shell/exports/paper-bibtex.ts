import { bibtexName } from '../../atlas/author-name.ts';

/** What is known of a paper on arXiv. */
export interface CitedPaper {
  readonly arxiv: string;
  readonly title: string | null;
  /** in full; none where they are not known for certain */
  readonly authors: readonly string[];
  /** of the first version; default that of its number */
  readonly year?: number;
  readonly note?: string;
}

const escaped = (text: string): string => text.replace(/[&%$#_]/g, '\\$&');

/** The paper as BibTeX: what is known of it, and the eprint's id, by which reference managers find the rest. */
export function bibtexOfPaper({ arxiv, title, authors, year, note = '' }: CitedPaper): string {
  const fields = [
    // in two pairs of braces no style takes the capitals of a title's names
    ...(title === null ? [] : [`title = {{${escaped(title)}}}`]),
    ...(authors.length === 0 ? [] : [`author = {${authors.map(bibtexName).join(' and ')}}`]),
    `year = {${year ?? `20${arxiv.slice(0, 2)}`}}`,
    `eprint = {${arxiv}}`,
    'archivePrefix = {arXiv}',
    `url = {https://arxiv.org/abs/${arxiv}}`,
    ...(note === '' ? [] : [`note = {${escaped(note)}}`]),
  ];
  return [`@misc{arXiv:${arxiv},`, ...fields.map((field) => `  ${field},`), '}'].join('\n');
}
