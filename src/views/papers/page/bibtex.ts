import type { Paper } from '../../../atlas/reading-list.ts';

/** As TeX reads it; in two pairs of braces no style takes the capitals of a title's names. */
const texTitle = (title: string): string => `{{${title.replace(/[&%$#_]/g, '\\$&')}}}`;

/** A paper of the reading list as BibTeX. */
export function bibtexOfPaper({ arxiv, title, laterTitle, authors, year, venue }: Paper): string {
  const notes = [...(venue ? [venue] : []), ...(laterTitle ? [`published as: ${laterTitle}`] : [])].join('; ');
  const fields = [
    `title = ${texTitle(title)}`,
    `author = {${authors.join(' and ')}}`,
    `year = {${year}}`,
    `eprint = {${arxiv}}`,
    'archivePrefix = {arXiv}',
    `url = {https://arxiv.org/abs/${arxiv}}`,
    ...(notes === '' ? [] : [`note = {${notes.replace(/[&%$#_]/g, '\\$&')}}`]),
  ];
  return [`@misc{arXiv:${arxiv},`, ...fields.map((field) => `  ${field},`), '}'].join('\n');
}
