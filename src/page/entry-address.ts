/**
 * The address of a view's own entry with the same settings as this one of the page: servers never see a hash, and what they show of a link
 * is the entry's title, sentence and picture (src/build/entries.ts).
 */
export function entryAddress(page: string, view: string): string {
  const { search, hash } = new URL(page);
  return new URL(`./${view}/`, page).href + search + hash;
}
