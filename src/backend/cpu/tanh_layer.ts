import type { FurtherKernels } from '../backend.ts';
import { floats, indices } from './storage.ts';

/** Twin of `tanh_layer_forward` in shaders/tanh_layer.wgsl. */
export const tanhLayer: FurtherKernels['tanhLayer'] = ({ contexts, width, units, inputs, weights, active }) => {
  const [x, w, out] = [floats(inputs), floats(weights), floats(active)];
  for (let context = 0; context < contexts; context++) {
    for (let unit = 0; unit < units; unit++) {
      let total = 0;
      for (let i = 0; i < width; i++) total += (w[unit * width + i] as number) * (x[context * width + i] as number);
      out[context * (units + 1) + unit] = Math.tanh(total);
    }
    out[context * (units + 1) + units] = 1;
  }
};

/** Twin of `tanh_layer_gradient` in shaders/tanh_layer.wgsl. */
export const tanhLayerGradient: FurtherKernels['tanhLayerGradient'] = (task) => {
  const { contexts, width, units } = task;
  const [x, a, by, out] = [floats(task.inputs), floats(task.active), floats(task.activeGradient), floats(task.gradient)];
  for (let unit = 0; unit < units; unit++)
    for (let i = 0; i < width; i++) {
      let total = 0;
      for (let context = 0; context < contexts; context++) {
        const at = context * (units + 1) + unit;
        total += (by[at] as number) * ((1 - (a[at] as number)) * (1 + (a[at] as number))) * (x[context * width + i] as number);
      }
      out[unit * width + i] = total;
    }
};

/** Twin of `tanh_layer_slopes` in shaders/tanh_layer.wgsl. */
export const tanhLayerSlopes: FurtherKernels['tanhLayerSlopes'] = (task) => {
  const { width, units, columns, sequences, side } = task;
  const [x, a, w, r] = [floats(task.inputs), floats(task.active), floats(task.outputs), floats(task.residuals)];
  const [context, weights, slopes] = [indices(task.contexts), floats(task.weights), floats(task.slopes)];
  const squares = (values: Float64Array, from: number, count: number) =>
    values.subarray(from, from + count).reduce((sum, value) => sum + value * value, 0);
  for (let sequence = 0; sequence < sequences; sequence++) {
    const at = context[sequence] as number;
    let byUnits = 0;
    for (let unit = 0; unit < units; unit++) {
      const active = a[at * (units + 1) + unit] as number;
      let pull = 0;
      for (let v = 0; v < columns; v++) pull += (r[sequence * columns + v] as number) * (w[v * (units + 1) + unit] as number);
      byUnits += (pull * ((1 - active) * (1 + active))) ** 2;
    }
    const byLogits = squares(r, sequence * columns, columns) * (1 + squares(a, at * (units + 1), units));
    const lengthSquared = byLogits + byUnits * squares(x, at * width, width);
    const share = (weights[sequence] as number) / sequences;
    const slope = (side === 'rejected' ? share : -share) / Math.sqrt(lengthSquared);
    slopes[(side === 'rejected' ? sequences : 0) + sequence] = lengthSquared === 0 ? 0 : slope;
  }
};
