/**
 * ∫ q_t(x) (s_{q_t}(x) - s_{p_t}(x))² dx, the mean over some noises t, as what response i adds to the loss of a group: q is the policy and p
 * its reference on places of a line, `step` apart, which stand as rewards; q_t is q with normal noise of deviation t added, and
 * s = d/dx log its score. Of N(μ, v) against N(ν, v) it is (μ - ν)² / (v + t²)². A member, with squared distances, of the score-based
 * divergences of arXiv:2410.20898.
 */
export const scoreDivergence = (noises: readonly number[], step: number): string =>
  noises
    .map((noise) => {
      const kernel = `square(reward_i - reward_j) / ${2 * noise ** 2}`;
      const [mass, kept] = ['logp', 'ref'].map((of) => `sum(exp(${of}_j - ${kernel}))`);
      const [moment, keptMoment] = ['logp', 'ref'].map((of) => `sum(reward_j * exp(${of}_j - ${kernel}))`);
      // q_t is mass / (t √2π), and the score (moment / mass - x) / t², of which x cancels
      const scale = step / (noise ** 5 * Math.sqrt(2 * Math.PI) * noises.length);
      return `${scale} * ${mass} * square(${moment} / ${mass} - ${keptMoment} / ${kept})`;
    })
    .join(' + ');
