/** Entries by their ids and aliases; no two have the same name. */
export function indexByName<Entry extends { readonly id: string; readonly aliases: readonly string[] }>(
  entries: readonly Entry[],
): ReadonlyMap<string, Entry> {
  const byName = new Map<string, Entry>();
  for (const entry of entries) {
    for (const name of [entry.id, ...entry.aliases]) {
      if (byName.has(name)) throw new Error(`Two objectives claim the name '${name}'.`);
      byName.set(name, entry);
    }
  }
  return byName;
}
