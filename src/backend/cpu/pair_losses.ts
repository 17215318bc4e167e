import type { Backend } from '../backend.ts';
import { floats } from './storage.ts';

/** Twin of shaders/pair_losses.wgsl. */
export const pairLosses: Backend['pairLosses'] = (task) => {
  const { pairs, objective } = task;
  const chosen = floats(task.chosenLogps);
  const rejected = floats(task.rejectedLogps);
  const inputs = floats(task.pairInputs);
  const weight = floats(task.weights);
  const losses = floats(task.losses);
  const slopes = floats(task.slopes);
  for (let pair = 0; pair < pairs; pair++) {
    const first = pair * objective.inputs.length;
    const value = objective.evaluate(
      chosen[pair] as number,
      rejected[pair] as number,
      inputs.subarray(first, first + objective.inputs.length),
    );
    const share = (weight[pair] as number) / pairs;
    losses[pair] = value.loss;
    slopes[pair] = value.byChosen * share;
    slopes[pairs + pair] = value.byRejected * share;
  }
};
