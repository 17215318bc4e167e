import { updateRules } from '../core/optimizer.ts';
import { heldWgsl, isHeld } from './ensemble-held.ts';
import { type EnsembleShape, ensembleLayout, isPrivate, metricRows, settingRows } from './ensemble-layout.ts';

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
    LOWEST_CHANGE: memory.lowest,
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
