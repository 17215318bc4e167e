import type { RecordedStep } from '../../../core/experiment.ts';
import { moved } from '../../../core/regime.ts';
import type { Cast } from '../story.ts';

export type Role = 'chosen' | 'rejected' | 'gainer' | 'other';

/** A role is earned: nobody is the gainer before it has gained five points. */
export interface Gainer {
  readonly token: number;
  /** it is above the chosen answer, and was not at the start */
  readonly takesOver: boolean;
}

/** The answer outside the pair that has gained most points; null while that is less than five. */
export function gainerOf(start: RecordedStep, now: RecordedStep, { tokens, chosen, rejected }: Cast): Gainer | null {
  let best: number | null = null;
  let most: number = moved.points;
  tokens.forEach((_, token) => {
    const gain = (now.probs?.[token] ?? Number.NaN) - (start.probs?.[token] ?? Number.NaN);
    if (token === chosen || token === rejected || !(gain >= most)) return;
    [best, most] = [token, gain];
  });
  if (best === null) return null;
  const token: number = best;
  const isAhead = ({ probs }: RecordedStep): boolean => (probs?.[token] ?? 0) > (probs?.[chosen] ?? 0);
  return { token, takesOver: isAhead(now) && !isAhead(start) };
}

export function roleOf(token: number, { chosen, rejected }: Cast, gainer: Gainer | null): Role {
  return token === chosen ? 'chosen' : token === rejected ? 'rejected' : token === gainer?.token ? 'gainer' : 'other';
}

/** The role of a part of a bar: of the pair each keeps its own, whatever else is in the group. */
export const partRole = ([token]: readonly number[], role: Role, { chosen, rejected }: Cast): Role =>
  token === chosen ? 'chosen' : token === rejected ? 'rejected' : role === 'gainer' ? role : 'other';

/** An answer in a sentence: a word that begins small would be read as a part of it. */
export const spoken = (token: string): string => (/^\p{Ll}/u.test(token) ? `“${token}”` : token);
