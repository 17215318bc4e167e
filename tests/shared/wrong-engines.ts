import type { StudyEngine } from '../../src/atlas/run-study.ts';
import type { Experiment, Group, Pair } from '../../src/index.ts';

/** The chosen response for the rejected one; what else is known of the pair stays where it is. */
const turned = ({ chosen, rejected, chosenMask, rejectedMask, ...pair }: Pair): Pair => ({
  ...pair,
  chosen: rejected,
  rejected: chosen,
  ...(rejectedMask ? { chosenMask: rejectedMask } : {}),
  ...(chosenMask ? { rejectedMask: chosenMask } : {}),
});
const reversed = (group: Group): Group => ({ ...group, responses: group.responses.toReversed() });

const swapped = ({ pairs, groups, data, ...experiment }: Experiment): Experiment => ({
  ...experiment,
  pairs: pairs.map(turned),
  ...(groups ? { groups: groups.map(reversed) } : {}),
  ...(data ? { data: data.kind === 'best-of-n' || data.kind === 'ranking' ? data : { ...data, flipRate: 1 - (data.flipRate ?? 0) } } : {}),
});
const idle = (experiment: Experiment): Experiment => ({ ...experiment, optimizer: { ...experiment.optimizer, learningRate: 0 } });

const wrong =
  (change: (experiment: Experiment) => Experiment) =>
  (engine: StudyEngine): StudyEngine => ({
    trials: (experiments, options) => engine.trials(experiments.map(change), options),
  });

/** Engines that are broken on purpose: one takes the rejected response for the chosen one, one never updates anything. */
export const wrongEngines = { swapped: wrong(swapped), idle: wrong(idle) };
