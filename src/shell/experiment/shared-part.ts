import { overOf } from '../../objectives/over.ts';
import type { SharedExperiment } from './shared-experiment.ts';

/** What of a view's part others can have: not every view trains a loss of groups, which stays where it is, with its step size. */
export function sharedOf({
  objective,
  learningRate,
  ...rest
}: Partial<SharedExperiment>): Record<'shared' | 'own', Partial<SharedExperiment>> {
  const loss = { ...(objective ? { objective } : {}), ...(learningRate === undefined ? {} : { learningRate }) };
  return objective && overOf(objective) === 'groups' ? { shared: rest, own: loss } : { shared: { ...loss, ...rest }, own: {} };
}
