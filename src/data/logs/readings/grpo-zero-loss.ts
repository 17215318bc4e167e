import { type FindReading, type Series, seriesOf, show } from './series.ts';

const isSmall = (value: number): boolean => Math.abs(value) < 1e-3;
/** In half of all rows, not at the start alone. */
export const isMostlyZero = ({ values }: Pick<Series, 'values'>): boolean => values.filter(isSmall).length >= values.length / 2;

/** GRPO's loss is 0 at its first pass over a batch, whatever is learnt. */
export const grpoZeroLoss: FindReading = (log) => {
  const loss = seriesOf(log, 'loss');
  const hasGroups = ['reward', 'reward_std', 'completion_length', 'frac_reward_zero_std'].some((name) => seriesOf(log, name) !== null);
  if (!loss || !hasGroups || seriesOf(log, 'rewards/chosen')) return null;
  const small = loss.values.filter(isSmall).length;
  if (!isMostlyZero(loss) && !isSmall(loss.values[0] ?? 1)) return null;
  const [norm, kl] = [seriesOf(log, 'grad_norm'), seriesOf(log, 'kl')];
  if (norm?.values.every((value) => value === 0)) return null; // there is no gradient, and that is another story
  return {
    id: 'grpo-zero-loss',
    text: `The loss ${isMostlyZero(loss) ? 'is' : 'starts'} next to 0 (below 0.001 in size in ${small} of ${loss.values.length} rows)${norm ? `, and the gradient’s norm is not: ${show(norm.late)}` : ''}. Advantages of a group add up to 0 and the ratio is 1 at first, so that a mean over each response, as GRPO’s own loss is, starts at β·KL${kl ? ` (KL ${show(kl.late)} at the end)` : ''}; its gradient is the policy’s all the same.`,
    ...(loss.steps[0] === undefined ? {} : { fromStep: loss.steps[0] }),
    causes: ['That is how the loss is made: it is no measure of progress.'],
    remedies: [
      'Watch reward, reward_std, KL and lengths instead.',
      'See “grpo” in the catalogue of objectives, where value and gradient are apart.',
    ],
  };
};
