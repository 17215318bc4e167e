import type { ObjectiveChoice } from '../core/experiment.ts';
import type { Expression } from '../core/expression/expression.ts';
import { type CompiledObjective, compileObjective } from '../objectives/compile.ts';
import { resolveLoss } from '../objectives/loss-spec.ts';
import { drawnForm } from '../objectives/pair-form.ts';
import { onPolicyLoss } from './on-policy/on-policy-loss.ts';

/** An objective of groups on two answers as they were drawn, the first as the chosen one, with the values of its parameters. */
export interface LossOfDraws {
  readonly loss: Expression;
  readonly values: Readonly<Record<string, number>>;
  /** exponent of the reference in the law of the second answer, ∝ π^(1 - c) π_ref^c: 0 where the objective does not tell who drew it */
  readonly mixture: number;
}

/** Throws an ObjectiveError or an ExpressionError for a bad choice. */
export function lossOfDraws(choice: ObjectiveChoice): LossOfDraws {
  const { loss, values } = resolveLoss(choice, 'groups');
  const whole = onPolicyLoss({ objective: choice });
  return { loss: drawnForm(loss), values, mixture: whole.over === 'groups' ? (whole.mixtureCoef ?? 0) : 0 };
}

/** The same, ready for the mean over all groups of two. */
export function expectedUpdate(choice: ObjectiveChoice): {
  readonly objective: CompiledObjective;
  readonly drawn: { readonly mixture: number };
} {
  const { loss, values, mixture } = lossOfDraws(choice);
  return { objective: compileObjective(loss, values, null), drawn: { mixture } };
}
