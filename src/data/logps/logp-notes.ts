import type { Note } from '../rows/row-source.ts';
import type { ReadLogps } from './read-logps.ts';

const places = (lines: readonly number[], keep: (i: number) => boolean): number[] => lines.filter((_, i) => keep(i));

/** What is to be said of log-probs of pairs. */
export function logpNotes({ rows, lines, hasReference, perToken, wasSummed, notes }: ReadLogps): Note[] {
  const said: Note[] = [...notes];
  const say = (kind: string, found: readonly number[], text: string): void => {
    if (found.length > 0) said.push({ kind, text, count: found.length, rows: found.slice(0, 100) });
  };
  const values = ({
    chosen_logp: w = Number.NaN,
    rejected_logp: l = Number.NaN,
    ref_chosen_logp: rw,
    ref_rejected_logp: rl,
  }: (typeof rows)[number]) => ({ w, l, rw, rl });
  const all = rows.map(values);
  const isOdd = all.map(({ w, l, rw, rl }) => [w, l, rw ?? 0, rl ?? 0].some((value) => !Number.isFinite(value)));
  const odd = places(lines, (i) => isOdd[i] === true);
  say(
    'nan',
    odd,
    `${odd.length} of ${rows.length} rows ${odd.length === 1 ? 'holds' : 'hold'} NaN or an infinity and ${odd.length === 1 ? 'stays' : 'stay'} as in the file: of ${rows.length - odd.length} alone can margins be told.`,
  );
  const tokenCounts = rows.filter((row) => row.chosen_length !== undefined && row.rejected_length !== undefined).length;
  if (wasSummed) said.push({ kind: 'per-token', text: 'Each token’s log-prob is given: they are summed over the response.' });
  else if (perToken)
    said.push({ kind: 'per-token', text: 'The numbers are means over tokens, and lengths are not given: they are left as means.' });
  if (!hasReference) {
    said.push({
      kind: 'no-reference',
      text: 'There are no columns of a reference: what rose or fell since is unknown, and so are implicit rewards.',
    });
    return said;
  }
  const finite = all.map((row, i) => ({ ...row, i })).filter(({ i }) => !isOdd[i]);
  const change = ({ w, l, rw = Number.NaN, rl = Number.NaN }: (typeof all)[number]) => ({ chosen: w - rw, rejected: l - rl });
  const same = finite.filter((row) => change(row).chosen === 0 && change(row).rejected === 0);
  if (finite.length > 0 && same.length === finite.length) {
    said.push({
      kind: 'same-models',
      text: `The two models give the same numbers: in ${finite.length === 1 ? 'the only row' : `all ${finite.length} rows`} the policy’s log-probs are the reference’s. Nothing seems to have been trained, and no reward margin is above 0: 0 of ${finite.length}, 0 %.`,
      count: finite.length,
    });
    return said;
  }
  const displaced = finite.filter((row) => change(row).chosen < 0 && change(row).chosen > change(row).rejected);
  say(
    'displaced',
    displaced.map(({ i }) => lines[i] as number),
    `${displaced.length === finite.length ? `All ${finite.length}` : `${displaced.length} of ${finite.length}`} pairs are displaced: the chosen response fell although the margin grew. Usual causes: a loss that asks for a margin alone, responses whose hidden states are alike, a reference already fitted to the chosen responses. Look next at the pairs that fell most, and at their hidden states (CHES); a term for the chosen response’s likelihood is the usual remedy.`,
  );
  if (tokenCounts > 0 && tokenCounts < rows.length)
    said.push({ kind: 'lengths', text: 'Some rows have no lengths.', count: rows.length - tokenCounts });
  return said;
}
