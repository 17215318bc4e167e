/** A part of a forked run: what trained it up to update `until`. */
export interface RunPart {
  readonly until: number;
}

/** The parts of the past, then the last one, none of them empty and none beyond its end. */
export function partsUntil<Part extends RunPart>(past: readonly Part[], last: Part): [Part, ...Part[]] {
  const parts: Part[] = [];
  for (const part of [...past, last]) {
    const until = Math.min(part.until, last.until);
    if (until > (parts.at(-1)?.until ?? 0)) parts.push({ ...part, until });
  }
  const [first = last, ...others] = parts;
  return [first, ...others];
}

/** The part that trains the update after `step`; after the last one, that one. */
export const partAt = <Part extends RunPart>(parts: readonly [Part, ...Part[]], step: number): Part =>
  parts.find(({ until }) => step < until) ?? parts.at(-1) ?? parts[0];

/** The past of a run that has these parts up to update `at`, and may have others from there on. */
export const pastAt = <Part extends RunPart>(parts: readonly [Part, ...Part[]], at: number): Part[] =>
  at > 0 ? [...parts.filter(({ until }) => until < at), { ...partAt(parts, at - 1), until: at }] : [];
