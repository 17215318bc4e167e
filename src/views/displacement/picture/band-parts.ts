import { stackOrder } from '../../../charts/stack.ts';
import type { RecordedStep } from '../../../core/experiment.ts';
import type { Cast } from '../story.ts';
import { type BarStory, probsOf } from './bars.ts';
import { heirOf } from './heir.ts';
import { partRole, type Role, roleOf } from './roles.ts';

/** A band of the run: a bar, or the part of one that has a colour of its own. */
export interface BandPart {
  /** its bar */
  readonly unit: number;
  readonly tokens: readonly number[];
  readonly role: Role;
}

/** The bands from above; who ends with the most lies at the bottom. */
export function bandParts({ units, cast: bars, start, gainer }: BarStory, cast: Cast, last: RecordedStep): readonly BandPart[] {
  const end = { ...last, probs: probsOf(units, last) };
  return stackOrder(bars.tokens.length, bars, heirOf(start, end, bars)).flatMap((unit) =>
    (units[unit]?.parts ?? []).map((tokens) => ({ unit, tokens, role: partRole(tokens, roleOf(unit, bars, gainer), cast) })),
  );
}
