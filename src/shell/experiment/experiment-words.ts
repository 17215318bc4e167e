import { chosenToken, rejectedToken, type ToySettings, tokens } from '../../atlas/toys/displacement/no-over-never.ts';
import { word } from '../../core/word.ts';
import { setting } from '../controls/format.ts';
import { nameInFull, viewObjective } from '../losses/objective-view.ts';
import { changeOf, defaultExperiment, type SharedExperiment } from './shared-experiment.ts';

/** The experiment in words: in a few, and part by part. */
export interface ExperimentWords {
  /** the pair, the loss, what was changed, as far as a view shows them; '' where it shows none of them */
  readonly label: string;
  readonly parts: readonly { readonly field: keyof SharedExperiment | null; readonly name: string; readonly value: string }[];
}

const trained = { hidden: 'the hidden vector', unembedding: 'the answers’ vectors', both: word('both') } as const;
const pair = `${tokens[chosenToken]} over ${tokens[rejectedToken]}`;

export function experimentWords(
  experiment: SharedExperiment & Partial<Pick<ToySettings, 'sync'>>,
  shown: Partial<SharedExperiment> = experiment,
): ExperimentWords {
  const { objective, train, steps, scale, learningRate, sync } = experiment;
  const view = viewObjective(objective);
  const isMoved = 'vectors' in changeOf(experiment, defaultExperiment);
  return {
    label: [
      ...('vectors' in shown ? [pair] : []),
      ...('objective' in shown ? [view.title] : []),
      ...(isMoved && 'vectors' in shown ? ['moved'] : []),
    ].join(' · '),
    parts: [
      { field: null, name: 'Pair', value: pair },
      { field: 'objective', name: 'Loss', value: nameInFull(view) },
      { field: 'vectors', name: 'Vectors', value: isMoved ? 'moved' : 'the toy’s own' },
      { field: 'train', name: 'Training', value: trained[train] },
      { field: 'scale', name: 'Scale', value: setting(scale) },
      { field: 'learningRate', name: 'Step size', value: setting(learningRate) },
      { field: 'steps', name: 'Updates', value: String(steps) },
      ...(sync ? [{ field: null, name: 'Reference', value: 'moves, in this view alone' }] : []),
    ],
  };
}
