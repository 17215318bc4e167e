import { setting, symbolText } from '../controls/format.ts';
import { isLinkTo, type Linked, type LinkReader, readLink } from '../links/link.ts';
import { type PageChoice, viewObjective } from '../losses/objective-view.ts';
import type { KeptRun } from './run-history.svelte.ts';

/** One thing that is said of a run's settings: where runs differ, this tells how. */
export interface RunFact {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  /** what is compared where the text does not say all; default: the text */
  readonly value?: string;
  /** how a run that differs in it is named; default: label and text */
  readonly name?: string;
}

/** Where runs are kept, as files name it, and as the reader knows it. */
export const keepers = {
  displacement: 'Displacement',
  entanglement: 'Entanglement',
  modes: 'Mode-seeking, both descents',
  race: 'Mode-seeking, the race of algorithms',
} as const;
export type KeeperId = keyof typeof keepers;

/** What is said of a view's runs, and how they stand in a file. */
export interface RunKind<Settings, State> {
  readonly id: KeeperId;
  factsOf(settings: Settings): readonly RunFact[];
  /** how a run ended, in a few words */
  outcomeOf(run: Pick<KeptRun<Settings, State>, 'settings' | 'states' | 'finished'>): string;
  /** Settings from the text that a history writes, which may be anybody's; or what is wrong with it. */
  read(text: string): Settings | string;
  /** A state as plain JSON, and back; or what is wrong with it. */
  writeState(state: State): unknown;
  readState(value: unknown, index: number, settings: Settings): State | string;
}

const comparedText = ({ text, value = text }: RunFact): string => value;

/** What tells `facts` apart from those before, in a few words. */
export function nameRun(facts: readonly RunFact[], before: readonly RunFact[] | null): string {
  if (!before) return 'the first run';
  const old = new Map(before.map((fact) => [fact.id, comparedText(fact)]));
  const changes = facts
    .filter((fact) => old.get(fact.id) !== comparedText(fact))
    .map(({ label, text, name }) => name ?? `${label} ${text}`);
  const present = new Set(facts.map(({ id }) => id));
  const gone = before.filter(({ id }) => !present.has(id)).map(({ label, name }) => (name ? `not ${name}` : `no ${label}`));
  const all = [...changes, ...gone];
  if (all.length === 0) return 'the same again';
  return all.length > 3 ? `${all.slice(0, 3).join(', ')} and ${all.length - 3} more` : all.join(', ');
}

/** The facts of several settings, side by side. */
export function compareFacts(columns: readonly (readonly RunFact[])[]): { id: string; label: string; texts: string[]; differs: boolean }[] {
  const labels = new Map(columns.flatMap((facts) => facts.map(({ id, label }) => [id, label])));
  return [...labels].map(([id, label]) => {
    const facts = columns.map((all) => all.find((one) => one.id === id));
    return {
      id,
      label,
      texts: facts.map((fact) => fact?.text ?? '–'),
      differs: new Set(facts.map((fact) => fact && comparedText(fact))).size > 1,
    };
  });
}

/** What is said of an objective and a step size. */
export function updateFacts({ objective, learningRate }: { objective: PageChoice; learningRate: number }): RunFact[] {
  const { title, entry, text, parameters } = viewObjective(objective);
  return [
    { id: 'objective', label: 'objective', text: entry ? title : text },
    ...parameters.map(({ name, value, about }) => ({ id: name, label: symbolText(about.tex), text: String(value) })),
    { id: 'learningRate', label: 'η', text: String(learningRate) },
  ];
}

/** The part of a forked run that is over, in one line. */
export const pastFact = (until: number, facts: readonly RunFact[]): RunFact => ({
  id: `until ${until}`,
  label: `until update ${until}`,
  text: facts.map(({ id, label, text }) => (id === 'objective' ? text : `${label} ${text}`)).join(', '),
  name: `forked at ${until}`,
});

/** Where a run ended, if that is not its last update. */
export function endText(last: number, total: number, finished: boolean): string {
  if (last === total) return '';
  return finished ? `, overflowed after ${last}` : `, left after ${last} of ${total}`;
}

export const listText = (values: readonly number[] = []): string => `(${values.map(setting).join(', ')})`;

/** Settings from a link to a view, or what is wrong with it. */
export function readSettings<Settings>(text: string, view: Linked, read: (reader: LinkReader) => Settings) {
  const link = readLink(text);
  if (!isLinkTo(link, view)) return 'these are settings of another view.';
  const settings = read(link.reader);
  const [problem] = link.reader.finish();
  return problem ? `${problem.key}: ${problem.reason}` : settings;
}

/** The finite numbers of a list of this length; else null. */
export const readNumbers = (value: unknown, length: number): number[] | null =>
  Array.isArray(value) && value.length === length && value.every((item) => typeof item === 'number' && Number.isFinite(item))
    ? value
    : null;

/** Log-probabilities may stand this far above 0: float32 rounding. */
export const aboveZero = 1e-3;
