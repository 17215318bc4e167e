import type { Experiment, Pair } from '../../core/experiment.ts';
import type { Trial } from '../../core/trial.ts';

/** A policy told by a control: logits = W h_x + e_c, where W and the controls' vectors e are shared by all prompts. */
export interface Controlled {
  /** [prompt][dimension] */
  readonly hidden: readonly (readonly number[])[];
  /** how many controls there are; (prompt, control) is prompt · controls + control */
  readonly controls: number;
}
export interface ControlRates {
  /** by how much Adam moves an entry of W, and of e, in an update; at most */
  readonly weights: number;
  readonly controls: number;
  readonly steps: number;
}

/** A stage trains both at rates of their own, which are scales of what they multiply. A rate of 0 stands for a thousandth of the other. */
const scalesOf = ({ weights, controls }: ControlRates) => {
  const rate = Math.max(weights, controls);
  return { rate, ofWeights: Math.max(weights / rate, 1e-3), ofControls: Math.max(controls / rate, 1e-3) };
};

/** Likelihood of demonstrations; `start` is [answer][W's row, then its entry of each e]. */
export function fitControlled(
  { hidden, controls }: Controlled,
  start: readonly (readonly number[])[],
  pairs: Pair[],
  rates: ControlRates,
): Experiment {
  const { rate, ofWeights, ofControls } = scalesOf(rates);
  const dimensions = hidden[0]?.length ?? 0;
  return {
    policy: {
      kind: 'features',
      hidden: hidden.flatMap((row) =>
        Array.from({ length: controls }, (_, c) => [
          ...row.map((value) => value * ofWeights),
          ...Array.from({ length: controls }, (__, other) => (other === c ? ofControls : 0)),
        ]),
      ),
      unembedding: start.map((row) => row.map((value, k) => value / (k < dimensions ? ofWeights : ofControls))),
      train: 'unembedding',
    },
    pairs,
    objective: { name: 'sft' },
    optimizer: { kind: 'adam', learningRate: rate, steps: rates.steps },
  };
}

/** [answer] what a stage ended with, as the next one starts. */
export function controlledWeights({ final }: Trial, { hidden, controls }: Controlled, rates: ControlRates): number[][] {
  const { ofWeights, ofControls } = scalesOf(rates);
  const dimensions = hidden[0]?.length ?? 0;
  const flat = Array.from(final['unembedding'] ?? []);
  const width = dimensions + controls;
  return Array.from({ length: flat.length / width }, (_, y) =>
    flat.slice(width * y, width * (y + 1)).map((value, k) => value * (k < dimensions ? ofWeights : ofControls)),
  );
}
