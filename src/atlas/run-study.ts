import { UnsupportedError } from '../core/errors.ts';
import type { Experiment, PairDiagnosis, RunOptions } from '../core/experiment.ts';
import { getAt, parsePath, setAt } from '../core/json-path.ts';
import type { TargetExperiment } from '../core/on-policy.ts';
import type { Trial, TrialExperiment, TrialsOptions } from '../core/trial.ts';
import type { Engine } from '../train/engine.ts';
import type { Measure as EngineMeasure } from '../train/trials/measures.ts';
import { type ClaimResult, judgeClaim } from './judge-claim.ts';
import {
  type Arm,
  defaultsOf,
  drawnArms,
  drawnMeasures,
  type Outcome,
  type Run,
  type Stage,
  type Study,
  type StudyPlot,
  type StudyTable,
  type Task,
  type Values,
  type World,
} from './study.ts';

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

/** What a study asks of an engine; those without `diagnose` or `matchTarget` run the studies that only train. */
export interface StudyEngine extends Partial<Pick<Engine, 'backend' | 'matchTarget'>> {
  trials(experiments: readonly TrialExperiment[], options?: TrialsOptions): Promise<Trial[]>;
  diagnose?(experiment: Experiment): Promise<PairDiagnosis[]>;
}

/** One arm in one seed, on its way through its stages. */
interface Course {
  readonly world: World;
  readonly stages: readonly Stage[];
  tasks: readonly Task[];
  trials: readonly Outcome[];
  before: readonly Outcome[];
}

function valuesOf(study: Study, given: Values = {}): Values {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(study.parameters, name));
  if (unknown !== undefined) throw new UnsupportedError(`The study has no parameter '${unknown}'.`);
  return { ...defaultsOf(study), ...given };
}

/** The experiment with every parameter that it has a place for. */
function withValues<T extends TrialExperiment | TargetExperiment>(experiment: T, { parameters }: Study, values: Values): T {
  return Object.entries(parameters).reduce((changed, [name, { path: text }]) => {
    const path = text === undefined ? null : parsePath(text);
    return path && getAt(changed, path) !== undefined ? setAt(changed, path, values[name]) : changed;
  }, experiment);
}

/** What a task is about. */
const experimentOf = (task: Task): TrialExperiment | TargetExperiment =>
  'diagnose' in task ? task.diagnose : 'matchTarget' in task ? task.matchTarget : task;

/** The task with something done to what it is about. */
function onExperiment(task: Task, change: <T extends TrialExperiment | TargetExperiment>(experiment: T) => T): Task {
  if ('diagnose' in task) return { diagnose: change(task.diagnose) };
  return 'matchTarget' in task ? { matchTarget: change(task.matchTarget) } : change(task);
}

const stagesOf = ({ train, next = [] }: Arm): Stage[] => [train, ...next];

/**
 * Trains every arm with every seed, all of one stage in one call of `engine.trials`, and judges the claims. With unusual values of the
 * parameters the verdicts are what comes out, and `expected` says nothing of them. Rejects as the engine does.
 */
export async function runStudy(study: Study, engine: StudyEngine, options: StudyOptions): Promise<StudyResult> {
  const table = await fillTable(study, engine, options);
  return { table, claims: study.claims.map((claim) => judgeClaim(claim, table, engine.backend)) };
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
    return arms.map(([, arm]): Course => ({ world, stages: stagesOf(arm), tasks: [], trials: [], before: [] }));
  }).flat();
  const measures = [...new Set(Object.values(study.measures).flatMap(({ of }): EngineMeasure[] => (typeof of === 'string' ? [of] : [])))];
  const deepest = Math.max(...courses.map(({ stages }) => stages.length));
  for (let stage = 0; stage < deepest; stage++) {
    signal?.throwIfAborted();
    const going = courses.filter(({ stages }) => stage < stages.length);
    for (const course of going) {
      course.before = course.trials;
      const made = course.stages[stage]?.(course.world, course.before) ?? [];
      course.tasks = [made]
        .flat()
        .map((task) => onExperiment(task, (experiment) => withValues({ seed: course.world.seed, ...experiment }, study, values)));
    }
    const results = await outcomesOf(
      going.flatMap(({ tasks }) => tasks),
      engine,
      {
        measures,
        ...(study.record ? { record: study.record } : {}),
        ...(signal ? { signal } : {}),
        onProgress: (done, total) => onProgress?.(stage + done / total, deepest),
      },
    );
    let at = 0;
    for (const course of going) {
      course.trials = results.slice(at, at + course.tasks.length);
      at += course.tasks.length;
    }
  }
  return Object.fromEntries(
    arms.map(([name], place) => {
      const runs = courses.filter((_, index) => index % arms.length === place).map(runOf);
      return [
        name,
        Object.fromEntries(
          Object.entries(study.measures).map(([measure, { of, arms: own }]) => [
            measure,
            runs.map((run) =>
              own?.includes(name) === false || run.trials.some(({ diverged }) => diverged) ? Number.NaN : numberOf(of, run),
            ),
          ]),
        ),
      ];
    }),
  );
}

