import { type ToySettings, toyStart, trainPresets } from '../../atlas/toys/no-over-never.ts';
import { ranges } from '../../atlas/toys/ranges.ts';
import { sameJson } from '../../core/same.ts';
import { choice, type Field, number, shownStep, table, viewLink } from '../../shell/links/fields.ts';
import { writeLink } from '../../shell/links/link.ts';
import { vectorFields } from '../../shell/links/vectors-link.ts';
import { objectiveAt, writeObjective } from '../../shell/losses/objective-link.ts';
import type { PageChoice, PairState } from '../../shell/losses/objective-view.ts';
import { noFields } from '../../shell/view.ts';
import { exampleLoss } from './contenders.ts';
import { defaultStop, type StopSettings } from './stop-settings.ts';

/** What a link to the view holds. */
export interface StopLink {
  readonly settings: StopSettings;
  /** the update that is shown; null: the last */
  readonly step: number | null;
}

const { train, steps } = defaultStop;
/** By the names that they have in links to every view of the toy. */
const shared = table<Omit<StopSettings, 'own'>>({
  train: choice('train', ['hidden', 'unembedding', 'both'], train),
  scale: ({ train }) => number('scale', ranges.scale, trainPresets[train].scale),
  vectors: vectorFields,
  learningRate: ({ train }) => number('lr', ranges.learningRate, trainPresets[train].learningRate),
  steps: number('steps', ranges.steps, steps),
});

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

/** The hash of a link that opens a run as the experiment of the first view. */
export const runHash = ({ objective, past: _, ...base }: ToySettings): string =>
  writeLink('displacement', { ...noFields, run: { ...shared.write(base), ...writeObjective(objective) } });

/** The hash of a link to the phase map around this experiment with DPO: where Never lies beside No, against the step size. */
export const mapHash = ({ train, scale, learningRate, steps, vectors }: StopSettings): string =>
  writeLink('map', {
    ...noFields,
    run: { x: 'similarity', train, scale: String(scale), lr: String(learningRate), steps: String(steps), ...vectorFields.write(vectors) },
  });
