import { nameOf } from '../../atlas/author-name.ts';
import type { Paper } from '../../atlas/reading-list.ts';

/** Surnames, as a citation in a text has them. */
export function surnamesOf({ authors }: Pick<Paper, 'authors'>): string {
  const surnames = authors.map((author) => nameOf(author).surname);
  return surnames.length > 6 ? `${surnames.slice(0, 5).join(', ')} and ${surnames.length - 5} more` : surnames.join(', ');
}

/** What follows the title in a citation: no space comes before it. */
export const afterTitle = ({ laterTitle, venue, year }: Pick<Paper, 'laterTitle' | 'venue' | 'year'>): string =>
  `${laterTitle ? `, later “${laterTitle}”` : ''}. ${venue ?? year}.`;
