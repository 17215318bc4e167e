import { significant } from '../../../shell/controls/format.ts';
import type { ComparedLoss, Missing } from './compare-losses.ts';

/** The overlap below which a loss raises the chosen response, or above which. */
export function limitWords({ limit, above }: { readonly limit: number; readonly above: number | null }): string {
  if (limit === Number.POSITIVE_INFINITY) return 'anything above 0';
  if (above !== null) return above === Number.POSITIVE_INFINITY ? 'at none' : `above ${significant(above)}`;
  return Number.isNaN(limit) ? 'not known' : `below ${significant(limit)}`;
}

const named: Readonly<Record<Missing, string>> = {
  reference: 'the reference’s log-probs',
  lengths: 'the responses’ lengths',
};

export const missingWords = (missing: readonly Missing[]): string => `Needs ${missing.map((one) => named[one]).join(' and ')}.`;

/** Which loss would push the chosen response up, in one line. */
export function readingOf(losses: readonly ComparedLoss[]): string {
  const known = losses.filter(({ found }) => found);
  const [best] = known;
  if (!best?.found) return 'No loss of the list can be computed';
  const { raised, limit } = best.found;
  const dpo = known.find(({ choice }) => 'name' in choice && choice.name === 'dpo')?.found;
  if (raised) {
    const beside = dpo?.raised && dpo.raised.count < raised.count ? `; with DPO, in ${dpo.raised.count}` : '';
    const all = known.every(({ found }) => found?.raised?.count === raised.count);
    return all
      ? `Trained alone, chosen rises at first in ${raised.count} of ${raised.of} pairs, whichever the loss`
      : `Trained alone, chosen rises at first in ${raised.count} of ${raised.of} pairs with ${best.called}${beside}`;
  }
  if (limit === Number.NEGATIVE_INFINITY) return 'No loss of the list lifts chosen at a low overlap';
  if (limit === Number.POSITIVE_INFINITY) return `${best.called} pulls chosen up, and does not push rejected down`;
  const beside = dpo && dpo.limit < limit ? `; DPO, up to ${significant(dpo.limit)}` : '';
  return `${best.called} lifts chosen up to an overlap of ${significant(limit)}${beside}`;
}
