import type { RecordedStep } from '../core/experiment.ts';
import { tokens } from '../experiments/no-over-never.ts';
import { readDisplacement, writeDisplacement } from './displacement-link.ts';
import { setting, symbolText } from './format.ts';
import { readLink, writeLink } from './link.ts';
import { viewObjective } from './objective-view.ts';
import type { RunFact, RunKind } from './run-history.svelte.ts';
import { defaultSettings, type PastUpdates, partsOf, type ToySettings } from './settings.ts';
import { isFiniteStep } from './story.ts';

const trained = { hidden: 'h', unembedding: 'W', both: 'h and W' } as const;
const list = (values: readonly number[] = []): string => `(${values.map(setting).join(', ')})`;

function updateFacts({ objective, learningRate }: Pick<ToySettings, 'objective' | 'learningRate'>): RunFact[] {
  const { title, entry, text, parameters } = viewObjective(objective);
  return [
    { id: 'objective', label: 'objective', text: entry ? title : text },
    ...parameters.map(({ name, value, about }) => ({ id: name, label: symbolText(about.tex), text: String(value) })),
    { id: 'learningRate', label: 'η', text: String(learningRate) },
  ];
}

/** The part of a forked run that is over, in one line. */
const pastFact = (part: PastUpdates): RunFact => ({
  id: `until ${part.until}`,
  label: `until update ${part.until}`,
  text: updateFacts(part)
    .map(({ id, label, text }) => (id === 'objective' ? text : `${label} ${text}`))
    .join(', '),
  name: `forked at ${part.until}`,
});

/** What is said of a run of the toy. */
export function toyFacts(settings: ToySettings): RunFact[] {
  const { train, scale, vectors, steps } = settings;
  const past = partsOf(settings).slice(0, -1);
  const { objective, learningRate } = partsOf(settings).at(-1) ?? settings;
  const vectorFact = (id: string, label: string, own: readonly number[] | undefined, given: readonly number[] | undefined): RunFact => ({
    id,
    label,
    text: JSON.stringify(own) === JSON.stringify(given) ? 'as given' : list(own),
  });
  const given = defaultSettings.vectors;
  return [
    ...past.map(pastFact),
    ...updateFacts({ objective, learningRate }),
    { id: 'train', label: 'trains', text: trained[train] },
    { id: 'scale', label: 'c', text: String(scale) },
    { id: 'steps', label: 'updates', text: String(steps) },
    vectorFact('h', 'h', vectors.hidden, given.hidden),
    ...tokens.map((token, index) => vectorFact(`W${index}`, `W(${token})`, vectors.unembedding[index], given.unembedding[index])),
  ];
}

const isNumbers = (value: unknown, length: number): value is number[] =>
  Array.isArray(value) && value.length === length && value.every((item) => typeof item === 'number' && Number.isFinite(item));

/** Runs of the displacement view. A state is written as [loss, log π(chosen), log π(rejected), log π of every token]. */
export const toyRuns: RunKind<ToySettings, RecordedStep> = {
  view: 'displacement',
  factsOf: toyFacts,
  write: (settings) => writeLink('displacement', writeDisplacement({ settings, step: null })),
  read(text) {
    const { view, reader } = readLink(text);
    const { settings } = readDisplacement(reader);
    const [problem] = reader.finish();
    if (problem) return `${problem.key}: ${problem.reason}`;
    return view === 'displacement' ? settings : 'these are settings of another view.';
  },
  writeState: ({ loss, chosenLogps, rejectedLogps, outcomeLogps = [] }) => [loss, ...chosenLogps, ...rejectedLogps, ...outcomeLogps],
  readState(value, step, { steps }) {
    const width = 3 + tokens.length;
    if (step > steps) return ` is beyond the last update, ${steps}.`;
    if (!isNumbers(value, width)) return ` must be a list of ${width} finite numbers.`;
    const [loss = Number.NaN, chosen = Number.NaN, rejected = Number.NaN, ...outcomeLogps] = value;
    if (Math.max(chosen, rejected, ...outcomeLogps) > 1e-3) return ' holds a log-probability above 0.';
    const probs = outcomeLogps.map(Math.exp);
    const state = { step, loss, losses: [loss], chosenLogps: [chosen], rejectedLogps: [rejected], outcomeLogps, probs };
    return isFiniteStep(state) ? state : ' holds numbers that are not finite.';
  },
};
