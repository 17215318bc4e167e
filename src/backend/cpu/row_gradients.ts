import type { FurtherKernels } from '../backend.ts';
import { logSumExp } from './log_sum_exp.ts';
import { preferenceGradients } from './preference_gradients.ts';

/** Twin of shaders/row_gradients.wgsl. */
export const rowGradients: FurtherKernels['rowGradients'] = (task) => {
  logSumExp({ rows: task.sequences * task.positions, ...task });
  preferenceGradients(task);
};
