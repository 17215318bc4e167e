import { banditRace, type ContestantId, contestants, entrantOf, findContestant } from '../../atlas/toys/modes/race.ts';
import { lawsOf } from '../../atlas/toys/modes/scene.ts';
import { referenceSync } from '../../atlas/toys/moving-reference.ts';
import type { ObjectiveChoice, ReferenceSync } from '../../core/experiment.ts';
import type { OnPolicyExperiment } from '../../core/on-policy.ts';
import { groupObjectives } from '../../objectives/group-catalogue.ts';
import type { GroupObjective } from '../../objectives/group-objective.ts';
import { resolveLoss } from '../../objectives/loss-spec.ts';
import type { PageChoice } from '../../shell/losses/objective-view.ts';
import { batchesOf, defaultGroups, type GroupsSettings, type WorldKind } from './settings.ts';
import { prompts, teacherOf, worldOf } from './world.ts';

/** What a method of the catalogue is here, where that is not what its entry says by itself. */
interface Own {
  /** at a line's end */
  readonly short?: string;
  /** parameters of its paper, where the catalogue's defaults are a library's */
  readonly params?: Readonly<Record<string, number>>;
  /** the id of another method that it is the same as where an answer is one token: see `twinOf` */
  readonly as?: string;
}

const bonus = 'entropy_bonus';
/** What learns from a teacher, and from no checker: it has no rewards to show one update of. */
export const distillationId = 'gkd';
const noMethods: ReadonlySet<string> = new Set([bonus, distillationId]);

const own: Readonly<Record<string, Own>> = {
  reinforce: { short: 'REINFORCE' },
  reinforce_no_baseline: { short: 'no baseline' },
  reinforce_minimum: { short: 'lowest as baseline' },
  ppo: { short: 'PPO-clip', as: 'dr_grpo' },
  bnpo: { short: 'BNPO', as: 'grpo' },
  gspo: { as: 'grpo' },
  dapo: { params: { epsilonHigh: 0.28 } },
  rwr: { short: 'RWR' },
  best_of_n: { short: 'Best of N' },
  gkd: { short: 'GKD' },
};

/** A method of the race. */
export interface Method {
  readonly id: string;
  /** in short, as at the end of a line */
  readonly short: string;
  /** in full, and what is known of it */
  readonly name: string;
  readonly behaviour: string;
  /** its entry of the catalogue; null for one that is not trained on whole groups of its own samples, and for a typed loss */
  readonly objective: GroupObjective | null;
  readonly own: Own;
}
export type MethodId = Method['id'];

const methodOf = (objective: GroupObjective): Method => ({
  ...{ id: objective.id, short: own[objective.id]?.short ?? objective.name },
  ...{ name: objective.name, behaviour: objective.behaviour, objective, own: own[objective.id] ?? {} },
});

/** Every objective of the catalogue that is meant for samples of the present policy and their rewards. */
export const groupMethods: readonly Method[] = groupObjectives.filter(({ id, onPolicy }) => onPolicy && !noMethods.has(id)).map(methodOf);

const distillation: readonly Method[] = groupObjectives.filter(({ id }) => id === distillationId).map(methodOf);

/** What the bandit's race has beside them: losses of pairs, and those on samples that others made. */
export const banditMethods: readonly (Method & { readonly id: ContestantId })[] = contestants
  .filter(({ family, source }) => source === 'start' || family === 'dpo' || family === 'ipo')
  .map(({ id, label, words }) => ({
    id,
    short: label.replace('Best-of-N', 'BoN'),
    name: label,
    behaviour: words,
    objective: null,
    own: {},
  }));

/** Every method that has a name. */
export const methods: readonly Method[] = [...groupMethods, ...banditMethods, ...distillation];

/** The reader's own line. */
export const typedId = 'typed';
const typedMethod: Method = {
  id: typedId,
  short: 'Your loss',
  name: 'Your own loss',
  behaviour: 'The line that you have typed.',
  objective: null,
  own: {},
};

/** The methods that a world knows. */
export const methodsIn = (world: WorldKind): readonly Method[] =>
  world === 'bandit' ? methods : methods.filter((each) => !banditMethods.some(({ id }) => id === each.id));

/** Who takes part in the race. */
export const racersOf = ({ methods: chosen, world, typed }: Pick<GroupsSettings, 'methods' | 'world' | 'typed'>): readonly Method[] => [
  ...methodsIn(world).filter(({ id }) => chosen.includes(id)),
  ...(typed ? [typedMethod] : []),
];

export function findMethod(id: MethodId): Method {
  const found = id === typedId ? typedMethod : methods.find((each) => each.id === id);
  if (!found) throw new Error(`There is no method '${id}'.`);
  return found;
}

type Params = Record<string, number | string>;

