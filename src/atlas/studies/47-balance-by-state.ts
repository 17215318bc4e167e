import { expectedReward } from '../../core/exact.ts';
import { mean } from '../../core/numerics.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitTilt, logRatios, tilted } from '../toys/tilted.ts';

const [states, actions] = [20, 15];
/** coefficients b of the family */
const family = [0.2, 0.5, 1, 2, 5, 10, 20];

interface Truth {
  readonly behaviour: number[][];
  readonly critic: number[][];
  readonly values: number[][];
  /** [state][coefficient] error of the estimate by which one is chosen */
  readonly errors: number[][];
}

/** [coefficient][state] true value of the family's policies. */
const valuesOf = ({ truth, trial }: Run<Truth>): number[][] => {
  const ratios = logRatios(trial, truth.behaviour);
  return family.map((b) => tilted(truth.behaviour, ratios, b).map((row, s) => expectedReward(row, truth.values[s] ?? [])));
};

export const study = defineStudy<Truth>()({
  id: '47-balance-by-state',
  finding: 'Trust in a critic can depend on state',
  mechanism:
    'The paper is about reinforcement learning from data and then online, without any preferences. How far a critic is trusted against the data is a coefficient, which multiplies the critic’s advantage, or in a second version its Q; a family of policies has it as an input, and a second model chooses it for each state.',
  setup:
    'Twenty states, fifteen actions. In about half of them the critic is good and the behaviour poor, in the others the reverse; seven coefficients, of which each state takes that whose true value, seen with noise 0.15, is the largest.',
  headline: 'Tested on D4RL; the abstract gives no number.',
  leavesOut:
    'An analogy, and out of scope: there is no objective of preferences, so there is no claim. The paper’s balance model goes by the critic, while coefficients are chosen by true values here; by this critic they would be worth a little less than the best single one. The setting is built for it: the critic errs exactly where the data is good. Then a coefficient for each state is worth about 0.19 more than the best single one, picked by its true value, which is worth about 0.71 more than the data. There are no dynamics, and each policy is a table.',
  tex: '\\pi_b(a\\mid s)\\propto\\pi_{\\mathrm{data}}(a\\mid s)\\,e^{b(s)\\,[Q(s,a)-V(s)]}',
  parameters: {
    error: { label: 'Critic’s error where the data is good', symbol: '\\sigma_Q', min: 0.1, max: 5, default: 2 },
    noise: { label: 'Noise of the estimate that chooses', symbol: '\\sigma', min: 0, max: 1, default: 0.15 },
  },
  toy: (seed, { error, noise }) => {
    const draws = new Draws(seed);
    const values = draws.normalRows(states, actions);
    const trusted = draws.coins(states);
    const critic = values.map((row, s) => row.map((value) => value + (trusted[s] ? 0.2 : error) * draws.normal()));
    const behaviour = values.map((row, s) => row.map((value) => 0.3 * draws.normal() + (trusted[s] ? 0 : 1.5 * value)));
    const errors = draws.normalRows(states, family.length, noise);
    return { experiment: fitTilt(behaviour, critic), truth: { behaviour, critic, values, errors } };
  },
  arms: { family: { label: 'Family of policies', train: ({ experiment }) => experiment } },
  measures: {
    single: { label: 'true value, best single coefficient', of: (run) => Math.max(...valuesOf(run).map(mean)) },
    adaptive: {
      label: 'true value, a coefficient for each state',
      of: (run) => {
        const values = valuesOf(run);
        return mean(
          run.truth.errors.map((errors, s) => {
            const estimates = values.map((row, b) => (row[s] ?? 0) + (errors[b] ?? 0));
            return values[estimates.indexOf(Math.max(...estimates))]?.[s] ?? Number.NaN;
          }),
        );
      },
    },
    data: {
      label: 'true value of the data',
      of: ({ truth }) => mean(tilted(truth.behaviour, [], 0).map((row, s) => expectedReward(row, truth.values[s] ?? []))),
    },
  },
  plot: { kind: 'scatter', x: 'single', y: 'adaptive' },
  claims: [],
  seeds: { page: 16, test: 3 },
});
