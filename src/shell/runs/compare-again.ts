import type { KeptRun, RunHistory } from './run-history.svelte.ts';

/** Compares with the runs of these settings, in their order: those that a history keeps whole, and others once `train` has trained them. */
export async function compareAgain<Settings, Kept>(
  history: RunHistory<Settings, Kept>,
  wanted: readonly Settings[],
  train: (settings: Settings) => Promise<Pick<KeptRun<Settings, Kept>, 'states' | 'engine'>>,
  isStale: () => boolean,
): Promise<void> {
  for (const settings of wanted) {
    const known = history.find(settings);
    const run = known?.finished ? known : { settings, ...(await train(settings)), finished: true };
    if (isStale()) return;
    history.compare('number' in run ? run.number : history.keep(run).number, true);
  }
}
