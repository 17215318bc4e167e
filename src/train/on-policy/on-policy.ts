import type { Backend } from '../../backend/backend.ts';
import type { RunOptions } from '../../core/experiment.ts';
import type { OnPolicyExperiment, OnPolicyRound, OnPolicyTrajectory } from '../../core/on-policy.ts';
import { definePolicy } from '../../policies/kinds.ts';
import { nextTask } from '../next-task.ts';
import { referenceParameters } from '../own-reference.ts';
import { Lockstep, type OnPolicyRun } from './lockstep.ts';
import type { CompiledOnPolicyLoss } from './on-policy-loss.ts';
import { validateOnPolicy } from './validate-on-policy.ts';

/** `record`: updates whose states are wanted besides those before each round and after the last. */
export interface OnPolicyOptions extends RunOptions {
  readonly record?: readonly number[];
  /** keeps no other states than those, the first and the last: many long runs at once have many */
  readonly sparse?: boolean;
}

/** A validated experiment with its loss. */
export interface ValidOnPolicy {
  readonly experiment: OnPolicyExperiment;
  readonly loss: CompiledOnPolicyLoss;
}

/** Trains rounds of sampling, labelling and updating. Rejects with an ExperimentError, or with the signal's reason. */
export async function trainOnPolicy(
  backend: Backend,
  experiment: OnPolicyExperiment,
  options: OnPolicyOptions = {},
): Promise<OnPolicyTrajectory> {
  const [trajectory] = await trainTogether(backend, [{ experiment, loss: validateOnPolicy(experiment) }], options);
  return trajectory as OnPolicyTrajectory;
}

/** The same of several experiments with one key of `lockstepShape`, in their order, with as many calls of kernels as one alone. */
export async function trainTogether(
  backend: Backend,
  all: readonly ValidOnPolicy[],
  { signal, onProgress, record = [], sparse = false }: OnPolicyOptions = {},
): Promise<OnPolicyTrajectory[]> {
  const runs = await Promise.all(all.map(runOf));
  const lockstep = await Lockstep.open(backend, runs);
  const { rounds: total } = (all[0] as ValidOnPolicy).experiment.sampling;
  try {
    const rounds: OnPolicyRound[][] = all.map(() => []);
    const wanted = new Set(record);
    const isKept = ({ updates }: OnPolicyRound): boolean => !sparse || updates === 0 || wanted.has(updates);
    for (let round = 0; round < total; round++) {
      signal?.throwIfAborted();
      for (const [run, states] of (await lockstep.round(round, wanted)).entries()) rounds[run]?.push(...states.filter(isKept));
      onProgress?.(round + 1, total);
      await nextTask();
    }
    for (const [run, state] of (await lockstep.state(total)).entries()) rounds[run]?.push(state);
    const final = await lockstep.parameters();
    return rounds.map((own, run) => ({ rounds: own, final: final[run] ?? {} }));
  } finally {
    lockstep.dispose();
  }
}

async function runOf({ experiment, loss }: ValidOnPolicy): Promise<OnPolicyRun> {
  const definition = definePolicy(experiment.policy, experiment.seed);
  const reference = experiment.reference && (await referenceParameters(experiment.reference, experiment.policy.kind, definition));
  return { experiment, loss, definition, reference };
}
