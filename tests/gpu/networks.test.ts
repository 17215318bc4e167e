import { expect, test } from 'vitest';
import type { Experiment, RecordedStep } from '../../src/index.ts';
import golden from '../golden/networks.json';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

type Tensors = Record<string, number[]>;
interface GoldenRun {
  experiment: Experiment;
  trajectory: Required<Pick<RecordedStep, 'step' | 'loss' | 'chosenLogps' | 'rejectedLogps' | 'probs'>>[];
  /** d(loss)/d(parameters) at the start */
  gradient: Tensors;
  final: Tensors;
}

const runs = (golden.runs as unknown as GoldenRun[]).map((run, index) => ({
  name: `${index}: ${run.experiment.policy.kind}, ${run.experiment.optimizer.kind}`,
  ...run,
}));

/**
 * The values are those of torch 2.13 in float64 on the CPU: torch.tanh(inputs @ w1.T + b1) @ w2.T + b2, or weights @ features.T + base;
 * log_softmax; -logsigmoid(β h) or (h - 1 / (2 β))² with h the log-ratio of the pair against the start; the mean of weight × loss;
 * autograd; torch.optim's SGD and Adam. Weights, inputs and biases are normal numbers, rounded to six digits.
 */
test('there are golden runs of networks and of bases of either shape', () => {
  expect(new Set(runs.map(({ experiment }) => experiment.policy.kind))).toEqual(new Set(['mlp', 'logLinear']));
  const bases = runs.flatMap(({ experiment: { policy } }) =>
    policy.kind === 'logLinear' && policy.base ? [Array.isArray(policy.base[0])] : [],
  );
  expect(new Set(bases)).toEqual(new Set([true, false]));
});

describeEngines('networks of torch', (engine, kind) => {
  const roundoff = kind === 'cpu' ? 2 ** -53 : float32Roundoff;

  test.each(runs)('$name: the gradient at the start', async ({ experiment, gradient }) => {
    const start = await engine().train({ ...experiment, optimizer: { kind: 'sgd', learningRate: 0, steps: 0 }, record: [0] });
    const moved = await engine().train({ ...experiment, optimizer: { kind: 'sgd', learningRate: 1, steps: 1 }, record: [0] });
    for (const [name, expected] of Object.entries(gradient)) {
      const [before, after] = [start.final[name] ?? [], moved.final[name] ?? []];
      const isFrozen = name === 'features';
      // Sums of at most 6 pairs' and 6 answers' terms of sizes below 8 under a factor of at most 2, a tanh within 40 roundoffs, and the
      // difference of two parameters below 16, each rounded once.
      expectWithin(
        expected.map((_, i) => (before[i] ?? Number.NaN) - (after[i] ?? Number.NaN)),
        isFrozen ? expected.map(() => 0) : expected,
        () => (isFrozen ? 0 : (40 + 2 * 12) * 8 * roundoff),
        name,
      );
    }
  });

  // An update rounds a parameter (below 16 here) once, by 8 roundoffs, and errs in the gradient as above times the learning rate of at
  // most 0.5; momentum carries that on for 1 / (1 - μ) = 5 updates. A logit moves by that of its parameters times what they are
  // multiplied with: activities below 1, weights below 8, of at most six units. So a log-prob errs by the rounding of its start and by
  // 2 · 6 · 8 · 8 roundoffs an update at most; a squared loss has slopes below 8 besides.
  const drift = (step: number) => 2 * 6 * 8 * 8 * roundoff * (step + 2);

  test.each(runs)('$name: recorded steps and the end', async ({ experiment, trajectory, final: expected }) => {
    const { steps, final } = await engine().train(experiment);
    expect(steps.map(({ step }) => step)).toEqual(trajectory.map(({ step }) => step));
    for (const [index, state] of trajectory.entries()) {
      const { loss, chosenLogps, rejectedLogps, probs } = steps[index] as GoldenRun['trajectory'][number];
      const bound = () => drift(state.step);
      expectWithin(chosenLogps, state.chosenLogps, bound, `step ${state.step}: chosen log-probs`);
      expectWithin(rejectedLogps, state.rejectedLogps, bound, `step ${state.step}: rejected log-probs`);
      expectWithin(probs, state.probs, bound, `step ${state.step}: probabilities`);
      expectWithin([loss], [state.loss], () => 8 * bound(), `step ${state.step}: loss`);
    }
    expect(Object.keys(final)).toEqual(Object.keys(expected));
    for (const [name, values] of Object.entries(expected))
      expectWithin(final[name] ?? [], values, () => drift(experiment.optimizer.steps), name);
  });
});
