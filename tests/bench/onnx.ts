import type { Contestant, Prepared, Results, Way } from './contestant.ts';
import { type Graph, type Node, onnxModel, type TensorType } from './onnx-model.ts';
import type { GradientsTask, LogpsTask, Side, Task } from './tasks.ts';

// ONNX Runtime Web is installed on demand, so its types are not there to import: what is used of it.
interface Tensor {
  getData(): Promise<ArrayLike<number>>;
  dispose(): void;
}
interface Session {
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}
interface OnnxRuntime {
  env: { logLevel: string; wasm: { wasmPaths: string }; webgpu: { device: Promise<GPUDevice> } };
  InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  Tensor: {
    new (type: string, data: ArrayBufferView, dims: readonly number[]): Tensor;
    fromGpuBuffer(buffer: GPUBuffer, options: { dataType: string; dims: readonly number[] }): Tensor;
  };
}

type Data = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
type Input = TensorType & { data: Data };

const node = (operator: string, inputs: string[], outputs: string[], attributes: Node['attributes'] = {}): Node => ({
  operator,
  inputs,
  outputs,
  attributes,
});

/** log-sum-exp of `x` over its last axis as `<prefix>total`, with what a softmax needs on the way. */
const logSumExp = (x: string, prefix = ''): Node[] => [
  node('ReduceMax', [x], [`${prefix}peak`], { axes: [-1], keepdims: 1 }),
  node('Sub', [x, `${prefix}peak`], [`${prefix}shifted`]),
  node('Exp', [`${prefix}shifted`], [`${prefix}e`]),
  node('ReduceSum', [`${prefix}e`, 'last_axis'], [`${prefix}sum`], { keepdims: 1 }),
  node('Log', [`${prefix}sum`], [`${prefix}log_sum`]),
  node('Add', [`${prefix}log_sum`, `${prefix}peak`], [`${prefix}total`]),
];
const axis = (name: string, ...axes: number[]) => ({
  name,
  type: 'int64' as const,
  dims: [axes.length],
  data: new BigInt64Array(axes.map(BigInt)),
});
const scalar = (name: string, value: number) => ({ name, type: 'float32' as const, dims: [1], data: new Float32Array([value]) });

function sideInputs({ sequences, positions, columns }: LogpsTask | GradientsTask, side: Side, prefix: string): Input[] {
  return [
    { name: `${prefix}x`, type: 'float32', dims: [sequences, positions, columns], data: side.logits },
    { name: `${prefix}tokens`, type: 'int32', dims: [sequences, positions, 1], data: side.tokens },
    { name: `${prefix}mask`, type: 'float32', dims: [sequences, positions, 1], data: side.mask },
    { name: `${prefix}reference`, type: 'float32', dims: [sequences, 1, 1], data: side.references },
  ];
}

/** `<prefix>logp` of every sequence, without writing the whole log-softmax. */
const sequenceLogps = (prefix: string): Node[] => [
  ...logSumExp(`${prefix}x`, prefix),
  node('GatherElements', [`${prefix}x`, `${prefix}tokens`], [`${prefix}chosen_logit`], { axis: 2 }),
  node('Sub', [`${prefix}chosen_logit`, `${prefix}total`], [`${prefix}token_logp`]),
  node('Mul', [`${prefix}token_logp`, `${prefix}mask`], [`${prefix}masked`]),
  node('ReduceSum', [`${prefix}masked`, 'positions_axis'], [`${prefix}logp`], { keepdims: 1 }),
];

interface Model {
  name: string;
  graph: Graph;
  inputs: readonly Input[];
}

function logpModels(task: LogpsTask): Model[] {
  const { sequences } = task;
  const inputs = sideInputs(task, task.side, '').filter(({ name }) => name !== 'reference');
  const outputs: TensorType[] = [{ name: 'logps', type: 'float32', dims: [sequences] }];
  const sum = [node('Mul', ['token_logp', 'mask'], ['counted']), node('ReduceSum', ['counted', 'axes'], ['logps'], { keepdims: 0 })];
  const constants = [axis('axes', 1, 2), axis('last_axis', -1)];
  return [
    {
      name: 'LogSoftmax, GatherElements',
      inputs,
      graph: {
        nodes: [
          node('LogSoftmax', ['x'], ['log_probs'], { axis: -1 }),
          node('GatherElements', ['log_probs', 'tokens'], ['token_logp'], { axis: 2 }),
          ...sum,
        ],
        inputs,
        outputs,
        constants: [axis('axes', 1, 2)],
      },
    },
    {
      name: 'GatherElements - composed log-sum-exp',
      inputs,
      graph: {
        nodes: [
          ...logSumExp('x'),
          node('GatherElements', ['x', 'tokens'], ['chosen_logit'], { axis: 2 }),
          node('Sub', ['chosen_logit', 'total'], ['token_logp']),
          ...sum,
        ],
        inputs,
        outputs,
        constants,
      },
    },
  ];
}

