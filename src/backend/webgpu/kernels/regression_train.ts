import type { FurtherKernels, RegressionsTask } from '../../backend.ts';
import { regressionWgsl } from '../../regression-wgsl.ts';
import { regressionTrain as shader } from '../generated/regression_train.ts';
import type { Recorder } from '../recorder.ts';

const slotsOf = ({ shape, objective }: Pick<RegressionsTask, 'shape' | 'objective'>) => ({
  regression_shape: regressionWgsl(shape),
  objective: objective.wgsl,
});

/** Training and its outcome, compiled side by side. */
export const prepareRegressions = (recorder: Recorder, task: Parameters<FurtherKernels['prepareRegressions']>[0]): Promise<void> =>
  recorder.prepare(shader, ['regression_train', 'regression_train_outcome'], slotsOf(task));

export function dispatchRegressionTrain(recorder: Recorder, task: Parameters<FurtherKernels['regressionTrain']>[0]): void {
  const { runs, firstStep, updates, plan, numbers, settings, initial, state } = task;
  recorder.dispatch(shader, 'regression_train', {
    params: { runs, first_step: firstStep, updates },
    bindings: { plan, numbers, settings, initial, state },
    slots: slotsOf(task),
    workgroups: runs,
  });
}

export function dispatchRegressionOutcome(recorder: Recorder, task: Parameters<FurtherKernels['regressionOutcome']>[0]): void {
  const { runs, plan, numbers, settings, state, outcomes } = task;
  recorder.dispatch(shader, 'regression_train_outcome', {
    params: { runs, first_step: 0, updates: 0 },
    bindings: { plan, numbers, settings, state, outcomes },
    slots: slotsOf(task),
    workgroups: runs,
  });
}