const isTraining = (task: Task): task is TrialExperiment => !('diagnose' in task || 'matchTarget' in task);

/** What came of the tasks, in their order: all that trains in one call, the others one by one. */
async function outcomesOf(tasks: readonly Task[], engine: StudyEngine, options: TrialsOptions): Promise<Outcome[]> {
  const training = tasks.filter(isTraining);
  const asked = tasks.length - training.length;
  const outcomes: Outcome[] = [];
  for (const [index, task] of tasks.filter((each) => !isTraining(each)).entries()) {
    options.signal?.throwIfAborted();
    outcomes.push(await answerTo(task, engine, options.signal ? { signal: options.signal } : {}));
    options.onProgress?.(index + 1, tasks.length);
  }
  const trials =
    training.length > 0
      ? await engine.trials(training, {
          ...options,
          onProgress: (done, total) => options.onProgress?.(asked + (training.length * done) / total, tasks.length),
        })
      : [];
  const [answers, trained] = [outcomes.values(), trials.values()];
  return tasks.map((task) => (isTraining(task) ? trained : answers).next().value as Outcome);
}

/** What the engine says to a task that is no training of pairs. */
async function answerTo(task: Task, engine: StudyEngine, options: RunOptions): Promise<Outcome> {
  const none = { final: {}, measures: {}, diverged: false };
  if ('diagnose' in task && engine.diagnose) return { ...none, diagnoses: await engine.diagnose(task.diagnose) };
  if (!('matchTarget' in task && engine.matchTarget)) throw new UnsupportedError('The engine of the study answers no such question.');
  const { steps, final } = await engine.matchTarget(task.matchTarget, options);
  const { outcomeLogps = [], divergences = [] } = steps.at(-1) ?? {};
  return { ...none, final, outcomeLogps, descent: steps, diverged: divergences.some(Number.isNaN) };
}

function runOf({ world, tasks, trials, before }: Course): Run {
  const [task, trial] = [tasks[0], trials[0]];
  if (!task || !trial) throw new UnsupportedError('An arm of the study trains nothing.');
  return { ...world, trained: experimentOf(task), trial, trials, before };
}

const numberOf = (of: EngineMeasure | ((run: Run) => number), run: Run): number =>
  typeof of === 'string' ? (run.trial.measures[of] ?? Number.NaN) : of(run);

/** What a curve goes through at each of its places: [arm][place][seed], or [measure][place][seed] where several are drawn of one arm. */
export type StudyCurve = Readonly<Record<string, readonly (readonly number[])[]>>;

/** The study with these arms alone. */
export const withArms = (study: Study, names: readonly string[]): Study => ({
  ...study,
  arms: Object.fromEntries(Object.entries(study.arms).filter(([name]) => names.includes(name))),
});

/** A plot of lines or a law: what is trained for it is trained at each of its places. */
type CurvePlot = Extract<StudyPlot, { kind: 'lines' | 'law' }>;
export const isCurve = (plot: StudyPlot): plot is CurvePlot => plot.kind === 'lines' || plot.kind === 'law';
export const placesOf = (plot: CurvePlot): readonly number[] => (plot.kind === 'lines' ? plot.updates : plot.at);
/** What plots that go through the same places have in common: they are trained once. */
const courseOf = (plot: CurvePlot): string => JSON.stringify([plot.kind === 'lines' ? '' : plot.over, placesOf(plot)]);
/** Plots that are trained together. */
export function courses(plots: readonly StudyPlot[]): readonly (readonly CurvePlot[])[] {
  const curves = plots.filter(isCurve);
  return [...new Set(curves.map(courseOf))].map((course) => curves.filter((plot) => courseOf(plot) === course));
}

