import { signed } from '../../shell/controls/format.ts';
import {
  aboveZero,
  endText,
  listText,
  pastFact,
  type RunFact,
  type RunKind,
  readNumbers,
  readSettings,
  updateFacts,
} from '../../shell/runs/run-kind.ts';
import { readEntanglement } from './entanglement-link.ts';
import { countedSuffix, isAllMasked, type PastSuffix, type SuffixSettings, suffixParts } from './entanglement-settings.ts';
import { entanglementPlace } from './place.ts';

/** What is kept of a state of a run with a shared suffix. */
export interface SuffixPoint {
  readonly step: number;
  /** log-probs of the whole answers, in nats */
  readonly chosen: number;
  readonly rejected: number;
  /** what the next update did to them */
  readonly chosenMove: number;
  readonly rejectedMove: number;
  /** of the two gradients */
  readonly cosine: number;
}

/** A gradient that has vanished has no direction: its cosine is null in a file. */
const cosineText = (cosine: number): number | null => (Number.isFinite(cosine) ? cosine : null);

const maskText = (settings: SuffixSettings): string =>
  isAllMasked(settings) ? 'the shared tokens' : countedSuffix(settings) === settings.suffix ? 'nothing' : listText(settings.masked);

/** What is said of an update. */
const partFacts = (settings: SuffixSettings, part: Omit<PastSuffix, 'until'>): RunFact[] => [
  // the normalised update takes unit gradients, whatever the objective is
  ...updateFacts(part).filter(({ id }) => part.update === 'plain' || id === 'learningRate'),
  { id: 'update', label: 'update', text: part.update },
  { id: 'masked', label: 'masks', text: maskText({ ...settings, ...part }) },
];

/** What is said of a run with a shared suffix. */
export function suffixFacts(settings: SuffixSettings): RunFact[] {
  const { suffix, afterChosen, afterRejected, first, steps } = settings;
  const parts = suffixParts(settings);
  return [
    ...parts.slice(0, -1).map((part) => pastFact(part.until, partFacts(settings, part))),
    ...partFacts(settings, parts.at(-1) ?? parts[0]),
    { id: 'suffix', label: 'm', text: String(suffix) },
    { id: 'afterChosen', label: 'p', text: String(afterChosen) },
    { id: 'afterRejected', label: 'p′', text: String(afterRejected) },
    { id: 'first', label: 'π', text: String(first) },
    { id: 'steps', label: 'updates', text: String(steps) },
  ];
}

/** Runs of the entanglement view. A state is written as [log π(chosen), log π(rejected), their changes by the next update, cosine]. */
export const suffixRuns: RunKind<SuffixSettings, SuffixPoint> = {
  id: 'entanglement',
  factsOf: suffixFacts,
  outcomeOf({ states, settings, finished }) {
    const [first, last] = [states[0], states.at(-1)];
    const change = (side: 'chosen' | 'rejected'): string => signed((last?.[side] ?? Number.NaN) - (first?.[side] ?? Number.NaN), 2);
    return `chosen ${change('chosen')}, rejected ${change('rejected')} nats${endText(last?.step ?? 0, settings.steps, finished)}`;
  },
  read: (text) => readSettings(text, entanglementPlace, (reader) => readEntanglement(reader).settings),
  writeState: ({ chosen, rejected, chosenMove, rejectedMove, cosine }) => [chosen, rejected, chosenMove, rejectedMove, cosineText(cosine)],
  readState(value, step, { steps }) {
    if (step > steps) return ` is beyond the last update, ${steps}.`;
    const [last, ...more] = Array.isArray(value) ? value.toReversed() : [];
    const numbers = readNumbers([...more.toReversed(), last ?? 0], 5);
    if (!numbers) return ' must be a list of 4 finite numbers and a cosine.';
    const [chosen = Number.NaN, rejected = Number.NaN, chosenMove = Number.NaN, rejectedMove = Number.NaN] = numbers;
    const cosine = last === null ? Number.NaN : Number(last);
    if (Math.max(chosen, rejected) > aboveZero) return ' holds a log-probability above 0.';
    if (Math.abs(cosine) > 1 + aboveZero) return ' holds a cosine that is none.';
    return { step, chosen, rejected, chosenMove, rejectedMove, cosine };
  },
};
