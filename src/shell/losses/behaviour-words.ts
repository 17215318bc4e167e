import { type Behaviour, type RunBehaviour, settings } from '../../atlas/behaviour/behaviour.ts';
import { behaviourOf } from '../../atlas/behaviour/measured.ts';
import { tokens } from '../../atlas/toys/displacement/no-over-never.ts';
import { fixed, significant } from '../controls/format.ts';

const share = (p: number): string => (p > 0.9995 ? 'above 0.999' : p < 0.0005 ? 'below 0.001' : fixed(p, 3));
/** less than this many nats in the second half of a long run is rest */
const still = 0.05;
/** a fall of π(chosen) that is no more than this is none */
const noFall = 1e-4;

/** How the two forces compare where the policy is the reference: −∂loss/∂log π of the chosen answer, ∂loss/∂log π of the rejected one. */
function forceWords({ chosenForce: chosen, rejectedForce: rejected }: Behaviour): string {
  if (chosen === 0 && rejected === 0) return 'At the toy’s reference it does not push: this pair has already what the loss asks for.';
  if (chosen === 0) return 'At the toy’s reference it pushes the rejected answer alone.';
  if (rejected === 0) return 'At the toy’s reference it pulls the chosen answer alone.';
  const ratio = chosen / rejected;
  const equal = Math.abs(ratio - 1) < 1e-3;
  if (chosen < 0 && rejected < 0)
    return equal
      ? 'At the toy’s reference it pushes the chosen answer down and pulls the rejected one up, equally hard: the first step goes against DPO’s.'
      : `At the toy’s reference it pushes the chosen answer down, ${significant(ratio)} times as hard as it pulls the rejected one up.`;
  if (rejected < 0) return `At the toy’s reference it pulls both answers up, the chosen one ${significant(-ratio)} times as hard.`;
  return equal
    ? 'At the toy’s reference it pulls the chosen answer as hard as it pushes the rejected one: the first step goes where DPO’s goes.'
    : `At the toy’s reference it pulls the chosen answer ${significant(ratio)} times as hard as it pushes the rejected one; with DPO the two are equal.`;
}

const marginWords = ({ margin, drift }: RunBehaviour): string =>
  Math.abs(drift) < still
    ? `the margin all but rests at ${fixed(margin, 1)} nats`
    : `the margin is ${fixed(margin, 1)} nats and still ${drift > 0 ? 'grows' : 'shrinks'}`;

function runWords(run: RunBehaviour, chosen: string): string {
  const { start, after, lowest, lowestAt, end, diverged, leader } = run;
  const fell =
    lowest < start - noFall ? `lowest ${share(lowest)}${lowest < 0.0005 ? '' : ` at update ${lowestAt}`}` : 'never below its start';
  const first = `π(${chosen}) ${fixed(start, 3)} → ${share(after)} in ${settings.updates} updates`;
  const later =
    diverged === null
      ? `after ${settings.longUpdates} updates it is ${share(end)}${tokens[leader] === chosen ? '' : `, “${tokens[leader] ?? ''}” leads`}, and ${marginWords(run)}`
      : `update ${diverged} is no longer finite`;
  return `${first}, ${fell}; ${later}.`;
}

/** What was measured with a shared hidden vector, in brief; null: nothing was. */
export function briefWords(of: 'pair' | 'group', id: string): string | null {
  const measured = behaviourOf(of, id);
  if (!measured) return null;
  const { learningRate, shared } = measured;
  const { start, after, end } = shared;
  return (
    `Measured on the toy at rate ${learningRate}: π(${tokens[0]}) ${fixed(start, 3)} → ${share(after)} in ${settings.updates} updates, ` +
    `${share(end)} after ${settings.longUpdates}.`
  );
}

/** What was measured, in sentences that each tell their condition. */
export function behaviourWords(measured: Behaviour): string[] {
  const [chosen = ''] = tokens;
  const { learningRate, shared, free } = measured;
  return [
    forceWords(measured),
    `No over Never, hidden vector trained, learning rate ${learningRate}: ${runWords(shared, chosen)}`,
    `The same policy with free logits, same rate: ${runWords(free, chosen)}`,
  ];
}
