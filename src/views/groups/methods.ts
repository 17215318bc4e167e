import type { ObjectiveChoice } from '../../core/experiment.ts';
import type { OnPolicyExperiment } from '../../core/on-policy.ts';
import { groupObjectives } from '../../objectives/group-catalogue.ts';
import type { GroupObjective } from '../../objectives/group-objective.ts';
import { batchesOf, defaultGroups, type GroupsSettings } from './settings.ts';
import { prompts, worldOf } from './world.ts';

/** What a method of the catalogue is here, where that is not what its entry says by itself. */
interface Own {
  /** at a line's end */
  readonly short?: string;
  /** parameters of its paper, where the catalogue's defaults are a library's */
  readonly params?: Readonly<Record<string, number>>;
  /** another method that it is the same as where an answer is one token */
  readonly as?: string;
}

const bonus = 'entropy_bonus';
/** parts of others, and what learns from a teacher and from no checker */
const noMethods: ReadonlySet<string> = new Set([bonus, 'gkd']);

const own: Readonly<Record<string, Own>> = {
  reinforce: { short: 'REINFORCE' },
  reinforce_no_baseline: { short: 'no baseline' },
  reinforce_minimum: { short: 'lowest as baseline' },
  ppo: { short: 'PPO-clip', as: 'Dr. GRPO' },
  bnpo: { short: 'BNPO', as: 'GRPO' },
  gspo: { as: 'GRPO' },
  dapo: { params: { epsilonHigh: 0.28 } },
  rwr: { short: 'RWR' },
  best_of_n: { short: 'Best of N' },
};

/** A method of the race. */
export interface Method {
  readonly id: string;
  /** in short, as at the end of a line */
  readonly short: string;
  readonly objective: GroupObjective;
  readonly own: Own;
}
export type MethodId = Method['id'];

/** Every objective of the catalogue that is meant for samples of the present policy. */
export const methods: readonly Method[] = groupObjectives
  .filter(({ id, onPolicy }) => onPolicy && !noMethods.has(id))
  .map((objective) => ({
    id: objective.id,
    short: own[objective.id]?.short ?? objective.name,
    objective,
    own: own[objective.id] ?? {},
  }));

export function findMethod(id: MethodId): Method {
  const found = methods.find((each) => each.id === id);
  if (!found) throw new Error(`There is no method '${id}'.`);
  return found;
}

type Params = Record<string, number | string>;

/** The parameters of a method under these settings: what the reader has not moved is the method's own. */
export function paramsOf(id: MethodId, { scale, epsilon, epsilonHigh, beta, kl }: GroupsSettings): Params {
  const { objective, own } = findMethod(id);
  const params: Params = { ...own.params };
  const { parameters, options } = objective;
  const isMoved = epsilon !== defaultGroups.epsilon || epsilonHigh !== defaultGroups.epsilonHigh;
  // a cap of weights, or a clip of log-ratios, is no ε: it stays as it is
  if (isMoved && hasClip(id)) Object.assign(params, { epsilon }, parameters['epsilonHigh'] ? { epsilonHigh } : {});
  if (scale !== 'own' && options.scaleRewards?.includes(scale)) params['scaleRewards'] = scale;
  if (beta > 0 && kl !== 'reward' && parameters['beta']) {
    params['beta'] = beta;
    if (options.kl?.includes(kl)) params['kl'] = kl;
  }
  return params;
}

/** Whether the method clips ratios at 1 ± ε. */
export const hasClip = (id: MethodId): boolean => id !== 'gmpo' && findMethod(id).objective.parameters['epsilon'] !== undefined;

/** What a method minimises, with the entropy bonus where there is one. */
export function choiceOf(id: MethodId, settings: GroupsSettings): ObjectiveChoice {
  const objective = { name: id, params: paramsOf(id, settings) };
  if (settings.entropy === 0) return objective;
  return {
    mix: [
      { objective, weight: 1 },
      { objective: { name: bonus }, weight: settings.entropy },
    ],
  };
}

/** One run: a method on the world and the draws of a seed. */
export function experimentOf(id: MethodId, seed: number, settings: GroupsSettings): OnPolicyExperiment {
  const { world, groupSize, learningRate, reuse, beta, kl } = settings;
  const { policy, rewards } = worldOf(world, seed);
  return {
    policy,
    rewards,
    method: { objective: choiceOf(id, settings) },
    sampling: { groups: 1, n: groupSize, rounds: batchesOf(settings), updates: reuse },
    ...(beta > 0 && kl === 'reward' ? { klPenalty: beta } : {}),
    // the loss is a mean over prompts
    optimizer: { kind: 'sgd', learningRate: learningRate * prompts },
    seed,
  };
}
