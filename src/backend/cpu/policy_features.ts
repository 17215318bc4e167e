import type { Backend } from '../backend.ts';
import { floats, indices } from './storage.ts';

/** Twin of `policy_features_logits` in shaders/policy_features.wgsl. */
export const featuresLogits: Backend['featuresLogits'] = ({
  rows,
  columns,
  dimensions,
  sharing,
  hidden,
  unembedding,
  contexts,
  logits,
}) => {
  const h = floats(hidden);
  const w = floats(unembedding);
  const context = indices(contexts);
  const out = floats(logits);
  for (let row = 0; row < rows; row++) {
    const from = (context[row] as number) * dimensions;
    const own = Math.floor((context[row] as number) / sharing) * columns * dimensions;
    for (let v = 0; v < columns; v++) {
      let logit = 0;
      for (let k = 0; k < dimensions; k++) logit += (w[own + v * dimensions + k] as number) * (h[from + k] as number);
      out[row * columns + v] = logit;
    }
  }
};

/** Twin of `policy_features_hidden_gradient` in shaders/policy_features.wgsl. */
export const hiddenGradient: Backend['hiddenGradient'] = (task) => {
  const { contexts, sharing, dimensions, columns, chosenRows } = task;
  const chosen = floats(task.chosenGradient);
  const rejected = floats(task.rejectedGradient);
  const offsets = indices(task.members.offsets);
  const member = indices(task.members.rows);
  const w = floats(task.unembedding);
  const out = floats(task.gradient);
  for (let context = 0; context < contexts; context++) {
    const own = Math.floor(context / sharing) * columns * dimensions;
    for (let k = 0; k < dimensions; k++) {
      let total = 0;
      for (let i = offsets[context] as number; i < (offsets[context + 1] as number); i++) {
        const row = member[i] as number;
        const side = row < chosenRows ? chosen : rejected;
        const first = (row < chosenRows ? row : row - chosenRows) * columns;
        for (let v = 0; v < columns; v++) total += (side[first + v] as number) * (w[own + v * dimensions + k] as number);
      }
      out[context * dimensions + k] = total;
    }
  }
};

/** Twin of `policy_features_unembedding_gradient` in shaders/policy_features.wgsl. */
export const unembeddingGradient: Backend['unembeddingGradient'] = (task) => {
  const { contexts, sharing, dimensions, columns, chosenRows, members } = task;
  const chosen = floats(task.chosenGradient);
  const rejected = floats(task.rejectedGradient);
  const member = indices(members.rows);
  const offsets = indices(members.offsets);
  const h = floats(task.hidden);
  const out = floats(task.gradient);
  for (let row = 0; row < (contexts / sharing) * columns; row++) {
    const from = Math.floor(row / columns) * sharing;
    for (let k = 0; k < dimensions; k++) {
      let total = 0;
      for (let context = from; context < from + sharing; context++) {
        for (let i = offsets[context] as number; i < (offsets[context + 1] as number); i++) {
          const position = member[i] as number;
          const side = position < chosenRows ? chosen : rejected;
          const first = (position < chosenRows ? position : position - chosenRows) * columns;
          total += (side[first + (row % columns)] as number) * (h[context * dimensions + k] as number);
        }
      }
      out[row * dimensions + k] = total;
    }
  }
};
