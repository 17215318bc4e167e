import { defaultPairSet, type PairSetSettings } from '../../atlas/toys/displacement/pair-set-settings.ts';
import { choice, number, table } from '../../shell/links/fields.ts';

export { defaultPairSet, type PairSetSettings } from '../../atlas/toys/displacement/pair-set-settings.ts';

export const pairSetRanges = {
  seed: { min: 0, max: 999, logarithmic: false, integer: true },
  count: { min: 20, max: 300, logarithmic: false, integer: true },
  common: { min: 0, max: 0.95, logarithmic: false, integer: false },
} as const;

export const pairSetFields = table<PairSetSettings>({
  seed: number('set.seed', pairSetRanges.seed, defaultPairSet.seed),
  count: number('set.count', pairSetRanges.count, defaultPairSet.count),
  common: number('set.common', pairSetRanges.common, defaultPairSet.common),
  prefers: choice('set.prefers', ['likelier', 'random'], defaultPairSet.prefers),
});
