import type { RunOptions } from '../../core/experiment.ts';
import { type Engine, openEngine } from '../../train/engine.ts';
import type { Tensor } from '../../train/tensor.ts';

/** One kernel on one shape, on this device. */
export interface DeviceMeasurement {
  readonly kernel: string;
  readonly shape: string;
  /** median time of one call with resident inputs, in milliseconds */
  readonly milliseconds: number;
  /** fewest bytes that the call can move, divided by the time, in GB/s */
  readonly bandwidth: number;
  /** median time of a plain loop over float32 arrays in this browser, in milliseconds */
  readonly plainMilliseconds: number;
  /** largest error against float64, in nats for log-probs */
  readonly largestError: number;
}

interface Job {
  kernel: string;
  shape: string;
  /** fewest bytes */
  bytes: number;
  /** issues the work once; returns what it made */
  enqueue(engine: Engine, inputs: Inputs): Tensor[];
  /** the same in a plain loop, float32; returns one of its numbers, so that the loop is not optimised away */
  plain(logits: Float32Array): number;
  sizes: readonly [B: number, T: number, V: number];
}

interface Inputs {
  logits: Tensor;
  tokens: Tensor;
}

/** Timed rounds of each contestant; the median is reported. */
const rounds = 5;
/** Calls in one timed round: enough that the clock's steps do not matter. */
const callsAtMost = 16;
const roundTime = 30;

function plainLogSoftmax(columns: number): (logits: Float32Array) => number {
  return (logits) => {
    const out = new Float32Array(logits.length);
    for (let first = 0; first < logits.length; first += columns) {
      let peak = Number.NEGATIVE_INFINITY;
      for (let i = first; i < first + columns; i++) peak = Math.max(peak, logits[i] as number);
      let sum = 0;
      for (let i = first; i < first + columns; i++) sum += Math.exp((logits[i] as number) - peak);
      const total = peak + Math.log(sum);
      for (let i = first; i < first + columns; i++) out[i] = (logits[i] as number) - total;
    }
    return out[0] ?? 0;
  };
}

/** The token log-probs alone, as a careful programmer would write them. */
function plainSequenceLogps(columns: number): (logits: Float32Array) => number {
  return (logits) => {
    let total = 0;
    for (let row = 0; row * columns < logits.length; row++) {
      const first = row * columns;
      let peak = Number.NEGATIVE_INFINITY;
      for (let i = first; i < first + columns; i++) peak = Math.max(peak, logits[i] as number);
      let sum = 0;
      for (let i = first; i < first + columns; i++) sum += Math.exp((logits[i] as number) - peak);
      total += (logits[first + tokenAt(row, columns)] as number) - peak - Math.log(sum);
    }
    return total;
  };
}

const tokenAt = (row: number, columns: number): number => (row * 7919) % columns;

const logSoftmaxJob = (rows: number, columns: number): Job => ({
  kernel: 'log-softmax',
  shape: `${rows} × ${columns}`,
  bytes: 8 * rows * columns,
  sizes: [1, rows, columns],
  enqueue: (engine, { logits }) => [engine.logSoftmax(logits)],
  plain: plainLogSoftmax(columns),
});
const sequenceJob = (B: number, T: number, V: number): Job => ({
  kernel: 'sequence log-probs',
  shape: `[${B}, ${T}, ${V}]`,
  bytes: 4 * B * T * V,
  sizes: [B, T, V],
  enqueue: (engine, inputs) => [engine.sequenceLogProbs(inputs)],
  plain: plainSequenceLogps(V),
});

const jobs: readonly Job[] = [
  logSoftmaxJob(4096, 8),
  logSoftmaxJob(1024, 1024),
  logSoftmaxJob(8, 131072),
  sequenceJob(8, 64, 4096),
  sequenceJob(2, 32, 32768),
];

/** Repeatable logits, about normal with deviation 3. */
function makeLogits(length: number): Float32Array {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float32Array.from({ length }, () => 5.2 * (uniform() + uniform() + uniform() - 1.5));
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Times each kernel on `engine` beside a plain loop, and compares its numbers with float64. */
export async function checkDevice(engine: Engine, { signal, onProgress }: RunOptions = {}): Promise<DeviceMeasurement[]> {
  const measurements: DeviceMeasurement[] = [];
  const oracle = await openEngine({ backend: 'cpu' });
  try {
    for (const [index, job] of jobs.entries()) {
      onProgress?.(index, jobs.length);
      measurements.push(await measure(engine, oracle, job, signal));
    }
    onProgress?.(jobs.length, jobs.length);
    return measurements;
  } finally {
    oracle.dispose();
  }
}

async function measure(engine: Engine, oracle: Engine, job: Job, signal: AbortSignal | undefined): Promise<DeviceMeasurement> {
  const [B, T, V] = job.sizes;
  const data = makeLogits(B * T * V);
  const tokens = Uint32Array.from({ length: B * T }, (_, row) => tokenAt(row, V));
  const upload = (on: Engine): Inputs => ({ logits: on.tensor(data, [B, T, V]), tokens: on.tensor(tokens, [B, T]) });
  const inputs = upload(engine);
  const call = async (count: number): Promise<number> => {
    const began = performance.now();
    for (let i = 0; i < count; i++) for (const made of job.enqueue(engine, inputs)) made.dispose();
    await engine.done();
    return (performance.now() - began) / count;
  };
  try {
    const [actual] = job.enqueue(engine, inputs);
    const [exact] = job.enqueue(oracle, upload(oracle));
    const [a, e] = [(await actual?.read()) ?? [], (await exact?.read()) ?? []];
    actual?.dispose();
    let largestError = 0;
    for (let i = 0; i < e.length; i++) largestError = Math.max(largestError, Math.abs((a[i] ?? Number.NaN) - (e[i] ?? Number.NaN)));

    await call(1); // pipelines compile here
    const count = Math.max(1, Math.min(callsAtMost, Math.round(roundTime / Math.max(0.1, await call(1)))));
    const own: number[] = [];
    const plain: number[] = [];
    for (let round = 0; round < rounds; round++) {
      signal?.throwIfAborted();
      own.push(await call(count)); // interleaved: what disturbs one disturbs the other
      const began = performance.now();
      const number = job.plain(data);
      plain.push(performance.now() - began);
      if (!Number.isFinite(number)) throw new Error('The plain loop overflowed.');
    }
    const milliseconds = median(own);
    return {
      kernel: job.kernel,
      shape: job.shape,
      milliseconds,
      bandwidth: job.bytes / milliseconds / 1e6,
      plainMilliseconds: median(plain),
      largestError,
    };
  } finally {
    inputs.logits.dispose();
    inputs.tokens.dispose();
  }
}

/** The measurements as a Markdown table, with the device they were made on. */
export function measurementsMarkdown(measurements: readonly DeviceMeasurement[], device: string): string {
  const rows = measurements.map(
    ({ kernel, shape, milliseconds, bandwidth, plainMilliseconds, largestError }) =>
      `| ${kernel} | ${shape} | ${milliseconds.toFixed(2)} | ${bandwidth.toFixed(1)} | ${(plainMilliseconds / milliseconds).toFixed(2)} | ${largestError.toExponential(1)} |`,
  );
  return [
    `prefscope kernels on ${device}, ${new Date().toISOString().slice(0, 10)}`,
    '',
    '| kernel | shape | ms | GB/s | times faster than a plain loop | largest error |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}
