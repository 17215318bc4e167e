import { bigramExperiment } from '../../data/bigram-experiment.ts';
import { type Exports, engineName } from '../../shell/exports/export.ts';
import { pytorchScript } from '../../shell/exports/export-pytorch.ts';
import { trajectoryColumns } from '../../shell/exports/export-table.ts';
import { nameInFull, viewObjective } from '../../shell/losses/objective-view.ts';
import type { PairsLab } from './pairs.svelte.ts';

/** The run of the view of the reader's own pairs. Texts stay out of it: tokens are numbers of words. */
export function pairsExports({ trained, steps, shown }: Pick<PairsLab, 'trained' | 'steps' | 'shown'>): Exports {
  if (!trained || !shown) throw new Error('Nothing has been trained yet.');
  const { data, settings, backend } = trained;
  const record = Array.from({ length: settings.steps + 1 }, (_, step) => step);
  const experiment = () => ({ ...bigramExperiment(data, settings), record });
  const pairs = data.pairs.length;
  return {
    name: 'pairs',
    seen: `${pairs} preference pairs under ${nameInFull(viewObjective(settings.objective))}, on a bigram policy of ${data.vocabulary.words.length} words.`,
    state: `update ${shown.step} of ${settings.steps}`,
    seed: null,
    engine: engineName(backend),
    table: () => ({
      columns: trajectoryColumns({ pairs, outcomes: [], detail: 'means', geometry: false }),
      rows: steps.map(({ step, loss, meanChosenLogp, meanRejectedLogp, fallen, chosenChanges }) => [
        step,
        loss,
        meanChosenLogp,
        meanRejectedLogp,
        fallen,
        ...chosenChanges,
      ]),
    }),
    data: () => ({ settings, pairs: data.pairs, words: data.vocabulary.words, shown: shown.step, steps }),
    objectives: [settings.objective],
    script: (options) => pytorchScript(experiment(), { ...options, detail: 'means' }),
  };
}
