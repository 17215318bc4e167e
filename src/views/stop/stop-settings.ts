import { defaultSettings, type ToySettings, toyStart } from '../../atlas/toys/displacement/no-over-never.ts';
import { type MovingReference, usualMove } from '../../atlas/toys/moving-reference.ts';
import type { PageChoice } from '../../shell/losses/objective-view.ts';
import { matchedLearningRate } from '../../shell/losses/step-size.ts';
import { exampleLoss } from './contenders.ts';

/** What all runs share; `learningRate` is DPO's, by which those of the other losses are matched. */
export interface StopSettings extends Omit<ToySettings, 'objective' | 'past' | 'sync'> {
  /** the reader's own loss */
  own: PageChoice;
  /** how the reference of the run under DPO follows, whose reference moves */
  sync: MovingReference;
}

const { objective: dpo, past: _, ...shared } = defaultSettings;
export const defaultStop: StopSettings = { ...shared, own: exampleLoss, sync: usualMove };

/** The toy with one of the losses, at the step size at which its first update pushes the pair as hard as DPO's does. */
export function runSettings({ own: _own, sync: _sync, ...base }: StopSettings, objective: PageChoice): ToySettings {
  const known = { objective: dpo, learningRate: base.learningRate };
  return { ...base, objective, sync: null, learningRate: matchedLearningRate(objective, known, toyStart(base.vectors)) };
}

/** The same with DPO and a reference that moves. */
export const movingSettings = (settings: StopSettings): ToySettings => ({ ...runSettings(settings, dpo), sync: settings.sync });
