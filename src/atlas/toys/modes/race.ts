import type { OnPolicyExperiment, OnPolicyLoss } from '../../../core/on-policy.ts';
import type { Range } from '../../../core/range.ts';
import type { SceneLaws } from './scene.ts';

/** An algorithm of the race. All start from the reference, draw the same number of samples and make the same number of updates. */
export interface Contestant {
  readonly id: string;
  readonly label: string;
  /** in one line: what an update does */
  readonly words: string;
  readonly family: 'sft' | 'best-of-n' | 'dpo' | 'ipo' | 'rwr' | 'reinforce' | 'ppo';
  /** who is sampled */
  readonly source: 'policy' | 'start';
}

export const contestants = [
  { id: 'sft', label: 'SFT', family: 'sft', source: 'start', words: 'likelihood of the winners of offline pairs' },
  { id: 'bon', label: 'Best-of-N offline', family: 'best-of-n', source: 'start', words: 'likelihood of the best of N offline samples' },
  {
    id: 'bon-on',
    label: 'Best-of-N online',
    family: 'best-of-n',
    source: 'policy',
    words: 'likelihood of the best of N of its own samples',
  },
  { id: 'dpo', label: 'DPO offline', family: 'dpo', source: 'start', words: 'DPO on the pairs of N offline samples, β = 1' },
  { id: 'dpo-on', label: 'DPO online', family: 'dpo', source: 'policy', words: 'DPO on the pairs of N of its own samples, β = 1' },
  { id: 'ipo', label: 'IPO offline', family: 'ipo', source: 'start', words: 'IPO on the pairs of N offline samples, target margin 10' },
  {
    id: 'ipo-on',
    label: 'IPO online',
    family: 'ipo',
    source: 'policy',
    words: 'IPO on the pairs of N of its own samples, target margin 10',
  },
  { id: 'rwr', label: 'RWR', family: 'rwr', source: 'policy', words: 'likelihood of its own samples, weighted by e^r' },
  { id: 'reinforce', label: 'REINFORCE', family: 'reinforce', source: 'policy', words: 'policy gradient, rewards less the mean of each N' },
  { id: 'ppo', label: 'PPO', family: 'ppo', source: 'policy', words: 'the same with ratios clipped at 0.8 and 1.2' },
] as const satisfies readonly Contestant[];
export type ContestantId = (typeof contestants)[number]['id'];

export interface RaceSettings {
  readonly contestants: readonly ContestantId[];
  readonly seeds: number;
  /** responses in a group */
  readonly n: number;
  readonly rounds: number;
  /** of Adam */
  readonly learningRate: number;
  /** DPO and IPO: pairs whose rewards differ by less are left out */
  readonly threshold: number;
  /** of those who sample the reference: new samples each round, or those of the first round, kept */
  readonly sampling: (typeof samplings)[number];
}

export const samplings = ['fresh', 'fixed'] as const;

export const raceRanges = {
  seeds: { min: 1, max: 10, logarithmic: false, integer: true },
  n: { min: 2, max: 32, logarithmic: true, integer: true },
  rounds: { min: 5, max: 200, logarithmic: true, integer: true },
  learningRate: { min: 0.001, max: 1, logarithmic: true, integer: false },
  threshold: { min: 0, max: 0.9, logarithmic: false, integer: false },
} as const satisfies Record<Exclude<keyof RaceSettings, 'contestants' | 'sampling'>, Range>;

/** Small, for software adapters; the page tells how long a run takes once it has measured one. */
export const defaultRace: RaceSettings = {
  contestants: ['sft', 'bon', 'bon-on', 'dpo', 'dpo-on', 'ppo'],
  seeds: 3,
  n: 10,
  rounds: 30,
  learningRate: 0.05,
  threshold: 0,
  sampling: 'fresh',
};

/** Groups that are drawn in each round. */
export const groupsARound = 10;
/** Updates on the samples of one round. */
export const updatesARound = 5;

export function findContestant(id: ContestantId): Contestant {
  const found = contestants.find((each) => each.id === id);
  if (!found) throw new Error(`There is no contestant ${id}.`);
  return found;
}

/** What a family minimises; `onPairs`: on the pairs of its samples. */
const losses: Readonly<Record<Contestant['family'], { readonly loss: OnPolicyLoss; readonly onPairs?: true }>> = {
  sft: { loss: { objective: { name: 'best_of_n' } } }, // the winner of a pair is the best of two
  'best-of-n': { loss: { objective: { name: 'best_of_n' } } },
  dpo: { loss: { objective: { name: 'dpo', params: { beta: 1 } } }, onPairs: true },
  ipo: { loss: { objective: { name: 'ipo_sum', params: { beta: 0.05 } } }, onPairs: true }, // a target margin of 10 = 1 / (2 β)
  rwr: { loss: { objective: { name: 'rwr', params: { T: 1 } } } },
  reinforce: { loss: { objective: { name: 'reinforce' } } },
  ppo: { loss: { objective: { name: 'ppo', params: { epsilon: 0.2 } } } },
};

const lossOf = ({ family }: Contestant, threshold: number): OnPolicyLoss => {
  const { loss, onPairs } = losses[family];
  return onPairs ? { ...loss, pairs: { threshold } } : loss;
};

/** A loss on samples, and whose they are. */
export interface Entrant extends Pick<Contestant, 'source'> {
  readonly loss: OnPolicyLoss;
  /** responses of a group, where they are fewer than the race's: as many more groups are drawn */
  readonly size?: number;
}

/** A contestant's loss with this threshold. */
export function entrantOf(id: ContestantId, threshold: number): Entrant {
  const contestant = findContestant(id);
  const { source, family } = contestant;
  return { source, loss: lossOf(contestant, threshold), ...(family === 'sft' ? { size: 2 } : {}) };
}

/** How a run of the race goes. */
export interface RaceRun extends Pick<RaceSettings, 'n' | 'rounds' | 'learningRate' | 'sampling'> {
  /** on the samples of a round */
  readonly updates: number;
}

/** One run of a loss on a bandit: of 100 bins, or however many the laws have. */
export function banditRace(
  { loss, source, size: own }: Entrant,
  seed: number,
  { n, rounds, updates, learningRate, sampling }: RaceRun,
  { reference, rewards, data }: SceneLaws,
): OnPolicyExperiment {
  const size = own ?? n;
  return {
    policy: { kind: 'tabular', logits: [[...reference]] },
    rewards: [[...rewards]],
    method: loss,
    sampling: {
      groups: Math.max(1, Math.round((groupsARound * n) / size)),
      n: size,
      rounds,
      updates,
      ...(source === 'start' && data !== reference ? { sampler: [[...data]] } : { source }),
      ...(source === 'start' && sampling === 'fixed' ? { once: true } : {}),
    },
    optimizer: { kind: 'adam', learningRate },
    seed,
  };
}

/** One run of the race: a contestant with one seed. */
export const raceExperiment = (id: ContestantId, seed: number, settings: RaceSettings, laws: SceneLaws): OnPolicyExperiment =>
  banditRace(entrantOf(id, settings.threshold), seed, { ...settings, updates: updatesARound }, laws);
