import type { FindReading } from './series.ts';

/** A number of the training itself is NaN or infinite. */
export const nan: FindReading = (log) => {
  const found = log.nonFinite.filter(({ column }) => /loss|rewards|logps|logits|grad_norm|kl|reward/.test(column));
  const [first] = found;
  if (!first) return null;
  const at = found.filter(({ step }) => step === first.step).map(({ column }) => column);
  const rows = new Set(found.map(({ step }) => step)).size;
  const last = log.steps.at(-1);
  return {
    id: 'nan',
    text: `Not finite from step ${first.step} on: ${[...new Set(at)].slice(0, 4).join(', ')} ${at.length === 1 ? 'is' : 'are'} ${String(first.value)}; in ${rows} of ${log.steps.length} rows${last === undefined ? '' : `, the last at step ${found.at(-1)?.step}`}. What comes after cannot be trusted.`,
    fromStep: first.step,
    causes: [
      'float16 overflows, or its log of 0 is −∞.',
      'A response without tokens: its mean divides by 0.',
      'The gradient exploded in the steps before.',
    ],
    remedies: [
      'Train in bfloat16.',
      'Leave out empty and truncated responses.',
      'Clip the gradient, lower the learning rate, warm up longer.',
    ],
  };
};
