import type { Backend } from '../backend.ts';
import { floats, indices } from './storage.ts';

/** Twin of `policy_features_logits` in shaders/policy_features.wgsl. */
export const featuresLogits: Backend['featuresLogits'] = ({ rows, columns, dimensions, hidden, unembedding, contexts, logits }) => {
  const h = floats(hidden);
  const w = floats(unembedding);
  const context = indices(contexts);
  const out = floats(logits);
  for (let row = 0; row < rows; row++) {
    const from = (context[row] as number) * dimensions;
    for (let v = 0; v < columns; v++) {
      let logit = 0;
      for (let k = 0; k < dimensions; k++) logit += (w[v * dimensions + k] as number) * (h[from + k] as number);
      out[row * columns + v] = logit;
    }
  }
};

/** Twin of `policy_features_hidden_gradient` in shaders/policy_features.wgsl. */
export const hiddenGradient: Backend['hiddenGradient'] = (task) => {
  const { contexts, dimensions, columns, chosenRows } = task;
  const chosen = floats(task.chosenGradient);
  const rejected = floats(task.rejectedGradient);
  const offsets = indices(task.members.offsets);
  const member = indices(task.members.rows);
  const w = floats(task.unembedding);
  const out = floats(task.gradient);
  for (let context = 0; context < contexts; context++) {
    for (let k = 0; k < dimensions; k++) {
      let total = 0;
      for (let i = offsets[context] as number; i < (offsets[context + 1] as number); i++) {
        const row = member[i] as number;
        const side = row < chosenRows ? chosen : rejected;
        const first = (row < chosenRows ? row : row - chosenRows) * columns;
        for (let v = 0; v < columns; v++) total += (side[first + v] as number) * (w[v * dimensions + k] as number);
      }
      out[context * dimensions + k] = total;
    }
  }
};

/** Twin of `policy_features_unembedding_gradient` in shaders/policy_features.wgsl. */
export const unembeddingGradient: Backend['unembeddingGradient'] = (task) => {
  const { dimensions, columns, chosenRows, members } = task;
  const chosen = floats(task.chosenGradient);
  const rejected = floats(task.rejectedGradient);
  const member = indices(members.rows);
  const context = indices(members.contexts);
  const h = floats(task.hidden);
  const out = floats(task.gradient);
  for (let v = 0; v < columns; v++) {
    for (let k = 0; k < dimensions; k++) {
      let total = 0;
      for (let i = 0; i < members.count; i++) {
        const row = member[i] as number;
        const side = row < chosenRows ? chosen : rejected;
        const first = (row < chosenRows ? row : row - chosenRows) * columns;
        total += (side[first + v] as number) * (h[(context[i] as number) * dimensions + k] as number);
      }
      out[v * dimensions + k] = total;
    }
  }
};
