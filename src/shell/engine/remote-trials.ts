import type { RunOptions } from '../../core/experiment.ts';
import type { Trial, TrialExperiment, TrialsOptions } from '../../core/trial.ts';
import type { CallArguments } from './engine-protocol.ts';
import { areWorthSpreading, spreadTrials, type Trier } from './spread/spread-trials.ts';

type News = readonly (readonly [number, Trial])[];

/** How the engine at the other end is asked. */
interface Connection {
  invoke(method: 'trials', args: CallArguments<'trials'>, options: RunOptions & { onPartial(news: News): void }): Promise<null>;
}

/** Trials of the engine at the other end. Each finished one travels once; here they are put together. */
export async function remoteTrials(
  connection: Connection,
  experiments: readonly TrialExperiment[],
  { measures, record, resume, ...heard }: TrialsOptions = {},
): Promise<Trial[]> {
  const finished = new Map(resume);
  const plain = { ...(measures ? { measures } : {}), ...(record ? { record } : {}), ...(resume ? { resume } : {}) };
  await connection.invoke('trials', [experiments, plain], {
    ...heard,
    onPartial: (news) => {
      for (const [index, trial] of news) finished.set(index, trial);
      heard.onPartial?.(
        finished,
        news.map(([index]) => index),
      );
    },
  });
  return experiments.map((_, index) => finished.get(index) as Trial);
}

/** Trials of the page's engine: on every core where that is worth it, and the engine is not a GPU, which is one whoever asks it. */
export async function pageTrials(
  connection: Connection,
  isSpread: boolean,
  helpers: () => Promise<readonly Trier[]>,
  experiments: readonly TrialExperiment[],
  options?: TrialsOptions,
): Promise<Trial[]> {
  if (!isSpread || !areWorthSpreading(experiments)) return remoteTrials(connection, experiments, options);
  const first: Trier = { trials: (all, run) => remoteTrials(connection, all, run) };
  return spreadTrials([first, ...(await helpers())], experiments, options);
}
