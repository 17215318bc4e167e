import { mean } from '../../../core/numerics.ts';
import { softmax } from '../../../core/softmax.ts';
import type { Draws } from '../draws.ts';

/** Users who choose among options by their utilities, and how far each nudge draws each of them to the harmful one, the last. */
export interface Users {
  /** [user][option] */
  readonly utilities: readonly (readonly number[])[];
  /** [user][nudge] */
  readonly susceptibility: readonly (readonly number[])[];
}

/** P(option | u, k) = softmax(u + b_{u,k} e_harm): three options, the last of which users like less. Ours, as an analogy. */
export const susceptibleUsers = (draws: Draws, users: number, nudges: number, most: number): Users => ({
  utilities: draws.normalRows(users, 3).map(([a = 0, b = 0, harm = 0]) => [a + 1, b + 1, harm - 0.5]),
  susceptibility: Array.from({ length: users }, () => Array.from({ length: nudges }, () => most * draws.uniform())),
});

/** Share of harmful choices under a nudge, and without one where `nudge` is null. */
export const harmfulShare = ({ utilities, susceptibility }: Users, nudge: number | null): number =>
  mean(
    utilities.map((row, user) => {
      const drawn = nudge === null ? 0 : (susceptibility[user]?.[nudge] ?? 0);
      return softmax(row.map((value, option) => value + (option === row.length - 1 ? drawn : 0))).at(-1) ?? Number.NaN;
    }),
  );
