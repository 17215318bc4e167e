import { banditBins } from '../../atlas/toys/modes/bandit.ts';
import { decodeLevels, encodeLevels, type Levels } from '../../atlas/toys/modes/levels.ts';
import { type BanditScene, banditScenes, isDrawn, lawKinds, peakRanges, type Reward } from '../../atlas/toys/modes/scene.ts';
import { sameJson } from '../../core/same.ts';
import { choice, type Field, number, type TextCodec, table, text } from './fields.ts';

/** A law by its name, or a curve that was drawn. */
export const curve = <T extends string>(words: readonly T[]): TextCodec<T | Levels> => ({
  read: (written) => words.find((word) => word === written) ?? decodeLevels(written, banditBins),
  write: (law) => (typeof law === 'string' ? law : encodeLevels(law)),
  rule: `It must be one of ${words.join(', ')}, or the heights of ${banditBins} bins.`,
});

/** The reward of two peaks, in a word. */
export const twoPeaks = 'two-peaks';
const ofTwoPeaks = banditScenes.two.scene.reward;
const levels = curve<never>([]);
const drawn = text<Levels, null>(
  'reward',
  {
    read: (written) => (written === twoPeaks ? ofTwoPeaks : levels.read(written)),
    write: (drawing) => (sameJson(drawing, ofTwoPeaks) ? twoPeaks : levels.write(drawing)),
    rule: levels.rule,
  },
  null,
);

const usual = banditScenes.far.scene;
const peak = table<Exclude<Reward, Levels>>({
  centre: number('peak', peakRanges.centre, usual.reward.centre),
  width: number('width', peakRanges.width, usual.reward.width),
});

/** Of a bandit's scene its fields; where a link has none it is that of the peak at bin 70. */
export const sceneFields = {
  /** a curve goes before a peak */
  reward: {
    read: (reader): Reward => {
      const [levels, at] = [drawn.read(reader), peak.read(reader)];
      return levels ?? at;
    },
    write: (value) => (isDrawn(value) ? drawn.write(value) : peak.write(value)),
  } satisfies Field<Reward>,
  reference: text('ref', curve(lawKinds), usual.reference),
  data: choice('data', ['reference', ...lawKinds], usual.data),
};

export const sceneField: Field<BanditScene> = table<BanditScene>(sceneFields);
