import type { Group } from '../../../core/experiment.ts';
import { findMethod, type MethodId } from '../methods.ts';
import { answers } from '../world.ts';
import { type Advantage, type AdvantageRule, advantagesOf, ruleOf } from './advantage.ts';
import { type Clip, clipOf, clippedSide } from './clip.ts';

/** An answer of the group that is shown, with everything that the update makes of it. */
export interface DrawnAnswer {
  /** place in the group */
  readonly index: number;
  readonly answer: number;
  readonly isRight: boolean;
  /** what is trained on; with a KL in the reward not only the checker's verdict */
  readonly reward: number;
  /** null where the method has none */
  readonly advantage: Advantage | null;
  /** under the policy that it was drawn from, and under the present one */
  readonly drawnWith: number;
  readonly probability: number;
  readonly ratio: number;
  readonly clipped: 'low' | 'high' | null;
  /** on its log-probability: minus the loss's slope, times the answers of all groups; null before it is computed */
  readonly push: number | null;
}

/** One update on one group: the record that the picture and the formula both show. */
export interface GroupUpdate {
  readonly prompt: number;
  /** the right answer */
  readonly right: number;
  readonly rule: AdvantageRule | null;
  readonly clip: Clip;
  /** the loss weighs by the ratio */
  readonly usesRatio: boolean;
  /** there is a KL in the loss, or an entropy bonus */
  readonly hasMore: boolean;
  readonly drawn: readonly DrawnAnswer[];
  /** how many of them, the last ones, an opponent gave: not the policy, but the start or a mixture with it */
  readonly opponents: number;
  /** how many are right */
  readonly rightCount: number;
  /** [answers] probabilities when the group was drawn, before this update and after it */
  readonly drawnFrom: readonly number[];
  readonly now: readonly number[];
  readonly next: readonly number[];
}

/** From the engine's record of a batch. Log-probs are [prompts × answers]. */
export function groupUpdate({
  id,
  params,
  prompt,
  right,
  hasBonus,
  groups,
  pushes,
  ...logps
}: {
  readonly id: MethodId;
  readonly params: Readonly<Record<string, number | string>>;
  readonly prompt: number;
  readonly right: number;
  /** an entropy bonus is mixed in */
  readonly hasBonus: boolean;
  readonly groups: readonly Group[];
  readonly drawnFrom: readonly number[];
  readonly now: readonly number[];
  readonly next: readonly number[];
  /** of the prompt's answers */
  readonly pushes: readonly number[] | null;
}): GroupUpdate | null {
  const group = groups.find((each) => each.prompt === prompt);
  if (!group) return null;
  const [rule, clip] = [ruleOf(id, params), clipOf(id, params)];
  const probabilities = (of: readonly number[]): number[] => of.slice(prompt * answers, (prompt + 1) * answers).map(Math.exp);
  const [drawnFrom, now, next] = [probabilities(logps.drawnFrom), probabilities(logps.now), probabilities(logps.next)];
  const { responses, rewards = [], opponents = 0 } = group;
  const advantages = rule
    ? advantagesOf(
        rule,
        rewards,
        groups.flatMap((each) => each.rewards ?? []),
      )
    : null;
  const drawn = responses.map((response, index): DrawnAnswer => {
    const answer = response as number;
    const [drawnWith, probability] = [drawnFrom[answer] ?? Number.NaN, now[answer] ?? Number.NaN];
    const at = prompt * answers + answer;
    const ratio = Math.exp((logps.now[at] ?? Number.NaN) - (logps.drawnFrom[at] ?? Number.NaN));
    const advantage = advantages?.[index] ?? null;
    return {
      index,
      answer,
      isRight: answer === right,
      reward: rewards[index] ?? Number.NaN,
      advantage,
      drawnWith,
      probability,
      ratio,
      clipped: advantage ? clippedSide(clip, ratio, advantage.value) : null,
      push: pushes?.[index] ?? null,
    };
  });
  const usesRatio = findMethod(id).objective?.needs.includes('previous iterate') ?? false;
  const hasMore = Number(params['beta'] ?? 0) > 0 || hasBonus;
  return {
    prompt,
    right,
    rule,
    clip,
    usesRatio,
    hasMore,
    drawn,
    opponents,
    rightCount: drawn.filter(({ isRight }) => isRight).length,
    drawnFrom,
    now,
    next,
  };
}
