/** log Σ exp(x). */
export function logSumExp(values: ArrayLike<number>): number {
  let peak = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) peak = Math.max(peak, values[i] ?? Number.NaN);
  if (!Number.isFinite(peak)) return peak;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp((values[i] ?? Number.NaN) - peak);
  return peak + Math.log(sum);
}

/** Log-probabilities of the distribution with these logits. */
export function logSoftmax(logits: ArrayLike<number>): number[] {
  const logZ = logSumExp(logits);
  return Array.from(logits, (logit) => logit - logZ);
}

export const softmax = (logits: ArrayLike<number>): number[] => logSoftmax(logits).map(Math.exp);
