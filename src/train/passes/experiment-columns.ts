import { ExperimentError } from '../../core/errors.ts';
import type { Pair } from '../../core/experiment.ts';
import type { CompiledObjective } from '../../objectives/compile.ts';
import type { PairConstant } from '../../objectives/inputs.ts';
import { lengthColumns, type PairColumns } from './pair-inputs.ts';

/** Throws an ExperimentError that names a bad optional field of a pair. */
export function validatePairFields(pair: Pair, path: string): void {
  const { rewards, label } = pair;
  if (rewards !== undefined && (!Array.isArray(rewards) || rewards.length !== 2 || !rewards.every(Number.isFinite)))
    throw new ExperimentError(`${path}.rewards`, `must be [chosen, rejected], two finite numbers, not ${JSON.stringify(rewards)}.`);
  if (label !== undefined && !(typeof label === 'number' && label >= 0 && label <= 1))
    throw new ExperimentError(`${path}.label`, `must be a probability from 0 to 1, not ${JSON.stringify(label)}.`);
  for (const side of ['chosen', 'rejected'] as const) {
    const mask = maskOf(pair, side);
    const { [side]: response } = pair;
    const tokens = typeof response === 'number' ? 1 : response.length;
    const isMask = mask === undefined || (Array.isArray(mask) && mask.length === tokens && mask.every((part) => part >= 0 && part <= 1));
    if (!isMask)
      throw new ExperimentError(
        `${path}.${side}Mask`,
        `must hold a number from 0 to 1 for each of the ${tokens} tokens, not ${JSON.stringify(mask)}.`,
      );
    if (mask && !mask.some((part) => part > 0))
      throw new ExperimentError(`${path}.${side}Mask`, 'leaves every token out; let one count at least, or leave out the pair.');
  }
}

/** The mask of one side's tokens; undefined: all count. */
export const maskOf = (pair: Pair, side: 'chosen' | 'rejected'): readonly number[] | undefined =>
  side === 'chosen' ? pair.chosenMask : pair.rejectedMask;

/** Whether a token of any pair is left out of the loss, or counts in part. */
export const hasMask = (pairs: readonly Pair[]): boolean =>
  pairs.some(({ chosenMask, rejectedMask }) => [...(chosenMask ?? []), ...(rejectedMask ?? [])].some((part) => part < 1));

/** Counted tokens of one side's responses. */
export const responseLengths = (pairs: readonly Pair[], side: 'chosen' | 'rejected'): Float64Array =>
  Float64Array.from(pairs, (pair) => {
    const mask = maskOf(pair, side);
    if (mask) return mask.filter((part) => part > 0).length;
    const { [side]: response } = pair;
    return typeof response === 'number' ? 1 : response.length;
  });

/**
 * What an objective may read of an experiment's pairs. The reference is the policy at the start of the run, and so is the previous
 * iterate: a run is one iteration of a method that has several.
 */
export function experimentColumns(
  { pairs }: { pairs: readonly Pair[] },
  refChosen: ArrayLike<number>,
  refRejected: ArrayLike<number>,
): { columns: PairColumns; missing: (name: PairConstant) => Error } {
  const every = <T>(values: readonly (T | undefined)[]) => (values.every((value) => value !== undefined) ? (values as T[]) : undefined);
  const rewards = every(pairs.map((pair) => pair.rewards));
  const columns: PairColumns = {
    ref_w: refChosen,
    ref_l: refRejected,
    prev_w: refChosen,
    prev_l: refRejected,
    ...lengthColumns(responseLengths(pairs, 'chosen'), responseLengths(pairs, 'rejected')),
    reward_w: rewards?.map(([chosen]) => chosen),
    reward_l: rewards?.map(([, rejected]) => rejected),
    label: every(pairs.map((pair) => pair.label)),
    weight: pairs.map(({ weight }) => weight ?? 1),
  };
  const missing = (name: PairConstant): Error => {
    const field = name === 'label' ? 'label' : 'rewards';
    const at = pairs.findIndex((pair) => pair[field] === undefined);
    const form = field === 'label' ? 'a probability from 0 to 1' : '[chosen, rejected]';
    return new ExperimentError(`pairs[${at}].${field}`, `is missing, and the objective reads ${name}. Give every pair ${field}: ${form}.`);
  };
  return { columns, missing };
}

/** Throws an ExperimentError for pairs whose masks the objective cannot heed. */
export function validateMasks(pairs: readonly Pair[], { statistics }: CompiledObjective): void {
  if (hasMask(pairs) && statistics.includes('wpo_weight'))
    throw new ExperimentError(
      'pairs',
      'have masks, and WPO’s weights are of whole responses; leave the masks out or choose another objective.',
    );
}
