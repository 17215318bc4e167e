import { bigramExperiment } from '../../data/bigram-experiment.ts';
import { fixed, percent } from '../../shell/controls/format.ts';
import { type Exports, engineName } from '../../shell/exports/export.ts';
import { pytorchScript } from '../../shell/exports/export-pytorch.ts';
import { trajectoryColumns } from '../../shell/exports/export-table.ts';
import type { Report } from '../../shell/exports/report.ts';
import { nameInFull, viewObjective } from '../../shell/losses/objective-view.ts';
import { lossSection } from './losses/loss-section.ts';
import { betaOf, toyNumbers } from './losses/toy-numbers.ts';
import type { PairsLab, PairsStep } from './pairs.svelte.ts';
import { count } from './pairs-text.ts';

type Trained = NonNullable<PairsLab['trained']>;

/** Everything that is said of a set of pairs and its run. Their texts stay out of it. */
function pairsReport(trained: Trained, first: PairsStep, shown: PairsStep): Report {
  const { source, data, settings, geometry } = trained;
  const pairs = data.pairs.length;
  const view = viewObjective(settings.objective);
  return {
    title: `${count(shown.fallen)} of ${count(pairs)} chosen responses are less probable than before training`,
    about: [
      `${source.name}: ${source.format}, ${count(source.pairCount)} pairs, of which ${count(pairs)} are used.`,
      `A bigram policy of ${count(data.vocabulary.words.length)} words under ${nameInFull(view)}, after ${shown.step} updates. It is a toy: your model need not move as it does.`,
    ],
    sections: [
      ...(source.notes.length > 0 ? [{ title: 'What was noticed in the file', lines: source.notes.map(({ text }) => text) }] : []),
      {
        title: 'Evidence',
        head: ['', 'before', 'now'],
        rows: [
          ['mean log π(chosen), nats', fixed(first.meanChosenLogp, 2), fixed(shown.meanChosenLogp, 2)],
          ['mean log π(rejected), nats', fixed(first.meanRejectedLogp, 2), fixed(shown.meanRejectedLogp, 2)],
          ['log π(chosen) > log π(rejected)', percent(first.ranked), percent(shown.ranked)],
          ['loss', fixed(first.loss, 4), fixed(shown.loss, 4)],
        ],
      },
      lossSection(toyNumbers({ geometry, data }), betaOf(view)),
    ],
  };
}

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
    report: () => pairsReport(trained, steps[0] ?? shown, shown),
    objectives: [settings.objective],
    script: (options) => pytorchScript(experiment(), { ...options, detail: 'means' }),
  };
}
