import { expectedReward } from '../../../core/exact.ts';
import type { Experiment, ObjectiveChoice } from '../../../core/experiment.ts';
import type { OnPolicyExperiment, OnPolicyLoss } from '../../../core/on-policy.ts';
import { distributionsOf } from '../../measures.ts';
import type { Run } from '../../study.ts';
import { banditBins, banditReference, banditReward, narrowLaw, untrained } from './bandit.ts';

/** Peaks of the bandit's two rewards: far from the reference's mass, and near a peak of its own. */
export const peaks = { far: 70, near: 20 } as const;
export type Peak = keyof typeof peaks;
const bothPeaks: readonly Peak[] = ['far', 'near'];

/** Samples of a group, groups of a round, and updates on them. */
export const [n, groups, updatesARound] = [10, 10, 5];

/** a target margin of 10 = 1 / (2 β) */
export const ipo: ObjectiveChoice = { name: 'ipo_sum', params: { beta: 0.05 } };
/** The authors' offline script passes --reward_threshold 0.2. */
export const authorsThreshold = 0.2;

/** IPO and DPO as objectives of whole groups: the same pairs, but each response is computed once and not with each of its pairs. */
const methods = {
  'best-of-n': { objective: { name: 'best_of_n' } },
  ipo: { objective: ipo },
  dpo: { objective: { name: 'dpo', params: { beta: 1 } } },
  reinforce: { objective: { name: 'reinforce' } },
  'reinforce-minimum': { objective: { name: 'reinforce_minimum' } },
} as const satisfies Record<string, OnPolicyLoss>;

/** What is trained, on whose samples, towards which peaks, and for how long. */
export interface BanditRun {
  readonly method: keyof typeof methods;
  /**
   * offline: fresh samples of the reference each round; fixed: those of the first round, kept; covered and uncovered: a third law, uniform
   * or one that hardly ever sees the far peak
   */
  readonly source: 'offline' | 'fixed' | 'online' | 'uncovered' | 'covered';
  /** IPO and DPO: pairs whose rewards differ by less are left out; default 0 */
  readonly threshold?: number;
  /** of Adam; default 0.05 */
  readonly learningRate?: number;
  /** each a prompt with a row of free logits of its own; default both */
  readonly towards?: readonly Peak[];
  /** default 300 */
  readonly updates?: number;
}

/** Adam for policies that are the prompts of one run: the loss is a mean over all of them, and so is ε. */
export const adam = (learningRate: number, prompts: number) => ({ kind: 'adam', learningRate, epsilon: 1e-8 / prompts }) as const;

export function banditRun({
  method,
  source,
  threshold = 0,
  learningRate = 0.05,
  towards = bothPeaks,
  updates = 300,
}: BanditRun): OnPolicyExperiment {
  const each = <T>(row: T): T[] => towards.map(() => row);
  const data = source === 'uncovered' ? narrowLaw() : source === 'covered' ? new Array<number>(banditBins).fill(0) : null;
  return {
    policy: { kind: 'tabular', logits: each(banditReference()) },
    rewards: towards.map((peak) => banditReward(peaks[peak])),
    method: threshold > 0 && (method === 'ipo' || method === 'dpo') ? { ...methods[method], pairs: { threshold } } : methods[method],
    sampling: {
      groups,
      n,
      rounds: updates / updatesARound,
      updates: updatesARound,
      ...(data ? { sampler: each(data) } : { source: source === 'online' ? 'policy' : 'start', once: source === 'fixed' }),
    },
    optimizer: adam(learningRate, towards.length),
  };
}

/** Expected reward at the end at one of the peaks that are trained towards, which are the prompts in their order. */
export function rewardOf(run: Run, peak: Peak, towards: readonly Peak[] = bothPeaks): number {
  const row = distributionsOf(run)[towards.indexOf(peak)];
  return row ? expectedReward(row, banditReward(peaks[peak])) : Number.NaN;
}

/** The bandit before any training, as an experiment. */
export const bandit = (): Experiment => untrained(banditReference());
