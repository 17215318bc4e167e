import type { Backend, Storage } from '../../src/backend/backend.ts';
import { openDevice } from '../../src/backend/webgpu/device.ts';
import { resolveObjective } from '../../src/objectives/resolve.ts';
import { normalRows } from '../gpu/rows.ts';
import copyShader from './copy.wgsl?raw';

/** One thing to time: `enqueue` issues the work once, `done` resolves when all issued work has finished. */
export interface Contestant {
  /** fewest bytes that the work can move */
  bytes: number;
  enqueue(): void;
  done(): Promise<void>;
  dispose(): void;
}

export interface Shape {
  kernel: 'log_softmax' | 'sequence_logps' | 'preference_gradients';
  /** [rows, V] or [B, T, V] */
  sizes: readonly number[];
}

export const shapes: readonly Shape[] = [
  { kernel: 'log_softmax', sizes: [4096, 8] },
  { kernel: 'log_softmax', sizes: [4096, 64] },
  { kernel: 'log_softmax', sizes: [1024, 1024] },
  { kernel: 'log_softmax', sizes: [64, 32768] },
  { kernel: 'log_softmax', sizes: [8, 131072] },
  { kernel: 'sequence_logps', sizes: [8, 64, 4096] },
  { kernel: 'sequence_logps', sizes: [2, 32, 32768] },
  { kernel: 'preference_gradients', sizes: [8, 32, 4096] },
  { kernel: 'preference_gradients', sizes: [64, 8, 512] },
];

const elements = ({ sizes }: Shape): number => sizes.reduce((product, size) => product * size, 1);

/** Storages that are freed together. */
class Owner {
  readonly #backend: Backend;
  readonly #owned: Storage[] = [];
  constructor(backend: Backend) {
    this.#backend = backend;
  }
  upload(data: Float32Array | Uint32Array): Storage {
    const storage = this.#backend.upload(data);
    this.#owned.push(storage);
    return storage;
  }
  allocate(length: number): Storage {
    const storage = this.#backend.allocate('float', length, 'undefined');
    this.#owned.push(storage);
    return storage;
  }
  dispose(): void {
    for (const storage of this.#owned) storage.dispose();
  }
}

/** The kernel on resident inputs of one shape. */
export function kernelContestant(backend: Backend, shape: Shape): Contestant {
  const owner = new Owner(backend);
  const count = elements(shape);
  const common = { done: () => backend.done(), dispose: () => owner.dispose() };
  const columns = shape.sizes.at(-1) ?? 1;
  const rows = count / columns;
  if (shape.kernel === 'log_softmax') {
    const task = { rows, columns, logits: owner.upload(normalRows(rows, columns, 1)), logProbs: owner.allocate(count) };
    return { ...common, bytes: 8 * count, enqueue: () => backend.logSoftmax(task) };
  }
  const [sequences = 1, positions = 1] = shape.sizes;
  const side = (seed: number) => ({
    task: {
      sequences,
      positions,
      columns,
      logits: owner.upload(normalRows(rows, columns, seed)),
      tokens: owner.upload(Uint32Array.from({ length: rows }, (_, row) => (row * 7919) % columns)),
      mask: owner.upload(new Uint32Array(rows).fill(1)),
      stats: owner.allocate(2 * rows),
    },
    logps: owner.allocate(sequences),
  });
  const computeLogps = ({ task, logps }: ReturnType<typeof side>) => {
    backend.logSumExp({ rows, ...task });
    backend.sequenceLogps({ ...task, logps });
  };
  const chosen = side(1);
  if (shape.kernel === 'sequence_logps') return { ...common, bytes: 4 * count, enqueue: () => computeLogps(chosen) };

  const rejected = side(2);
  const objective = resolveObjective({ name: 'dpo', params: { beta: 0.1 } });
  const loss = {
    pairs: sequences,
    objective,
    objectiveParameters: owner.upload(Float32Array.from(objective.parameterValues)),
    chosenLogps: chosen.logps,
    rejectedLogps: rejected.logps,
    pairInputs: owner.upload(new Float32Array(sequences * objective.inputs.length)),
    weights: owner.upload(new Float32Array(sequences).fill(1)),
    losses: owner.allocate(sequences),
    slopes: owner.allocate(2 * sequences),
  };
  const gradients = [owner.allocate(count), owner.allocate(count)] as const;
  return {
    ...common,
    bytes: 2 * 12 * count, // two sides: logits read twice, gradients written once
    enqueue: () => {
      computeLogps(chosen);
      computeLogps(rejected);
      backend.pairLosses(loss);
      backend.preferenceGradients({ ...chosen.task, side: 'chosen', slopes: loss.slopes, gradient: gradients[0] });
      backend.preferenceGradients({ ...rejected.task, side: 'rejected', slopes: loss.slopes, gradient: gradients[1] });
    },
  };
}

/** Copies as many numbers as the shape has, on a device of its own. */
export async function copyContestant(shape: Shape): Promise<Contestant> {
  const { device } = await openDevice();
  const count = elements(shape);
  const size = 16 * Math.ceil(count / 4);
  const [source, target] = [0, 1].map(() => device.createBuffer({ label: 'Copy', size, usage: GPUBufferUsage.STORAGE }));
  if (!source || !target) throw new Error('No buffers to copy between.');
  const pipeline = device.createComputePipeline({
    label: 'copy',
    layout: 'auto',
    compute: { module: device.createShaderModule({ label: 'copy', code: copyShader }) },
  });
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [source, target].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const workgroups = Math.ceil(size / 16 / 256);
  return {
    bytes: 2 * size,
    enqueue: () => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(Math.min(workgroups, 65535), Math.ceil(workgroups / 65535));
      pass.end();
      device.queue.submit([encoder.finish()]);
    },
    done: () => device.queue.onSubmittedWorkDone().then(() => undefined),
    dispose: () => device.destroy(),
  };
}
