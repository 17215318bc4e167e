import { PrefscopeError } from '../../core/errors.ts';
import type { RecordedStep } from '../../core/experiment.ts';
import type { Engine } from '../../train/engine.ts';
import { logpsOf, type Work } from './engine-comparison.ts';

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

/** [the same numbers] of the work on the GPU and of the work done again; null where nothing looks wrong. */
async function suspects(
  work: Work,
  openTwin: () => Promise<Pick<Engine, 'startRun' | 'matchTarget' | 'sweep'>>,
): Promise<{ actual: readonly number[]; expected: ArrayLike<number>; where: string } | null> {
  if (work.kind === 'run') {
    const step = suspectOf([work.step]);
    if (!step) return null;
    const run = await (await openTwin()).startRun(work.experiment);
    const [again] = await run.advance(step.step, [step.step]).finally(() => run.dispose());
    return again ? { actual: logpsOf(step), expected: logpsOf(again), where: `step ${step.step}` } : null;
  }
  if (work.kind === 'descent') {
    const at = work.steps.find(({ step, outcomeLogps }) => step <= latestStep && hasNoNumber(outcomeLogps));
    if (!at) return null;
    const { experiment } = work;
    const optimizer = { ...experiment.optimizer, steps: Math.max(1, at.step) };
    const { steps } = await (await openTwin()).matchTarget({ ...experiment, optimizer, record: [at.step] });
    const again = steps.find(({ step }) => step === at.step);
    return again ? { actual: at.outcomeLogps, expected: again.outcomeLogps, where: `step ${at.step}` } : null;
  }
  const { sweep, result } = work;
  // Some runs of a map diverge on every engine; where all have, one of them is done again.
  if (result.runs === 0 || result.finished.some((runs, cell) => runs !== result.diverged[cell])) return null;
  if (sweep.experiment.optimizer.steps > latestStep) return null;
  const { resume: _, perSeed: __, ...plain } = sweep;
  const first = (axis: typeof sweep.x) => ({ ...axis, values: axis.values.slice(0, 1) });
  const again = await (await openTwin()).sweep({ ...plain, seeds: 1, x: first(sweep.x), y: first(sweep.y) });
  return { actual: [Number.NaN], expected: again.diverged[0] ? [Number.NaN] : again.chosenLogpChange, where: 'the first run of the map' };
}

/** Rejects with a NumbersError where the GPU's work has NaN or infinities in its first states and the CPU engine's has numbers there. */
export async function assertNumbers(work: Work, openTwin: Parameters<typeof suspects>[1]): Promise<void> {
  const found = await suspects(work, openTwin).catch(() => null); // where the CPU engine fails, nothing is known of the GPU
  if (found?.actual.some((logp, i) => !Number.isFinite(logp) && Math.abs(found.expected[i] ?? Number.NaN) < moderate))
    throw new NumbersError(
      `At ${found.where} it gave NaN or infinity where the float64 CPU engine has finite numbers: a fault of the GPU or its driver, or a number beyond float32’s range.`,
    );
}