/** The parameters of a method under these settings: what the reader has not moved is the method's own. */
export function paramsOf(id: MethodId, { scale, epsilon, epsilonHigh, beta, kl, divergence }: GroupsSettings): Params {
  if (id === distillationId) return { beta: divergence }; // which divergence: no weight of a KL to the start
  const { objective, own } = findMethod(id);
  const params: Params = { ...own.params };
  const { parameters = {}, options = {} } = objective ?? {};
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

/** The other method that it is the same as under these settings, in short: what only one of the two has must be as if it were not there. */
export function twinOf(id: MethodId, settings: GroupsSettings): string | null {
  const { as } = findMethod(id).own;
  if (as === undefined) return null;
  const [mine, other] = [paramsOf(id, settings), paramsOf(as, settings)];
  const off: Params = { epsilonHigh: settings.epsilon, scaleRewards: 'none' };
  const isSame = Object.keys({ ...mine, ...other }).every((key) => (mine[key] ?? off[key]) === (other[key] ?? off[key]));
  return isSame ? findMethod(as).short : null;
}

/** Whether the method clips ratios at 1 ± ε. */
export const hasClip = (id: MethodId): boolean => id !== 'gmpo' && findMethod(id).objective?.parameters['epsilon'] !== undefined;

/** What a method minimises, on groups or on pairs, without the entropy bonus. */
export function objectiveOf(id: MethodId, settings: GroupsSettings): PageChoice {
  if (isOfBandit(id)) return entrantOf(id, settings.threshold).loss.objective as PageChoice;
  if (id !== typedId) return { name: id, params: paramsOf(id, settings) };
  if (!settings.typed) throw new Error('There is no typed loss.');
  return settings.typed;
}

/** What a method of groups, or a typed loss, minimises, with the entropy bonus where there is one. */
export function choiceOf(id: MethodId, settings: GroupsSettings): ObjectiveChoice {
  const objective = objectiveOf(id, settings);
  if (settings.entropy === 0) return objective;
  return {
    mix: [
      { objective, weight: 1 },
      { objective: { name: bonus }, weight: settings.entropy },
    ],
  };
}

const isOfBandit = (id: MethodId): id is ContestantId => banditMethods.some((each) => each.id === id);

/** Whether a method learns from samples that it does not make itself. */
export const isOffline = (id: MethodId): boolean => isOfBandit(id) && findContestant(id).source === 'start';

/** Whether a method's updates read the reference, so that it matters where that is. A teacher is one of its own. */
export function readsReference(id: MethodId, settings: GroupsSettings): boolean {
  if (id === distillationId) return false;
  if (settings.beta > 0 && settings.kl === 'reward') return true;
  if (isOfBandit(id)) return entrantOf(id, settings.threshold).loss.pairs !== undefined;
  const { objective } = findMethod(id);
  if (!objective) return true; // a typed line may read anything
  const { needs } = objective;
  const { values } = resolveLoss(objectiveOf(id, settings), 'groups');
  return needs.includes('opponents') || (needs.includes('reference') && values['beta'] !== 0);
}

/** How the reference of a method follows its policy; null where it stays, or where nothing reads it. */
export function syncOf(id: MethodId, settings: GroupsSettings): Required<ReferenceSync> | null {
  const { sync, syncAlpha, syncSteps } = settings;
  if (sync === 'off' || !readsReference(id, settings)) return null;
  return referenceSync({ how: sync, alpha: syncAlpha, every: syncSteps });
}

/** One run: a method on the world and the draws of a seed. */
export function experimentOf(id: MethodId, seed: number, settings: GroupsSettings): OnPolicyExperiment {
  const run = ownExperiment(id, seed, settings);
  if (id === distillationId) {
    // who is sampled follows from the share of own batches
    const { source: _, ...sampling } = run.sampling;
    return { ...run, sampling: { ...sampling, lmbda: settings.lmbda }, reference: teacherOf(run, settings.teacher) };
  }
  const { beta, kl } = settings;
  const syncReference = syncOf(id, settings);
  return { ...run, ...(beta > 0 && kl === 'reward' ? { klPenalty: beta } : {}), ...(syncReference ? { syncReference } : {}) };
}

function ownExperiment(id: MethodId, seed: number, settings: GroupsSettings): OnPolicyExperiment {
  const { world, scene, groupSize, learningRate, reuse, threshold, sampling } = settings;
  if (world === 'bandit') {
    const entrant = isOfBandit(id) ? entrantOf(id, threshold) : { loss: { objective: choiceOf(id, settings) }, source: 'policy' as const };
    const run = { n: groupSize, rounds: batchesOf(settings), updates: reuse, learningRate, sampling };
    return banditRace(entrant, seed, run, lawsOf(scene));
  }
  const { policy, rewards } = worldOf(settings, seed);
  return {
    policy,
    rewards,
    method: { objective: choiceOf(id, settings) },
    sampling: { groups: 1, n: groupSize, rounds: batchesOf(settings), updates: reuse },
    // the loss is a mean over prompts
    optimizer: { kind: 'sgd', learningRate: learningRate * prompts },
    seed,
  };
}
