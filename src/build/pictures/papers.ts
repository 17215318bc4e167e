import { type Drawn, drawClaims } from './claims.ts';
import type { Draw } from './picture.ts';

/** Claims whose shipped values are drawn: each of one number a seed. */
const drawn: readonly Drawn[] = [
  ['09-no-over-never', 'no-over-never'],
  ['34-remedies', 'normalised-helps'],
  ['often-whatever-vectors', 'no-over-never-far'],
  ['37-kl-race', 'dominant-bin'],
  ['often-margin-widens', 'margin-falls'],
];

export const drawPapers: Draw = () => drawClaims(drawn);
