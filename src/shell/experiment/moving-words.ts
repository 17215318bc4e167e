import type { MovingReference } from '../../atlas/toys/moving-reference.ts';
import { setting } from '../controls/format.ts';

/** How a reference moves, after its name. */
export function movingWords({ how, alpha, every }: MovingReference): string {
  const when = every === 1 ? 'after every update' : `every ${every} updates`;
  return how === 'hard' ? `becomes the policy ${when}` : `goes ${setting(alpha)} of the way to the policy ${when}`;
}
