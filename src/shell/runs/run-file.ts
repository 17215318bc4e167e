import { nextTask } from '../../train/next-task.ts';
import { fetchGroupLosses, lacksGroupLosses } from '../losses/group-losses.ts';
import { type KeptRun, mostRuns, mostStates, type NewRun, type RunHistory } from './run-history.svelte.ts';
import { type KeeperId, keepers, type RunKind } from './run-kind.ts';

/** Largest file that is opened, in bytes, and longest text, in UTF-16 units: the page's own have 12 MB at most. */
const longestFile = 16_000_000;
/**
 * Marks in the text that a parse takes most of its time for: the page's own files open a list for each state and have some twenty numbers
 * in it. What has more would hold the page for seconds: 16 MB of `[],` took 2.5 s of a loaded server's core, 16 MB of numbers 0.1 s and of
 * text 0.25 s.
 */
const mostOpened = 2.5 * mostStates;
const mostCommas = 25 * mostStates;
const format = 'prefscope runs';
const version = 1;

/** All runs of a history as a file. */
export function writeRuns<Settings, State>({ runs, write }: RunHistory<Settings, State>, kind: RunKind<Settings, State>): string {
  const described = ({ settings, engine, finished, states }: KeptRun<Settings, State>) => ({
    settings: write(settings),
    engine,
    finished,
    states: states.map((state) => kind.writeState(state)),
  });
  return JSON.stringify({ format, version, view: kind.id, runs: runs.map(described) });
}

/**
 * Adds the runs of a file, which may be anybody's, to a history. What cannot be read is left out, and comes back named by field; what is
 * there already stays.
 */
export function restoreRuns<Settings, State>(
  history: RunHistory<Settings, State>,
  text: string,
  kind: RunKind<Settings, State>,
): readonly string[] {
  const file = parseRuns(text, kind.id);
  if (typeof file === 'string') return [file];
  const problems = [...file.problems];
  for (const [index, described] of file.runs.entries()) keepRun(history, described, index, kind, problems);
  return problems;
}

/** The same from a file, which is not read where it is too large; run by run, with room for the page between them. */
export async function openRuns<Settings, State>(
  history: RunHistory<Settings, State>,
  file: Blob,
  kind: RunKind<Settings, State>,
): Promise<readonly string[]> {
  if (file.size > longestFile)
    return [`The file has ${Math.ceil(file.size / 1e6)} MB; at most ${longestFile / 1e6} MB are read. Save fewer runs in one file.`];
  try {
    const text = await file.text();
    if (lacksGroupLosses(text)) await fetchGroupLosses().catch(() => {}); // without it such a run is refused
    const parsed = parseRuns(text, kind.id);
    if (typeof parsed === 'string') return [parsed];
    const problems = [...parsed.problems];
    for (const [index, described] of parsed.runs.entries()) {
      await nextTask();
      keepRun(history, described, index, kind, problems);
    }
    return problems;
  } catch {
    return ['The file could not be read. Choose it again.'];
  }
}

/** The runs that a file describes, unread; or why there are none. */
function parseRuns(text: string, id: KeeperId): { runs: readonly unknown[]; problems: readonly string[] } | string {
  if (text.length > longestFile) return `The file has ${text.length} characters; at most ${longestFile} are read.`;
  if (!isQuickToParse(text)) return 'The file has more lists or numbers than any that this page writes. Save it again from this panel.';
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return 'The file is not valid JSON. Save it again from this panel.';
  }
  if (!isRecord(file) || file['format'] !== format) return `The file holds no runs: its format must be "${format}".`;
  if (file['version'] !== version) return `version is ${show(file['version'])}; this page reads version ${version}.`;
  const { view } = file;
  if (view !== id) {
    const owner = Object.entries(keepers).find(([other]) => other === view);
    return owner
      ? `The file holds runs of “${owner[1]}”: restore it there. Here, runs of “${keepers[id]}” are read.`
      : `view is ${show(view)}; runs of ${show(id)} are read here.`;
  }
  if (!Array.isArray(file['runs'])) return 'runs must be a list.';
  const count = file['runs'].length;
  const problems = count > mostRuns ? [`runs holds ${count}; the first ${mostRuns} are read.`] : [];
  return { runs: file['runs'].slice(0, mostRuns), problems };
}

function isQuickToParse(text: string): boolean {
  let [opened, commas] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const mark = text[i];
    if (mark === ',') commas++;
    else if (mark === '[' || mark === '{' || mark === ':') opened++;
  }
  return opened <= mostOpened && commas <= mostCommas;
}

function keepRun<Settings, State>(
  history: RunHistory<Settings, State>,
  described: unknown,
  index: number,
  kind: RunKind<Settings, State>,
  problems: string[],
): void {
  const run = readRun(described, kind);
  if (typeof run === 'string') problems.push(`runs[${index}]${run}`);
  else history.keep(run);
}

/** A run, or the rest of a path and what is wrong there. */
function readRun<Settings, State>(described: unknown, kind: RunKind<Settings, State>): NewRun<Settings, State> | string {
  if (!isRecord(described)) return ' must be an object.';
  const { settings: text, engine, finished, states: values } = described;
  if (typeof text !== 'string') return '.settings must be a text.';
  const settings = kind.read(text);
  if (typeof settings === 'string') return `.settings: ${settings}`;
  if (engine !== 'webgpu' && engine !== 'cpu') return `.engine must be "webgpu" or "cpu", not ${show(engine)}.`;
  if (typeof finished !== 'boolean') return `.finished must be true or false, not ${show(finished)}.`;
  if (!Array.isArray(values) || values.length === 0 || values.length > mostStates)
    return `.states must be a list of 1 to ${mostStates} states.`;
  const states: State[] = [];
  for (const [index, value] of values.entries()) {
    const state = kind.readState(value, index, settings);
    if (typeof state === 'string') return `.states[${index}]${state}`;
    states.push(state);
  }
  return { settings, engine, finished, states };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const show = (value: unknown): string => {
  if (typeof value === 'object' && value !== null) return 'a list or an object'; // nested so deep, perhaps, that writing it would fail
  return (JSON.stringify(value) ?? 'missing').slice(0, 40);
};
