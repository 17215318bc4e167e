import type { LinkFields, LinkReader } from './link.ts';
import { readObjective, writeObjective } from './objective-link.ts';
import type { PlayerLink } from './player.svelte.ts';
import { defaultSettings, ranges, type ToySettings, trainPresets } from './settings.ts';
import { readVectors, writeVectors } from './vectors-link.ts';

/** What a link to the displacement view holds. */
export type LinkState = PlayerLink<ToySettings>;

export function writeDisplacement({ settings, step }: LinkState): LinkFields {
  const { train, scale, learningRate, steps, objective, vectors } = settings;
  const preset = trainPresets[train];
  return {
    run: {
      ...(train === defaultSettings.train ? {} : { train }),
      ...(scale === preset.scale ? {} : { scale: String(scale) }),
      ...writeObjective(objective),
      ...writeVectors(vectors),
      ...(learningRate === preset.learningRate ? {} : { lr: String(learningRate) }),
      ...(steps === defaultSettings.steps ? {} : { steps: String(steps) }),
    },
    look: step === null ? {} : { step: String(step) },
  };
}

export function readDisplacement(reader: LinkReader): LinkState {
  const train = reader.choice('train', ['hidden', 'unembedding', 'both']) ?? defaultSettings.train;
  const preset = trainPresets[train];
  const settings = {
    train,
    scale: reader.number('scale', ranges.scale) ?? preset.scale,
    learningRate: reader.number('lr', ranges.learningRate) ?? preset.learningRate,
    steps: reader.number('steps', ranges.steps) ?? defaultSettings.steps,
    objective: readObjective(reader),
    vectors: readVectors(reader),
  };
  return { settings, step: reader.number('step', { min: 0, max: settings.steps, integer: true }) };
}
