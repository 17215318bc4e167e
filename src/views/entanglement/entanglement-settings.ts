import {
  countedSuffix,
  defaultSuffix,
  type SuffixSettings,
  suffixParts,
  updatePresets,
} from '../../atlas/toys/entanglement/shared-suffix.ts';
import { pastAt } from '../../atlas/toys/forked-run.ts';
import { ranges } from '../../atlas/toys/ranges.ts';
import type { Range } from '../../core/range.ts';

export {
  countedSuffix,
  defaultSuffix,
  entanglingLength,
  type PastSuffix,
  type SuffixSettings,
  suffixParts,
  updatePresets,
} from '../../atlas/toys/entanglement/shared-suffix.ts';

const probability: Range = { min: 0.02, max: 0.98, logarithmic: false, integer: false };

export const suffixRanges = {
  suffix: { min: 0, max: 20, logarithmic: false, integer: true },
  afterChosen: probability,
  afterRejected: probability,
  first: { min: 0.01, max: 0.49, logarithmic: false, integer: false },
  learningRate: ranges.learningRate,
  steps: { min: 5, max: 300, logarithmic: true, integer: true },
} as const satisfies Partial<Record<keyof SuffixSettings, Range>>;

/** A case of the notes as one button. */
export interface SuffixPreset {
  readonly title: string;
  readonly about: string;
  readonly change: Pick<SuffixSettings, 'suffix' | 'afterChosen' | 'afterRejected'>;
}

export const suffixPresets: readonly SuffixPreset[] = [
  {
    title: 'One token',
    about: 'No token is shared: pull and push part the answers.',
    change: { suffix: 0, afterChosen: 0.6, afterRejected: 0.2 },
  },
  {
    title: 'Both fall',
    about: 'p = .6, p′ = .2, eight shared tokens.',
    change: { suffix: 8, afterChosen: 0.6, afterRejected: 0.2 },
  },
  {
    title: 'Both fall, late',
    about: 'p = .8, p′ = .5, twelve shared tokens. The first small step lowers both from nine on; in 60 updates two are enough.',
    change: { suffix: 12, afterChosen: 0.8, afterRejected: 0.5 },
  },
  {
    title: 'Both rise',
    about: 'p = .5, p′ = .8, twelve shared tokens: both rise at first; later the rejected answer falls.',
    change: { suffix: 12, afterChosen: 0.5, afterRejected: 0.8 },
  },
];

/** A preset starts from everything else as the page begins: its story is told without remedies. */
export const presetSettings = ({ change }: SuffixPreset): SuffixSettings => ({ ...defaultSuffix, ...change });

/** The places of all shared tokens. */
export const allPlaces = (suffix: number): number[] => Array.from({ length: suffix }, (_, i) => i + 1);

/** Every shared token is left out of the loss. */
export const isAllMasked = (settings: SuffixSettings): boolean => settings.suffix > 0 && countedSuffix(settings) === 0;

/** What a run begins with: a fork cannot have it otherwise. */
const beginnings = ['suffix', 'afterChosen', 'afterRejected', 'first'] as const;

/**
 * The settings after a change. Another kind of update brings its own step size; where all shared tokens were masked, new ones are. A change
 * of what a run begins with leaves the fork: the new settings hold from update 0.
 */
export function changeSuffix(settings: SuffixSettings, change: Partial<SuffixSettings>): SuffixSettings {
  const { suffix = settings.suffix } = change;
  const keepsAll = change.masked === undefined && isAllMasked(settings);
  const masked = (keepsAll ? allPlaces(suffix) : (change.masked ?? settings.masked)).filter((place) => place <= suffix);
  const preset = change.update && change.update !== settings.update ? { learningRate: updatePresets[change.update] } : {};
  const { past, ...rest } = { ...settings, ...preset, ...change, masked };
  const isForked = past && past.length > 0 && ('past' in change || !beginnings.some((key) => key in change));
  return isForked ? { ...rest, past } : rest;
}

/** The settings of a run that has these settings up to update `at`, and may have others from there on. */
export const suffixForkedAt = (settings: SuffixSettings, at: number): SuffixSettings =>
  changeSuffix(settings, { past: pastAt(suffixParts(settings), at) });
