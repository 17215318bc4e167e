import { inputsOf } from '../../core/expression/expression.ts';
import { checkGradient, type GradientVerdict } from '../../objectives/check/gradient-check.ts';
import type { PairInput } from '../../objectives/inputs.ts';
import { columnOf, type ObjectiveView, type PairState, stateAtMargin } from './objective-view.ts';

/** Compares the objective's derivatives with finite differences of its loss, at margins from -20 to 20 nats. */
export function checkObjective({ loss, parameters }: ObjectiveView, { refChosen, refRejected }: PairState): GradientVerdict {
  const values = Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
  const names = inputsOf(loss) as PairInput[];
  const points = Array.from({ length: 41 }, (_, i) => {
    // Away from whole margins, where a loss with a kink would have it.
    const state = stateAtMargin(refChosen - 0.3, refRejected - 0.7, i - 20 + 0.137);
    const inputs = names.map((name) => [
      name,
      name === 'logp_w' ? state.chosen : name === 'logp_l' ? state.rejected : columnOf(name, state),
    ]);
    return { ...values, ...Object.fromEntries(inputs) };
  });
  return checkGradient(loss, points);
}
