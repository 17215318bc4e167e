import { defaultSettings, type PastUpdates, type ToySettings, toyStart, trainPresets } from '../../atlas/toys/no-over-never.ts';
import { ranges } from '../../atlas/toys/ranges.ts';
import { type LinkFields, type LinkReader, writeLink } from '../../shell/links/link.ts';
import { readPast, writePast } from '../../shell/links/past-link.ts';
import { readVectors, writeVectors } from '../../shell/links/vectors-link.ts';
import { readObjective, writeObjective } from '../../shell/losses/objective-link.ts';
import type { PairState } from '../../shell/losses/objective-view.ts';
import type { PlayerLink } from '../../shell/runs/player.svelte.ts';
import { defaultPairSet, type PairSetSettings, readPairSet, writePairSet } from './pair-set-link.ts';
import { defaultMarks, readMarks, type TokenMarks, writeMarks } from './token-marks.ts';

/** What a link to the displacement view holds. */
export interface LinkState extends PlayerLink<ToySettings> {
  /** default: those that the page begins with */
  readonly marks?: TokenMarks;
  /** default: the set that the page begins with */
  readonly pairSet?: PairSetSettings;
}

/** What trained a part of a forked run. */
function readUpdates(reader: LinkReader, start: PairState): Pick<PastUpdates, 'objective' | 'learningRate'> | null {
  const learningRate = reader.number('lr', ranges.learningRate);
  const objective = readObjective(reader, start);
  return learningRate === null ? null : { objective, learningRate };
}

export function writeDisplacement({ settings, step, marks = defaultMarks, pairSet = defaultPairSet }: LinkState): LinkFields {
  const { train, scale, learningRate, steps, objective, vectors, past } = settings;
  const preset = trainPresets[train];
  return {
    run: {
      ...(train === defaultSettings.train ? {} : { train }),
      ...(scale === preset.scale ? {} : { scale: String(scale) }),
      ...writeObjective(objective),
      ...writeVectors(vectors),
      ...(learningRate === preset.learningRate ? {} : { lr: String(learningRate) }),
      ...(steps === defaultSettings.steps ? {} : { steps: String(steps) }),
      ...writePast(past, ({ learningRate, objective }) => ({ lr: String(learningRate), ...writeObjective(objective) })),
      ...writeMarks(marks),
      ...writePairSet(pairSet),
    },
    look: step === null ? {} : { step: String(step) },
  };
}

export function readDisplacement(reader: LinkReader): LinkState {
  const train = reader.choice('train', ['hidden', 'unembedding', 'both']) ?? defaultSettings.train;
  const preset = trainPresets[train];
  const steps = reader.number('steps', ranges.steps) ?? defaultSettings.steps;
  const vectors = readVectors(reader);
  const start = toyStart(vectors);
  const past = readPast(reader, steps, (part) => readUpdates(part, start));
  const settings = {
    train,
    scale: reader.number('scale', ranges.scale) ?? preset.scale,
    learningRate: reader.number('lr', ranges.learningRate) ?? preset.learningRate,
    steps,
    objective: readObjective(reader, start),
    vectors,
    ...(past.length > 0 ? { past } : {}),
  };
  const marks = readMarks(reader);
  const pairSet = readPairSet(reader);
  const isDefaultSet = Object.keys(writePairSet(pairSet)).length === 0;
  return {
    settings,
    ...(marks && { marks }),
    ...(isDefaultSet ? {} : { pairSet }),
    step: reader.number('step', { min: 0, max: settings.steps, integer: true }),
  };
}

/** Settings as text, the same for the same settings. */
export const writeToy = (settings: ToySettings): string => writeLink('displacement', writeDisplacement({ settings, step: null }));
