import { largestOf, leastOf } from '../../../core/extremes.ts';
import { type FindReading, seriesOf, show } from './series.ts';

/** A KL divergence is never negative; an estimate of it is. */
export const klNegative: FindReading = (log) => {
  const kl = seriesOf(log, 'kl');
  if (!kl) return null;
  // what is a hundredth of what the log else shows is rounding
  const least = Math.max(1e-6, 0.01 * largestOf(kl.values.map(Math.abs)));
  const below = kl.values.filter((value) => value < -least);
  if (below.length === 0) return null;
  const first = kl.values.findIndex((value) => value < -least);
  const fromStep = kl.steps[first];
  return {
    id: 'kl-negative',
    text: `The KL is negative in ${below.length} of ${kl.values.length} rows, ${show(leastOf(below))} at the lowest. A divergence cannot be: this is an estimate from samples, such as k1, the mean of log π − log π_ref over them.`,
    ...(fromStep === undefined ? {} : { fromStep }),
    causes: [
      'Chance, where it is small and its sign changes: on the policy’s own samples k1 has the right mean, and a large variance.',
      'Responses that were not sampled from the present policy: stale rollouts, another temperature, or sampling cut by top-k, top-p or a minimal length.',
      'Sampler and trainer disagree on log-probs (vLLM and PyTorch, or padding).',
    ],
    remedies: [
      'Use k3, which is never negative.',
      'Sample at temperature 1 with no top-k and no top-p.',
      'Compare log-probs of the sampler with those of the trainer.',
    ],
  };
};
