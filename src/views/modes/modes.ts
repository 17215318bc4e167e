import { heightsOf, topLevel } from '../../atlas/toys/modes/levels.ts';
import { defaultRace, type RaceSettings } from '../../atlas/toys/modes/race.ts';
import {
  type BanditScene,
  banditScenes,
  isDrawn,
  type Law,
  lawsOf,
  logLaw,
  peakRanges,
  type SceneLaws,
} from '../../atlas/toys/modes/scene.ts';
import { bulk, coverage } from '../../core/coverage.ts';
import { closedFormOptimum, entropy, expectedReward, klDivergence } from '../../core/exact.ts';
import type { Range } from '../../core/range.ts';

export interface ModesSettings extends BanditScene {
  /** 'reference': the descent starts from the reference */
  readonly start: 'reference' | Law;
  /** temperature of the target q ∝ p_ref e^{r / β} */
  readonly beta: number;
  /** step size of the descent on the free logits */
  readonly learningRate: number;
  readonly steps: number;
  /** the two bins whose log-ratio is watched */
  readonly bins: readonly [number, number];
  readonly race: RaceSettings;
}

export const modesRanges = {
  ...peakRanges,
  beta: { min: 0.02, max: 5, logarithmic: true, integer: false },
  learningRate: { min: 0.01, max: 10, logarithmic: true, integer: false },
  steps: { min: 20, max: 2000, logarithmic: true, integer: true },
} as const satisfies Record<string, Range>;

export const defaultModes: ModesSettings = {
  reward: { centre: 70, width: 10 },
  reference: 'bandit',
  start: 'reference',
  data: 'reference',
  beta: 0.1,
  learningRate: 1,
  steps: 400,
  bins: [70, 20],
  race: defaultRace,
};

type Scene = Pick<ModesSettings, 'reward' | 'reference' | 'start' | 'data' | 'bins'>;

/** Situations to begin with. */
export const modesPresets: readonly { readonly id: string; readonly title: string; readonly words: string; readonly scene: Scene }[] = [
  {
    id: 'far',
    title: banditScenes.far.title,
    words: 'R₁ of the paper (its condition C1 fails): the reward peaks at bin 70, where the reference has little mass.',
    scene: { ...banditScenes.far.scene, start: 'reference', bins: [70, 20] },
  },
  {
    id: 'near',
    title: banditScenes.near.title,
    words: 'R₂ of the paper (C1 holds): the reward peaks at bin 20, close to a peak of the reference’s own.',
    scene: { ...banditScenes.near.scene, start: 'reference', bins: [20, 70] },
  },
  {
    id: 'uncovered',
    title: banditScenes.uncovered.title,
    words:
      'The far peak, and a reference, hence data, that almost never see it: a thousandth of its mass is spread out. Even online sampling has to find the peak first.',
    scene: { ...banditScenes.uncovered.scene, start: 'reference', bins: [70, 20] },
  },
  {
    id: 'data',
    title: banditScenes.data.title,
    words:
      'The paper’s condition C2 fails: the far peak and the reference of “Peaks apart”, but others made the preference data, a law about bin 16 that hardly ever sees the peak. The race shows what is left of the offline methods; online ones make their own data.',
    scene: { ...banditScenes.data.scene, start: 'reference', bins: [70, 20] },
  },
  {
    id: 'two',
    title: banditScenes.two.title,
    words:
      'A peak that the reference knows, and a better one that it hardly knows. At β = 0.1 the target keeps both: who covers both first?',
    scene: { ...banditScenes.two.scene, start: 'reference', bins: [70, 20] },
  },
  {
    id: 'rich',
    title: 'Rich get richer',
    words: 'Bins 15 and 25 are equally good in the target, but not at the start: which direction of KL favours the one that is ahead?',
    scene: { reward: { centre: 20, width: 10 }, reference: 'uniform', start: 'bandit', data: 'reference', bins: [15, 25] },
  },
];

/** What the page opens on where no link says otherwise: the direction of KL shows at once. What a link leaves out is in `defaultModes`. */
export const openingModes: ModesSettings = { ...defaultModes, ...modesPresets.find(({ id }) => id === 'two')?.scene };

/** The bandit that the settings describe, over 100 bins. Laws are log-probabilities in nats. */
export interface Bandit extends SceneLaws {
  readonly start: readonly number[];
  /** q ∝ p_ref e^{r / β} */
  readonly target: readonly number[];
}

/** The settings that a bandit is made of. */
export type BanditSettings = Pick<ModesSettings, 'reward' | 'reference' | 'start' | 'data' | 'beta'>;

export function banditOf({ start, beta, ...scene }: BanditSettings): Bandit {
  const laws = lawsOf(scene);
  const { rewards, reference } = laws;
  return {
    ...laws,
    start: start === 'reference' ? reference : logLaw(start),
    target: [...closedFormOptimum(reference, rewards, beta)],
  };
}

export const curveNames = ['reward', 'reference', 'start'] as const;
export type CurveName = (typeof curveNames)[number];

/** What the drawing board shows of a curve: heights from 0 to 1. A law's are relative to its most probable bin. */
export function boardHeights(settings: ModesSettings, bandit: Bandit, name: CurveName): readonly number[] {
  const curve = settings[name];
  if (isDrawn(curve)) return curve.map((level) => level / topLevel);
  return name === 'reward' ? bandit.rewards : heightsOf(bandit[name]);
}

/** Share of the mass that counts as a law's bulk. */
export const bulkShare = 0.9;

/** What the page reports of a policy. */
export interface PolicyNumbers {
  readonly expectedReward: number;
  /** KL(π ‖ π_ref) */
  readonly klToReference: number;
  /** KL(π ‖ q) */
  readonly reverseKl: number;
  /** KL(q ‖ π) */
  readonly forwardKl: number;
  readonly entropy: number;
  /** fewest bins that hold 90 % of the mass */
  readonly width: number;
  /** share of q's bulk to which π gives at least half of q's probability */
  readonly covered: number;
}

export function policyNumbers(logps: readonly number[], { rewards, reference, target }: Bandit): PolicyNumbers {
  return {
    expectedReward: expectedReward(logps, rewards),
    klToReference: klDivergence(logps, reference),
    reverseKl: klDivergence(logps, target),
    forwardKl: klDivergence(target, logps),
    entropy: entropy(logps),
    width: bulk(logps, bulkShare).length,
    covered: coverage(logps, target, bulkShare),
  };
}

/** About a hundred steps to keep of a descent: every one at first, where most happens, then evenly. */
export function keptSteps(total: number): number[] {
  const stride = Math.max(1, Math.round(total / 100));
  const kept = new Set([0, 1, 2, 3, 4, 5, 6, 8, 10].filter((step) => step <= total));
  for (let step = stride; step < total; step += stride) kept.add(step);
  return [...kept.add(total)].sort((a, b) => a - b);
}
