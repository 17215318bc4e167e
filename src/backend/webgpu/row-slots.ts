import { type HeldShape, heldGradient, heldNormalise, heldRow, lanesText } from './held-rows.ts';
import { sharedShaders } from './shared-shaders.ts';
import type { RowPlan } from './strategy.ts';

const text = (name: string): string => sharedShaders.get(`shared/${name}`) ?? '';

/** How the row kernels reach `logits` and `result`: four quads at once, a quad at once, or number by number. */
export type Access = 'mat4' | 'vec4' | 'scalar';

/** The widest access that rows of this length allow; four quads at once only where a run of quads is read front to back. */
export function accessOf(columns: number, isFrontToBack: boolean): Access {
  if (columns % 16 === 0 && isFrontToBack) return 'mat4';
  return columns % 4 === 0 ? 'vec4' : 'scalar';
}

/** Whether each invocation of the plan reads neighbouring quads. */
export const isFrontToBack = ({ strategy, run }: Pick<RowPlan, 'strategy' | 'run'>): boolean =>
  run > 0 && (strategy === 'packed' || strategy === 'split');

export const loadSlot = (access: Access): { load: string } => ({ load: text(`load_${access}`) });

export const storeSlot = (access: Access): { store: string } => ({ store: text(`store_${access}`) });

/** How many lanes share a row, and how they merge what they read. */
export const reduceSlots = ({ lanes, subgroups }: Pick<RowPlan, 'lanes' | 'subgroups'>): { lanes: string; reduce: string } => ({
  lanes: lanesText(lanes),
  reduce: text(subgroups ? 'reduce_subgroups' : 'reduce_plain'),
});

/** What an invocation of the plan keeps of a row; where it keeps nothing, the shortest text that compiles. */
function heldShape({ strategy, lanes }: RowPlan, columns: number): HeldShape {
  if (strategy === 'held') return { columns, lanes: 1 };
  return strategy === 'held_workgroup' ? { columns, lanes } : { columns: 1, lanes: 1 };
}

export const heldSlot = (plan: RowPlan, columns: number): { held: string } => ({ held: heldRow(heldShape(plan, columns)) });

/** How the log-probs of what is held are written. */
export const heldNormaliseSlot = (plan: RowPlan, columns: number): { held_normalise: string } => ({
  held_normalise: heldNormalise(heldShape(plan, columns)),
});

/** How the gradient by what is held is written. */
export const heldGradientSlot = (plan: RowPlan, columns: number): { held_gradient: string } => ({
  held_gradient: heldGradient(heldShape(plan, columns)),
});
