import type { Range } from '../../../core/range.ts';
import { banditBins, banditReference, banditReward, narrowLaw } from './bandit.ts';
import { type Levels, lawOf, levelsOf, topLevel } from './levels.ts';

export const lawKinds = ['bandit', 'narrow', 'uniform'] as const;
/** A law by name, or drawn by hand. `bandit` is the reference of the paper's code, `narrow` one that has almost nothing at the far peak. */
export type Law = (typeof lawKinds)[number] | Levels;

/** A peak exp(-((a - centre) / width)²), or a curve drawn by hand. */
export type Reward = { readonly centre: number; readonly width: number } | Levels;

export const peakRanges = {
  centre: { min: 0, max: 99, logarithmic: false, integer: true },
  width: { min: 2, max: 50, logarithmic: true, integer: false },
} as const satisfies Record<string, Range>;

/** A bandit as it is set: what is rewarded, what a policy starts from, and who makes data beside it. */
export interface BanditScene {
  readonly reward: Reward;
  readonly reference: Law;
  /** who makes the offline data of a race; 'reference': the law that the policy starts from */
  readonly data: 'reference' | (typeof lawKinds)[number];
}

/** A reward of 0.8 at bin 20, and of 1 at bin 70: high enough that the target gives each a good part of its mass. */
function twoPeaks(): number[] {
  const far = banditReward(70);
  return banditReward(20).map((near, a) => Math.max(0.8 * near, far[a] ?? 0));
}

/** Bandits to begin with, as both views that have one offer them. */
export const banditScenes = {
  far: { title: 'Peaks apart', scene: { reward: { centre: 70, width: 10 }, reference: 'bandit', data: 'reference' } },
  near: { title: 'Peaks overlap', scene: { reward: { centre: 20, width: 10 }, reference: 'bandit', data: 'reference' } },
  uncovered: { title: 'Poor coverage', scene: { reward: { centre: 70, width: 10 }, reference: 'narrow', data: 'reference' } },
  data: { title: 'Data elsewhere', scene: { reward: { centre: 70, width: 10 }, reference: 'bandit', data: 'narrow' } },
  two: { title: 'Two peaks', scene: { reward: levelsOf(twoPeaks()), reference: 'bandit', data: 'reference' } },
} as const satisfies Readonly<Record<string, { readonly title: string; readonly scene: BanditScene }>>;
export type SceneId = keyof typeof banditScenes;

export const isDrawn = (curve: Law | Reward | 'reference'): curve is Levels => Array.isArray(curve);

const namedLaws: Readonly<Record<(typeof lawKinds)[number], readonly number[]>> = {
  bandit: banditReference(),
  narrow: narrowLaw(),
  uniform: Array.from({ length: banditBins }, () => -Math.log(banditBins)),
};

/** Log-probabilities over the bins, in nats. */
export const logLaw = (law: Law): readonly number[] => (typeof law === 'string' ? namedLaws[law] : lawOf(law));

/** A scene over its bins: rewards, and two laws as log-probabilities in nats. */
export interface SceneLaws {
  readonly rewards: readonly number[];
  readonly reference: readonly number[];
  /** of a race's offline data: the very array of `reference` where that makes them */
  readonly data: readonly number[];
}

export function lawsOf({ reward, reference, data }: BanditScene): SceneLaws {
  const law = logLaw(reference);
  return {
    rewards: isDrawn(reward) ? reward.map((level) => level / topLevel) : banditReward(reward.centre, reward.width),
    reference: law,
    data: data === 'reference' ? law : logLaw(data),
  };
}
