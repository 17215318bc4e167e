import { signed, significant } from '../../../shell/controls/format.ts';
import type { Report } from '../../../shell/exports/report.ts';
import { compareLosses, type PairNumbers } from './compare-losses.ts';
import { limitWords, missingWords, readingOf } from './loss-words.ts';

/** The losses that are compared on pairs, as a part of a report. */
export function lossSection(numbers: PairNumbers, beta: number): Report['sections'][number] {
  const losses = compareLosses(numbers, beta);
  return {
    title: readingOf(losses),
    lines: ['Means of −∂loss/∂log π. Overlap: ⟨∇ log π(chosen), ∇ log π(rejected)⟩ ÷ ‖∇ log π(chosen)‖².'],
    head: ['loss', 'pull on chosen', 'on rejected', 'mean loss', 'lifts chosen while overlap is', 'chosen rises, the pair alone'],
    rows: losses.map(({ inFull, found, missing }) =>
      found
        ? [
            inFull,
            signed(found.onChosen, 3),
            signed(found.onRejected, 3),
            significant(found.loss),
            limitWords(found),
            found.raised ? `${found.raised.count} of ${found.raised.of}` : '',
          ]
        : [inFull, missingWords(missing), '', '', '', ''],
    ),
  };
}
