import { number, table, viewLink } from '../../shell/links/fields.ts';
import { objectiveField } from '../../shell/losses/objective-link.ts';
import { defaultPairs, type PairsSettings, pairsRanges } from './pairs-settings.ts';

/** The settings of a run on the reader's pairs. The pairs themselves are in no link: they stay on the reader's computer. */
export const { read: readPairs, write: writePairs } = viewLink(
  table<PairsSettings>({
    maxPairs: number('pairs', pairsRanges.maxPairs, defaultPairs.maxPairs),
    maxTokens: number('words', pairsRanges.maxTokens, defaultPairs.maxTokens),
    maxWords: number('kept', pairsRanges.maxWords, defaultPairs.maxWords),
    learningRate: number('lr', pairsRanges.learningRate, defaultPairs.learningRate),
    steps: number('steps', pairsRanges.steps, defaultPairs.steps),
    objective: objectiveField,
  }),
  () => table({}),
);
