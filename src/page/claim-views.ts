import { defaultSettings, type ToySettings, trainPresets } from '../atlas/toys/displacement/no-over-never.ts';
import { defaultSuffix, type SuffixSettings } from '../atlas/toys/entanglement/shared-suffix.ts';
import { plainLink, writeLink } from '../shell/links/link.ts';
import type { ViewLink } from '../shell/view.ts';
import { writeDisplacement } from '../views/displacement/displacement-link.ts';
import { displacementPlace } from '../views/displacement/place.ts';
import { writeEntanglement } from '../views/entanglement/entanglement-link.ts';
import { allPlaces } from '../views/entanglement/entanglement-settings.ts';
import { entanglementPlace } from '../views/entanglement/place.ts';
import { defaultModes, type ModesSettings, modesPresets } from '../views/modes/modes.ts';
import { linkModes } from '../views/modes/modes-link.ts';
import { modesPlace } from '../views/modes/place.ts';

const displacement = (change: Partial<ToySettings>): ViewLink => ({
  hash:
    writeLink(displacementPlace.route, writeDisplacement({ settings: { ...defaultSettings, ...change }, step: null })) ||
    plainLink(displacementPlace.route),
  title: 'Watch it in Displacement',
});
const entanglement = (change: Partial<SuffixSettings>): ViewLink => ({
  hash: writeLink(entanglementPlace.route, writeEntanglement({ settings: { ...defaultSuffix, ...change }, step: null })),
  title: 'Watch it in Entanglement',
});
const modes = (preset: string, change: Partial<ModesSettings> = {}): ViewLink => ({
  hash: writeLink(
    modesPlace.route,
    linkModes({ settings: { ...defaultModes, ...modesPresets.find(({ id }) => id === preset)?.scene, ...change }, step: null }),
  ),
  title: 'Watch it in Mode-seeking',
});
const race = (preset: string, contestants: ModesSettings['race']['contestants']): ViewLink =>
  modes(preset, { race: { ...defaultModes.race, contestants, rounds: 60 } });

/** Views that show the toy of a claim, or one of its instances. */
export const claimViews: Readonly<Record<string, ViewLink>> = {
  'no-over-never': displacement({}),
  'scale-flip': displacement({ train: 'both', ...trainPresets.both, scale: 2.208 }),
  'sft-anchors': displacement({ objective: { name: 'rpo', params: { beta: 0.1, alpha: 0.1 } } }),
  'no-sharing': displacement({ train: 'unembedding', ...trainPresets.unembedding }),
  'last-layer': displacement({ train: 'unembedding', ...trainPresets.unembedding }),
  'suffix-rates': entanglement({}),
  'suffix-cases': entanglement({ suffix: 4, afterChosen: 0.6, afterRejected: 0.2 }),
  'suffix-cosine': entanglement({ suffix: 20, afterChosen: 0.8, afterRejected: 0.5 }),
  'larger-norm': entanglement({}),
  'margin-grows': entanglement({}),
  'normalised-update': entanglement({ update: 'normalised', learningRate: 0.05 }),
  'sparse-helps': entanglement({ masked: allPlaces(defaultSuffix.suffix) }),
  'rich-get-richer': modes('rich'),
  'reverse-near': modes('near'),
  'reverse-far': modes('far'),
  'reverse-overtakes': modes('far'),
  'geometry-far': race('far', ['bon', 'bon-on', 'dpo', 'dpo-on']),
  'geometry-near': race('near', ['bon', 'bon-on', 'dpo', 'dpo-on']),
  'best-of-n-ceiling': race('far', ['bon', 'bon-on']),
  'negative-gradient-early': race('far', ['bon', 'ipo']),
  coverage: race('data', ['dpo', 'dpo-on', 'bon', 'bon-on']),
};
