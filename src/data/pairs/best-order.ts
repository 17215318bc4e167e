import type { PreferencePair } from './read-pair.ts';

/** How many pairs can be ranked right at once. */
export interface BestOrder {
  /** pairs that the best order of each prompt's answers ranks right; where it is not exact, no order ranks more */
  readonly right: number;
  readonly pairs: number;
  readonly isExact: boolean;
}

/** Answers that contradict each other in a ring, and of which every order is tried: 2^12 sets of them. */
const MOST_EXACT = 12;

/** [answers][answers] pairs of one prompt, by winner and loser */
type Wins = readonly (readonly number[])[];

function winsOf(pairs: readonly Pick<PreferencePair, 'chosen' | 'rejected'>[]): Wins {
  const places = new Map<string, number>();
  for (const { chosen, rejected } of pairs)
    for (const answer of [chosen, rejected]) if (!places.has(answer)) places.set(answer, places.size);
  const wins = Array.from(places, () => new Array<number>(places.size).fill(0));
  for (const { chosen, rejected } of pairs) {
    const row = wins[places.get(chosen) ?? 0];
    const column = places.get(rejected) ?? 0;
    if (row) row[column] = (row[column] ?? 0) + 1;
  }
  return wins;
}

/** Answers of which each is above each of the others by some chain of pairs: within such a group alone pairs contradict each other. */
function ringsOf(wins: Wins): number[][] {
  const reached = wins.map((_, from) => {
    const seen = new Set<number>();
    const open = [from];
    for (let at = open.pop(); at !== undefined; at = open.pop())
      for (const [to, count] of (wins[at] ?? []).entries())
        if (count > 0 && !seen.has(to)) {
          seen.add(to);
          open.push(to);
        }
    return seen;
  });
  const rings: number[][] = [];
  const done = new Set<number>();
  for (const [from, seen] of reached.entries()) {
    if (done.has(from) || !seen.has(from)) continue;
    const ring = [...seen].filter((to) => reached[to]?.has(from));
    for (const answer of ring) done.add(answer);
    rings.push(ring);
  }
  return rings;
}

/** Most pairs within a ring that one order ranks right: the best of each set of answers, by which of them stands last. */
function bestOf(ring: readonly number[], wins: Wins): number {
  const best = new Float64Array(2 ** ring.length);
  for (let set = 1; set < best.length; set++)
    for (const [place, last] of ring.entries()) {
      if (!(set & (1 << place))) continue;
      let right = best[set & ~(1 << place)] ?? 0;
      for (const [above, answer] of ring.entries()) if (above !== place && set & (1 << above)) right += wins[answer]?.[last] ?? 0;
      best[set] = Math.max(best[set] ?? 0, right);
    }
  return best.at(-1) ?? 0;
}

/** Of each two answers no order ranks both ways. */
function boundOf(ring: readonly number[], wins: Wins): number {
  let right = 0;
  for (const [i, a] of ring.entries()) for (const b of ring.slice(0, i)) right += Math.max(wins[a]?.[b] ?? 0, wins[b]?.[a] ?? 0);
  return right;
}

/**
 * Most pairs that one model can rank right: a model orders the answers of a prompt by one number each, so pairs that close a ring are not
 * all right. Exact where at most twelve answers stand in a ring; else an upper bound.
 */
export function bestOrder(pairs: readonly PreferencePair[]): BestOrder {
  const byPrompt = new Map<string, PreferencePair[]>();
  for (const pair of pairs) {
    const others = byPrompt.get(pair.prompt);
    if (others) others.push(pair);
    else byPrompt.set(pair.prompt, [pair]);
  }
  let [right, isExact] = [pairs.length, true];
  for (const group of byPrompt.values()) {
    if (group.length < 2) continue;
    const wins = winsOf(group);
    for (const ring of ringsOf(wins)) {
      const all = ring.reduce((sum, a) => sum + ring.reduce((within, b) => within + (wins[a]?.[b] ?? 0), 0), 0);
      const fits = ring.length <= MOST_EXACT;
      right += (fits ? bestOf(ring, wins) : boundOf(ring, wins)) - all;
      isExact &&= fits;
    }
  }
  return { right, pairs: pairs.length, isExact };
}
