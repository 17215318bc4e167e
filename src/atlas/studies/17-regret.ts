import type { Experiment } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { norm } from '../../core/vectors.ts';
import { defineStudy, type Outcome, type Run, type World } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import {
  type ChainReward,
  type Counts,
  countsOf,
  expectedCounts,
  goalState,
  moved,
  moves,
  optimalMoves,
  regretCounts,
  states,
  uniformMoves,
  worth,
} from '../toys/processes/chain.ts';
import { fitScorer, subtract, weightsOf } from '../toys/scorer.ts';

/** Every step costs 1 until the goal is reached. */
const truly: ChainReward = { step: -1, goal: 0 };
const steps = 3;

interface Comparison {
  readonly better: readonly number[];
  readonly worse: readonly number[];
}
interface Truth {
  /** walks that avoid the goal, and walks of which some reach it */
  readonly avoiding: Comparison[];
  readonly reaching: Comparison[];
}

/** A reward model that is linear in both counts: those of the better walk less those of the worse one. */
const fitted = (compared: readonly Comparison[], countsFor: (walk: readonly number[]) => Counts): Experiment =>
  fitScorer(
    compared.map(({ better, worse }) => subtract(countsFor(better), countsFor(worse))),
    { learningRate: 0.05, steps: 60 },
  );
const rewardOf = (outcome: Outcome | undefined): ChainReward => {
  const [step = 0, goal = 0] = outcome ? weightsOf(outcome) : [];
  return { step, goal };
};

const byReturn = (compared: readonly Comparison[]): Experiment => fitted(compared, countsOf);
/** The regret under a policy that is taken to be optimal; less of it is better. */
const byRegret = (compared: readonly Comparison[], policy: typeof uniformMoves): Experiment => {
  const counts = expectedCounts(policy);
  return fitted(compared, (walk) => {
    const [stepCount, goals] = regretCounts(walk, counts);
    return [-stepCount, -goals];
  });
};
const which = { avoiding: ({ truth }: World<Truth>) => truth.avoiding, reaching: ({ truth }: World<Truth>) => truth.reaching } as const;
/** Regret first of a policy that walks at random, then of the one that is optimal for what came out, and once more. */
const regretArm = (label: string, compared: keyof typeof which) => {
  const again = (world: World<Truth>, [before]: readonly Outcome[]) => byRegret(which[compared](world), optimalMoves(rewardOf(before)));
  return { label, train: (world: World<Truth>) => byRegret(which[compared](world), uniformMoves), next: [again, again] };
};
const returnArm = (label: string, compared: keyof typeof which) => ({
  label,
  train: (world: World<Truth>) => byReturn(which[compared](world)),
});

