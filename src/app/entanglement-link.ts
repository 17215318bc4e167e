import { allPlaces, defaultSuffix, isAllMasked, type SuffixSettings, suffixRanges, updatePresets } from './entanglement-settings.ts';
import type { LinkFields, LinkReader } from './link.ts';
import { readObjective, writeObjective } from './objective-link.ts';
import type { PlayerLink } from './player.svelte.ts';

/** What a link to the entanglement view holds. */
export type EntanglementLink = PlayerLink<SuffixSettings>;

const numeric = { suffix: 'm', afterChosen: 'pw', afterRejected: 'pl', first: 'first', steps: 'steps' } as const;
type Numeric = keyof typeof numeric;
const names = Object.keys(numeric) as Numeric[];

export function writeEntanglement({ settings, step }: EntanglementLink): LinkFields {
  const { update, masked, learningRate, objective } = settings;
  const changed = names.filter((name) => settings[name] !== defaultSuffix[name]).map((name) => [numeric[name], String(settings[name])]);
  return {
    run: {
      ...Object.fromEntries(changed),
      ...(update === defaultSuffix.update ? {} : { update }),
      ...(masked.length === 0 ? {} : { mask: isAllMasked(settings) ? 'suffix' : masked.join('_') }),
      ...writeObjective(objective),
      ...(learningRate === updatePresets[update] ? {} : { lr: String(learningRate) }),
    },
    look: step === null ? {} : { step: String(step) },
  };
}

/** 'suffix', or places joined by _. */
function readMask(reader: LinkReader, suffix: number): number[] {
  const text = reader.take('mask');
  if (text === null) return [];
  if (text === 'suffix') return allPlaces(suffix);
  const places = text.split('_').map(Number);
  const isList = places.every((place, i) => Number.isInteger(place) && place > (places[i - 1] ?? 0) && place <= suffix);
  if (isList) return places;
  reader.refuse('mask', text, `It must be 'suffix', or places from 1 to ${suffix} in ascending order, joined by _.`);
  return [];
}

export function readEntanglement(reader: LinkReader): EntanglementLink {
  const update = reader.choice('update', ['plain', 'normalised']) ?? defaultSuffix.update;
  const number = (name: Numeric): number => reader.number(numeric[name], suffixRanges[name]) ?? defaultSuffix[name];
  const suffix = number('suffix');
  const settings: SuffixSettings = {
    suffix,
    afterChosen: number('afterChosen'),
    afterRejected: number('afterRejected'),
    first: number('first'),
    steps: number('steps'),
    update,
    masked: readMask(reader, suffix),
    learningRate: reader.number('lr', suffixRanges.learningRate) ?? updatePresets[update],
    objective: readObjective(reader),
  };
  return { settings, step: reader.number('step', { min: 0, max: settings.steps, integer: true }) };
}