/** The runtime has no automatic differentiation in the browser: the gradient is part of the graph. */
function gradientModel(task: GradientsTask): Model {
  const { sequences, positions, columns, beta } = task;
  const inputs = [...sideInputs(task, task.chosen, 'w_'), ...sideInputs(task, task.rejected, 'l_')];
  const dims = [sequences, positions, columns];
  const backward = (prefix: string, slope: string, gradient: string): Node[] => [
    node('Mul', [slope, `${prefix}mask`], [`${prefix}slope`]),
    node('Div', [`${prefix}e`, `${prefix}sum`], [`${prefix}probs`]),
    node('Equal', ['counting', `${prefix}tokens`], [`${prefix}hit`]),
    node('Cast', [`${prefix}hit`], [`${prefix}one_hot`], { to: 1 }),
    node('Sub', [`${prefix}probs`, `${prefix}one_hot`], [`${prefix}residual`]),
    node('Mul', [`${prefix}residual`, `${prefix}slope`], [gradient]),
  ];
  const nodes = [
    ...sequenceLogps('w_'),
    ...sequenceLogps('l_'),
    node('Sub', ['w_logp', 'w_reference'], ['w_ratio']),
    node('Sub', ['l_logp', 'l_reference'], ['l_ratio']),
    node('Sub', ['w_ratio', 'l_ratio'], ['margin']),
    node('Mul', ['margin', 'minus_beta'], ['z']),
    node('Softplus', ['z'], ['losses']),
    node('Sigmoid', ['z'], ['weight']),
    node('Mul', ['weight', 'beta_share'], ['w_side']),
    node('Neg', ['w_side'], ['l_side']),
    ...backward('w_', 'w_side', 'chosenGradient'),
    ...backward('l_', 'l_side', 'rejectedGradient'),
  ];
  const outputs: TensorType[] = [
    { name: 'losses', type: 'float32', dims: [sequences, 1, 1] },
    { name: 'chosenGradient', type: 'float32', dims },
    { name: 'rejectedGradient', type: 'float32', dims },
  ];
  const counting = {
    name: 'counting',
    type: 'int32' as const,
    dims: [1, 1, columns],
    data: Int32Array.from({ length: columns }, (_, v) => v),
  };
  const constants = [
    axis('last_axis', -1),
    axis('positions_axis', 1),
    counting,
    scalar('minus_beta', -beta),
    scalar('beta_share', beta / sequences),
  ];
  return { name: 'by hand', inputs, graph: { nodes, inputs, outputs, constants } };
}

function modelsFor(task: Task): Model[] {
  switch (task.kernel) {
    case 'log_softmax': {
      const dims = [task.rows, task.columns];
      const inputs: Input[] = [{ name: 'x', type: 'float32', dims, data: task.logits }];
      const outputs: TensorType[] = [{ name: 'logProbs', type: 'float32', dims }];
      return [
        { name: 'LogSoftmax', inputs, graph: { nodes: [node('LogSoftmax', ['x'], ['logProbs'], { axis: -1 })], inputs, outputs } },
        {
          name: 'composed',
          inputs,
          graph: {
            nodes: [...logSumExp('x'), node('Sub', ['x', 'total'], ['logProbs'])],
            inputs,
            outputs,
            constants: [axis('last_axis', -1)],
          },
        },
      ];
    }
    case 'sequence_logps':
      return logpModels(task);
    case 'preference_gradients':
      return [gradientModel(task)];
    case 'ensemble':
    case 'phase_map':
      return []; // training is not what this runtime is for
    default:
      return task satisfies never;
  }
}

/** ONNX Runtime Web's WebGPU execution provider, from the folder where it is installed. */
export async function openOnnx(folder: string): Promise<Contestant> {
  const onnx = (await import(/* @vite-ignore */ `${folder}ort.webgpu.bundle.min.mjs`)) as OnnxRuntime;
  onnx.env.logLevel = 'error';
  onnx.env.wasm.wasmPaths = folder;
  const options = { executionProviders: ['webgpu'], preferredOutputLocation: 'gpu-buffer', logSeverityLevel: 3 };
  // The first session opens the device, and releasing the last one would destroy it: this one stays.
  const x: TensorType = { name: 'x', type: 'float32', dims: [4] };
  const relu = { nodes: [node('Relu', ['x'], ['y'])], inputs: [x], outputs: [{ ...x, name: 'y' }] };
  const first = await onnx.InferenceSession.create(onnxModel(relu), { executionProviders: ['webgpu'] });
  await first.run({ x: new onnx.Tensor('float32', new Float32Array(4), [4]) });
  const device = await onnx.env.webgpu.device;

  async function prepare(task: Task): Promise<Prepared | null> {
    const models = modelsFor(task);
    const [anyModel] = models;
    if (!anyModel) return null;
    const buffers: GPUBuffer[] = [];
    const feeds: Record<string, Tensor> = {};
    for (const { name, type, dims, data } of anyModel.inputs) {
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
      const buffer = device.createBuffer({ size: 16 * Math.ceil(data.byteLength / 16), usage });
      device.queue.writeBuffer(buffer, 0, data);
      buffers.push(buffer);
      feeds[name] = onnx.Tensor.fromGpuBuffer(buffer, { dataType: type, dims });
    }
    const sessions: Session[] = [];
    let last: Readonly<Record<string, Tensor>> = {};
    const drop = () => {
      for (const tensor of Object.values(last)) tensor.dispose();
      last = {};
    };
    const ways: Way[] = [];
    for (const { name, graph } of models) {
      const session = await onnx.InferenceSession.create(onnxModel(graph), options);
      sessions.push(session);
      ways.push({
        name,
        enqueue: async () => {
          drop();
          last = await session.run(feeds);
        },
        done: () => device.queue.onSubmittedWorkDone().then(() => undefined),
        read: async () => {
          const results: Record<string, ArrayLike<number>> = {};
          for (const [output, tensor] of Object.entries(last)) results[output] = await tensor.getData();
          return results as Results;
        },
      });
    }
    return {
      ways,
      dispose: () => {
        drop();
        for (const session of sessions) session.release();
        for (const buffer of buffers) buffer.destroy();
      },
    };
  }
  return { name: 'ONNX Runtime WebGPU', prepare };
}
