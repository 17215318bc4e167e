import type { CompiledGroupObjective } from '../objectives/group-compile.ts';

/**
 * Numbers that the kernel keeps of each response: F, dF/dlogp, its sums over j, dF by each of them, and d(mean loss) by each sum over its
 * tokens.
 */
export const itemSize = ({ reductions, tokenSums }: Pick<CompiledGroupObjective, 'reductions' | 'tokenSums'>): number =>
  2 + 2 * reductions.length + tokenSums;
