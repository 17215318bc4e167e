import type { FeaturesPolicy } from '../../../core/experiment.ts';
import { dot } from '../../../core/vectors.ts';
import type { FirstOrder } from './first-order.ts';

/** A part of a formula, and the vectors that it is made of. */
export interface FormulaPart {
  /** class of the part in the formula */
  readonly part: string;
  /** rows of W in it */
  readonly tokens: readonly number[];
  /** h is in it */
  readonly hidden: boolean;
}

/** One term of the chosen answer's first move, in the theory's unit. */
export interface TheoremTerm extends FormulaPart {
  readonly id: string;
  /** '_x' is a subscript */
  readonly label: string;
  readonly about: string;
  readonly value: number;
}

/**
 * The terms whose sum is the chosen answer's rate, d log π(y_w) / dt, of what is trained. For a loss of the margin they are those of
 * arXiv:2410.08847, Theorem 4, in units of −ℓ′, which trains both vectors: where one alone is trained, its part of that sum; for others r_v ⟨W_w − W̄, W_v⟩ for each token v, and the part of the unembedding.
 */
export function theoremTerms(
  { unembedding, hidden: [hidden = []], train }: FeaturesPolicy,
  { probs, pull, areForcesEqual, fromUnembedding }: FirstOrder,
  { tokens, chosen, rejected }: { tokens: readonly string[]; chosen: number; rejected: number },
): TheoremTerm[] {
  const row = (token: number): readonly number[] => unembedding[token] ?? [];
  const p = (token: number): number => probs[token] ?? Number.NaN;
  const [better, worse] = [row(chosen), row(rejected)];
  const stays = 1 - p(chosen) + p(rejected);
  const others = tokens.map((_, token) => token).filter((token) => token !== chosen && token !== rejected);
  const mean = better.map((_, k) => unembedding.reduce((sum, each, token) => sum + p(token) * (each[k] ?? 0), 0));
  const away = better.map((value, k) => value - (mean[k] ?? 0));

  const fromHidden: TheoremTerm[] = areForcesEqual
    ? [
        {
          id: 'own',
          part: 'own',
          label: '(1 − π_w) ‖W_w‖²',
          about: 'the chosen vector’s length',
          value: (1 - p(chosen)) * dot(better, better),
          tokens: [chosen],
          hidden: false,
        },
        {
          id: 'rejected',
          part: 'rejected',
          label: 'π_l ‖W_l‖²',
          about: 'the rejected vector’s length',
          value: p(rejected) * dot(worse, worse),
          tokens: [rejected],
          hidden: false,
        },
        {
          id: 'alike',
          part: 'alike',
          label: '−(1 − π_w + π_l) ⟨W_w, W_l⟩',
          about: 'how alike the pair is',
          value: -stays * dot(better, worse),
          tokens: [chosen, rejected],
          hidden: false,
        },
        ...others.map((token) => ({
          id: `other-${token}`,
          part: 'others',
          label: '−π_z ⟨W_z, W_w − W_l⟩',
          about: `z = “${tokens[token]}”`,
          value: -p(token) * (dot(row(token), better) - dot(row(token), worse)),
          tokens: [token],
          hidden: false,
        })),
      ]
    : tokens.map((name, token) => ({
        id: `pull-${token}`,
        part: 'pull',
        label: 'r_v ⟨W_w − W̄, W_v⟩',
        about: `v = “${name}”`,
        value: (pull[token] ?? Number.NaN) * dot(away, row(token)),
        tokens: [token],
        hidden: false,
      }));
  const ofUnembedding: TheoremTerm = {
    id: 'hidden',
    part: 'hidden',
    label: areForcesEqual ? '(1 − π_w + π_l) ‖h‖²' : '(r_w − Σ π r) ‖h‖²',
    about: 'from training W',
    value: areForcesEqual ? stays * dot(hidden, hidden) : (fromUnembedding[chosen] ?? Number.NaN),
    tokens: [],
    hidden: true,
  };
  return [...(train === 'unembedding' ? [] : fromHidden), ...(train === 'hidden' ? [] : [ofUnembedding])];
}

/** A part of the formula as one thing to light up: the vectors of all its terms. */
export function partOf(terms: readonly TheoremTerm[], part: string | null): FormulaPart | null {
  const inside = terms.filter((term) => term.part === part);
  return part === null || inside.length === 0
    ? null
    : { part, tokens: inside.flatMap(({ tokens }) => tokens), hidden: inside.some(({ hidden }) => hidden) };
}
