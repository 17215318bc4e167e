import { expect, test } from 'vitest';
import type { Experiment } from '../../src/index.ts';
import golden from '../golden/trajectories.json';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

interface GoldenStep {
  step: number;
  loss: number;
  chosenLogps: number[];
  rejectedLogps: number[];
  probs?: number[];
}
interface GoldenRun {
  experiment: Experiment;
  trajectory: GoldenStep[];
  final: Record<string, number[]>;
}

const runs = golden.runs as unknown as GoldenRun[];

test('there are golden runs of every policy and optimiser', () => {
  expect(new Set(runs.map(({ experiment }) => experiment.optimizer.kind))).toEqual(new Set(['sgd', 'momentum', 'nesterov', 'adam']));
  expect(new Set(runs.map(({ experiment }) => experiment.policy.kind))).toEqual(new Set(['tabular', 'features', 'bigram']));
});

const named = runs.map((run, index) => ({
  name: `${index}: ${run.experiment.policy.kind}, ${run.experiment.optimizer.kind}, ${JSON.stringify(run.experiment.objective)}`,
  run,
}));

describeEngines('golden trajectories', (engine, kind) => {
  // Float64 differs from autograd's in the order of sums only. In float32 an update rounds each parameter (below 8) once, by at most 4
  // roundoffs, and errs in the gradient by less; so s updates and the rounded start leave a parameter within 4 (s + 2) roundoffs. A
  // log-prob moves by at most twice that, for each of the response's tokens (up to 4, but errors of one row do not all add up). The
  // losses' slopes are at most 2 here, and the factors of the sums above leave room for it.
  // Momentum carries an error of the gradient on for 1 / (1 - μ) = 10 updates, and Adam's update, at most the learning rate 0.05, errs
  // by at most 16 roundoffs of itself in its two means, their corrections, quotient and root: both add less than the 4 roundoffs above.
  const drift = (step: number) => (kind === 'cpu' ? 1e-13 : 2 * 4 * float32Roundoff) * (step + 2);

  test.each(named)('$name: recorded steps', async ({ run }) => {
    const { steps } = await engine().train(run.experiment);
    expect(steps.map(({ step }) => step)).toEqual(run.trajectory.map(({ step }) => step));
    for (const [index, expected] of run.trajectory.entries()) {
      const state = steps[index];
      const bound = drift(expected.step);
      expectWithin(state?.chosenLogps ?? [], expected.chosenLogps, () => bound, `step ${expected.step}: chosen log-probs`);
      expectWithin(state?.rejectedLogps ?? [], expected.rejectedLogps, () => bound, `step ${expected.step}: rejected log-probs`);
      expectWithin([state?.loss ?? Number.NaN], [expected.loss], () => bound, `step ${expected.step}: loss`);
      // golden probabilities are rounded to ten digits
      if (expected.probs && state?.probs)
        expectWithin(state.probs, expected.probs, () => bound + 1e-10, `step ${expected.step}: probabilities`);
    }
  });

  test.each(named)('$name: parameters', async ({ run }) => {
    // The golden parameters were written after one update more than the last recorded step.
    const steps = run.experiment.optimizer.steps + 1;
    const { final } = await engine().train({ ...run.experiment, optimizer: { ...run.experiment.optimizer, steps } });
    for (const [name, values] of Object.entries(run.final)) expectWithin(final[name] ?? [], values, () => drift(steps) + 1e-9, name);
  });
});
