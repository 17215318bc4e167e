import type { Storage } from '../../backend/backend.ts';
import type { RecordedStep } from '../../core/experiment.ts';
import type { UpdateSettings } from '../../core/optimizer.ts';
import type { PolicyOnBackend } from './policy-on-backend.ts';

/** Forward pass, losses and backward pass of one list of pairs or groups under one objective, for any policy of one definition. */
export interface LossPass {
  /** Computes what the objective reads of the reference and of the previous iterate; must be awaited before `computeLosses`. */
  prepare(reference: PolicyOnBackend, previous?: PolicyOnBackend): Promise<void>;
  /** Log-probs of all responses. */
  forward(policy: PolicyOnBackend): void;
  /** Losses and slopes of all pairs or groups. */
  computeLosses(): void;
  /** One update of `policy` from the losses just computed. */
  update(policy: PolicyOnBackend, settings: UpdateSettings): void;
  /** Replaces the weights of the losses in their mean. */
  setWeights(weights: Float64Array): void;
  /** what a record holds after `forward` and `computeLosses`, one block after the other */
  readonly recorded: readonly Storage[];
  /** Reads a record. */
  decode(values: Float32Array | Float64Array): Omit<RecordedStep, 'step' | 'loss'>;
  dispose(): void;
}
