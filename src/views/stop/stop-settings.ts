import { defaultSettings, type ToySettings, toyStart } from '../../atlas/toys/displacement/no-over-never.ts';
import type { PageChoice } from '../../shell/losses/objective-view.ts';
import { matchedLearningRate } from '../../shell/losses/step-size.ts';
import { exampleLoss } from './contenders.ts';

/** What all runs share; `learningRate` is DPO's, by which those of the other losses are matched. */
export interface StopSettings extends Omit<ToySettings, 'objective' | 'past'> {
  /** the reader's own loss */
  own: PageChoice;
}

const { objective: dpo, past: _, ...shared } = defaultSettings;
export const defaultStop: StopSettings = { ...shared, own: exampleLoss };

/** The toy with one of the losses, at the step size at which its first update pushes the pair as hard as DPO's does. */
export function runSettings({ own: _own, ...base }: StopSettings, objective: PageChoice): ToySettings {
  const known = { objective: dpo, learningRate: base.learningRate };
  return { ...base, objective, learningRate: matchedLearningRate(objective, known, toyStart(base.vectors)) };
}
