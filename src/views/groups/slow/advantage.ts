import { mean } from '../../../core/numerics.ts';
import { groupObjectives } from '../../../objectives/group-catalogue.ts';
import { defaultsOf } from '../../../objectives/group-options.ts';
import type { MethodId } from '../methods.ts';

/** How a method makes advantages of rewards: A = (r - baseline) / divisor, with what TRL adds to a divisor. */
export interface AdvantageRule {
  readonly baseline: 'group' | 'others' | 'batch' | 'lowest' | 'none';
  /** `whitened`: by the batch's, which divides by its number, with nothing added */
  readonly divisor: 'group' | 'batch' | 'whitened' | 'none';
}

/** Added to every standard deviation that divides. */
export const addedToDeviation = 1e-4;

const centred: ReadonlySet<string> = new Set(['reinforce', 'grpo', 'dr_grpo', 'bnpo', 'dapo', 'cispo', 'gspo', 'gmpo', 'sapo']);

/** The rule of a method with these parameters; null where its weights are no advantages. */
export function ruleOf(id: MethodId, params: Readonly<Record<string, number | string>>): AdvantageRule | null {
  if (centred.has(id)) {
    const options = groupObjectives.find((each) => each.id === id)?.options ?? {};
    const scale = String(params['scaleRewards'] ?? defaultsOf(options).scaleRewards);
    return { baseline: 'group', divisor: scale === 'group' || scale === 'batch' ? scale : 'none' };
  }
  const rules: Readonly<Record<string, AdvantageRule>> = {
    ppo: { baseline: 'group', divisor: 'none' },
    rloo: { baseline: 'others', divisor: 'none' },
    reinforce_no_baseline: { baseline: 'none', divisor: 'none' },
    reinforce_minimum: { baseline: 'lowest', divisor: 'none' },
    reinforce_plus_plus: { baseline: 'batch', divisor: 'whitened' },
  };
  return rules[id] ?? null;
}

/** An answer's advantage, with the numbers that it is made of. */
export interface Advantage {
  readonly reward: number;
  readonly baseline: number;
  /** standard deviation, before anything is added; null: nothing divides */
  readonly deviation: number | null;
  /** what is added to it */
  readonly added: number;
  readonly value: number;
}

const deviationOf = (values: readonly number[]): number => {
  const centre = mean(values);
  return values.length < 2 ? 0 : Math.sqrt(values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (values.length - 1));
};

/** The advantages of a group's answers; `batch` holds the rewards of all groups that are trained on together. */
export function advantagesOf(rule: AdvantageRule, rewards: readonly number[], batch: readonly number[]): Advantage[] {
  const total = rewards.reduce((sum, reward) => sum + reward, 0);
  const baselines: Readonly<Record<AdvantageRule['baseline'], (reward: number) => number>> = {
    group: () => mean(rewards),
    others: (reward) => (total - reward) / Math.max(1, rewards.length - 1),
    batch: () => mean(batch),
    lowest: () => Math.min(...rewards),
    none: () => 0,
  };
  const deviations: Readonly<Record<AdvantageRule['divisor'], () => number | null>> = {
    group: () => deviationOf(rewards),
    batch: () => deviationOf(batch),
    whitened: () => Math.max(addedToDeviation, deviationOf(batch) * Math.sqrt((batch.length - 1) / batch.length)),
    none: () => null,
  };
  const deviation = deviations[rule.divisor]();
  const added = rule.divisor === 'whitened' ? 0 : addedToDeviation;
  return rewards.map((reward) => {
    const baseline = baselines[rule.baseline](reward);
    return {
      reward,
      baseline,
      deviation,
      added,
      value: (reward - baseline) / (deviation === null ? 1 : deviation + added),
    };
  });
}
