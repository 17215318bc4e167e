import { expectedReward } from '../../core/exact.ts';
import { mean } from '../../core/numerics.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { defineStudy, type Run, type World } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { maxMinPolicy } from '../toys/people/max-min.ts';
import { type Annotated, bestOf, fitClusters, likeliest, likelihoods, type Mixture, maximisation } from '../toys/people/mixture.ts';

const [items, annotators] = [12, 60];

interface Truth {
  /** [group][item]: the larger group's rewards and the smaller one's */
  readonly rewards: [number[], number[]];
  /** 0 or 1 */
  readonly groupOf: number[];
  readonly compared: Annotated[];
}

const mixture =
  (clusters: number) =>
  ({ truth: { compared } }: World<Truth>): Mixture => ({
    policy: { kind: 'tabular', logits: Array.from({ length: clusters }, () => new Array<number>(items).fill(0)) },
    clusters,
    items,
    annotators,
    compared,
    restarts: clusters > 1 ? 3 : 1,
    eStep: 'hard',
    steps: 40,
    learningRate: 0.15,
  });
const two = mixture(2);

/** [cluster][item] rewards of the likeliest fit, each about 0. */
function fitted(run: Run<Truth>, clusters: number): number[][] {
  const best = run.trials[bestOf(mixture(clusters)(run), run.trials)];
  return Array.from({ length: clusters }, (_, c) => {
    const row = (best?.outcomeLogps ?? []).slice(c * items, (c + 1) * items);
    return row.map((value) => value - mean(row));
  });
}

function policyOf(run: Run<Truth>): number[] {
  const { beta = 1 } = run.values;
  const clusters = (run.trial.outcomeLogps?.length ?? 0) / items;
  const [first = [], second] = fitted(run, clusters);
  return second ? maxMinPolicy(first, second, beta) : logSoftmax(first.map((reward) => reward / beta));
}

/** A group's expected reward, in deviations of its rewards over the items, above an item that is drawn at random. */
const utility =
  (group: 0 | 1) =>
  (run: Run<Truth>): number => {
    const rewards = run.truth.rewards[group];
    const middle = mean(rewards);
    const deviation = Math.sqrt(mean(rewards.map((reward) => (reward - middle) ** 2)));
    return (expectedReward(policyOf(run), rewards) - middle) / deviation;
  };

