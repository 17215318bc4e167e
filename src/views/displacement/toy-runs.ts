import {
  chosenToken,
  defaultSettings,
  partsOf,
  rejectedToken,
  type ToySettings,
  tokens,
} from '../../atlas/toys/displacement/no-over-never.ts';
import type { RecordedStep } from '../../core/experiment.ts';
import { sameJson } from '../../core/same.ts';
import { percent } from '../../shell/controls/format.ts';
import { movingWords } from '../../shell/experiment/moving-words.ts';
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
import { isFiniteStep } from '../../train/finite-step.ts';
import { readDisplacement } from './displacement-link.ts';
import { displacementPlace } from './place.ts';

const trained = { hidden: 'h', unembedding: 'W', both: 'h and W' } as const;

/** What is said of a run of the toy. */
export function toyFacts(settings: ToySettings): RunFact[] {
  const { train, scale, vectors, steps, sync } = settings;
  const past = partsOf(settings).slice(0, -1);
  const { objective, learningRate } = partsOf(settings).at(-1) ?? settings;
  const vectorFact = (id: string, label: string, own: readonly number[] | undefined, given: readonly number[] | undefined): RunFact => ({
    id,
    label,
    text: sameJson(own, given) ? 'as given' : listText(own),
  });
  const given = defaultSettings.vectors;
  return [
    ...past.map((part) => pastFact(part.until, updateFacts(part))),
    ...updateFacts({ objective, learningRate }),
    { id: 'train', label: 'trains', text: trained[train] },
    { id: 'scale', label: 'c', text: String(scale) },
    { id: 'steps', label: 'updates', text: String(steps) },
    { id: 'sync', label: 'reference', text: sync ? movingWords(sync) : 'stays at the start' },
    vectorFact('h', 'h', vectors.hidden, given.hidden),
    ...tokens.map((token, index) => vectorFact(`W${index}`, `W(${token})`, vectors.unembedding[index], given.unembedding[index])),
  ];
}

const at = (logps: readonly number[], token: number): number => logps[token] ?? Number.NaN;
const referenceOf = (outcomeLogps: number[]): RecordedStep['reference'] & object => ({
  ...{ chosenLogps: [at(outcomeLogps, chosenToken)], rejectedLogps: [at(outcomeLogps, rejectedToken)], outcomeLogps },
});

/**
 * Runs of the displacement view. A state is written as [loss, log π(chosen), log π(rejected), log π of every token], and where the reference
 * moves log π_ref of every token.
 */
export const toyRuns: RunKind<ToySettings, RecordedStep> = {
  id: 'displacement',
  factsOf: toyFacts,
  outcomeOf({ states, settings, finished }) {
    const [from, to] = [states[0], states.at(-1)].map((state) => percent(state?.probs?.[chosenToken] ?? Number.NaN));
    return `${tokens[chosenToken]} ${from} → ${to}${endText(states.at(-1)?.step ?? 0, settings.steps, finished)}`;
  },
  read: (text) => readSettings(text, displacementPlace, (reader) => readDisplacement(reader).settings),
  writeState: ({ loss, chosenLogps, rejectedLogps, outcomeLogps = [], reference }) => [
    ...[loss, ...chosenLogps, ...rejectedLogps, ...outcomeLogps],
    ...(reference?.outcomeLogps ?? []),
  ],
  readState(value, step, { steps, sync }) {
    const width = 3 + (sync ? 2 : 1) * tokens.length;
    if (step > steps) return ` is beyond the last update, ${steps}.`;
    const numbers = readNumbers(value, width);
    if (!numbers) return ` must be a list of ${width} finite numbers.`;
    const [loss = Number.NaN, chosen = Number.NaN, rejected = Number.NaN, ...logps] = numbers;
    if (Math.max(chosen, rejected, ...logps) > aboveZero) return ' holds a log-probability above 0.';
    const outcomeLogps = logps.slice(0, tokens.length);
    const probs = outcomeLogps.map(Math.exp);
    const state: RecordedStep = { step, loss, losses: [loss], chosenLogps: [chosen], rejectedLogps: [rejected], outcomeLogps, probs };
    if (sync) state.reference = referenceOf(logps.slice(tokens.length));
    return isFiniteStep(state) ? state : ' holds numbers that are not finite.';
  },
};
