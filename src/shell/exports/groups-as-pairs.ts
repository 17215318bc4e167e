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

/**
 * The same experiment on pairs: groups of two are pairs, the better response chosen, and their loss has a form on pairs. Null where they are
 * none: groups of another size or of equal rewards, or whose opponent is better where the loss tells, and losses that read tokens, or of all groups together what a pair does not know.
 */
export function asPairs(described: Experiment): OnPairs | null {
  const { groups, ...rest } = described;
  if (!groups) return { experiment: described, spec: resolveLoss(described.objective, 'pairs') };
  const { loss, values } = resolveLoss(described.objective, 'groups');
  const hasMoreTokens = groups.some(({ responses }) => responses.some((response) => typeof response !== 'number' && response.length > 1));
  if (hasMoreTokens && loss.tokenTerms.length > 0) return null;
  if (groups.length > 1 && groupInputsOf(loss).some((name) => isOfBatch(name) && (hasMoreTokens || name.startsWith('batch_')))) return null;
  const tells = groupInputsOf(loss).some((name) => name.startsWith('opponent'));
  const pairs: Pair[] = [];
  for (const group of groups) {
    const { prompt, responses, rewards, weight, given } = orderGroup(group);
    const [chosen, rejected, ...more] = responses;
    if (chosen === undefined || rejected === undefined || more.length > 0 || (rewards && rewards[0] === rewards[1])) return null;
    if (tells && given[0] !== 0) return null;
    pairs.push({ prompt, chosen, rejected, weight, ...(rewards ? { rewards: rewards as [number, number] } : {}) });
  }
  return { experiment: { ...rest, pairs }, spec: { over: 'pairs', loss: pairForm(loss), values, ldAlpha: null } };
}
