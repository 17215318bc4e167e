import { Draws } from '../../atlas/toys/draws.ts';
import { groupsARound } from '../../atlas/toys/modes/race.ts';
import { type BanditScene, lawsOf } from '../../atlas/toys/modes/scene.ts';
import { expectedReward } from '../../core/exact.ts';
import type { Policy } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { dot } from '../../core/vectors.ts';
import type { GroupsSettings } from './settings.ts';

/** Prompts of a world. */
export const prompts = 32;
/** Answers to each prompt: the digits. One of them is right. */
export const answers = 10;
/** Features that a prompt's answer is read from. */
const features = 12;
/** Standard deviation of the start's logits: wide enough that some right answers are likely, and some have less than one chance in a thousand. */
const spread = 2.4;

/** Answers drawn for a batch. */
export const drawnPerBatch = ({ world, groupSize }: Pick<GroupsSettings, 'world' | 'groupSize'>): number =>
  groupSize * (world === 'bandit' ? groupsARound : prompts);

/** What can be answered, what is rewarded, and a policy that has been trained on something else. */
export interface World {
  readonly policy: Policy;
  /** of each prompt; of a bandit none is */
  readonly right: readonly number[];
  /** [prompts, answers] of prompts 1 for the right answer, else 0 */
  readonly rewards: number[][];
}

/**
 * A teacher for a world: the start, with `strength` times the reward in its logits. Of free logits and on the bandit that is the optimum of
 * the expected reward less KL(π ‖ start) / strength; where features are shared, every prompt's features are added to its right answer.
 */
export function teacherOf({ policy, rewards }: Pick<World, 'policy' | 'rewards'>, strength: number): Policy {
  if (policy.kind === 'tabular')
    return { kind: 'tabular', logits: policy.logits.map((row, prompt) => row.map((x, a) => x + strength * (rewards[prompt]?.[a] ?? 0))) };
  if (policy.kind !== 'features') throw new Error(`There is no teacher for a policy of the kind '${policy.kind}'.`);
  const { hidden, unembedding } = policy;
  return {
    ...policy,
    unembedding: unembedding.map((row, answer) =>
      row.map((x, i) => x + strength * hidden.reduce((sum, own, prompt) => sum + (rewards[prompt]?.[answer] ?? 0) * (own[i] ?? 0), 0)),
    ),
  };
}

/** Expected reward of a world's policy or teacher, exactly: the mean over prompts. */
export function earnedBy(policy: Policy, rewards: readonly (readonly number[])[]): number {
  const logits =
    policy.kind === 'tabular'
      ? policy.logits
      : policy.kind === 'features'
        ? policy.hidden.map((own) => policy.unembedding.map((row) => dot(row, own)))
        : [];
  return mean(logits.map((row, prompt) => expectedReward(logSoftmax(row), rewards[prompt] ?? [])));
}

/** One prompt and a hundred answers, which every seed has alike. */
function banditWorld(scene: BanditScene): World {
  const { reference, rewards } = lawsOf(scene);
  return { policy: { kind: 'tabular', logits: [[...reference]] }, right: [], rewards: [[...rewards]] };
}

/**
 * Logits ⟨w_a, h_x⟩ of answer a to prompt x, with fixed random unit vectors h_x and random w_a, of which `shared` trains the w: what is
 * learned of one prompt moves all others. `free` begins at the same logits, and trains each of them by itself.
 */
export function worldOf({ world: kind, scene }: Pick<GroupsSettings, 'world' | 'scene'>, seed: number): World {
  if (kind === 'bandit') return banditWorld(scene);
  const draws = new Draws(seed, 20);
  const hidden = draws.normalRows(prompts, features).map((row) => {
    const length = Math.hypot(...row);
    return row.map((value) => value / length);
  });
  const unembedding = draws.normalRows(answers, features, spread);
  const right = Array.from({ length: prompts }, () => draws.below(answers));
  const rewards = right.map((one) => Array.from({ length: answers }, (_, answer) => (answer === one ? 1 : 0)));
  const logits = hidden.map((own) => unembedding.map((row) => row.reduce((sum, weight, i) => sum + weight * (own[i] ?? 0), 0)));
  const policy: Policy = kind === 'free' ? { kind: 'tabular', logits } : { kind: 'features', hidden, unembedding, train: 'unembedding' };
  return { policy, right, rewards };
}
