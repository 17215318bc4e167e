/** Where a finite distribution has its mass. Distributions are log-probabilities in nats over K outcomes. */

/** The outcomes of the smallest set that holds `share` of the mass, most probable first. */
export function bulk(logProbs: ArrayLike<number>, share: number): number[] {
  const order = Array.from(logProbs, (_, y) => y).sort((a, b) => (logProbs[b] ?? Number.NaN) - (logProbs[a] ?? Number.NaN));
  let mass = 0;
  let taken = 0;
  while (taken < order.length && mass < share) mass += Math.exp(logProbs[order[taken++] ?? 0] ?? Number.NaN);
  return order.slice(0, taken);
}

/** Of the bulk of q, the part of its outcomes, 0 to 1, to which p gives at least half of q's probability. */
export function coverage(logP: ArrayLike<number>, logQ: ArrayLike<number>, share: number): number {
  const wanted = bulk(logQ, share);
  const reached = wanted.filter((y) => (logP[y] ?? Number.NaN) >= (logQ[y] ?? Number.NaN) - Math.LN2);
  return reached.length / wanted.length;
}
