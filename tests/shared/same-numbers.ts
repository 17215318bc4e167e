import { type Engine, measureNames, type RecordedStep, type Trial, type TrialExperiment } from '../../src/index.ts';

/** All numbers of a trial, in one order. */
export const numbersOf = ({ final, outcomeLogps = [], measures }: Trial): number[] => [
  ...Object.keys(final)
    .sort()
    .flatMap((name) => [...(final[name] ?? [])]),
  ...outcomeLogps,
  ...measureNames.map((name) => measures[name] ?? Number.NaN),
];

/** The end of an experiment trained by the call for one alone. */
export async function trainedAlone(
  engine: Engine,
  experiment: TrialExperiment,
): Promise<Pick<Trial, 'final' | 'outcomeLogps' | 'diverged'>> {
  const isNumber = (value: number) => !Number.isNaN(value) && value !== Number.POSITIVE_INFINITY;
  if ('sampling' in experiment) {
    const { final, rounds } = await engine.trainOnPolicy(experiment);
    const { outcomeLogps = [] } = rounds.at(-1) ?? {};
    const diverged = ![...outcomeLogps, ...Object.values(final).flatMap((values) => [...values])].every(isNumber);
    return { final, outcomeLogps, diverged };
  }
  const { final, steps } = await engine.train(experiment);
  const { outcomeLogps, loss, chosenLogps, rejectedLogps } = steps.at(-1) as RecordedStep;
  const diverged =
    ![loss, ...chosenLogps, ...rejectedLogps].every(Number.isFinite) ||
    !Object.values(final)
      .flatMap((values) => [...values])
      .every(isNumber);
  return { final, ...(outcomeLogps ? { outcomeLogps } : {}), diverged };
}
