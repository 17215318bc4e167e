import { toyVectors } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { normalNumbers, normalRows, uniformNumbers } from '../gpu/rows.ts';

/** B sequences of T positions over V tokens, as a trainer has them: lengths fall from T to 3T/4 over the batch. */
export interface Side {
  /** [B, T, V] */
  logits: Float32Array<ArrayBuffer>;
  /** [B, T] */
  tokens: Int32Array<ArrayBuffer>;
  /** [B, T], 1 = counted */
  mask: Float32Array<ArrayBuffer>;
  /** [B] log-probs under the reference policy */
  references: Float32Array<ArrayBuffer>;
}

export interface LogSoftmaxTask {
  kernel: 'log_softmax';
  rows: number;
  columns: number;
  logits: Float32Array<ArrayBuffer>;
}

export interface LogpsTask {
  kernel: 'sequence_logps';
  sequences: number;
  positions: number;
  columns: number;
  side: Side;
}

/** Losses softplus(-β margin) [B], and the gradients of their mean by the logits of both sides. */
export interface GradientsTask {
  kernel: 'preference_gradients';
  sequences: number;
  positions: number;
  columns: number;
  beta: number;
  chosen: Side;
  rejected: Side;
}

/**
 * Runs of `steps` SGD updates of DPO on one pair (1 preferred to 2) of a softmax policy over `columns` outcomes; every run has a β and a
 * learning rate of its own. Wanted: the margin log π(1) - log π(2) at the end of each.
 */
export interface EnsembleTask {
  kernel: 'ensemble';
  columns: number;
  steps: number;
  /** [columns] */
  start: Float32Array<ArrayBuffer>;
  /** of the runs in a row of the grid, and of its rows */
  betas: readonly number[];
  rates: readonly number[];
}

/**
 * The page's map of the displacement toy: runs of `steps` SGD updates of DPO on one pair (0 preferred to 1) of a policy whose logits are
 * unembedding · hidden, both trained; every run has a learning rate and a scale c of its own, which multiplies the one and divides the
 * other. Wanted: the margin log π(0) - log π(1) at the end of each.
 */
export interface PhaseMapTask {
  kernel: 'phase_map';
  steps: number;
  beta: number;
  /** [d] */
  hidden: readonly number[];
  /** [V, d] */
  unembedding: readonly (readonly number[])[];
  /** of the runs in a row of the map, and of its rows */
  scales: readonly number[];
  rates: readonly number[];
}

export type RunsTask = EnsembleTask | PhaseMapTask;
export type Task = LogSoftmaxTask | LogpsTask | GradientsTask | RunsTask;
export type RowTask = Exclude<Task, RunsTask>;

export const isRuns = (task: Task): task is RunsTask => task.kernel === 'ensemble' || task.kernel === 'phase_map';

/** Runs of a task as whole arrays, as a library of array operations has them. */
export interface PackedRuns {
  runs: number;
  /** numbers of one run, rows of `width`: one row of logits, or the hidden vector and the rows of the unembedding */
  rows: number;
  width: number;
  columns: number;
  /** [runs, rows, width] */
  start: Float32Array<ArrayBuffer>;
  /** [runs] */
  betas: Float32Array<ArrayBuffer>;
  rates: Float32Array<ArrayBuffer>;
  chosen: number;
  rejected: number;
}

export function packRuns(task: RunsTask): PackedRuns {
  const { rates } = task;
  const across: readonly number[] = task.kernel === 'ensemble' ? task.betas : task.scales;
  const runs = across.length * rates.length;
  const perRun = (make: (x: number, y: number) => number) =>
    Float32Array.from({ length: runs }, (_, run) =>
      make(across[run % across.length] as number, rates[Math.floor(run / across.length)] as number),
    );
  const rateOf = perRun((_, rate) => rate);
  if (task.kernel === 'ensemble') {
    const { columns, start } = task;
    const starts = Float32Array.from({ length: runs * columns }, (_, i) => start[i % columns] as number);
    return { runs, rows: 1, width: columns, columns, start: starts, betas: perRun((beta) => beta), rates: rateOf, chosen: 1, rejected: 2 };
  }
  const { hidden, unembedding, beta } = task;
  const rows = 1 + unembedding.length;
  const start = new Float32Array(runs * rows * hidden.length);
  for (let run = 0; run < runs; run++) {
    const scale = across[run % across.length] as number;
    start.set([...hidden.map((x) => x / scale), ...unembedding.flatMap((row) => row.map((x) => x * scale))], run * rows * hidden.length);
  }
  const columns = unembedding.length;
  return { runs, rows, width: hidden.length, columns, start, betas: perRun(() => beta), rates: rateOf, chosen: 0, rejected: 1 };
}

export interface Shape {
  kernel: Task['kernel'];
  /** [rows, V], [B, T, V], or runs, outcomes and updates */
  sizes: readonly [number, number] | readonly [number, number, number];
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
  { kernel: 'ensemble', sizes: [65536, 8, 200] },
  { kernel: 'ensemble', sizes: [4096, 8, 200] },
  { kernel: 'phase_map', sizes: [16384, 6, 200] },
];

