import type { ExperimentWords } from './experiment-words.ts';
import type { SharedExperiment } from './shared-experiment.ts';

/** Which parts of the experiment a view does not show, in a sentence; null: it shows all of it. */
export function notShown({ parts }: ExperimentWords, shown: Partial<SharedExperiment>): string | null {
  const missing = parts.filter(({ field }) => field !== null && !(field in shown)).map(({ name }) => name.toLowerCase());
  if (missing.length === 0) return null;
  if (missing.length === parts.filter(({ field }) => field !== null).length)
    return 'This view shows something else; the views that share the experiment go on with it.';
  const said = missing.join(', ').replace(/, ([^,]*)$/, ' and $1');
  return `This view has its own ${said}.`;
}
