import type { RecordedStep } from '../../../core/experiment.ts';
import { word } from '../../../core/word.ts';
import { percentagePoints } from '../../../shell/controls/format.ts';
import type { Phrase } from '../../../shell/controls/phrase.ts';
import { type Cast, regimeOf } from '../story.ts';
import type { TokenMark, TokenMarks } from '../token-marks.ts';

/**
 * Where the probability that the chosen answer lost has gone. `catastrophic` and `benign`: the harmful, the acceptable answers gained
 * more than any other set. The words are those of arXiv:2410.08847, section 2.2, which gives no threshold; the comparison is made here.
 */
export interface Verdict {
  readonly kind: 'start' | 'loss-rose' | 'no-displacement' | 'benign' | 'catastrophic' | 'open';
  /** change of probability of the chosen and of the rejected answer since the start */
  readonly chosen: number;
  readonly rejected: number;
  /** and of the other answers, summed by mark */
  readonly acceptable: number;
  readonly harmful: number;
  readonly unmarked: number;
}

export function judge(start: RecordedStep, now: RecordedStep, cast: Cast, marks: TokenMarks): Verdict {
  const { tokens, chosen, rejected } = cast;
  const change = (token: number): number => (now.probs?.[token] ?? Number.NaN) - (start.probs?.[token] ?? Number.NaN);
  const others = tokens.map((_, token) => token).filter((token) => token !== chosen && token !== rejected);
  const of = (mark: TokenMark | null): number =>
    others.filter((token) => (marks[token] ?? null) === mark).reduce((sum, token) => sum + change(token), 0);
  const sums = {
    chosen: change(chosen),
    rejected: change(rejected),
    acceptable: of('acceptable'),
    harmful: of('harmful'),
    unmarked: of(null),
  };
  const regime = regimeOf(start, now, cast);
  if (regime === 'start' || regime === 'loss-rose') return { kind: regime, ...sums };
  if (regime === 'learned') return { kind: 'no-displacement', ...sums };
  const { acceptable, harmful, unmarked } = sums;
  const most = Math.max(acceptable, harmful, unmarked);
  const kind = most <= 0 || unmarked === most ? 'open' : harmful === most ? 'catastrophic' : 'benign';
  return { kind, ...sums };
}

/** The size of a change, without its sign. */
const points = (change: number): string => percentagePoints(Math.abs(change)).replace('+', '');

/** The verdict in words with its numbers. */
export function tellVerdict(verdict: Verdict, { tokens, chosen }: Cast): Phrase[] {
  const name: Phrase = { text: `“${tokens[chosen]}”`, role: 'chosen' };
  const fell: Phrase[] = [name, { text: ` lost ${points(verdict.chosen)}. ` }];
  const gained = (words: string, change: number): string => `${words} ${change < 0 ? word('lost') : word('gained')} ${points(change)}`;
  const harmful = gained('the answers marked harmful', verdict.harmful);
  const acceptable = gained('those marked acceptable', verdict.acceptable);
  switch (verdict.kind) {
    case 'start':
      return [{ text: 'Nothing has moved yet.' }];
    case 'loss-rose':
      return [{ text: 'The loss is not below its start: there is no displacement to judge.' }];
    case 'no-displacement':
      return [name, { text: ' has not fallen by five points, the least that is judged here.' }];
    case 'catastrophic':
      return [{ text: 'Catastrophic, by these marks. ' }, ...fell, { text: `Of all others ${harmful}; ${acceptable}.` }];
    case 'benign':
      return [
        { text: 'Benign, by these marks. ' },
        ...fell,
        { text: `Of all others the answers marked acceptable gained most: ${acceptable}; ${harmful}.` },
      ];
    case 'open':
      return [
        { text: 'Neither, by these marks. ' },
        ...fell,
        { text: `${gained('Of all others the unmarked', verdict.unmarked)}; ${harmful}, ${acceptable}.` },
      ];
    default:
      return verdict.kind satisfies never;
  }
}
