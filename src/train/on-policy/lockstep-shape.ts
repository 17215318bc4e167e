import { itemSize } from '../../backend/group-items.ts';
import { updateSettings } from '../../core/optimizer.ts';
import { definePolicy } from '../../policies/kinds.ts';
import type { FusedForm } from '../../policies/policy.ts';
import { canStack } from '../../policies/stack-policies.ts';
import type { ValidOnPolicy } from './on-policy.ts';

/** What of a run can train beside others. */
export interface LockstepShape {
  /** runs with equal keys can train together: they differ in seed, rewards, and the numbers of their policies, references and samplers */
  readonly key: string;
  /** numbers in the largest storage of one run */
  readonly numbers: number;
}

/**
 * Null where a run trains alone: its policy has no passes over many of its kind, its loss compares pairs, whose number differs from run to
 * run as they are sampled, its seed decides who is sampled (lmbda), or a round without a signal must leave it as it is while others are
 * updated, and its optimiser would move it.
 */
export function lockstepShape({ experiment, loss }: ValidOnPolicy): LockstepShape | null {
  const { policy, rewards, method, sampling: all, verdicts, klPenalty, resetReference, reference, syncReference, optimizer } = experiment;
  const { sampler, ...sampling } = all;
  if (loss.over === 'pairs' || sampling.lmbda !== undefined) return null;
  const { rule, weightDecay } = updateSettings({ ...optimizer, steps: sampling.updates });
  if (sampling.dropEqualRewards && (rule !== 'sgd' || weightDecay !== 0)) return null;
  const definition = definePolicy(policy, experiment.seed);
  if (!canStack(definition)) return null;
  const { columns, parameters } = definition;
  const { objective } = loss;
  const responses = rewards.length * sampling.groups * sampling.n;
  const ofResponse = Math.max(columns, itemSize(objective), objective.inputs.length, 2 * objective.tokenSums);
  return {
    key: JSON.stringify([
      ...[(definition.fused as FusedForm).key, method, sampling, optimizer, verdicts, klPenalty, resetReference, syncReference],
      ...[sampler !== undefined, reference !== undefined],
    ]),
    numbers: Math.max(responses * ofResponse, ...parameters.map(({ values }) => values.length)),
  };
}
