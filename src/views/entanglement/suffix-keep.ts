import type { Keep } from '../../shell/teach/keep.ts';

const placesUpTo = (suffix: unknown, masked: unknown): number[] => (masked as number[]).filter((place) => place <= Number(suffix));
/** The shared tokens stay as many. */
export const sharedTokens: Keep = (next, { suffix }) => ({ ...next, suffix, masked: placesUpTo(suffix, next['masked']) });
/** Where all shared tokens are masked, those of another length are, too; masked ones do not go. */
export const mask: Keep = (next, { suffix, masked }) => {
  const places = masked as number[];
  const isAll = places.length > 0 && places.length === suffix;
  const length = Math.max(Number(next['suffix']), isAll ? 1 : Math.max(0, ...places));
  return { ...next, suffix: length, masked: isAll ? Array.from({ length }, (_, index) => index + 1) : masked };
};