export const study = defineStudy<Truth>()({
  id: '17-regret',
  finding: 'Regret finds the goal where returns tie',
  mechanism:
    'Two walks of one length that avoid the goal have the same return, whatever a step costs, so preferences explained by return say nothing of the reward. Regret also counts how good the places are where a walk begins and ends.',
  setup:
    'A line of six states with a goal at its end, every step costs 1, discounted by 0.97; 150 comparisons of walks of three steps, judged by their regret. A reward for each step and one for the goal are fitted by return, or by regret in three stages.',
  leavesOut:
    'The judge judges by regret: whether people do is not asked here, it is put in. The first stage takes random moves for the optimal policy, each later one the policy that is optimal for the reward of the stage before. The toy discounts what the formula adds up.',
  tex: 'P(\\sigma_1\\succ\\sigma_2)=\\sigma\\big(\\mathrm{reg}(\\sigma_2)-\\mathrm{reg}(\\sigma_1)\\big),\\qquad\\mathrm{reg}(\\sigma)=V^*(s_0)-\\Big(\\sum_tr_t+V^*(s_T)\\Big)',
  parameters: {
    pairs: { label: 'Comparisons', symbol: 'n', min: 20, max: 2000, default: 150, integer: true },
    care: { label: 'How surely less regret is preferred', symbol: '\\kappa', min: 0.1, max: 10, default: 2 },
  },
  toy: (seed, { pairs, care }) => {
    const draws = new Draws(seed);
    const best = expectedCounts(optimalMoves(truly));
    const walk = (mayReach: boolean): number[] => {
      for (;;) {
        const states_ = [draws.below(goalState)];
        for (let t = 0; t < steps; t++) states_.push(moved(states_.at(-1) ?? 0, moves[draws.below(moves.length)] ?? 0));
        if (mayReach || states_.at(-1) !== goalState) return states_;
      }
    };
    const compared = (mayReach: boolean) =>
      Array.from({ length: pairs }, (): Comparison => {
        const [a, b] = [walk(mayReach), walk(mayReach)];
        const [of, other] = [worth(regretCounts(a, best), truly), worth(regretCounts(b, best), truly)];
        return draws.prefers(care * (other - of)) ? { better: a, worse: b } : { better: b, worse: a };
      });
    const truth = { avoiding: compared(false), reaching: compared(true) };
    return { experiment: byReturn(truth.avoiding), truth };
  },
  arms: {
    returns: returnArm('Return, walks avoid the goal', 'avoiding'),
    regret: regretArm('Regret, walks avoid the goal', 'avoiding'),
    returnsReach: returnArm('Return, walks may reach it', 'reaching'),
    regretReach: regretArm('Regret, walks may reach it', 'reaching'),
  },
  measures: {
    optimal: {
      label: 'moves that are right',
      of: ({ trial }: Run<Truth>) => {
        const chosen = optimalMoves(rewardOf(trial));
        return mean(Array.from({ length: states - 1 }, (_, state) => chosen[state]?.[moves.indexOf(1)] ?? Number.NaN));
      },
    },
    size: { label: 'size of the fitted rewards', of: ({ trial }) => norm(weightsOf(trial)) },
  },
  plot: { kind: 'strip', y: 'optimal' },
  claims: [
    {
      id: 'returns-tie',
      statement: 'From walks of one length that avoid the goal, the model of returns learns nothing: its rewards stay 0.',
      where: 'partial return and constant shifts of the reward',
      kind: 'identity',
      refutedBy: 'a fitted reward other than 0 in any seed',
      tex: '\\sum_t(r_t+c)=\\sum_tr_t+c\\,T',
      left: ['returns', 'size'],
      by: 'each',
      bound: { atMost: 0 },
      because: 'all such walks have as many steps and no goal, so both differences of features are 0, and so is each gradient',
      expected: 'holds',
    },
    {
      id: 'regret-finds-it',
      statement:
        'From walks that avoid the goal, a reward fitted by regret makes, in nearly all seeds, at least 20 percentage points more moves right than one fitted by return.',
      where: 'identifiability of the reward',
      kind: 'empirical',
      refutedBy: 'a smaller gain in more than a tenth of the seeds',
      left: ['regret', 'optimal'],
      right: ['returns', 'optimal'],
      by: { share: 0.9 },
      bound: { atLeast: 0.2 },
      because: 'one of the five states',
      expected: 'holds',
    },
    {
      id: 'goal-seen',
      statement:
        'Where walks may reach the goal, too, a reward fitted by regret makes, in nearly all seeds, at least 20 percentage points more moves right than one fitted by return.',
      where: 'what walks are compared',
      kind: 'toy',
      refutedBy: 'a smaller gain in more than a tenth of the seeds',
      left: ['regretReach', 'optimal'],
      right: ['returnsReach', 'optimal'],
      by: { share: 0.9 },
      bound: { atLeast: 0.2 },
      because: 'one of the five states',
      expected: 'does not hold',
      instead: 'Once the goal is among the walks, the model of returns finds it too: both make the same moves.',
    },
  ],
  seeds: { page: 29, test: 4 },
});
