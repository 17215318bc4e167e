import { fixed, setting } from '../../shell/controls/format.ts';

/** How many different values there are, to nine digits. */
const different = (values: ArrayLike<number>): number => new Set(Array.from(values, (value) => value.toPrecision(9))).size;

/**
 * Why a number known before training cannot rank the pairs; null where it can.
 *
 * @param values [pairs] @param oneWord pairs whose responses differ in one word alone
 */
export function whyUnranked(values: ArrayLike<number>, oneWord: number): string | null {
  const [first] = Array.from(values);
  if (first === undefined || values.length < 2 || different(values) > 1) return null;
  const reason =
    oneWord >= values.length ? ': chosen and rejected differ in one word alone, and that changes their sums alike in every pair' : '';
  return `It is ${setting(first).replace('-', '−')} in every pair, and cannot rank them${reason}.`;
}

/** What such a number's rank correlation with the changes of the chosen responses says, in a sentence. */
export function predictorSays(correlation: number, values: ArrayLike<number>, oneWord: number): string {
  const why = whyUnranked(values, oneWord);
  if (why !== null) return why;
  if (values.length < 2) return 'One pair has no rank.';
  if (Number.isNaN(correlation)) return 'All chosen responses changed alike, and nothing is left to rank.';
  // ranks that have nothing to do with each other agree further than this in about one of twenty sets of as many pairs
  const chance = 2 / Math.sqrt(values.length - 1);
  const isChance = Math.abs(correlation) < chance;
  const few = isChance ? ' Of so few pairs it may be chance.' : '';
  if (correlation < -0.3) return `Here a higher value tends to go with a larger fall or a smaller gain.${few}`;
  if (correlation > 0.3) return `Here a higher value tends to go with a smaller fall or a larger gain: it predicts the opposite.${few}`;
  const kinds = different(values);
  if (kinds <= values.length / 2)
    return `Here it says little about which chosen responses fall: it has ${kinds} different values on ${values.length} pairs.`;
  return isChance
    ? `Here it says little about which chosen responses fall: ranks that agree as little (${fixed(Math.abs(correlation), 2)}) come about by chance.`
    : 'Here it says little about which chosen responses fall: the two ranks agree weakly, if more than by chance.';
}