/** What plots of lines or laws show: the table over numbers of updates, or over a parameter; null for a plot of another kind. */
export async function runCurves(
  study: Study,
  plots: readonly StudyPlot[],
  engine: StudyEngine,
  options: StudyOptions,
): Promise<(StudyCurve | null)[]> {
  const all = courses(plots);
  const total = all.reduce((sum, [first]) => sum + (first ? placesOf(first).length : 0), 0);
  const found = new Map<StudyPlot, StudyCurve>();
  let before = 0;
  for (const together of all) {
    const [plot] = together;
    if (!plot) continue;
    const drawn = withArms(study, [...new Set(together.flatMap((each) => drawnArms({ plot: each, arms: study.arms })))]);
    const tables: StudyTable[] = [];
    for (const place of placesOf(plot)) {
      const at = before++;
      const part: StudyOptions = { ...options, onProgress: (done, all) => options.onProgress?.(at + done / all, total) };
      tables.push(
        plot.kind === 'lines'
          ? await fillTable(stoppedAt(drawn, place), engine, part)
          : await fillTable(drawn, engine, { ...part, values: { ...options.values, [plot.over]: place } }),
      );
    }
    for (const each of together) found.set(each, columnsOf(each, study, tables));
  }
  return plots.map((plot) => found.get(plot) ?? null);
}

function columnsOf(plot: CurvePlot, { arms }: Study, tables: readonly StudyTable[]): StudyCurve {
  const shown = drawnArms({ plot, arms });
  const measures = drawnMeasures({ plot });
  const columnOf = (arm: string, measure: string) => tables.map((table) => table[arm]?.[measure] ?? []);
  return Object.fromEntries(
    measures.length > 1
      ? measures.map((measure) => [measure, columnOf(shown[0] ?? '', measure)])
      : shown.map((arm) => [arm, columnOf(arm, measures[0] ?? '')]),
  );
}

/** What the study's own plot of lines, or its law, shows. */
export async function runCurve(study: Study, engine: StudyEngine, options: StudyOptions): Promise<StudyCurve> {
  const [curve] = await runCurves(study, [study.plot], engine, options);
  if (!curve) throw new UnsupportedError('The plot of this study is no curve.');
  return curve;
}

/** A task that is over after so many updates; rounds of sampling after as many whole rounds. */
function stopped(task: Task, steps: number): Task {
  if ('diagnose' in task) return task;
  if ('matchTarget' in task) return { matchTarget: stoppedRun(task.matchTarget, steps) };
  if (!('sampling' in task)) return stoppedRun(task, steps);
  const rounds = Math.round(steps / task.sampling.updates);
  // a run has one round at least: at a rate of 0 it leaves all as it was
  if (rounds === 0) return { ...task, sampling: { ...task.sampling, rounds: 1 }, optimizer: { ...task.optimizer, learningRate: 0 } };
  return { ...task, sampling: { ...task.sampling, rounds } };
}
const stoppedRun = <T extends Experiment | TargetExperiment>({ record, ...run }: T, steps: number): T =>
  ({
    ...run,
    ...(record ? { record: [...record.filter((step) => step < steps), steps] } : {}),
    optimizer: { ...run.optimizer, steps },
  }) as T;

/** The study with the last stage of every arm cut off after so many updates. */
function stoppedAt(study: Study, steps: number): Study {
  const cut =
    (stage: Stage): Stage =>
    (world, before) =>
      [stage(world, before)].flat().map((task) => stopped(task, steps));
  const shortened = ({ label, train, next = [] }: Arm): Arm => {
    const last = next.at(-1);
    return last ? { label, train, next: [...next.slice(0, -1), cut(last)] } : { label, train: cut(train) };
  };
  // a parameter that says itself how long a run is, or how large a step of none, does not say it here
  const own = ['optimizer.steps', 'sampling.rounds', ...(steps === 0 ? ['optimizer.learningRate'] : [])];
  const parameters = Object.fromEntries(
    Object.entries(study.parameters).map(([name, { path, ...rest }]) => [
      name,
      path === undefined || own.includes(path) ? rest : { ...rest, path },
    ]),
  );
  return { ...study, parameters, arms: Object.fromEntries(Object.entries(study.arms).map(([name, arm]) => [name, shortened(arm)])) };
}
