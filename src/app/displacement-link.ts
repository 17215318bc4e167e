import { type LinkFields, LinkReader } from './link.ts';
import { readObjective, writeObjective } from './objective-link.ts';
import { defaultPairSet, type PairSetSettings, readPairSet, writePairSet } from './pair-set-link.ts';
import type { PlayerLink } from './player.svelte.ts';
import { defaultSettings, type PastUpdates, ranges, type ToySettings, trainPresets } from './settings.ts';
import { defaultMarks, readMarks, type TokenMarks, writeMarks } from './token-marks.ts';
import { readVectors, writeVectors } from './vectors-link.ts';

/** What a link to the displacement view holds. */
export interface LinkState extends PlayerLink<ToySettings> {
  /** default: those that the page begins with */
  readonly marks?: TokenMarks;
  /** default: the set that the page begins with */
  readonly pairSet?: PairSetSettings;
}

/** Most forks in a row that a link holds. */
const mostParts = 8;

/** The past of a forked run: a query string for each part, one after the other. */
const writePast = (past: ToySettings['past'] = []): Record<string, string> =>
  past.length === 0
    ? {}
    : {
        past: past
          .map(({ until, objective, learningRate }) =>
            new URLSearchParams({ until: String(until), lr: String(learningRate), ...writeObjective(objective) }).toString(),
          )
          .join('~'),
      };

/** Forks whose updates do not ascend, or with a part that cannot be read, are refused whole: half a past is another run. */
function readPast(reader: LinkReader, steps: number): PastUpdates[] {
  const text = reader.take('past');
  if (text === null) return [];
  const parts: PastUpdates[] = [];
  for (const part of text.split('~').slice(0, mostParts + 1)) {
    const inner = new LinkReader(new URLSearchParams(part));
    const until = inner.number('until', { min: (parts.at(-1)?.until ?? 0) + 1, max: steps, integer: true });
    const learningRate = inner.number('lr', ranges.learningRate);
    const objective = readObjective(inner);
    const [problem] = inner.finish();
    if (problem || until === null || learningRate === null || parts.length === mostParts) {
      reader.refuse(
        'past',
        text,
        problem
          ? `Part ${parts.length + 1}, ${problem.key}: ${problem.reason}`
          : parts.length === mostParts
            ? `A link holds at most ${mostParts} forks in a row.`
            : `Part ${parts.length + 1} needs until and lr.`,
      );
      return [];
    }
    parts.push({ until, objective, learningRate });
  }
  return parts;
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
      ...writePast(past),
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
  const past = readPast(reader, steps);
  const settings = {
    train,
    scale: reader.number('scale', ranges.scale) ?? preset.scale,
    learningRate: reader.number('lr', ranges.learningRate) ?? preset.learningRate,
    steps,
    objective: readObjective(reader),
    vectors: readVectors(reader),
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
