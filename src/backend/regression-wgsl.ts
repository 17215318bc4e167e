import { updateRules } from '../core/optimizer.ts';
import { settingRows } from './ensemble-layout.ts';
import { type RegressionShape, regressionLayout } from './regression-layout.ts';

/** The constants of the regressions' shader, and the arrays that the objective reads. */
export function regressionWgsl(shape: RegressionShape): string {
  const { state, plan, numbers } = regressionLayout(shape);
  const constants: Record<string, number> = {
    COLUMNS: shape.columns,
    CONTEXTS: shape.contexts,
    DIMENSIONS: shape.dimensions,
    PAIRS: shape.pairs,
    INPUTS: shape.inputs,
    OBJECTIVE_PARAMETERS: shape.objectiveParameters,
    RULE: updateRules.indexOf(shape.rule),
    SLOTS: shape.slots,
    CHOSEN_REFERENCES: shape.chosenReferences,
    REJECTED_REFERENCES: shape.rejectedReferences,
    STATE: state.size,
    THETA: state.theta,
    FIRST: state.first,
    SECOND: state.second,
    REFERENCES: state.references,
    CLOCK: state.clock,
    LOGPS: state.logps,
    SLOPES: state.slopes,
    MEANS: state.means,
    PEAKS: state.peaks,
    TOTALS: state.totals,
    PULLS: state.pulls,
    PLAN_TABLE: plan.size,
    SEQUENCE_CONTEXTS: plan.contexts,
    SEQUENCE_TOKENS: plan.tokens,
    MEMBER_OFFSETS: plan.memberOffsets,
    MEMBERS: plan.members,
    NUMBER_TABLES: numbers.tables,
    NUMBER_TABLE: numbers.table.size,
    FEATURES: numbers.table.features,
    SHIFTS: numbers.table.shifts,
    WEIGHTS: numbers.table.weights,
    PAIR_INPUTS: numbers.table.inputs,
    FIRST_OBJECTIVE_PARAMETER: settingRows.length,
  };
  for (const [index, name] of settingRows.entries()) constants[`SETTING_${name.replace(/[A-Z]/, '_$&').toUpperCase()}`] = index;
  return [
    ...Object.entries(constants).map(([name, value]) => `const ${name} = ${value}u;`),
    `var<private> pair_inputs: array<f32, ${Math.max(1, shape.inputs)}>;`,
    `var<private> objective_parameters: array<f32, ${Math.max(1, shape.objectiveParameters)}>;`,
  ].join('\n');
}
