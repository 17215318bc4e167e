import type { Pair } from '../../../core/experiment.ts';

/** Equal pairs as one, whose weight is the sum of theirs; where there are none, one that weighs nothing, so that its run stays where it is. */
export function counted(pairs: readonly Pair[]): Pair[] {
  const counts = new Map<string, Pair>();
  for (const pair of pairs) {
    const key = [pair.prompt, pair.chosen, pair.rejected].join();
    counts.set(key, { ...pair, weight: (counts.get(key)?.weight ?? 0) + (pair.weight ?? 1) });
  }
  return counts.size > 0 ? [...counts.values()] : [{ prompt: 0, chosen: 0, rejected: 1, weight: 0 }];
}
