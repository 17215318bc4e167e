import { UnsupportedError } from '../core/errors.ts';
import type { Experiment, RunOptions } from '../core/experiment.ts';
import { getAt, parsePath, setAt } from '../core/json-path.ts';
import type { Trial, TrialsOptions } from '../core/trial.ts';
import type { Measure as EngineMeasure } from '../train/trials/measures.ts';
import { type ClaimResult, judgeClaim } from './judge-claim.ts';
import { type Arm, defaultsOf, type Run, type Stage, type Study, type StudyTable, type Values, type World } from './study.ts';

export interface StudyOptions extends RunOptions {
  readonly seeds: number;
  /** the first of them; default 1 */
  readonly seed?: number;
  /** parameters that are not at their defaults */
  readonly values?: Values;
}

export interface StudyResult {
  readonly table: StudyTable;
  readonly claims: readonly ClaimResult[];
}

export interface StudyEngine {
  trials(experiments: readonly Experiment[], options?: TrialsOptions): Promise<Trial[]>;
}

/** One arm in one seed, on its way through its stages. */
interface Course {
  readonly world: World;
  readonly stages: readonly Stage[];
  experiments: readonly Experiment[];
  trials: readonly Trial[];
  before: readonly Trial[];
}

function valuesOf(study: Study, given: Values = {}): Values {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(study.parameters, name));
  if (unknown !== undefined) throw new UnsupportedError(`The study has no parameter '${unknown}'.`);
  return { ...defaultsOf(study), ...given };
}

/** The experiment with every parameter that it has a place for. */
function withValues(experiment: Experiment, { parameters }: Study, values: Values): Experiment {
  return Object.entries(parameters).reduce((changed, [name, { path: text }]) => {
    const path = text === undefined ? null : parsePath(text);
    return path && getAt(changed, path) !== undefined ? setAt(changed, path, values[name]) : changed;
  }, experiment);
}

const stagesOf = ({ train, next = [] }: Arm): Stage[] => [train, ...next];

/**
 * Trains every arm with every seed, all of one stage in one call of `engine.trials`, and judges the claims. With unusual values of the
 * parameters the verdicts are what comes out, and `expected` says nothing of them. Rejects as the engine does.
 */
export async function runStudy(study: Study, engine: StudyEngine, options: StudyOptions): Promise<StudyResult> {
  const table = await fillTable(study, engine, options);
  return { table, claims: study.claims.map((claim) => judgeClaim(claim, table)) };
}

/** The table [arm][measure][seed] of a study. */
export async function fillTable(study: Study, engine: StudyEngine, options: StudyOptions): Promise<StudyTable> {
  const { seeds, seed: first = 1, signal, onProgress } = options;
  if (!Number.isInteger(seeds) || seeds < 1) throw new UnsupportedError(`A study needs seeds, at least one, not ${seeds}.`);
  const values = valuesOf(study, options.values);
  const arms = Object.entries(study.arms);
  const courses: Course[] = Array.from({ length: seeds }, (_, index) => {
    const seed = first + index;
    const world: World = { ...study.toy(seed, values), seed, values };
    return arms.map(([, arm]): Course => ({ world, stages: stagesOf(arm), experiments: [], trials: [], before: [] }));
  }).flat();
  const measures = [...new Set(Object.values(study.measures).flatMap(({ of }): EngineMeasure[] => (typeof of === 'string' ? [of] : [])))];
  const deepest = Math.max(...courses.map(({ stages }) => stages.length));
  for (let stage = 0; stage < deepest; stage++) {
    signal?.throwIfAborted();
    const going = courses.filter(({ stages }) => stage < stages.length);
    for (const course of going) {
      course.before = course.trials;
      const made = course.stages[stage]?.(course.world, course.before) ?? [];
      course.experiments = [made].flat().map((experiment) => withValues({ seed: course.world.seed, ...experiment }, study, values));
    }
    const experiments = going.flatMap((course) => course.experiments);
    const trials = await engine.trials(experiments, {
      measures,
      ...(study.record ? { record: study.record } : {}),
      ...(signal ? { signal } : {}),
      onProgress: (done, total) => onProgress?.(stage + done / total, deepest),
    });
    let at = 0;
    for (const course of going) {
      course.trials = trials.slice(at, at + course.experiments.length);
      at += course.experiments.length;
    }
  }
  return Object.fromEntries(
    arms.map(([name], place) => {
      const runs = courses.filter((_, index) => index % arms.length === place).map(runOf);
      return [
        name,
        Object.fromEntries(
          Object.entries(study.measures).map(([measure, { of }]) => [
            measure,
            runs.map((run) => (run.trials.some(({ diverged }) => diverged) ? Number.NaN : numberOf(of, run))),
          ]),
        ),
      ];
    }),
  );
}

function runOf({ world, experiments, trials, before }: Course): Run {
  const [trained, trial] = [experiments[0], trials[0]];
  if (!trained || !trial) throw new UnsupportedError('An arm of the study trains nothing.');
  return { ...world, trained, trial, trials, before };
}

const numberOf = (of: EngineMeasure | ((run: Run) => number), run: Run): number =>
  typeof of === 'string' ? (run.trial.measures[of] ?? Number.NaN) : of(run);

/** A measure of every arm at each place of a curve: [arm][place][seed]. */
export type StudyCurve = Readonly<Record<string, readonly (readonly number[])[]>>;

/** What a plot of lines or a law shows: the table over numbers of updates, or over a parameter. */
export async function runCurve(study: Study, engine: StudyEngine, options: StudyOptions): Promise<StudyCurve> {
  const { plot } = study;
  if (plot.kind !== 'lines' && plot.kind !== 'law') throw new UnsupportedError('The plot of this study is no curve.');
  const places = plot.kind === 'lines' ? plot.updates : plot.at;
  const tables: StudyTable[] = [];
  for (const [index, place] of places.entries()) {
    const part: StudyOptions = { ...options, onProgress: (done, total) => options.onProgress?.(index + done / total, places.length) };
    tables.push(
      plot.kind === 'lines'
        ? await fillTable(stoppedAt(study, place), engine, part)
        : await fillTable(study, engine, { ...part, values: { ...options.values, [plot.over]: place } }),
    );
  }
  const arms = plot.arms ?? Object.keys(study.arms);
  return Object.fromEntries(arms.map((arm) => [arm, tables.map((table) => table[arm]?.[plot.y] ?? [])]));
}

/** The study with the last stage of every arm cut off after so many updates. */
function stoppedAt(study: Study, steps: number): Study {
  const cut =
    (stage: Stage): Stage =>
    (world, before) =>
      [stage(world, before)].flat().map((experiment) => ({ ...experiment, optimizer: { ...experiment.optimizer, steps } }));
  const stopped = ({ label, train, next = [] }: Arm): Arm => {
    const last = next.at(-1);
    return last ? { label, train, next: [...next.slice(0, -1), cut(last)] } : { label, train: cut(train) };
  };
  return { ...study, arms: Object.fromEntries(Object.entries(study.arms).map(([name, arm]) => [name, stopped(arm)])) };
}
