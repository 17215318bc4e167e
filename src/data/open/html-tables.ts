import { isLogRow } from '../logs/log-columns.ts';

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: ' ',
  '#39': "'",
  '#x27': "'",
  '#160': ' ',
};

/** The text of a cell, on one line. */
const textOf = (cell: string): string =>
  cell
    .replace(/<[^>]*>/g, '')
    .replace(/&(#?\w{1,8});/g, (whole, name: string) => (Object.hasOwn(entities, name) ? (entities[name] as string) : whole))
    .replace(/\s+/g, ' ')
    .trim();

/** The tables of an HTML text, each a list of rows of cells. */
function tablesOf(html: string): string[][][] {
  return [...html.matchAll(/<table\b[^>]*>([\s\S]*?)<\/table>/gi)].map(([, table = '']) =>
    [...table.matchAll(/<tr\b[^>]*>([\s\S]*?)(?=<\/tr>|<tr\b|$)/gi)].map(([, row = '']) =>
      [...row.matchAll(/<t[hd]\b[^>]*>([\s\S]*?)(?=<\/t[hd]>|<t[hd]\b|$)/gi)].map(([, cell = '']) => textOf(cell)),
    ),
  );
}

/**
 * The longest table of a training log in an HTML text, with tabs between its cells: what a trainer draws in a notebook, or a page that was
 * saved. null without one: tables of texts, which are shown cut off, are none.
 */
export function logTable(html: string): string | null {
  const logs = tablesOf(html).filter(([names, ...rows]) => {
    const [first] = rows;
    return names !== undefined && first?.length === names.length && isLogRow(Object.fromEntries(names.map((name, i) => [name, first[i]])));
  });
  const [longest] = logs.sort((a, b) => b.length - a.length);
  return longest === undefined ? null : longest.map((row) => row.join('\t')).join('\n');
}
