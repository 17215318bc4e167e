import { type FindReading, isLong, seriesOf, show } from './series.ts';

/** What a log rounds a loss of ln 2 to, and what single batches add. */
const NEAR = 0.002;

/** The loss is ln 2 in every row: policy and reference are the same. */
export const stuckAtLn2: FindReading = (log) => {
  const loss = seriesOf(log, 'loss');
  if (!loss || loss.values.length < 2) return null;
  // Smoothing and several steps of accumulation only scale it: what is said is said of ln 2 itself.
  if (loss.values.some((value) => Math.abs(value - Math.LN2) > NEAR)) return null;
  const rewards = ['rewards/chosen', 'rewards/rejected', 'rewards/margins'].map((name) => seriesOf(log, name));
  if (rewards.some((series) => series?.values.some((value) => Math.abs(value) > NEAR))) return null;
  // small as they are, rewards that move on are learnt
  if (rewards.some((series) => isLong(series) && Math.abs(series.late - series.early) > Math.max(1e-4, 6 * series.error))) return null;
  const known = rewards.some((series) => series !== null);
  return {
    id: 'stuck-at-ln2',
    text: `Stuck at ln 2: the loss is ${show(loss.late, 4)} in all ${loss.values.length} rows${known ? ', and the rewards are 0, as if the policy were the reference' : ''}. It looks as if nothing were trained.`,
    ...(loss.steps[0] === undefined ? {} : { fromStep: loss.steps[0] }),
    causes: [
      'No gradient reaches the weights: the adapter is frozen, not attached, or the optimiser holds other parameters.',
      'Policy and reference are one object, or the reference is the policy with its adapter on.',
      'The learning rate is 0, or so small that float16 and bfloat16 weights do not change.',
    ],
    remedies: [
      'Print which parameters require a gradient, and the gradient’s norm.',
      'Compare a weight before and after a step.',
      'Load the reference apart, or leave it out (ref_model=None) with an adapter.',
    ],
  };
};
