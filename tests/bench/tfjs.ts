import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { Contestant, Prepared, Results, Way } from './contestant.ts';
import { type GradientsTask, isRuns, type LogpsTask, packRuns, type RunsTask, type Side, type Task } from './tasks.ts';

type Outputs = Readonly<Record<string, tf.Tensor>>;

/** TF.js records commands and submits them late: `done` submits what is left first. */
async function done(): Promise<void> {
  const backend = tf.backend();
  if (!(backend instanceof WebGPUBackend)) return;
  backend.endComputePassEncoder();
  if (backend['commandEncoder']) backend.submitQueue(); // fails where nothing is recorded
  await backend.queue.onSubmittedWorkDone();
}

/** Uploads are lazy, too. */
async function makeResident(tensors: readonly tf.Tensor[]): Promise<void> {
  const backend = tf.backend();
  if (!(backend instanceof WebGPUBackend)) return;
  for (const { dataId } of tensors) backend.uploadToGPU(dataId);
  await done();
}

async function readAll(outputs: Outputs): Promise<Results> {
  const results: Record<string, ArrayLike<number>> = {};
  for (const [name, tensor] of Object.entries(outputs)) results[name] = await tensor.data();
  return results;
}

class Ways {
  readonly #last: { outputs: Outputs } = { outputs: {} };
  readonly ways: Way[] = [];
  add(name: string, compute: () => Outputs): this {
    this.ways.push({
      name,
      enqueue: () => {
        this.drop();
        this.#last.outputs = compute();
      },
      done,
      read: () => readAll(this.#last.outputs),
    });
    return this;
  }
  drop(): void {
    tf.dispose(Object.values(this.#last.outputs));
    this.#last.outputs = {};
  }
}

/** Tensors of one side. */
function uploadSide({ sequences, positions, columns }: LogpsTask | GradientsTask, side: Side) {
  const flat = Int32Array.from(side.tokens, (token, row) => row * columns + token);
  const indices = Int32Array.from({ length: 2 * flat.length }, (_, i) => (i % 2 ? (side.tokens[i >> 1] as number) : i >> 1));
  return {
    logits: tf.tensor3d(side.logits, [sequences, positions, columns]),
    tokens: tf.tensor2d(side.tokens, [sequences, positions], 'int32'),
    flat: tf.tensor1d(flat, 'int32'),
    indices: tf.tensor2d(indices, [flat.length, 2], 'int32'),
    mask: tf.tensor2d(side.mask, [sequences, positions]),
    references: tf.tensor1d(side.references),
  };
}
type SideTensors = ReturnType<typeof uploadSide>;

function prepareLogps(task: LogpsTask, { logits, tokens, indices, mask }: SideTensors): Ways {
  const { sequences, positions, columns } = task;
  const rows = sequences * positions;
  const total = (logps: tf.Tensor) => ({ logps: tf.sum(tf.mul(tf.reshape(logps, [sequences, positions]), mask), 1) });
  const ways = new Ways();
  const add = (name: string, logps: () => tf.Tensor) => ways.add(name, () => tf.tidy(() => total(logps())));
  add('logSoftmax * oneHot', () => tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(tokens, columns)), -1));
  add('gatherND - logSumExp', () =>
    tf.sub(tf.gatherND(tf.reshape(logits, [rows, columns]), indices), tf.reshape(tf.logSumExp(logits, -1), [rows])),
  );
  return ways;
}

function prepareGradients(task: GradientsTask, chosen: SideTensors, rejected: SideTensors): Ways {
  const { sequences, positions, columns, beta } = task;
  const lossOf = (logpChosen: tf.Tensor, logpRejected: tf.Tensor): tf.Tensor =>
    tf.softplus(tf.mul(-beta, tf.sub(tf.sub(logpChosen, chosen.references), tf.sub(logpRejected, rejected.references))));
  const differentiate = (logpOf: (logits: tf.Tensor, side: SideTensors) => tf.Tensor) => (): Outputs => {
    let losses: tf.Tensor | null = null;
    const gradients = tf.tidy(() => {
      const { grads } = tf.valueAndGrads((x: tf.Tensor, y: tf.Tensor) => {
        const loss = lossOf(logpOf(x, chosen), logpOf(y, rejected));
        losses = tf.keep(tf.clone(loss));
        return tf.mean(loss);
      })([chosen.logits, rejected.logits]);
      return grads;
    });
    const [chosenGradient, rejectedGradient] = gradients;
    if (!losses || !chosenGradient || !rejectedGradient) throw new Error('TF.js gave no gradients.');
    return { losses, chosenGradient, rejectedGradient };
  };
  const byHand = (): Outputs =>
    tf.tidy(() => {
      const forward = ({ logits, tokens, mask }: SideTensors) => {
        const [logProbs, hit] = [tf.logSoftmax(logits), tf.cast(tf.oneHot(tokens, columns), 'float32')];
        return { logProbs, hit, logp: tf.sum(tf.mul(tf.sum(tf.mul(logProbs, hit), -1), mask), 1) };
      };
      const [w, l] = [forward(chosen), forward(rejected)];
      const margin = tf.sub(tf.sub(w.logp, chosen.references), tf.sub(l.logp, rejected.references));
      const slope = tf.mul(beta / sequences, tf.sigmoid(tf.mul(-beta, margin)));
      const backward = ({ logProbs, hit }: ReturnType<typeof forward>, { mask }: SideTensors, sign: number) =>
        tf.mul(
          tf.sub(tf.exp(logProbs), hit),
          tf.reshape(tf.mul(tf.reshape(tf.mul(sign, slope), [sequences, 1]), mask), [sequences, positions, 1]),
        );
      return {
        losses: tf.softplus(tf.mul(-beta, margin)),
        chosenGradient: backward(w, chosen, 1),
        rejectedGradient: backward(l, rejected, -1),
      };
    });
  return new Ways()
    .add(
      'valueAndGrads(logSoftmax * oneHot)',
      differentiate((x, { tokens, mask }) => tf.sum(tf.mul(tf.sum(tf.mul(tf.logSoftmax(x), tf.oneHot(tokens, columns)), -1), mask), 1)),
    )
    .add(
      'valueAndGrads(gather)',
      differentiate((x, { flat, mask }) =>
        tf.sum(tf.mul(tf.reshape(tf.gather(tf.reshape(tf.logSoftmax(x), [flat.size]), flat), [sequences, positions]), mask), 1),
      ),
    )
    .add('by hand', byHand);
}

/** All runs as one [runs, rows, width] table, one update after the other; upload and read-back of the margins included. */
function runsWay(
  task: RunsTask,
  name: string,
  gradientOf: (loss: (theta: tf.Tensor) => tf.Tensor) => (theta: tf.Tensor) => tf.Tensor,
): Way {
  const { steps } = task;
  let margins: ArrayLike<number> = [];
  const enqueue = async () => {
    const { runs, rows, width, columns, start, betas, rates, chosen, rejected } = packRuns(task);
    const difference = tf.tensor2d([Array.from({ length: columns }, (_, v) => Number(v === chosen) - Number(v === rejected))]);
    const beta = tf.tensor1d(betas);
    const rate = tf.tensor3d(rates, [runs, 1, 1]);
    const logitsOf = (theta: tf.Tensor): tf.Tensor => {
      if (rows === 1) return tf.reshape(theta, [runs, columns]);
      const [hidden, unembedding] = [tf.slice(theta, [0, 0, 0], [runs, 1, width]), tf.slice(theta, [0, 1, 0], [runs, columns, width])];
      return tf.sum(tf.mul(unembedding, hidden), 2);
    };
    const marginOf = (theta: tf.Tensor) => tf.sum(tf.mul(tf.logSoftmax(logitsOf(theta)), difference), 1);
    let theta: tf.Tensor = tf.tensor3d(start, [runs, rows, width]);
    const reference = tf.tidy(() => marginOf(theta));
    const gradient = gradientOf((x) => tf.sum(tf.softplus(tf.neg(tf.mul(beta, tf.sub(marginOf(x), reference))))));
    for (let step = 0; step < steps; step++) {
      const before = theta;
      theta = tf.tidy(() => tf.sub(before, tf.mul(rate, gradient(before))));
      before.dispose();
    }
    const result = tf.tidy(() => marginOf(theta));
    margins = await result.data();
    tf.dispose([difference, beta, rate, theta, reference, result]);
  };
  return { name, enqueue, done: () => Promise.resolve(), read: async () => ({ margins }) };
}

async function prepare(task: Task): Promise<Prepared> {
  if (isRuns(task)) return { ways: [runsWay(task, 'grad(logSoftmax)', (loss) => tf.grad(loss))], dispose: () => {} };
  if (task.kernel === 'log_softmax') {
    const logits = tf.tensor2d(task.logits, [task.rows, task.columns]);
    await makeResident([logits]);
    const ways = new Ways()
      .add('logSoftmax', () => ({ logProbs: tf.logSoftmax(logits) }))
      .add('x - logSumExp', () => tf.tidy(() => ({ logProbs: tf.sub(logits, tf.logSumExp(logits, -1, true)) })));
    return finish(ways, [logits]);
  }
  if (task.kernel === 'sequence_logps') {
    const side = uploadSide(task, task.side);
    await makeResident(Object.values(side));
    return finish(prepareLogps(task, side), Object.values(side));
  }
  const [chosen, rejected] = [uploadSide(task, task.chosen), uploadSide(task, task.rejected)];
  const inputs = [...Object.values(chosen), ...Object.values(rejected)];
  await makeResident(inputs);
  return finish(prepareGradients(task, chosen, rejected), inputs);
}

const finish = (ways: Ways, inputs: tf.Tensor[]): Prepared => ({
  ways: ways.ways,
  dispose: () => {
    ways.drop();
    tf.dispose(inputs);
  },
});

/** TensorFlow.js on one of its backends. Without cross-origin isolation, WebAssembly has one thread. */
export async function openTfjs(name: 'webgpu' | 'wasm', wasmFolder: string): Promise<Contestant> {
  if (name === 'wasm') setWasmPaths(wasmFolder);
  const activate = async () => {
    if (tf.getBackend() !== name && !(await tf.setBackend(name))) throw new Error(`TF.js has no backend '${name}' here.`);
  };
  await activate();
  return {
    name: name === 'webgpu' ? 'TF.js WebGPU' : 'TF.js WASM',
    prepare: async (task) => {
      await activate();
      return { ...(await prepare(task)), activate };
    },
  };
}
