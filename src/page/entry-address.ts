/**
 * The address of the entry of a view, or of a room of one, with the same settings as this one of the page: servers never see a hash, and
 * what they show of a link is the entry's title, sentence and picture (src/build/entries.ts).
 */
export function entryAddress(page: string, folder: string): string {
  const { search, hash } = new URL(page);
  return new URL(`./${folder}/`, page).href + search + hash;
}
