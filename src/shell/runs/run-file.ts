import { type KeptRun, mostRuns, mostStates, type NewRun, type RunHistory } from './run-history.svelte.ts';
import { keepers, type RunKind } from './run-kind.ts';

/** Largest file that is opened, in bytes, and longest text, in UTF-16 units. */
const longestFile = 64_000_000;
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
  const { runs, problems } = readRuns(text, kind);
  for (const run of runs) history.keep(run);
  return problems;
}

/** The same from a file, which is not read where it is too large. */
export async function openRuns<Settings, State>(
  history: RunHistory<Settings, State>,
  file: Blob,
  kind: RunKind<Settings, State>,
): Promise<readonly string[]> {
  if (file.size > longestFile)
    return [`The file has ${Math.ceil(file.size / 1e6)} MB; at most ${longestFile / 1e6} MB are read. Save fewer runs in one file.`];
  try {
    return restoreRuns(history, await file.text(), kind);
  } catch {
    return ['The file could not be read. Choose it again.'];
  }
}

function readRuns<Settings, State>(
  text: string,
  kind: RunKind<Settings, State>,
): { runs: NewRun<Settings, State>[]; problems: readonly string[] } {
  const nothing = (problem: string) => ({ runs: [], problems: [problem] });
  if (text.length > longestFile) return nothing(`The file has ${text.length} characters; at most ${longestFile} are read.`);
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return nothing('The file is not valid JSON. Save it again from this panel.');
  }
  if (!isRecord(file) || file['format'] !== format) return nothing(`The file holds no runs: its format must be "${format}".`);
  if (file['version'] !== version) return nothing(`version is ${show(file['version'])}; this page reads version ${version}.`);
  const { view } = file;
  if (view !== kind.id) {
    const owner = Object.entries(keepers).find(([id]) => id === view);
    return nothing(
      owner
        ? `The file holds runs of “${owner[1]}”: restore it there. Here, runs of “${keepers[kind.id]}” are read.`
        : `view is ${show(view)}; runs of ${show(kind.id)} are read here.`,
    );
  }
  if (!Array.isArray(file['runs'])) return nothing('runs must be a list.');
  const runs: NewRun<Settings, State>[] = [];
  const problems: string[] = [];
  for (const [index, described] of file['runs'].slice(0, mostRuns).entries()) {
    const run = readRun(described, kind);
    if (typeof run === 'string') problems.push(`runs[${index}]${run}`);
    else runs.push(run);
  }
  if (file['runs'].length > mostRuns) problems.push(`runs holds ${file['runs'].length}; the first ${mostRuns} are read.`);
  return { runs, problems };
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
