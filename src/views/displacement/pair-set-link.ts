import { defaultPairSet, type PairSetSettings } from '../../atlas/toys/pair-set.ts';
import type { LinkReader } from '../../shell/links/link.ts';

export { defaultPairSet, type PairSetSettings } from '../../atlas/toys/pair-set.ts';

export const pairSetRanges = {
  seed: { min: 0, max: 999, logarithmic: false, integer: true },
  count: { min: 20, max: 300, logarithmic: false, integer: true },
  common: { min: 0, max: 0.95, logarithmic: false, integer: false },
} as const;
const names = ['seed', 'count', 'common'] as const;

/** The set's settings where they are not those that the page begins with. */
export const writePairSet = (settings: PairSetSettings): Record<string, string> => ({
  ...Object.fromEntries(
    names.filter((name) => settings[name] !== defaultPairSet[name]).map((name) => [`set.${name}`, String(settings[name])]),
  ),
  ...(settings.prefers === defaultPairSet.prefers ? {} : { 'set.prefers': settings.prefers }),
});

export const readPairSet = (reader: LinkReader): PairSetSettings => ({
  seed: reader.number('set.seed', pairSetRanges.seed) ?? defaultPairSet.seed,
  count: reader.number('set.count', pairSetRanges.count) ?? defaultPairSet.count,
  common: reader.number('set.common', pairSetRanges.common) ?? defaultPairSet.common,
  prefers: reader.choice('set.prefers', ['likelier', 'random']) ?? defaultPairSet.prefers,
});
