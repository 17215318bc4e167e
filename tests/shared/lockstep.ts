import { Draws } from '../../src/atlas/toys/draws.ts';
import type { ObjectiveChoice, OnPolicyExperiment, Policy } from '../../src/index.ts';

const [prompts, answers, features] = [3, 5, 4];

/** Two kinds of policies whose runs can go in lockstep, of a seed. */
export const policiesOf = (seed: number): Readonly<Record<'table' | 'hidden' | 'unembedding' | 'both', Policy>> => {
  const draws = new Draws(seed, 20);
  const hidden = draws.normalRows(prompts, features);
  const unembedding = draws.normalRows(answers, features);
  const own = { kind: 'features' as const, hidden, unembedding };
  return {
    table: { kind: 'tabular', logits: draws.normalRows(prompts, answers), noise: 0.1 },
    hidden: { ...own, train: 'hidden' },
    unembedding: { ...own, train: 'unembedding' },
    both: { ...own, train: 'both' },
  };
};

/** GRPO, a few rounds; every seed has a policy and rewards of its own. */
export function lockstepRun(seed: number, more: Partial<OnPolicyExperiment> = {}, policy: keyof ReturnType<typeof policiesOf> = 'table') {
  const draws = new Draws(seed, 21);
  const rewards = Array.from({ length: prompts }, () => Array.from({ length: answers }, () => draws.below(3) / 2));
  return {
    policy: policiesOf(seed)[policy],
    rewards,
    method: { objective: { name: 'grpo' } },
    sampling: { groups: 1, n: 3, rounds: 4, updates: 2 },
    optimizer: { kind: 'sgd', learningRate: 0.3 },
    seed,
    ...more,
  } satisfies OnPolicyExperiment;
}

const objective = (name: string, params?: Record<string, number | string>): ObjectiveChoice => ({ name, ...(params ? { params } : {}) });
const sampling = { groups: 1, n: 3, rounds: 4, updates: 2 };

/** What may be asked of runs in lockstep. Of each the experiment of a seed. */
export const lockstepCases: Readonly<Record<string, (seed: number) => OnPolicyExperiment>> = {
  'GRPO on tables': (seed) => lockstepRun(seed),
  'GRPO on unembeddings': (seed) => lockstepRun(seed, {}, 'unembedding'),
  'REINFORCE++ on hidden vectors, scaled by batch': (seed) =>
    lockstepRun(seed, { method: { objective: objective('reinforce_plus_plus') } }, 'hidden'),
  'sums over tokens, both tensors, Adam': (seed) =>
    lockstepRun(
      seed,
      { method: { objective: objective('dapo', { beta: 0.1 }) }, optimizer: { kind: 'adam', learningRate: 0.05, weightDecay: 0.1 } },
      'both',
    ),
  'groups without a signal left out': (seed) => lockstepRun(seed, { sampling: { ...sampling, dropEqualRewards: true } }, 'unembedding'),
  'the best alone, two groups a prompt': (seed) =>
    lockstepRun(seed, { method: { objective: objective('best_of_n') }, sampling: { ...sampling, groups: 2 } }),
  'offline data of the start, drawn once, a penalty': (seed) =>
    lockstepRun(seed, { sampling: { ...sampling, source: 'start', once: true }, klPenalty: 0.2 }),
  'a law of its own for each run': (seed) =>
    lockstepRun(seed, { sampling: { ...sampling, sampler: new Draws(seed, 22).normalRows(prompts, answers) } }),
  'verdicts, and a reference of its own': (seed) =>
    lockstepRun(seed, {
      verdicts: { temperature: 0.5 },
      reference: { kind: 'tabular', logits: new Draws(seed, 23).normalRows(prompts, answers) },
      method: { objective: objective('grpo', { beta: 0.3 }) },
    }),
  'a reference that follows, momentum': (seed) =>
    lockstepRun(seed, {
      syncReference: { refModelSyncSteps: 3, refModelMixupAlpha: 0.5 },
      klPenalty: 0.1,
      method: { objective: objective('grpo', { beta: 0.3 }) },
      optimizer: { kind: 'momentum', learningRate: 0.1 },
    }),
  'a reference that is reset, opponents': (seed) =>
    lockstepRun(seed, { method: { objective: objective('nash_md') }, resetReference: 2, sampling: { ...sampling, n: 5 } }),
};
