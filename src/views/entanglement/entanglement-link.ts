import { type LinkFields, type LinkReader, writeLink } from '../../shell/links/link.ts';
import { readPast, writePast } from '../../shell/links/past-link.ts';
import { readObjective, writeObjective } from '../../shell/losses/objective-link.ts';
import type { PlayerLink } from '../../shell/runs/player.svelte.ts';
import { allPlaces, defaultSuffix, isAllMasked, type SuffixSettings, suffixRanges, updatePresets } from './entanglement-settings.ts';

/** What a link to the entanglement view holds. */
export type EntanglementLink = PlayerLink<SuffixSettings>;

const numeric = { suffix: 'm', afterChosen: 'pw', afterRejected: 'pl', first: 'first', steps: 'steps' } as const;
type Numeric = keyof typeof numeric;
const names = Object.keys(numeric) as Numeric[];

const writeMask = (settings: SuffixSettings): Record<string, string> =>
  settings.masked.length === 0 ? {} : { mask: isAllMasked(settings) ? 'suffix' : settings.masked.join('_') };

export function writeEntanglement({ settings, step }: EntanglementLink): LinkFields {
  const { update, learningRate, objective, past } = settings;
  const changed = names.filter((name) => settings[name] !== defaultSuffix[name]).map((name) => [numeric[name], String(settings[name])]);
  return {
    run: {
      ...Object.fromEntries(changed),
      ...(update === defaultSuffix.update ? {} : { update }),
      ...writeMask(settings),
      ...writeObjective(objective),
      ...(learningRate === updatePresets[update] ? {} : { lr: String(learningRate) }),
      ...writePast(past, (part) => ({
        lr: String(part.learningRate),
        ...(part.update === defaultSuffix.update ? {} : { update: part.update }),
        ...writeMask({ ...settings, ...part }),
        ...writeObjective(part.objective),
      })),
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

const readUpdate = (reader: LinkReader): SuffixSettings['update'] =>
  reader.choice('update', ['plain', 'normalised']) ?? defaultSuffix.update;

export function readEntanglement(reader: LinkReader): EntanglementLink {
  const update = readUpdate(reader);
  const number = (name: Numeric): number => reader.number(numeric[name], suffixRanges[name]) ?? defaultSuffix[name];
  const [suffix, steps] = [number('suffix'), number('steps')];
  const past = readPast(reader, steps, (part) => {
    const learningRate = part.number('lr', suffixRanges.learningRate);
    const rest = { update: readUpdate(part), masked: readMask(part, suffix), objective: readObjective(part) };
    return learningRate === null ? null : { ...rest, learningRate };
  });
  const settings: SuffixSettings = {
    suffix,
    afterChosen: number('afterChosen'),
    afterRejected: number('afterRejected'),
    first: number('first'),
    steps,
    update,
    masked: readMask(reader, suffix),
    learningRate: reader.number('lr', suffixRanges.learningRate) ?? updatePresets[update],
    objective: readObjective(reader),
    ...(past.length > 0 ? { past } : {}),
  };
  return { settings, step: reader.number('step', { min: 0, max: settings.steps, integer: true }) };
}

/** Settings as text, the same for the same settings. */
export const writeSuffix = (settings: SuffixSettings): string => writeLink('entanglement', writeEntanglement({ settings, step: null }));