/** A sixteenth of the runs or fewer, an eighth of their updates. */
export const quickShapes: readonly Shape[] = shapes.map((shape) =>
  shape.kernel === 'ensemble'
    ? { ...shape, sizes: [shape.sizes[0] / 16, 8, 25] }
    : shape.kernel === 'phase_map'
      ? { ...shape, sizes: [1024, 6, 25] }
      : shape,
);

const widths = [8, 64, 512, 1024, 2048, 4096, 8192, 16384, 32768, 131072];

/** Each kernel at each width of a row: as many rows as make 64 MB of logits, more than an adapter keeps in its caches, or 4 MB. */
export const shapesOfWidths = (quick: boolean): Shape[] => {
  const numbers = quick ? 2 ** 20 : 2 ** 24;
  return widths.flatMap((columns): Shape[] => {
    const rows = numbers / columns;
    const sequences = Math.max(1, Math.min(8, rows / 8));
    return [
      { kernel: 'log_softmax', sizes: [rows, columns] },
      { kernel: 'sequence_logps', sizes: [sequences, rows / sequences, columns] },
      { kernel: 'preference_gradients', sizes: [sequences, rows / sequences, columns] },
    ];
  });
};

export const nameOf = ({ kernel, sizes }: Shape): string => `${kernel} [${sizes.join(', ')}]`;

function makeSide(sequences: number, positions: number, columns: number, seed: number): Side {
  const uniform = uniformNumbers(seed + 1);
  const normal = normalNumbers(seed + 2);
  const rows = sequences * positions;
  return {
    logits: normalRows(rows, columns, seed),
    tokens: Int32Array.from({ length: rows }, () => Math.floor(uniform() * columns)),
    mask: Float32Array.from({ length: rows }, (_, row) => {
      const shortened = Math.floor(((positions / 4) * Math.floor(row / positions)) / Math.max(1, sequences - 1));
      return row % positions < positions - shortened ? 1 : 0;
    }),
    references: Float32Array.from({ length: sequences }, () => -20 + 2 * normal()),
  };
}

export function makeTask({ kernel, sizes: [first, second, third = 1] }: Shape): Task {
  switch (kernel) {
    case 'log_softmax':
      return { kernel, rows: first, columns: second, logits: normalRows(first, second, 1) };
    case 'sequence_logps':
      return { kernel, sequences: first, positions: second, columns: third, side: makeSide(first, second, third, 1) };
    case 'preference_gradients': {
      const [chosen, rejected] = [makeSide(first, second, third, 1), makeSide(first, second, third, 11)];
      return { kernel, sequences: first, positions: second, columns: third, beta: 0.1, chosen, rejected };
    }
    case 'ensemble': {
      const side = Math.round(Math.sqrt(first));
      const axis = (most: number) => Array.from({ length: side }, (_, i) => ((i + 1) * most) / side);
      const start = Float32Array.from({ length: second }, (_, v) => 0.1 * v);
      return { kernel, columns: second, steps: third, start, betas: axis(2), rates: axis(1) };
    }
    case 'phase_map': {
      const side = Math.round(Math.sqrt(first));
      const middles = Array.from({ length: side }, (_, i) => (i + 0.5) / side);
      const scales = middles.map((at) => 1 + 4 * at);
      const rates = middles.map((at) => 1e-3 * 1e4 ** at);
      return { kernel, steps: third, beta: 0.1, ...toyVectors, scales, rates };
    }
    default:
      return kernel satisfies never;
  }
}

/** Work of an ensemble that takes a slow contestant seconds, and by how much the whole is larger: every run and update costs the same. */
export function sampleOf(task: RunsTask): { sample: RunsTask; times: number; description: string } {
  const across = task.kernel === 'ensemble' ? task.betas : task.scales;
  const steps = Math.min(5, task.steps);
  const rates = task.rates.slice(0, Math.max(1, Math.round(4096 / across.length)));
  const times = (task.steps * task.rates.length) / (steps * rates.length);
  return { sample: { ...task, steps, rates }, times, description: `from ${steps} updates of ${across.length * rates.length} runs` };
}

export const runsOf = (task: RunsTask): number => task.rates.length * (task.kernel === 'ensemble' ? task.betas : task.scales).length;

/** Updates of all runs together; 0 for a task that trains nothing. */
export const updatesOf = (task: Task): number => (isRuns(task) ? task.steps * runsOf(task) : 0);

const counted = ({ mask }: Side): number => mask.reduce((sum, m) => sum + m, 0);

/**
 * Fewest bytes that our kernels can move: the logits of counted positions once for their statistics, and, for gradients, once more;
 * results once. Inputs of one number a row or a sequence are left out. 0 for runs, whose work is arithmetic.
 */
export function fewestBytes(task: Task): number {
  switch (task.kernel) {
    case 'log_softmax':
      return 8 * task.logits.length;
    case 'sequence_logps':
      return 4 * counted(task.side) * task.columns;
    case 'preference_gradients':
      return 8 * (counted(task.chosen) + counted(task.rejected)) * task.columns + 8 * task.chosen.logits.length;
    case 'ensemble':
    case 'phase_map':
      return 0;
    default:
      return task satisfies never;
  }
}

/** Numbers that the copy kernel copies for a task: one for each logit of a side. */
export const copiedNumbers = (task: RowTask): number =>
  (task.kernel === 'log_softmax' ? task.logits : task.kernel === 'sequence_logps' ? task.side.logits : task.chosen.logits).length;
