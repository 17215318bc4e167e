import { type ContestantId, updatesARound } from '../../../atlas/toys/modes/race.ts';
import { sceneField } from '../../../shell/links/bandit-link.ts';
import type { LinkFields } from '../../../shell/links/link.ts';
import type { ModesSettings } from '../modes.ts';

/** Who is an objective of the catalogue by another name. */
const byOtherName: Readonly<Partial<Record<ContestantId, string>>> = { 'bon-on': 'best_of_n' };

/** The race as a link to the view of groups has it, where the bandit is one of its worlds. */
export function inGroups({ race, reward, reference, data }: ModesSettings): LinkFields['run'] {
  const { contestants, n, rounds, learningRate, threshold, sampling, seeds } = race;
  return {
    world: 'bandit',
    methods: contestants.map((id) => byOtherName[id] ?? id).join('.'),
    n: String(n),
    lr: String(learningRate),
    updates: String(rounds * updatesARound),
    reuse: String(updatesARound),
    seeds: String(seeds),
    gap: String(threshold),
    offline: sampling,
    ...sceneField.write({ reward, reference, data }),
  };
}
