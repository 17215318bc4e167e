import { PrefscopeError } from '../../core/errors.ts';
import type { Experiment, PairDiagnosis, Parameters, RecordedStep } from '../../core/experiment.ts';
import type { FlowExperiment, FlowLines } from '../../core/flow.ts';
import type { OnPolicyExperiment, OnPolicyRound } from '../../core/on-policy.ts';
import type { Trial, TrialExperiment } from '../../core/trial.ts';
import type { Engine } from '../../train/engine.ts';
import { logpsOf, type Work } from './engine-comparison.ts';
import type { Suspect } from './suspect-trial.ts';

/** The GPU gave NaN or an infinity where the float64 CPU engine has numbers. */
export class NumbersError extends PrefscopeError {
  override readonly name = 'NumbersError';
}

/** What the CPU engine is asked to do again takes a moment at most: a GPU that computes wrongly shows it in the first states. */
const latestStep = 500;
/** Log-probs beyond this are about to overflow on any engine, in nats. */
const moderate = 1e4;

const hasNoNumber = (logps: readonly number[]): boolean => !logps.every(Number.isFinite);

/** The first of these states in which a log-prob is no finite number, if it is early enough to be checked. */
export const suspectOf = (steps: readonly RecordedStep[]): RecordedStep | undefined =>
  steps.find((step) => step.step <= latestStep && hasNoNumber(logpsOf(step)));

/** Work whose numbers are checked: also some that no comparison does again. */
export type CheckedWork =
  | Work
  | { readonly kind: 'rounds'; readonly experiment: OnPolicyExperiment; readonly rounds: readonly OnPolicyRound[] }
  | { readonly kind: 'flow'; readonly experiment: FlowExperiment; readonly lines: FlowLines }
  | {
      readonly kind: 'diagnosis';
      readonly experiment: Experiment;
      readonly parameters?: Parameters;
      readonly pairs: readonly PairDiagnosis[];
    }
  | { readonly kind: 'trials'; readonly experiments: readonly TrialExperiment[]; readonly trials: readonly Trial[] };

type Twin = Pick<Engine, 'startRun' | 'matchTarget' | 'sweep' | 'trials' | 'trainOnPolicy' | 'flow' | 'diagnose'>;

type OfKind<Kind extends CheckedWork['kind']> = Extract<CheckedWork, { kind: Kind }>;
/** How each kind of work is done again as far as something looks wrong; null where nothing does. */
const suspects: { readonly [Kind in CheckedWork['kind']]: (work: OfKind<Kind>, openTwin: () => Promise<Twin>) => Promise<Suspect | null> } =
  {
    async run(work, openTwin) {
      const step = suspectOf([work.step]);
      if (!step) return null;
      const run = await (await openTwin()).startRun(work.experiment);
      const [again] = await run.advance(step.step, [step.step]).finally(() => run.dispose());
      return again ? { actual: logpsOf(step), expected: logpsOf(again), where: `step ${step.step}` } : null;
    },

    async descent({ experiment, steps }, openTwin) {
      const at = steps.find(({ step, outcomeLogps }) => step <= latestStep && hasNoNumber(outcomeLogps));
      if (!at) return null;
      const optimizer = { ...experiment.optimizer, steps: Math.max(1, at.step) };
      const repeated = await (await openTwin()).matchTarget({ ...experiment, optimizer, record: [at.step] });
      const again = repeated.steps.find(({ step }) => step === at.step);
      return again ? { actual: at.outcomeLogps, expected: again.outcomeLogps, where: `step ${at.step}` } : null;
    },

    async sweep({ sweep, result }, openTwin) {
      // Some runs of a map diverge on every engine; where all have, one of them is done again.
      if (result.runs === 0 || result.finished.some((runs, cell) => runs !== result.diverged[cell])) return null;
      if (sweep.experiment.optimizer.steps > latestStep) return null;
      const { resume: _, perSeed: __, ...plain } = sweep;
      const first = (axis: typeof sweep.x) => ({ ...axis, values: axis.values.slice(0, 1) });
      const again = await (await openTwin()).sweep({ ...plain, seeds: 1, x: first(sweep.x), y: first(sweep.y) });
      return {
        actual: [Number.NaN],
        expected: again.diverged[0] ? [Number.NaN] : again.chosenLogpChange,
        where: 'the first run of the map',
      };
    },

    trials: async (work, openTwin) => (await import('./suspect-trial.ts')).suspectTrial(work, latestStep, openTwin),

    async rounds({ experiment, rounds }, openTwin) {
      const at = rounds.find(({ updates, outcomeLogps }) => updates <= latestStep && hasNoNumber(outcomeLogps));
      if (!at) return null;
      const sampling = { ...experiment.sampling, rounds: Math.max(1, at.round) };
      const again = (await (await openTwin()).trainOnPolicy({ ...experiment, sampling })).rounds[at.round];
      return again ? { actual: at.outcomeLogps, expected: again.outcomeLogps, where: `round ${at.round}` } : null;
    },

    async flow({ experiment, lines }, openTwin) {
      // Single lines end where the objective has no finite slope, and rounding decides where; where all do, the first is done again.
      const { starts } = lines;
      const bad = lines.chosenRate.findIndex((rate, point) => point % starts === 0 && !Number.isFinite(rate)) / starts;
      if (bad < 0 || bad > latestStep) return null;
      const ended = lines.chosenRate.subarray(bad * starts, (bad + 1) * starts);
      if (ended.some(Number.isFinite)) return null;
      const tokens = experiment.starts.length / starts;
      const again = await (await openTwin()).flow({ ...experiment, starts: Array.from(experiment.starts).slice(0, tokens), steps: bad });
      return { actual: [Number.NaN], expected: again.chosenRate.slice(bad), where: `point ${bad} of the first line` };
    },

    async diagnosis({ experiment, parameters, pairs }, openTwin) {
      // A cosine is NaN where a gradient vanishes: it is left out.
      const numbers = (all: readonly PairDiagnosis[]) =>
        all.flatMap((one) => [one.chosenGradNormSq, one.rejectedGradNormSq, one.innerProduct, one.chosenRate, one.rejectedRate]);
      const actual = numbers(pairs);
      if (!hasNoNumber(actual)) return null;
      return { actual, expected: numbers(await (await openTwin()).diagnose(experiment, parameters)), where: 'the gradients of the pairs' };
    },
  };

/** Rejects with a NumbersError where the GPU's work has NaN or infinities in its first states and the CPU engine's has numbers there. */
export async function assertNumbers(work: CheckedWork, openTwin: () => Promise<Twin>): Promise<void> {
  const suspect = suspects[work.kind] as (work: CheckedWork, openTwin: () => Promise<Twin>) => Promise<Suspect | null>;
  const found = await suspect(work, openTwin).catch(() => null); // where the CPU engine fails, nothing is known of the GPU
  if (!found) return;
  const { actual, expected, where } = found;
  const differing = Array.from(actual).flatMap((number, i) =>
    Object.is(number, expected[i]) ? [] : [{ number, other: expected[i] ?? Number.NaN }],
  );
  // One number beyond the range is enough: the others of that state may well be 0 in float64 and NaN in float32.
  if (differing.some(({ other }) => !(Math.abs(other) < moderate))) return;
  if (differing.some(({ number }) => !Number.isFinite(number)))
    throw new NumbersError(
      `At ${where} it gave NaN or infinity where the float64 CPU engine has finite numbers: a fault of the GPU or its driver, or a number beyond float32’s range.`,
    );
}
