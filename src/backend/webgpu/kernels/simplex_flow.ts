import type { FurtherKernels } from '../../backend.ts';
import { simplexFlow as shader } from '../generated/simplex_flow.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchSimplexFlow(recorder: Recorder, task: Parameters<FurtherKernels['simplexFlow']>[0]): void {
  const { starts, steps, tokens, chosen, rejected, size, byLength, drawn, objective } = task;
  recorder.dispatch(shader, 'simplex_flow', {
    params: {
      starts,
      steps,
      tokens,
      inputs: objective.inputs.length,
      chosen,
      rejected,
      size,
      by_length: Number(byLength),
      drawn: Number(drawn !== null),
      mixture: drawn?.mixture ?? 0,
    },
    bindings: {
      gram: task.gram,
      plan: task.plan,
      known: task.known,
      objective_parameters: task.objectiveParameters,
      logits: task.logits,
      lines: task.lines,
    },
    slots: { objective: objective.wgsl },
    invocations: starts,
  });
}
