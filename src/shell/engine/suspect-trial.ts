import type { Trial, TrialExperiment } from '../../core/trial.ts';
import type { Engine } from '../../train/engine.ts';
import { updatesOf } from './spread/spread-trials.ts';

/** The same numbers of the work on the GPU and of the work done again. */
export interface Suspect {
  readonly actual: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
  readonly where: string;
}

/** The first of trials that have all diverged, done again if it is no longer than `latestStep`; as of a map, single ones may diverge. */
export async function suspectTrial(
  { experiments, trials }: { readonly experiments: readonly TrialExperiment[]; readonly trials: readonly Trial[] },
  latestStep: number,
  openTwin: () => Promise<Pick<Engine, 'trials'>>,
): Promise<Suspect | null> {
  const [first] = experiments;
  if (!first || !trials.every(({ diverged }) => diverged) || !(updatesOf(first) <= latestStep)) return null;
  const [again] = await (await openTwin()).trials([first]);
  const expected = again && !again.diverged ? Object.values(again.final).flatMap((values) => [...values]) : [Number.NaN];
  return { actual: expected.map(() => Number.NaN), expected, where: 'the end of the first trial' };
}
