import type { EnsembleTask, FurtherKernels } from '../../backend.ts';
import { ensembleWgsl } from '../../ensemble-wgsl.ts';
import { ensembleTrain as shader } from '../generated/ensemble_train.ts';
import type { Recorder } from '../recorder.ts';

const slotsOf = ({ shape, objective }: Pick<EnsembleTask, 'shape' | 'objective'>) => ({
  ensemble_shape: ensembleWgsl(shape),
  objective: objective.wgsl,
});

function common({ shape, runs, plan, numbers, settings, initial, state, objective }: EnsembleTask) {
  return {
    bindings: { plan, numbers, settings, initial, state },
    slots: slotsOf({ shape, objective }),
    invocations: runs,
  };
}

/** Training and measuring, compiled side by side. */
export const prepareEnsemble = (recorder: Recorder, task: Parameters<FurtherKernels['prepareEnsemble']>[0]): Promise<void> =>
  recorder.prepare(shader, ['ensemble_train', 'ensemble_train_measure'], slotsOf(task));

export function dispatchEnsembleTrain(recorder: Recorder, task: Parameters<FurtherKernels['ensembleTrain']>[0]): void {
  const { runs, firstStep, updates } = task;
  recorder.dispatch(shader, 'ensemble_train', { ...common(task), params: { runs, first_step: firstStep, updates } });
}

export function dispatchEnsembleMeasure(recorder: Recorder, task: Parameters<FurtherKernels['ensembleMeasure']>[0]): void {
  const { bindings, ...rest } = common(task);
  recorder.dispatch(shader, 'ensemble_train_measure', {
    ...rest,
    bindings: { ...bindings, metrics: task.metrics },
    params: { runs: task.runs, first_step: 0, updates: 0 },
  });
}
