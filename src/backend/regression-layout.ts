import type { UpdateRule } from '../core/optimizer.ts';
import { regions, settingRows } from './ensemble-layout.ts';

/** What all regressions that are trained side by side have in common; constants in their shader. Each has features and pairs of its own. */
export interface RegressionShape {
  /** numbers that a softmax compares with a mean */
  readonly columns: number;
  /** responses to all prompts, each with features of its own */
  readonly contexts: number;
  /** features of a response, and weights */
  readonly dimensions: number;
  readonly pairs: number;
  /** columns of a pair's objective inputs, at most 32 */
  readonly inputs: number;
  /** bit i: column i is the reference's log-prob of the chosen response */
  readonly chosenReferences: number;
  /** the same of the rejected response */
  readonly rejectedReferences: number;
  readonly objectiveParameters: number;
  readonly rule: UpdateRule;
  readonly slots: 0 | 1 | 2;
}

/** One run of one pair: what stands for any where only the shader's form matters. */
export const smallestRegression: RegressionShape = {
  columns: 2,
  contexts: 2,
  dimensions: 1,
  pairs: 1,
  inputs: 2,
  chosenReferences: 1,
  rejectedReferences: 2,
  objectiveParameters: 1,
  rule: 'sgd',
  slots: 0,
};

/** Where everything lies, in elements. */
export interface RegressionLayout {
  /** of each run, [runs][size] */
  readonly state: Readonly<
    Record<
      'theta' | 'first' | 'second' | 'references' | 'clock' | 'logps' | 'slopes' | 'means' | 'peaks' | 'totals' | 'pulls' | 'size',
      number
    >
  >;
  /** u32, one block for each table: what the responses of the pairs read, chosen ones first, and the responses that read each context */
  readonly plan: Readonly<Record<'contexts' | 'tokens' | 'memberOffsets' | 'members' | 'size', number>>;
  /** floats: the columns' values, then one block for each table */
  readonly numbers: {
    readonly tables: number;
    readonly table: Readonly<Record<'features' | 'shifts' | 'weights' | 'inputs' | 'size', number>>;
  };
  /** rows [runs] of the settings: those of an ensemble, and the objective's parameters */
  readonly settings: number;
}

export function regressionLayout({ columns, contexts, dimensions, pairs, inputs, objectiveParameters, slots }: RegressionShape) {
  return {
    state: regions({
      theta: dimensions,
      first: slots > 0 ? dimensions : 0,
      second: slots > 1 ? dimensions : 0,
      references: 2 * pairs,
      clock: 3,
      logps: 2 * pairs,
      slopes: 2 * pairs,
      means: contexts,
      peaks: contexts,
      totals: contexts,
      pulls: contexts,
    }),
    plan: regions({ contexts: 2 * pairs, tokens: 2 * pairs, memberOffsets: contexts + 1, members: 2 * pairs }),
    numbers: {
      tables: columns,
      table: regions({ features: contexts * dimensions, shifts: contexts, weights: pairs, inputs: pairs * inputs }),
    },
    settings: settingRows.length + objectiveParameters,
  } satisfies RegressionLayout;
}