export const study = defineStudy<Truth>()({
  id: '50-max-min',
  finding: 'Where groups conflict, max-min lifts minorities; majorities pay',
  mechanism:
    'One reward fitted to everybody is mostly the majority’s. Expectation maximisation finds the groups by who agrees with whom, and the policy then maximises the reward of the group that is worse off, less a KL penalty.',
  setup:
    'Twelve answers; sixty people, four fifths of them in one group, judge twelve pairs each. The smaller group’s rewards are -0.6 times the larger one’s, and chance. Hard expectation maximisation with three restarts, and the exact max-min policy at β = 0.3.',
  headline:
    'In the first version’s abstract, win rates over 16 % higher on average and over 33 % for minority groups, without compromising the majority; the last one’s gives no number.',
  leavesOut:
    'The policy is the exact optimum for the fitted rewards, and there are two groups as the model assumes. The rewards conflict on purpose. Comparisons tell rewards up to a constant: each fit is counted from its mean over the answers, which is this page’s choice, and decides who is worse off.',
  tex: '\\max_\\pi\\min_u\\ \\mathbb E_\\pi[r_u]-\\beta\\,\\mathrm{KL}(\\pi\\,\\|\\,\\pi_{\\mathrm{ref}}),\\qquad h\\mapsto\\arg\\max_u\\prod_{n\\in h}\\sigma\\big(r_u(y_w)-r_u(y_l)\\big)',
  parameters: {
    beta: { label: 'Weight of the KL', symbol: '\\beta', min: 0.05, max: 2, default: 0.3 },
    majority: { label: 'Share of the larger group', symbol: 's', min: 0.5, max: 0.95, default: 0.8 },
    conflict: { label: 'How far the groups conflict', symbol: '\\kappa', min: -1, max: 1, default: 0.6 },
    pairs: { label: 'Comparisons of each person', symbol: 'n', min: 2, max: 40, default: 12, integer: true },
  },
  toy: (seed, { majority, conflict, pairs }) => {
    const draws = new Draws(seed);
    const larger = draws.normals(items, 1.5);
    const rewards: [number[], number[]] = [larger, larger.map((reward) => -conflict * reward + 0.8 * draws.normal())];
    const groupOf = Array.from({ length: annotators }, (_, h) => Number(h >= Math.round(majority * annotators)));
    const compared = groupOf.flatMap((group, annotator) =>
      Array.from({ length: pairs }, (): Annotated => {
        const [a, b] = draws.two(items);
        const own = rewards[group] ?? [];
        return draws.prefers(2 * ((own[a] ?? 0) - (own[b] ?? 0)))
          ? { annotator, chosen: a, rejected: b }
          : { annotator, chosen: b, rejected: a };
      }),
    );
    const truth = { rewards, groupOf, compared };
    const one: Mixture = {
      policy: { kind: 'tabular', logits: [new Array<number>(items).fill(0)] },
      clusters: 1,
      items,
      annotators,
      compared,
      restarts: 1,
      eStep: 'hard',
      steps: 40,
      learningRate: 0.15,
    };
    return {
      experiment: fitClusters(
        one,
        groupOf.map(() => [1]),
      ),
      truth,
    };
  },
  arms: {
    single: { label: 'One reward for all', train: ({ experiment }) => experiment },
    groups: { label: 'Two rewards, max-min', ...maximisation<Truth>(two, 4) },
  },
  measures: {
    minority: { label: 'smaller group’s reward', unit: 'deviations', of: utility(1) },
    majority: { label: 'larger group’s reward', unit: 'deviations', of: utility(0) },
    found: {
      label: 'people in the right group',
      arms: ['groups'],
      of: (run) => {
        const { trials, truth } = run;
        const rows = likelihoods(two(run), trials[bestOf(two(run), trials)] ?? {});
        const right = mean(rows.map((row, h) => Number(likeliest(row) === truth.groupOf[h])));
        return Math.max(right, 1 - right);
      },
    },
  },
  plot: { kind: 'scatter', x: 'majority', y: 'minority' },
  claims: [
    {
      id: 'lifts-minority',
      statement:
        'With a reward for each group and the max-min policy, the smaller group is, in nearly all seeds, better off by at least 0.1 deviations than with one reward for all.',
      where: 'max-min alignment',
      kind: 'empirical',
      refutedBy: 'a smaller gain in more than a tenth of the seeds',
      left: ['groups', 'minority'],
      right: ['single', 'minority'],
      by: { share: 0.9 },
      bound: { atLeast: 0.1 },
      because: 'a tenth of how far the answers’ rewards differ for that group',
      expected: 'holds',
    },
    {
      id: 'finds-groups',
      statement: 'Expectation maximisation puts at least 90 % of the people into their group on average.',
      where: 'reward distributions by expectation maximisation',
      kind: 'empirical',
      refutedBy: 'a lower mean',
      left: ['groups', 'found'],
      by: 'mean',
      bound: { atLeast: 0.9 },
      because: 'four fifths would be had by putting all into one',
      expected: 'holds',
    },
    {
      id: 'no-compromise',
      statement: 'With a reward for each group and the max-min policy, the larger group loses at most 0.1 deviations on average.',
      where: 'without compromising the majority',
      kind: 'empirical',
      refutedBy: 'a larger mean loss',
      left: ['single', 'majority'],
      right: ['groups', 'majority'],
      by: 'mean',
      bound: { atMost: 0.1 },
      because: 'as little as counts as a gain for the smaller group',
      expected: 'does not hold',
      instead: 'Where rewards conflict as here, the smaller group’s gain of about 1.3 deviations costs the larger one about 1.0.',
    },
  ],
  seeds: { page: 29, test: 4 },
});
