import type { Backend, FeaturesGradientTask } from '../../backend.ts';
import { policyFeatures as shader } from '../generated/policy_features.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchFeaturesLogits(recorder: Recorder, task: Parameters<Backend['featuresLogits']>[0]): void {
  const { rows, columns, dimensions, sharing, hidden, unembedding, contexts, logits } = task;
  recorder.dispatch(shader, 'policy_features_logits', {
    params: { rows, columns, dimensions, contexts: 0, sharing, chosen_rows: 0 },
    bindings: { hidden, unembedding, row_contexts: contexts, logits },
    invocations: rows * columns,
  });
}

/** What both gradients read. */
const shared = ({
  contexts,
  sharing,
  dimensions,
  columns,
  chosenRows,
  chosenGradient,
  rejectedGradient,
  members,
}: FeaturesGradientTask) => ({
  params: { rows: 0, columns, dimensions, contexts, sharing, chosen_rows: chosenRows },
  bindings: { offsets: members.offsets, members: members.rows, chosen_gradient: chosenGradient, rejected_gradient: rejectedGradient },
});

export function dispatchHiddenGradient(recorder: Recorder, task: Parameters<Backend['hiddenGradient']>[0]): void {
  const { params, bindings } = shared(task);
  recorder.dispatch(shader, 'policy_features_hidden_gradient', {
    params,
    bindings: { ...bindings, unembedding: task.unembedding, hidden_gradient: task.gradient },
    invocations: params.contexts * params.dimensions,
  });
}

export function dispatchUnembeddingGradient(recorder: Recorder, task: Parameters<Backend['unembeddingGradient']>[0]): void {
  const { params, bindings } = shared(task);
  recorder.dispatch(shader, 'policy_features_unembedding_gradient', {
    params,
    bindings: { ...bindings, hidden: task.hidden, unembedding_gradient: task.gradient },
    invocations: (params.contexts / params.sharing) * params.columns * params.dimensions,
  });
}
