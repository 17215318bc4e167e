import type { PairsLab } from '../pairs.svelte.ts';
import type { PairNumbers } from './compare-losses.ts';

type ToyPairs = Pick<NonNullable<PairsLab['pairs']>, 'geometry'> & {
  readonly data: { readonly pairs: readonly { readonly chosen: ArrayLike<number>; readonly rejected: ArrayLike<number> }[] };
};

/** The pairs at the toy policy before training: it is its own reference, and a token is a word. */
export function toyNumbers({ geometry, data }: ToyPairs): PairNumbers {
  const { chosenLogps: chosen, rejectedLogps: rejected, fall, chosenSquares } = geometry;
  return {
    chosen,
    rejected,
    reference: { chosen, rejected },
    lengths: {
      chosen: data.pairs.map((pair) => pair.chosen.length),
      rejected: data.pairs.map((pair) => pair.rejected.length),
    },
    overlaps: fall.map((value, i) => 1 + value / (chosenSquares[i] ?? Number.NaN)),
  };
}

/** β of the loss that trains, where it has one. */
export const betaOf = ({ parameters }: PairsLab['objective']): number => parameters.find(({ name }) => name === 'beta')?.value ?? 0.1;
