import type { Paper } from '../../atlas/reading-list.ts';
import { bibtexOfPaper } from '../exports/paper-bibtex.ts';

/** A paper of the reading list as BibTeX, with where it was published. */
export const bibtexOfListed = ({ venue, laterTitle, ...paper }: Paper): string =>
  bibtexOfPaper({ ...paper, note: [...(venue ? [venue] : []), ...(laterTitle ? [`published as: ${laterTitle}`] : [])].join('; ') });
