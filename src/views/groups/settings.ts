import type { Range } from '../../core/range.ts';

export const worlds = ['shared', 'free'] as const;
export const scales = ['own', 'group', 'batch', 'none'] as const;
/** k1, k2 and k3 are terms of the loss; `reward` takes β (log π - log π_ref) off the rewards as they are drawn */
export const kls = ['k3', 'k2', 'k1', 'reward'] as const;

export interface GroupsSettings {
  /** by their ids in the catalogue */
  readonly methods: readonly string[];
  /** whether prompts share the features that their answers are read from, or have a logit of their own for each answer */
  readonly world: (typeof worlds)[number];
  /** answers that are drawn to each prompt */
  readonly groupSize: number;
  /** of plain gradient descent on the sum over prompts of the mean over answers */
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
  /** weight of the entropy bonus */
  readonly entropy: number;
  readonly seeds: number;
}

export const groupsRanges = {
  groupSize: { min: 2, max: 32, logarithmic: true, integer: true },
  learningRate: { min: 0.01, max: 30, logarithmic: true, integer: false },
  updates: { min: 20, max: 1200, logarithmic: true, integer: true },
  reuse: { min: 1, max: 16, logarithmic: true, integer: true },
  epsilon: { min: 0.01, max: 0.9, logarithmic: true, integer: false },
  epsilonHigh: { min: 0.01, max: 4, logarithmic: true, integer: false },
  beta: { min: 0, max: 0.5, logarithmic: false, integer: false },
  entropy: { min: 0, max: 0.2, logarithmic: false, integer: false },
  seeds: { min: 1, max: 20, logarithmic: false, integer: true },
} as const satisfies Partial<Record<keyof GroupsSettings, Range>>;

export const defaultGroups: GroupsSettings = {
  methods: ['reinforce', 'rloo', 'grpo', 'dr_grpo', 'dapo', 'cispo', 'gmpo', 'sapo'],
  world: 'shared',
  groupSize: 8,
  learningRate: 0.5,
  updates: 300,
  reuse: 4,
  scale: 'own',
  epsilon: 0.2,
  epsilonHigh: 0.2,
  beta: 0,
  kl: 'k3',
  entropy: 0,
  seeds: 3,
};

/** Batches of answers: as many as make about so many updates, and at least one. */
export const batchesOf = ({ updates, reuse }: Pick<GroupsSettings, 'updates' | 'reuse'>): number =>
  Math.max(1, Math.round(updates / reuse));
