import type { DataResults } from '../../../shell/files/data-jobs.ts';
import { count } from '../pairs-text.ts';

/** What the log-probs say first, in one line. */
export function readingOfLogps({ facts, chosen }: Pick<DataResults['logps'], 'facts' | 'chosen'>): string {
  const { margins, changes, ranked } = facts;
  const pairs = chosen.length;
  if (!changes || !margins.chosenChange || !margins.rejectedChange)
    return `${count(Math.round(ranked * pairs))} of ${count(pairs)} pairs ranked right; what fell is unknown without a reference`;
  const { chosenChange, rejectedChange } = margins;
  if (chosenChange.every((change, i) => change === 0 && rejectedChange[i] === 0))
    return 'The two models give the same numbers: nothing seems trained';
  if (changes.displaced === pairs) return `All ${count(pairs)} pairs are displaced: chosen fell although the margin grew`;
  if (changes.displaced > 0)
    return `${count(changes.displaced)} of ${count(pairs)} pairs are displaced: chosen fell although the margin grew`;
  return changes.chosenFell > 0
    ? `Chosen fell in ${count(changes.chosenFell)} of ${count(pairs)} pairs, and the margin grew in none of them`
    : `Chosen fell in none of ${count(pairs)} pairs`;
}
