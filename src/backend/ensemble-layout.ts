import { type UpdateRule, updateRules } from '../core/optimizer.ts';
import { heldWgsl, isHeld } from './ensemble-held.ts';

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

/** Metrics of a run at its end that are numbers to average over runs. */
export const averagedRows = [
  'chosenLogpChange',
  'rejectedLogpChange',
  'margin',
  'loss',
  'topGainerProb',
  'entropy',
  'klToReference',
  'expectedReward',
  'ches',
] as const;

/** Rows of the ensemble's metrics [rows][runs]: what is known of a run at its end. */
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
function regions<Name extends string>(sizes: Readonly<Record<Name, number>>): Record<Name | 'size', number> {
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

/** The constants and the memory of the ensemble's shader. */
export function ensembleWgsl(shape: EnsembleShape): string {
  const layout = ensembleLayout(shape);
  const { memory, plan, numbers } = layout;
  const constants: Record<string, number> = {
    COLUMNS: shape.columns,
    CONTEXTS: shape.contexts,
    DIMENSIONS: shape.dimensions,
    ROWS: shape.rows,
    PAIRS: shape.pairs,
    POSITIONS: shape.positions,
    INPUTS: shape.inputs,
    OBJECTIVE_PARAMETERS: shape.objectiveParameters,
    RULE: updateRules.indexOf(shape.rule),
    SLOTS: shape.slots,
    PARAMETERS: layout.parameters,
    // parameters from here on are the unembedding
    UNEMBEDDING: shape.parameterisation === 'features' ? shape.contexts * shape.dimensions : layout.parameters,
    CHOSEN_REFERENCES: shape.chosenReferences,
    REJECTED_REFERENCES: shape.rejectedReferences,
    THETA: memory.theta,
    FIRST: memory.first,
    SECOND: memory.second,
    REFERENCES: memory.references,
    CLOCK: memory.clock,
    PERSISTENT: memory.persistent,
    GRADIENT: memory.gradient,
    STATS: memory.stats,
    LOGPS: memory.logps,
    SLOPES: memory.slopes,
    PROBABILITIES: memory.probabilities,
    ROW_CONTEXTS: plan.rowContexts,
    ROW_OFFSETS: plan.rowOffsets,
    PLAN_TABLES: plan.tables,
    PLAN_TABLE: plan.table.size,
    LENGTHS: plan.table.lengths,
    POSITION_ROWS: plan.table.positionRows,
    POSITION_TOKENS: plan.table.positionTokens,
    MEMBER_OFFSETS: plan.table.memberOffsets,
    MEMBERS: plan.table.members,
    FOCUS: plan.table.focus,
    REWARDS: numbers.rewards,
    NUMBER_TABLES: numbers.tables,
    NUMBER_TABLE: numbers.table.size,
    WEIGHTS: numbers.table.weights,
    PAIR_INPUTS: numbers.table.inputs,
    FIRST_OBJECTIVE_PARAMETER: settingRows.length,
  };
  for (const [index, name] of settingRows.entries()) constants[`SETTING_${name.replace(/[A-Z]/, '_$&').toUpperCase()}`] = index;
  for (const [index, name] of metricRows.entries()) constants[`METRIC_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`] = index;
  const flags = {
    FEATURES: shape.parameterisation === 'features',
    FIRST_TRAINED: shape.firstTrained,
    SECOND_TRAINED: shape.secondTrained,
    HAS_OFFSETS: shape.offsetRows > 0,
    HAS_REWARDS: shape.rewarded,
    HAS_HIDDEN: shape.hidden,
  };
  return [
    ...Object.entries(constants).map(([name, value]) => `const ${name} = ${value}u;`),
    ...Object.entries(flags).map(([name, value]) => `const ${name} = ${value};`),
    `var<private> pair_inputs: array<f32, ${Math.max(1, shape.inputs)}>;`,
    `var<private> objective_parameters: array<f32, ${Math.max(1, shape.objectiveParameters)}>;`,
    ...(isPrivate(layout)
      ? [
          `var<private> memory: array<f32, ${memory.size}>;`,
          'fn load(i: u32) -> f32 { return memory[i]; }',
          'fn store(i: u32, x: f32) { memory[i] = x; }',
          'fn open_run() { for (var i = 0u; i < PERSISTENT; i++) { memory[i] = state[i * params.runs + run]; } }',
          'fn close_run() { for (var i = 0u; i < PERSISTENT; i++) { state[i * params.runs + run] = memory[i]; } }',
        ]
      : [
          'fn load(i: u32) -> f32 { return state[i * params.runs + run]; }',
          'fn store(i: u32, x: f32) { state[i * params.runs + run] = x; }',
          'fn open_run() {}',
          'fn close_run() {}',
        ]),
    heldWgsl(shape, layout, isHeld(shape, isPrivate(layout))),
  ].join('\n');
}
