import { heldNormalise, heldRow } from './held-rows.ts';
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

/** How the lanes of a workgroup merge what they read. */
export const reduceSlot = (subgroups: boolean): { reduce: string } => ({ reduce: text(subgroups ? 'reduce_subgroups' : 'reduce_plain') });

/** The row that one invocation keeps in registers; for rows that none keeps, the shortest text that compiles. */
export const heldSlot = (strategy: RowPlan['strategy'], columns: number): { held: string } => ({
  held: heldRow(strategy === 'held' ? columns : 1),
});

/** How a held row is written. */
export const heldNormaliseSlot = (strategy: RowPlan['strategy'], columns: number): { held_normalise: string } => ({
  held_normalise: heldNormalise(strategy === 'held' ? columns : 1),
});
