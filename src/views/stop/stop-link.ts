import { type ToySettings, toyStart } from '../../atlas/toys/displacement/no-over-never.ts';
import { sameJson } from '../../core/same.ts';
import { defaultExperiment, experimentOf } from '../../shell/experiment/shared-experiment.ts';
import { experimentField, experimentFields, toyFields } from '../../shell/links/experiment-link.ts';
import { type Field, shownStep, table, viewLink } from '../../shell/links/fields.ts';
import { mayMoveField, movingField } from '../../shell/links/moving-link.ts';
import { vectorFields } from '../../shell/links/vectors-link.ts';
import { objectiveAt } from '../../shell/losses/objective-link.ts';
import type { PageChoice, PairState } from '../../shell/losses/objective-view.ts';
import { exampleLoss } from './contenders.ts';
import { runSettings, type StopSettings } from './stop-settings.ts';

/** What a link to the view holds. */
export interface StopLink {
  readonly settings: StopSettings;
  /** the update that is shown; null: the last */
  readonly step: number | null;
}

/** By the names that they have in links to every view of the toy. */
const { objective: _, ...toyButLoss } = toyFields;
const shared = table<Omit<StopSettings, 'own'>>({ ...toyButLoss, sync: movingField });

/** The example where a link has no loss: DPO has to be named. */
const ownAt = (start: PairState): Field<PageChoice> => {
  const field = objectiveAt(start);
  return {
    read: (reader) => (reader.take('objective') === null && reader.take('loss') === null ? exampleLoss : field.read(reader)),
    write: (own) => {
      if (sameJson(own, exampleLoss)) return {};
      return 'name' in own ? { objective: own.name, ...field.write(own) } : field.write(own);
    },
  };
};
const settings: Field<StopSettings> = {
  read: (reader) => {
    const base = shared.read(reader);
    return { ...base, own: ownAt(toyStart(base.vectors)).read(reader) };
  },
  write: ({ own, ...base }) => ({ ...shared.write(base), ...ownAt(toyStart(base.vectors)).write(own) }),
};

export const { read: readStop, write: writeStop } = viewLink(table<Pick<StopLink, 'settings'>>({ settings }), shownStep);

/** A run as the settings of a link to the first view, whose experiment it becomes. */
export const runFields = ({ past: _, sync, ...run }: ToySettings): Record<string, string> => ({
  ...experimentFields.write(run),
  ...mayMoveField.write(sync),
});

/** The reader has written a loss. */
export const hasOwn = ({ own }: StopSettings): boolean => !sameJson(own, exampleLoss);

/**
 * A link to the phase map around this experiment, which is the reader's own from there on, with the reader's loss where there is one and
 * DPO where not: where Never lies beside No, against the step size.
 */
export const mapFields = (settings: StopSettings): Record<string, string> => {
  const { own, sync: __, ...dpo } = settings;
  const experiment = hasOwn(settings) ? runSettings(settings, own) : { ...dpo, objective: defaultExperiment.objective };
  const { train, scale, learningRate, steps, vectors } = experiment;
  return {
    ...experimentField.write(experimentOf(experiment)),
    x: 'similarity',
    train,
    scale: String(scale),
    lr: String(learningRate),
    steps: String(steps),
    ...vectorFields.write(vectors),
    ...(hasOwn(settings) ? objectiveAt(toyStart(vectors)).write(own) : {}),
  };
};
