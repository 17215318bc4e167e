import type { FurtherKernels } from '../../backend.ts';
import { tanhLayer as shader } from '../generated/tanh_layer.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchTanhLayer(recorder: Recorder, task: Parameters<FurtherKernels['tanhLayer']>[0]): void {
  const { contexts, width, units, inputs, weights, active } = task;
  recorder.dispatch(shader, 'tanh_layer_forward', {
    params: { contexts, width, units, columns: 0, sequences: 0, side: 0 },
    bindings: { inputs, weights, results: active },
    invocations: contexts * (units + 1),
  });
}

export function dispatchTanhLayerGradient(recorder: Recorder, task: Parameters<FurtherKernels['tanhLayerGradient']>[0]): void {
  const { contexts, width, units, inputs, active, activeGradient, gradient } = task;
  recorder.dispatch(shader, 'tanh_layer_gradient', {
    params: { contexts, width, units, columns: 0, sequences: 0, side: 0 },
    bindings: { inputs, given_results: active, result_gradient: activeGradient, gradient },
    invocations: units * width,
  });
}

export function dispatchTanhLayerSlopes(recorder: Recorder, task: Parameters<FurtherKernels['tanhLayerSlopes']>[0]): void {
  const { width, units, columns, sequences, side, inputs, active, outputs, residuals, contexts, weights, slopes } = task;
  recorder.dispatch(shader, 'tanh_layer_slopes', {
    params: { contexts: 0, width, units, columns, sequences, side: side === 'rejected' ? 1 : 0 },
    bindings: { inputs, given_results: active, outputs, residuals, row_contexts: contexts, pair_weights: weights, slopes },
    invocations: sequences,
  });
}
