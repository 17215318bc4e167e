import { defaultSuffix, type SuffixSettings, suffixRanges, updatePresets } from './entanglement-settings.ts';
import type { LinkFields, LinkReader } from './link.ts';
import { readObjective, writeObjective } from './objective-link.ts';
import type { PlayerLink } from './player.svelte.ts';

/** What a link to the entanglement view holds. */
export type EntanglementLink = PlayerLink<SuffixSettings>;

const numeric = { suffix: 'm', afterChosen: 'pw', afterRejected: 'pl', first: 'first', steps: 'steps' } as const;
type Numeric = keyof typeof numeric;
const names = Object.keys(numeric) as Numeric[];

export function writeEntanglement({ settings, step }: EntanglementLink): LinkFields {
  const { update, mask, learningRate, objective } = settings;
  const changed = names.filter((name) => settings[name] !== defaultSuffix[name]).map((name) => [numeric[name], String(settings[name])]);
  return {
    run: {
      ...Object.fromEntries(changed),
      ...(update === defaultSuffix.update ? {} : { update }),
      ...(mask ? { mask: 'suffix' } : {}),
      ...writeObjective(objective),
      ...(learningRate === updatePresets[update] ? {} : { lr: String(learningRate) }),
    },
    look: step === null ? {} : { step: String(step) },
  };
}

export function readEntanglement(reader: LinkReader): EntanglementLink {
  const update = reader.choice('update', ['plain', 'normalised']) ?? defaultSuffix.update;
  const number = (name: Numeric): number => reader.number(numeric[name], suffixRanges[name]) ?? defaultSuffix[name];
  const settings: SuffixSettings = {
    suffix: number('suffix'),
    afterChosen: number('afterChosen'),
    afterRejected: number('afterRejected'),
    first: number('first'),
    steps: number('steps'),
    update,
    mask: reader.choice('mask', ['suffix']) !== null,
    learningRate: reader.number('lr', suffixRanges.learningRate) ?? updatePresets[update],
    objective: readObjective(reader),
  };
  return { settings, step: reader.number('step', { min: 0, max: settings.steps, integer: true }) };
}
