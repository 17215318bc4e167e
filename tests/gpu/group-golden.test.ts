import { expect, test } from 'vitest';
import type { Experiment } from '../../src/index.ts';
import golden from '../golden/group_losses.json';
import more from '../golden/group_losses_more.json';
import newest from '../golden/online_losses.json';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

interface GoldenRun {
  id: string;
  experiment: Experiment;
  trajectory: { loss: number; responseLogps: number[][] }[];
  final: Record<string, number[]>;
}
const [first, further, online] = [golden, more, newest].map(({ cases }) => cases as unknown as GoldenRun[]) as [
  GoldenRun[],
  GoldenRun[],
  GoldenRun[],
];
const runs = [...first, ...further, ...online];
const namesOf = (all: readonly GoldenRun[]) =>
  new Set(all.map(({ experiment: { objective } }) => ('name' in objective ? objective.name : '')));

test('there are golden runs of every objective, over outcomes and over tokens, in one stage and in two', () => {
  expect(namesOf(first)).toEqual(new Set(['reinforce', 'rloo', 'grpo', 'dr_grpo', 'bnpo', 'dapo', 'cispo', 'gspo']));
  expect(namesOf(further)).toEqual(new Set(['gmpo', 'sapo', 'reinforce_plus_plus', 'entropy_bonus']));
  expect(namesOf(online)).toEqual(new Set(['online_dpo', 'online_ipo', 'xpo', 'nash_md', 'tpo', 'tpo_l', 'gkd', 'grpo']));
  for (const all of [first, further, online])
    expect(new Set(all.map(({ experiment }) => experiment.policy.kind))).toEqual(new Set(['tabular', 'bigram']));
  expect(runs.filter(({ experiment }) => experiment.stages).length).toBe(7);
  expect([first.length, further.length, online.length]).toEqual([93, 54, 54]);
});

describeEngines('golden trajectories of group objectives', (engine, kind) => {
  // Float64 differs from autograd's in the order of sums only. In float32 a parameter (below 4) rounds by 2 roundoffs at the start and in each
  // update, which errs by no more than that itself: 2 + 4 s. A token's log-prob moves by at most twice that, and rounds (below 8) twice; a
  // response's is the sum over its tokens, at most five, rounded as it grows.
  const unit = kind === 'cpu' ? 1e-15 : float32Roundoff;
  const parameterBound = (step: number) => unit * (2 + 4 * step);
  const logpBound = (step: number, logp: number, tokens: number) =>
    tokens * (2 * parameterBound(step) + 8 * unit) + 4 * unit * Math.abs(logp);

  test.each(runs)('$id', async ({ experiment, trajectory, final }) => {
    const { steps, final: trained } = await engine().train(experiment);
    expect(steps.map(({ step }) => step)).toEqual(trajectory.map((_, step) => step));
    const tokens = experiment.policy.kind === 'bigram' ? 5 : 1;
    for (const [step, expected] of trajectory.entries()) {
      const state = steps[step];
      const logps = expected.responseLogps.flat();
      const bounds = logps.map((logp) => logpBound(step, logp, tokens));
      expectWithin(state?.responseLogps?.flat() ?? [], logps, (i) => bounds[i] ?? 0, `step ${step}: log-probs`);
      // the loss's slopes by all log-probs, absolute, add up to less than 2 (4 with those of the reference), and it is a sum of such terms itself
      expectWithin([state?.loss ?? Number.NaN], [expected.loss], () => 4 * Math.max(...bounds), `step ${step}: loss`);
    }
    for (const [name, values] of Object.entries(final))
      expectWithin(trained[name] ?? [], values, () => parameterBound(trajectory.length - 1), name);
  });
});
