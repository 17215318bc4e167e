/** Edit distance (insertions, deletions, substitutions) of two short words. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1])));
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The known name that is spelt most like `name`. */
export function nearest(name: string, known: readonly string[]): string {
  const word = name.slice(0, 60).toLowerCase();
  let best = { name: known[0] ?? '', away: Number.POSITIVE_INFINITY };
  for (const candidate of known) {
    const away = distance(word, candidate.toLowerCase());
    if (away < best.away) best = { name: candidate, away };
  }
  return best.name;
}
