import type { StudyEngine } from '../../src/atlas/run-study.ts';
import type { OnPolicyExperiment, TargetExperiment } from '../../src/core/on-policy.ts';
import type { TrialExperiment } from '../../src/core/trial.ts';
import type { Experiment, Group, Pair, PairDiagnosis } from '../../src/index.ts';

/** The chosen response for the rejected one; what else is known of the pair stays where it is. */
const turned = ({ chosen, rejected, chosenMask, rejectedMask, ...pair }: Pair): Pair => ({
  ...pair,
  chosen: rejected,
  rejected: chosen,
  ...(rejectedMask ? { chosenMask: rejectedMask } : {}),
  ...(chosenMask ? { rejectedMask: chosenMask } : {}),
});
const reversed = (group: Group): Group => ({ ...group, responses: group.responses.toReversed() });

const exchanged = ({ pairs, groups, data, ...experiment }: Experiment): Experiment => ({
  ...experiment,
  pairs: pairs.map(turned),
  ...(groups ? { groups: groups.map(reversed) } : {}),
  ...(data ? { data: data.kind === 'best-of-n' || data.kind === 'ranking' ? data : { ...data, flipRate: 1 - (data.flipRate ?? 0) } } : {}),
});
/** The worst sample of a group for the best one. */
const penalised = (experiment: OnPolicyExperiment): OnPolicyExperiment => ({
  ...experiment,
  rewards: experiment.rewards.map((row) => row.map((reward) => -reward)),
});
const isOnPolicy = (experiment: TrialExperiment): experiment is OnPolicyExperiment => 'sampling' in experiment;
const swapped = (experiment: TrialExperiment): TrialExperiment => (isOnPolicy(experiment) ? penalised(experiment) : exchanged(experiment));
const opposite = { forward: 'reverse', reverse: 'forward', jensen: 'forward' } as const;
const idle = <T extends TrialExperiment | TargetExperiment>(experiment: T): T => ({
  ...experiment,
  optimizer: { ...experiment.optimizer, learningRate: 0 },
});

const patterns = {
  'both-down': 'chosen-up-rejected-down',
  'both-up': 'chosen-up-rejected-down',
  'chosen-up-rejected-down': 'both-up',
} as const satisfies Record<PairDiagnosis['pattern'], PairDiagnosis['pattern']>;
/** The geometry with its sides exchanged. */
const contrary = (pair: PairDiagnosis): PairDiagnosis => ({
  ...pair,
  chosenGradNormSq: pair.rejectedGradNormSq,
  rejectedGradNormSq: pair.chosenGradNormSq,
  cosine: -pair.cosine,
  pattern: patterns[pair.pattern],
  chosenRate: pair.rejectedRate,
  rejectedRate: pair.chosenRate,
  ches: pair.ches && -pair.ches,
});

interface Mistake {
  readonly trained: (experiment: TrialExperiment) => TrialExperiment;
  readonly matched: (experiment: TargetExperiment) => TargetExperiment;
  readonly diagnosed: (pair: PairDiagnosis) => PairDiagnosis;
}
const wrong =
  ({ trained, matched, diagnosed }: Mistake) =>
  (engine: Required<StudyEngine>): StudyEngine => ({
    backend: engine.backend,
    trials: (experiments, options) => engine.trials(experiments.map(trained), options),
    diagnose: async (experiment) => (await engine.diagnose(experiment)).map(diagnosed),
    matchTarget: (experiment, options) => engine.matchTarget(matched(experiment), options),
  });

/** Engines that are broken on purpose: one takes the rejected response for the chosen one, one never updates anything. */
export const wrongEngines = {
  swapped: wrong({
    trained: swapped,
    matched: (experiment) => ({ ...experiment, direction: opposite[experiment.direction] }),
    diagnosed: contrary,
  }),
  idle: wrong({ trained: idle, matched: idle, diagnosed: (pair) => pair }),
};
