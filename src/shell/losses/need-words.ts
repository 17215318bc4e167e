import { word } from '../../core/word.ts';
import type { Need } from '../../objectives/objective.ts';

/** What an objective reads besides the log-probs, in words. */
export const needWords: Readonly<Record<Need, string>> = {
  reference: word('reference'),
  lengths: word('lengths'),
  'previous iterate': word('previous iterate'),
  rewards: word('rewards'),
  label: word('label'),
  'batch statistics': word('batch statistics'),
  'token distributions': word('token distributions'),
  opponents: word('responses of an opponent'),
};
