import type { Backend } from '../../backend.ts';
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

export function dispatchHiddenGradient(recorder: Recorder, task: Parameters<Backend['hiddenGradient']>[0]): void {
  const { contexts, sharing, dimensions, columns, chosenRows, chosenGradient, rejectedGradient, members, unembedding, gradient } = task;
  recorder.dispatch(shader, 'policy_features_hidden_gradient', {
    params: { rows: 0, columns, dimensions, contexts, sharing, chosen_rows: chosenRows },
    bindings: {
      unembedding,
      offsets: members.offsets,
      members: members.rows,
      chosen_gradient: chosenGradient,
      rejected_gradient: rejectedGradient,
      hidden_gradient: gradient,
    },
    invocations: contexts * dimensions,
  });
}

export function dispatchUnembeddingGradient(recorder: Recorder, task: Parameters<Backend['unembeddingGradient']>[0]): void {
  const { contexts, sharing, dimensions, columns, chosenRows, chosenGradient, rejectedGradient, members, hidden, gradient } = task;
  recorder.dispatch(shader, 'policy_features_unembedding_gradient', {
    params: { rows: 0, columns, dimensions, contexts, sharing, chosen_rows: chosenRows },
    bindings: {
      hidden,
      offsets: members.offsets,
      members: members.rows,
      chosen_gradient: chosenGradient,
      rejected_gradient: rejectedGradient,
      unembedding_gradient: gradient,
    },
    invocations: (contexts / sharing) * columns * dimensions,
  });
}
