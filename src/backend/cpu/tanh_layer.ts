import type { FurtherKernels } from '../backend.ts';
import { floats } from './storage.ts';

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
