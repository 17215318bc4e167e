import { inputsOf } from '../../core/expression/expression.ts';
import type { ObjectiveView } from './objective-view.ts';

/** What a loss may read of the reference: its log-probs, and statistics of log-ratios. */
const ofReference = /^(?:ref_|sorted_ref_|same_rank_logratio_|kl_baseline|mean_logratio)/;

/** Whether it matters to the loss where the reference is. */
export const readsReference = ({ loss }: Pick<ObjectiveView, 'loss'>): boolean => inputsOf(loss).some((name) => ofReference.test(name));
