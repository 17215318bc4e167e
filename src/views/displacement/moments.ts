import { firstOrder, type PairForces } from '../../atlas/toys/displacement/first-order.ts';
import { chosenToken, rejectedToken, type ToySettings, tokens } from '../../atlas/toys/displacement/no-over-never.ts';
import { type TheoremTerm, theoremTerms } from '../../atlas/toys/displacement/theorem-terms.ts';
import type { Parameters, RecordedStep } from '../../core/experiment.ts';
import { fixed, signed, significant } from '../../shell/controls/format.ts';
import type { PairState } from '../../shell/losses/objective-view.ts';
import type { Moment } from '../../shell/runs/moment.ts';
import { saturated } from '../../shell/runs/moment.ts';
import { logRatioMargin, marginOf, pairStateAt } from './story.ts';

type Kind = 'falls' | 'rises again' | 'overtaken' | 'satisfied' | 'saturates' | 'margin falls';
export interface DisplacementEvent {
  readonly kind: Kind;
  readonly step: number;
  /** who overtakes */
  readonly token?: number;
}

/** What happens first, and when, in a run of the displacement toy; each kind once. A fork may change the objective, and its forces, at a step. */
export function displacementEvents(
  steps: readonly RecordedStep[],
  forcesOf: (pair: PairState, step: number) => PairForces,
): DisplacementEvent[] {
  const [start] = steps;
  if (!start) return [];
  const events = new Map<Kind, DisplacementEvent>();
  const note = (kind: Kind, step: number, token?: number): void => {
    if (!events.has(kind)) events.set(kind, { kind, step, ...(token === undefined ? {} : { token }) });
  };
  for (const [index, now] of steps.entries()) {
    const next = steps[index + 1];
    const force = forcesOf(pairStateAt(start, now), now.step).chosen;
    const startForce = forcesOf(pairStateAt(start, start), now.step).chosen;
    if (next) {
      const change = (next.outcomeLogps?.[chosenToken] ?? Number.NaN) - (now.outcomeLogps?.[chosenToken] ?? Number.NaN);
      if (change < 0) note('falls', now.step);
      else if (change > 0 && events.has('falls')) note('rises again', now.step);
    }
    const top = now.probs?.indexOf(Math.max(...now.probs)) ?? chosenToken;
    if (index > 0 && top !== chosenToken && start.probs?.indexOf(Math.max(...start.probs)) === chosenToken)
      note('overtaken', now.step, top);
    if (index > 0 && force * startForce < 0) note('satisfied', now.step);
    else if (Math.abs(force) < saturated * Math.abs(startForce)) note('saturates', now.step);
    if (index > 0 && logRatioMargin(start, now) < 0) note('margin falls', now.step);
  }
  return [...events.values()].sort((a, b) => a.step - b.step);
}

const plain = ({ label, about }: TheoremTerm): string => `${label} (${about})`;

/**
 * An event in one sentence. `parameters` are those of its step; the terms are of what is trained there, in units of the loss's pull where
 * it sees the margin only.
 */
export function tellEvent(
  { kind, step, token }: DisplacementEvent,
  {
    start,
    now,
    settings,
    forces,
  }: { start: RecordedStep; now: RecordedStep; settings: ToySettings; forces: PairForces & { loss?: number } },
  parameters: Parameters,
): Moment {
  const cast = { tokens, chosen: chosenToken, rejected: rejectedToken };
  const dimensions = settings.vectors.hidden.length;
  const w = [...(parameters['unembedding'] ?? [])];
  const policy = {
    kind: 'features' as const,
    hidden: [[...(parameters['hidden'] ?? [])]],
    unembedding: tokens.map((_, row) => w.slice(row * dimensions, (row + 1) * dimensions)),
    train: settings.train,
  };
  const theory = firstOrder(policy, chosenToken, rejectedToken, forces);
  const sign = Math.sign(theory.unit) || 1;
  const terms = theoremTerms(policy, theory, cast).map((term) => ({ ...term, value: sign * term.value }));
  const by = [...terms].sort((a, b) => a.value - b.value);
  const [lowest, highest] = [by[0], by.at(-1)];
  const rate = (which: number): number => theory.unit * (theory.rate[which] ?? Number.NaN);
  const chosen = `“${tokens[chosenToken]}”`;
  const margin = marginOf(pairStateAt(start, now));
  const down = lowest && lowest.value < 0 ? ` Strongest down: ${plain(lowest)}, ${signed(lowest.value, 3)}.` : '';
  const up = highest && highest.value > 0 ? ` Strongest up: ${plain(highest)}, ${signed(highest.value, 3)}.` : '';
  const balance = `${down}${up}`;
  switch (kind) {
    case 'falls':
      return {
        step,
        title: `${chosen} begins to fall`,
        words: `The next update lowers it; to first order its rate is ${significant(rate(chosenToken))} nats for a unit step.${balance}`,
      };
    case 'rises again':
      return {
        step,
        title: `${chosen} rises again`,
        words: `Its rate is ${significant(rate(chosenToken))} nats for a unit step.${balance}`,
      };
    case 'overtaken': {
      const other = token ?? chosenToken;
      const direction = theory.areForcesEqual ? '⟨W_z, W_w − W_l⟩' : '⟨W_z, Σ r_v W_v⟩';
      return {
        step,
        title: `“${tokens[other]}” overtakes ${chosen}`,
        words: `${direction} is ${signed(theory.alignment[other] ?? Number.NaN, 2)} for “${tokens[other]}” and ${signed(theory.alignment[chosenToken] ?? Number.NaN, 2)} for ${chosen}: their rates are ${significant(rate(other))} and ${significant(rate(chosenToken))}.`,
      };
    }
    case 'satisfied':
      return {
        step,
        title: 'The objective is past its target',
        words: `The pull on ${chosen} is now ${significant(forces.chosen)}: it has changed its sign, at a margin of ${fixed(margin, 2)} nats.`,
      };
    case 'saturates':
      return {
        step,
        title: 'The pull has faded',
        words: `The pull on ${chosen}, d_w, has fallen to ${significant(forces.chosen)}, below a tenth of its start, at a margin of ${fixed(margin, 2)} nats; the push on “${tokens[rejectedToken]}”, d_l, is ${significant(forces.rejected)}.`,
      };
    case 'margin falls':
      return {
        step,
        title: 'The margin is below its start',
        words: `It is ${fixed(logRatioMargin(start, now), 2)} nats; the pulls are d_w = ${significant(forces.chosen)} on ${chosen} and d_l = ${significant(forces.rejected)} on “${tokens[rejectedToken]}”. A smaller step may help.`,
      };
    default:
      return kind satisfies never;
  }
}
