import type { Trial, TrialExperiment, TrialsOptions } from '../../core/trial.ts';
import type { Connection } from './page-engine.ts';

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
    onPartial: (news: readonly (readonly [number, Trial])[]) => {
      for (const [index, trial] of news) finished.set(index, trial);
      heard.onPartial?.(
        finished,
        news.map(([index]) => index),
      );
    },
  });
  return experiments.map((_, index) => finished.get(index) as Trial);
}
