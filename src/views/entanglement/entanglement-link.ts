import { comparedField } from '../../shell/links/compared-link.ts';
import { both, choice, number, optional, shownStep, table, text, viewLink } from '../../shell/links/fields.ts';
import { writeLink } from '../../shell/links/link.ts';
import { pastField } from '../../shell/links/past-link.ts';
import { objectiveField } from '../../shell/losses/objective-link.ts';
import type { PlayerLink } from '../../shell/runs/player.svelte.ts';
import { allPlaces, defaultSuffix, type SuffixSettings, suffixRanges, updatePresets } from './entanglement-settings.ts';
import { entanglementPlace } from './place.ts';

/** What a link to the entanglement view holds. */
export type EntanglementLink = PlayerLink<SuffixSettings>;

const update = choice('update', ['plain', 'normalised'], defaultSuffix.update);

/** 'suffix', or places joined by _. */
const maskField = (suffix: number) => {
  const all = allPlaces(suffix);
  const codec = {
    read: (written: string) => {
      const places = written === 'suffix' ? all : written.split('_', suffix + 1).map(Number);
      const isList = places.every((place, i) => Number.isInteger(place) && place > (places[i - 1] ?? 0) && place <= suffix);
      return isList ? places : null;
    },
    write: (places: readonly number[]) => (suffix > 0 && all.every((place) => places.includes(place)) ? 'suffix' : places.join('_')),
    rule: `It must be 'suffix', or places from 1 to ${suffix} in ascending order, joined by _.`,
  };
  return text<readonly number[], readonly number[]>('mask', codec, []);
};

const settings = table<SuffixSettings>({
  suffix: number('m', suffixRanges.suffix, defaultSuffix.suffix),
  afterChosen: number('pw', suffixRanges.afterChosen, defaultSuffix.afterChosen),
  afterRejected: number('pl', suffixRanges.afterRejected, defaultSuffix.afterRejected),
  first: number('first', suffixRanges.first, defaultSuffix.first),
  steps: number('steps', suffixRanges.steps, defaultSuffix.steps),
  update,
  masked: ({ suffix }) => maskField(suffix),
  objective: objectiveField,
  learningRate: (above) => number('lr', suffixRanges.learningRate, updatePresets[above.update]),
  past: ({ steps, suffix }) =>
    optional(
      pastField(
        steps,
        table<Pick<SuffixSettings, 'update' | 'masked' | 'objective'>>({ update, masked: maskField(suffix), objective: objectiveField }),
      ),
    ),
});

const compared = table<Pick<EntanglementLink, 'runs'>>({ runs: comparedField(settings) });

export const { read: readEntanglement, write: writeEntanglement } = viewLink(
  table<Pick<EntanglementLink, 'settings'>>({ settings }),
  (run) => both(shownStep(run), compared),
);

/** Settings as text, the same for the same settings. */
export const writeSuffix = (settings: SuffixSettings): string =>
  writeLink(entanglementPlace.route, writeEntanglement({ settings, step: null }));
