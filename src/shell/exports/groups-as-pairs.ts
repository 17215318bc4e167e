import { ExperimentError } from '../../core/errors.ts';
import type { Experiment, Pair } from '../../core/experiment.ts';
import { batchConstants } from '../../objectives/group-inputs.ts';
import { groupInputsOf } from '../../objectives/group-loss.ts';
import { resolveLoss } from '../../objectives/loss-spec.ts';
import { pairForm } from '../../objectives/pair-form.ts';
import type { PairSpec } from '../../objectives/resolve.ts';
import { orderGroup } from '../../train/group/group-columns.ts';

/** An experiment on pairs, with its loss. */
export interface OnPairs {
  readonly experiment: Experiment;
  readonly spec: PairSpec;
}

const isOfBatch = (name: string) => (batchConstants as readonly string[]).includes(name);
/** Whether each pair by itself says what all groups do: all have as many tokens where every response has one. */
const isSame = (name: string, hasMoreTokens: boolean) => name !== 'batch_deviation' && !hasMoreTokens;

/**
 * The same experiment on pairs: groups of two are pairs, the better response chosen, and their loss has a form on pairs. Throws an
 * ExperimentError for other groups.
 */
export function asPairs(described: Experiment): OnPairs {
  const { groups, ...rest } = described;
  if (!groups) return { experiment: described, spec: resolveLoss(described.objective, 'pairs') };
  const pairs = groups.map((group, index): Pair => {
    const { prompt, responses, rewards, weight } = orderGroup(group);
    const [chosen, rejected, ...more] = responses;
    if (chosen === undefined || rejected === undefined || more.length > 0 || (rewards && rewards[0] === rewards[1]))
      throw new ExperimentError(
        `groups[${index}]`,
        'is not written as a PyTorch script: it trains on pairs, which groups of two with different rewards can be.',
      );
    return { prompt, chosen, rejected, weight, ...(rewards ? { rewards: rewards as [number, number] } : {}) };
  });
  const { loss, values } = resolveLoss(described.objective, 'groups');
  const hasMoreTokens = groups.some(({ responses }) => responses.some((response) => typeof response !== 'number' && response.length > 1));
  const read = groupInputsOf(loss);
  if (
    (loss.tokenTerms.length > 0 && hasMoreTokens) ||
    (groups.length > 1 && read.some((name) => isOfBatch(name) && !isSame(name, hasMoreTokens)))
  )
    throw new ExperimentError(
      'objective',
      'is not written as a PyTorch script here: its loss sums over tokens, or reads of all groups together what a pair does not know.',
    );
  return { experiment: { ...rest, pairs }, spec: { over: 'pairs', loss: pairForm(loss), values, ldAlpha: null } };
}
