import type { RecordedStep, RunOptions, Trajectory } from '../core/experiment.ts';
import { nextTask } from './next-task.ts';
import type { TrainingRun } from './run.ts';

/** How long one slice of a run may take before the caller hears of it, in milliseconds. */
const sliceTime = 25;

/** Steps that draw a readable curve: 0, 1, 2, 5, 10, 20, 50, ... and the last. */
export function readableSteps(last: number): number[] {
  const steps = [0];
  for (let decade = 1; decade <= last; decade *= 10)
    steps.push(...[1, 2, 5].map((factor) => factor * decade).filter((step) => step <= last));
  if (steps.at(-1) !== last) steps.push(last);
  return steps;
}

/** Drives a fresh run to its end in slices, with progress and cancellation between them; `recorded` are the steps that are wanted of it. */
export async function trainRun(
  run: TrainingRun,
  { signal, onProgress }: RunOptions = {},
  recorded = run.experiment.record,
): Promise<Trajectory> {
  const total = run.experiment.optimizer.steps;
  const record = [...new Set(recorded ?? readableSteps(total))].sort((a, b) => a - b);
  const steps: RecordedStep[] = [];
  let slice = 1;
  do {
    signal?.throwIfAborted();
    const updates = Math.min(slice, total - run.step);
    const from = run.step;
    // A step on the border of two slices is recorded by the first that reaches it.
    const due = record.filter((step) => step <= from + updates && (step > from || from === 0));
    const began = performance.now();
    steps.push(...(await run.advance(updates, due)));
    if (performance.now() - began < sliceTime / 2) slice *= 2;
    else if (performance.now() - began > sliceTime && slice > 1) slice = Math.floor(slice / 2);
    onProgress?.(run.step, total);
    if (run.step < total) await nextTask();
  } while (run.step < total);
  return { steps, final: await run.parameters() };
}
