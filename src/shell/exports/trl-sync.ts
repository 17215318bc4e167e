import type { ReferenceSync } from '../../core/experiment.ts';
import { number } from '../../core/python-literals.ts';

/** The arguments of TRL's DPOConfig, GRPOConfig and RLOOConfig that move the reference. */
export const syncArguments = ({ refModelSyncSteps, refModelMixupAlpha }: Required<ReferenceSync>): (readonly [string, string])[] => [
  ['sync_ref_model', 'True'],
  ['ref_model_mixup_alpha', number(refModelMixupAlpha)],
  ['ref_model_sync_steps', String(refModelSyncSteps)],
];
