import type { FurtherKernels } from '../../backend.ts';
import { tanhLayer as shader } from '../generated/tanh_layer.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchTanhLayer(recorder: Recorder, task: Parameters<FurtherKernels['tanhLayer']>[0]): void {
  const { contexts, width, units, inputs, weights, active } = task;
  recorder.dispatch(shader, 'tanh_layer_forward', {
    params: { contexts, width, units },
    bindings: { inputs, weights, results: active },
    invocations: contexts * (units + 1),
  });
}

export function dispatchTanhLayerGradient(recorder: Recorder, task: Parameters<FurtherKernels['tanhLayerGradient']>[0]): void {
  const { contexts, width, units, inputs, active, activeGradient, gradient } = task;
  recorder.dispatch(shader, 'tanh_layer_gradient', {
    params: { contexts, width, units },
    bindings: { inputs, given_results: active, result_gradient: activeGradient, gradient },
    invocations: units * width,
  });
}
