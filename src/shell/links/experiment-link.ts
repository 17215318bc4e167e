import { defaultSettings, type ToySettings, toyStart, trainPresets } from '../../atlas/toys/displacement/no-over-never.ts';
import { ranges } from '../../atlas/toys/ranges.ts';
import { changeOf, defaultExperiment, type SharedExperiment } from '../experiment/shared-experiment.ts';
import { objectiveAt } from '../losses/objective-link.ts';
import { choice, type Field, number, table } from './fields.ts';
import { LinkReader } from './link.ts';
import { vectorFields } from './vectors-link.ts';

/** The toy's settings, beside the past of a forked run. */
export const toyFields = {
  train: choice('train', ['hidden', 'unembedding', 'both'], defaultSettings.train),
  scale: ({ train }: Pick<ToySettings, 'train'>) => number('scale', ranges.scale, trainPresets[train].scale),
  vectors: vectorFields,
  objective: ({ vectors }: Pick<ToySettings, 'vectors'>) => objectiveAt(toyStart(vectors)),
  learningRate: ({ train }: Pick<ToySettings, 'train'>) => number('lr', ranges.learningRate, trainPresets[train].learningRate),
  steps: number('steps', ranges.steps, defaultSettings.steps),
};
export const experimentFields = table<SharedExperiment>(toyFields);

const key = 'exp';
/** `;` stands between settings and the first `:` between a name and its value, so values write theirs, and their %, as %XX. */
const escaped = (text: string): string => text.replaceAll(/[%;]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
const plain = (text: string): string => text.replaceAll('%3B', ';').replaceAll('%25', '%');

/**
 * The experiment that a link carries for the views beside the one it opens: `train:both;p.beta:0.2`, the settings of the first view that
 * are not its defaults. What the opened view holds of it stands in that view's own fields.
 */
export const experimentField: Field<SharedExperiment> = {
  read: (reader) => {
    const text = reader.take(key);
    if (text === null) return defaultExperiment;
    const entries = text.split(';').map((each): [string, string] => {
      const at = each.indexOf(':');
      return at < 0 ? [each, ''] : [each.slice(0, at), plain(each.slice(at + 1))];
    });
    const inner = new LinkReader(new URLSearchParams(entries));
    const experiment = experimentFields.read(inner);
    for (const problem of inner.finish()) reader.refuse(key, `${problem.key}:${problem.value}`, problem.reason);
    return experiment;
  },
  write: (experiment) => {
    if (Object.keys(changeOf(experiment, defaultExperiment)).length === 0) return {};
    const written = Object.entries(experimentFields.write(experiment)).map(([name, value]) => `${name}:${escaped(value)}`);
    return written.length === 0 ? {} : { [key]: written.join(';') };
  },
};
