import { defaultRace, type samplings, updatesARound } from '../../atlas/toys/modes/race.ts';
import { type BanditScene, banditScenes } from '../../atlas/toys/modes/scene.ts';
import { moves, movingRanges, usualMove } from '../../atlas/toys/moving-reference.ts';
import type { Range } from '../../core/range.ts';
import type { PageChoice } from '../../shell/losses/objective-view.ts';

/** `shared` and `free`: prompts with one right answer each; `bandit`: one prompt, a hundred answers with a reward each. */
export const worlds = ['shared', 'free', 'bandit'] as const;
export type WorldKind = (typeof worlds)[number];
export const scales = ['own', 'group', 'batch', 'none'] as const;
/** k1, k2 and k3 are terms of the loss; `reward` takes β (log π - log π_ref) off the rewards as they are drawn */
export const kls = ['k3', 'k2', 'k1', 'reward'] as const;
/** off: the reference stays at the start */
export const syncs = ['off', ...moves] as const;

export interface GroupsSettings {
  /** by their ids in the catalogue */
  readonly methods: readonly string[];
  /** a loss that the reader has typed, as one more method */
  readonly typed: PageChoice | null;
  /** whether prompts share the features that their answers are read from, or have a logit of their own for each answer; or no prompts */
  readonly world: WorldKind;
  /** of the bandit */
  readonly scene: BanditScene;
  /** of the bandit: DPO and IPO leave out pairs whose rewards differ by less */
  readonly threshold: number;
  /** of the bandit, for methods that do not sample themselves: new samples each round, or those of the first round, kept */
  readonly sampling: (typeof samplings)[number];
  /** answers that are drawn to each prompt */
  readonly groupSize: number;
  /** of plain gradient descent on the sum over prompts of the mean over answers; on the bandit, of Adam */
  readonly learningRate: number;
  readonly updates: number;
  /** updates on the same answers before others are drawn */
  readonly reuse: number;
  readonly scale: (typeof scales)[number];
  /** at its default every method has its own */
  readonly epsilon: number;
  readonly epsilonHigh: number;
  /** weight of the KL to the start */
  readonly beta: number;
  readonly kl: (typeof kls)[number];
  /** how the reference of losses and of KLs follows the policy */
  readonly sync: (typeof syncs)[number];
  /** α of a soft one, TRL's ref_model_mixup_alpha */
  readonly syncAlpha: number;
  /** updates from one to the next, TRL's ref_model_sync_steps */
  readonly syncSteps: number;
  /** of distillation: how much of the reward its teacher has in its logits, beyond the start */
  readonly teacher: number;
  /** of distillation: share of the batches that the policy draws itself; the others are the teacher's */
  readonly lmbda: number;
  /** of distillation: GKD's β, from the forward KL at 0 to the reverse one at 1 */
  readonly divergence: number;
  /** weight of the entropy bonus */
  readonly entropy: number;
  readonly seeds: number;
}

export const groupsRanges = {
  groupSize: { min: 2, max: 32, logarithmic: true, integer: true },
  learningRate: { min: 0.001, max: 30, logarithmic: true, integer: false },
  updates: { min: 20, max: 1200, logarithmic: true, integer: true },
  reuse: { min: 1, max: 16, logarithmic: true, integer: true },
  epsilon: { min: 0.01, max: 0.9, logarithmic: true, integer: false },
  epsilonHigh: { min: 0.01, max: 4, logarithmic: true, integer: false },
  beta: { min: 0, max: 0.5, logarithmic: false, integer: false },
  syncAlpha: movingRanges.alpha,
  syncSteps: movingRanges.every,
  teacher: { min: 0, max: 20, logarithmic: false, integer: false },
  lmbda: { min: 0, max: 1, logarithmic: false, integer: false },
  divergence: { min: 0, max: 1, logarithmic: false, integer: false },
  entropy: { min: 0, max: 0.2, logarithmic: false, integer: false },
  threshold: { min: 0, max: 0.9, logarithmic: false, integer: false },
  seeds: { min: 1, max: 20, logarithmic: false, integer: true },
} as const satisfies Partial<Record<keyof GroupsSettings, Range>>;

export const defaultGroups: GroupsSettings = {
  methods: ['reinforce', 'rloo', 'grpo', 'dr_grpo', 'dapo', 'cispo', 'gmpo', 'sapo'],
  typed: null,
  world: 'shared',
  scene: banditScenes.far.scene,
  threshold: defaultRace.threshold,
  sampling: defaultRace.sampling,
  groupSize: 8,
  learningRate: 0.5,
  updates: 300,
  reuse: 4,
  scale: 'own',
  epsilon: 0.2,
  epsilonHigh: 0.2,
  beta: 0,
  kl: 'k3',
  sync: 'off',
  syncAlpha: usualMove.alpha,
  syncSteps: usualMove.every,
  teacher: 5,
  lmbda: 0.5,
  divergence: 0.5,
  entropy: 0,
  seeds: 3,
};

/** Batches of answers: as many as make about so many updates, and at least one. */
export const batchesOf = ({ updates, reuse }: Pick<GroupsSettings, 'updates' | 'reuse'>): number =>
  Math.max(1, Math.round(updates / reuse));

/** What a world begins with: a bandit is raced as in Mode-seeking. */
const usual: Readonly<Record<'prompts' | 'bandit', Pick<GroupsSettings, 'methods' | 'groupSize' | 'learningRate' | 'updates' | 'reuse'>>> =
  {
    prompts: defaultGroups,
    bandit: {
      methods: ['ppo', 'best_of_n', 'sft', 'bon', 'dpo', 'dpo-on'],
      groupSize: defaultRace.n,
      learningRate: defaultRace.learningRate,
      updates: defaultRace.rounds * updatesARound,
      reuse: updatesARound,
    },
  };

/** What changes with the world: from prompts to a bandit, and back, the settings that it begins with. */
export function enterWorld(world: WorldKind, present: WorldKind): Partial<GroupsSettings> {
  const [to, from] = [world, present].map((kind) => (kind === 'bandit' ? 'bandit' : 'prompts')) as [
    'prompts' | 'bandit',
    'prompts' | 'bandit',
  ];
  if (to === from) return { world };
  const { methods, groupSize, learningRate, updates, reuse } = usual[to];
  return { world, methods, groupSize, learningRate, updates, reuse };
}
