import type { LinkFields, LinkReader } from '../../shell/links/link.ts';
import { readObjective, writeObjective } from '../../shell/losses/objective-link.ts';
import { defaultPairs, type PairsSettings, pairsRanges } from './pairs.svelte.ts';

/** What each number is called in a link. */
const names = { maxPairs: 'pairs', maxTokens: 'words', maxWords: 'kept', learningRate: 'lr', steps: 'steps' } as const;
type NumberKey = keyof typeof names;
const keys = Object.keys(names) as NumberKey[];

/** The settings of a run on the reader's pairs. The pairs themselves are in no link: they stay on the reader's computer. */
export const writePairs = (settings: PairsSettings): LinkFields => ({
  run: {
    ...Object.fromEntries(keys.filter((key) => settings[key] !== defaultPairs[key]).map((key) => [names[key], String(settings[key])])),
    ...writeObjective(settings.objective),
  },
  look: {},
});

export function readPairs(reader: LinkReader): PairsSettings {
  const numbers = Object.fromEntries(keys.map((key) => [key, reader.number(names[key], pairsRanges[key]) ?? defaultPairs[key]]));
  return { ...defaultPairs, ...numbers, objective: readObjective(reader) };
}
