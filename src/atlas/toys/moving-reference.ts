import type { ReferenceSync } from '../../core/experiment.ts';
import type { Range } from '../../core/range.ts';

/** TR-DPO's moving reference (arXiv:2404.09656): `soft`: it goes a share of the way to the policy; `hard`: it becomes the policy. */
export const moves = ['soft', 'hard'] as const;

/** How the reference of a run follows its policy. */
export interface MovingReference {
  readonly how: (typeof moves)[number];
  /** α of a soft one, TRL's ref_model_mixup_alpha */
  readonly alpha: number;
  /** τ: updates from one move to the next, TRL's ref_model_sync_steps */
  readonly every: number;
}

export const movingRanges = {
  alpha: { min: 0, max: 1, logarithmic: false, integer: false },
  every: { min: 1, max: 1200, logarithmic: true, integer: true },
} as const satisfies Record<'alpha' | 'every', Range>;

/** TRL's α; its τ of 512 is longer than most runs of a toy. */
export const usualMove: MovingReference = { how: 'soft', alpha: 0.6, every: 20 };

/** The same for an engine. */
export const referenceSync = ({ how, alpha, every }: MovingReference): Required<ReferenceSync> => ({
  refModelSyncSteps: every,
  refModelMixupAlpha: how === 'hard' ? 1 : alpha,
});
