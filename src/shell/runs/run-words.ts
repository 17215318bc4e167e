import { type Displacement, displacementsOf, overtakingOf, type RegimeState, swingOf } from '../../core/regime.ts';
import { percent } from '../controls/format.ts';

/** Who is who among the answers of a run. */
interface Cast {
  readonly tokens: readonly string[];
  readonly chosen: number;
  readonly rejected: number;
}

/**
 * What a run did to its chosen answer, in one sentence: as `core/regime.ts` has it, which the picture shades and tells. `states` are those
 * after every update, so that the updates named are those shaded.
 */
export function tellRun(
  states: readonly RegimeState[],
  { tokens, chosen, rejected }: Cast,
  displacements: readonly Displacement[] = displacementsOf(states, chosen),
): string {
  const shares = states.map(({ probs }) => probs?.[chosen] ?? Number.NaN);
  const stretches = displacements.map(({ from, to, kind }) =>
    kind === 'lasting' ? `displaced from update ${from} on` : `displaced from update ${from} to ${to}`,
  );
  const overtaken = overtakingOf(states, { chosen, rejected });
  const swing = swingOf(shares);
  const parts = [
    ...(stretches.length === 0 ? ['never displaced by five points'] : stretches.slice(0, 3)),
    ...(stretches.length > 3 ? ['and again'] : []),
    ...(overtaken ? [`overtaken by “${tokens[overtaken.by]}” at update ${overtaken.step}`] : []),
    ...(swing ? [`still swings between ${percent(swing[0])} and ${percent(swing[1])} at the end, since the step is too large`] : []),
  ];
  return `“${tokens[chosen]}” goes from ${percent(shares[0] ?? Number.NaN)} to ${percent(shares.at(-1) ?? Number.NaN)}: ${parts.join('; ')}.`;
}
