import type { Backend } from '../../backend/backend.ts';
import type { Parameters, RecordedStep } from '../../core/experiment.ts';
import type { Trial } from '../../core/trial.ts';
import type { Prepared } from '../prepared.ts';
import type { SideBySide } from '../sweep/ensemble.ts';
import { ToyRun } from '../toy-run.ts';
import { type Ends, type Measure, measure } from './measures.ts';

/** What a trial is made of. */
export interface TrialEnds extends Pick<Ends, 'start' | 'end'> {
  readonly final: Parameters;
  /** it is known to have lost its numbers; else they say so themselves */
  readonly isLost: boolean;
}

const hasLost = (final: Parameters, { loss, chosenLogps, rejectedLogps }: RecordedStep): boolean =>
  // -Infinity is the logit of an outcome that cannot occur; on-policy there is no one loss
  (chosenLogps.length > 0 && ![loss, ...chosenLogps, ...rejectedLogps].every(Number.isFinite)) ||
  Object.values(final).some((values) => values.some((value) => Number.isNaN(value) || value === Number.POSITIVE_INFINITY));

const lost = (final: Parameters): Parameters =>
  Object.fromEntries(Object.entries(final).map(([name, values]) => [name, values.map(() => Number.NaN)]));

/** A trial from its ends. */
export function trialOf(
  { final, start, end, isLost }: TrialEnds,
  known: Pick<Ends, 'rewards' | 'columns'>,
  measures: readonly Measure[],
): Trial {
  const diverged = isLost || hasLost(final, end);
  const { outcomeLogps } = end;
  return {
    final: diverged ? lost(final) : final,
    ...(outcomeLogps ? { outcomeLogps: diverged ? outcomeLogps.map(() => Number.NaN) : outcomeLogps } : {}),
    measures: Object.fromEntries(measures.map((name) => [name, diverged ? Number.NaN : measure(name, { ...known, start, end })])),
    diverged,
  };
}

/** For a trial of which nothing is asked but its parameters. */
const unread: Pick<Ends, 'start' | 'end'> = {
  start: null,
  end: { step: 0, loss: Number.NaN, losses: [], chosenLogps: [], rejectedLogps: [] },
};

/**
 * The ends of runs that were trained side by side: their parameters, and the states that the float64 CPU engine, `twin`, reads off them.
 * The start is null without `withStart`, and the end then has what there is of distributions over outcomes alone.
 */
export async function endsOf(
  twin: Backend,
  trained: SideBySide,
  runs: readonly Prepared[],
  withStart: boolean,
  breathe: () => Promise<void>,
): Promise<TrialEnds[]> {
  const ends: TrialEnds[] = [];
  for (const [place, { parameters, diverged }] of (await trained.ends()).entries()) {
    const prepared = runs[place] as Prepared;
    const final: Parameters = {};
    let at = 0;
    for (const { name, values } of prepared.definition.parameters) {
      final[name] = parameters.slice(at, at + values.length);
      at += values.length;
    }
    const isRead = withStart || prepared.definition.response === 'outcome';
    ends.push({ final, isLost: diverged, ...(isRead ? await statesOf(twin, prepared, final, withStart) : unread) });
    if (place % 32 === 31) await breathe();
  }
  return ends;
}

async function statesOf(twin: Backend, prepared: Prepared, final: Parameters, withStart: boolean): Promise<Pick<Ends, 'start' | 'end'>> {
  const run = await ToyRun.open(twin, prepared);
  const state = async (): Promise<RecordedStep> => (await run.advance(0, [0]))[0] as RecordedStep;
  try {
    const start = withStart ? await state() : null;
    await run.replace(final);
    return { start, end: await state() };
  } finally {
    run.dispose();
  }
}
