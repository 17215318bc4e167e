import type { UpdateRule } from '../core/optimizer.ts';

/** What all runs of an ensemble have in common; constants in the ensemble's shader. */
export interface EnsembleShape {
  readonly parameterisation: 'table' | 'features';
  /** size of the vocabulary */
  readonly columns: number;
  readonly contexts: number;
  /** length of a hidden vector; 0 for a table */
  readonly dimensions: number;
  /** table, or hidden vectors */
  readonly firstTrained: boolean;
  /** unembedding */
  readonly secondTrained: boolean;
  /** distinct combinations of context and offset that any pair reads */
  readonly rows: number;
  /** rows of frozen offsets; 0 for a policy without */
  readonly offsetRows: number;
  readonly pairs: number;
  /** tokens of the longest response */
  readonly positions: number;
  /** columns of a pair's objective inputs, at most 32 */
  readonly inputs: number;
  /** bit i: column i is the reference's log-prob of the chosen response */
  readonly chosenReferences: number;
  /** the same of the rejected response */
  readonly rejectedReferences: number;
  readonly objectiveParameters: number;
  /** each outcome has a true reward */
  readonly rewarded: boolean;
  /** contexts are hidden vectors, of which CHES speaks */
  readonly hidden: boolean;
  readonly rule: UpdateRule;
  readonly slots: 0 | 1 | 2;
}

/** One run of one pair on two outcomes: what stands for any ensemble where only the shader's form matters. */
export const smallestEnsemble: EnsembleShape = {
  parameterisation: 'table',
  columns: 2,
  contexts: 1,
  dimensions: 0,
  firstTrained: true,
  secondTrained: false,
  rows: 1,
  offsetRows: 0,
  pairs: 1,
  positions: 1,
  inputs: 2,
  chosenReferences: 1,
  rejectedReferences: 2,
  objectiveParameters: 1,
  rewarded: false,
  hidden: false,
  rule: 'sgd',
  slots: 0,
};

/** Rows of the ensemble's settings [rows][runs]; the objective's parameters follow. */
export const settingRows = [
  'table',
  'steps',
  'learningRate',
  'shrink',
  'momentum',
  'complement1',
  'complement2',
  'epsilon',
] as const satisfies readonly string[];
export type SettingRow = (typeof settingRows)[number];

/** Metrics of a run that are numbers to average over runs. */
export const averagedRows = [
  'chosenLogpChange',
  'lowestChosenLogpChange',
  'rejectedLogpChange',
  'margin',
  'loss',
  'topGainerProb',
  'entropy',
  'klToReference',
  'expectedReward',
  'ches',
] as const;

/** Rows of the ensemble's metrics [rows][runs]: what is known of a run at its end. One is of all its updates, the start with them. */
export const metricRows = [...averagedRows, 'topGainer', 'diverged'] as const;
export type MetricRow = (typeof metricRows)[number];

/** Where everything lies. Regions are counted in elements. */
export interface EnsembleLayout {
  readonly parameters: number;
  /** of each run: what it keeps between dispatches, then what it needs during one */
  readonly memory: {
    readonly theta: number;
    readonly first: number;
    readonly second: number;
    readonly references: number;
    readonly clock: number;
    readonly lowest: number;
    readonly gradient: number;
    readonly stats: number;
    readonly logps: number;
    readonly slopes: number;
    readonly probabilities: number;
    readonly persistent: number;
    readonly size: number;
  };
  /** u32: contexts and offsets of the rows, then one block for each pair table */
  readonly plan: {
    readonly rowContexts: number;
    readonly rowOffsets: number;
    readonly tables: number;
    readonly table: {
      readonly lengths: number;
      readonly positionRows: number;
      readonly positionTokens: number;
      readonly memberOffsets: number;
      readonly members: number;
      readonly focus: number;
      readonly size: number;
    };
  };
  /** floats: offsets, rewards [rows, columns], then one block of weights and objective inputs for each pair table */
  readonly numbers: {
    readonly offsets: number;
    readonly rewards: number;
    readonly tables: number;
    readonly table: { weights: number; inputs: number; size: number };
  };
  readonly settings: number;
}

/** Consecutive regions of the given sizes; the last entry is the total. */
export function regions<Name extends string>(sizes: Readonly<Record<Name, number>>): Record<Name | 'size', number> {
  let at = 0;
  const begins: Record<string, number> = {};
  for (const [name, size] of Object.entries<number>(sizes)) {
    begins[name] = at;
    at += size;
  }
  return { ...begins, size: at } as Record<Name | 'size', number>;
}

export function ensembleLayout(shape: EnsembleShape): EnsembleLayout {
  const { columns, contexts, dimensions, rows, offsetRows, pairs, positions, inputs, slots } = shape;
  const parameters = shape.parameterisation === 'table' ? contexts * columns : (contexts + columns) * dimensions;
  const kept = {
    theta: parameters,
    first: slots > 0 ? parameters : 0,
    second: slots > 1 ? parameters : 0,
    references: 2 * pairs,
    clock: 3,
    lowest: 1,
  };
  const memory = regions({
    ...kept,
    gradient: parameters,
    stats: 2 * rows,
    logps: 2 * pairs,
    slopes: 2 * pairs,
    probabilities: columns,
  });
  const table = regions({
    lengths: 2 * pairs,
    positionRows: 2 * pairs * positions,
    positionTokens: 2 * pairs * positions,
    memberOffsets: contexts + 1,
    members: 2 * pairs * positions,
    focus: 3 * pairs,
  });
  const plan = regions({ rowContexts: rows, rowOffsets: rows });
  const numbers = regions({ offsets: offsetRows * columns, rewards: shape.rewarded ? rows * columns : 0 });
  return {
    parameters,
    memory: { ...memory, persistent: memory.gradient },
    plan: { rowContexts: plan.rowContexts, rowOffsets: plan.rowOffsets, tables: plan.size, table },
    numbers: {
      offsets: numbers.offsets,
      rewards: numbers.rewards,
      tables: numbers.size,
      table: regions({ weights: pairs, inputs: pairs * inputs }),
    },
    settings: settingRows.length + shape.objectiveParameters,
  };
}

/** Largest memory of a run, in bytes, that is kept in private arrays. WGSL guarantees 8192 for all of a shader's private variables. */
const privateBytes = 4096;

/** A run whose memory is in private arrays needs storage only for what it keeps between dispatches. */
export const isPrivate = ({ memory }: EnsembleLayout): boolean => 4 * memory.size <= privateBytes;

/** Numbers that each run of an ensemble holds in the largest of its blocks. */
export const largestBlockPerRun = (layout: EnsembleLayout): number =>
  Math.max(isPrivate(layout) ? layout.memory.persistent : layout.memory.size, layout.parameters, layout.settings, metricRows.length);
