import { expectedReward } from '../../core/exact.ts';
import type { Pair } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { dot } from '../../core/vectors.ts';
import { distributionsOf } from '../measures.ts';
import { defineStudy } from '../study.ts';
import { type Controlled, type ControlRates, controlledWeights, fitControlled } from '../toys/controls.ts';
import { Draws } from '../toys/draws.ts';

const [prompts, answers, dimensions] = [12, 30, 8];
interface Truth extends Controlled {
  readonly start: number[][];
  readonly pairs: Pair[];
  /** [answer] */
  readonly rewards: number[];
}

const [slow, fast] = [0.01, 0.03];
const joint: ControlRates = { weights: slow, controls: fast, steps: 120 };
const alone: ControlRates = { weights: 0, controls: fast, steps: 40 };

export const study = defineStudy<Truth>()({
  id: '51-control-tokens',
  finding: 'Control words steer; here, tuning order hardly matters',
  mechanism:
    'Words such as “good” and “bad” before a prompt steer one model both ways. Tuning them first, and everything after, is meant to tune them well, though they are so much lighter than the model.',
  setup:
    'Twelve prompts, thirty answers, one matrix of weights and two control vectors for all prompts; 300 demonstrations, each under one of the controls. Weights start at those that made the demonstrations plus N(0, 0.3²), controls at 0; 120 updates, the first 40 for the controls alone or not, which move three times as fast as the weights in both arms.',
  leavesOut:
    'A control adds a vector to the logits; in the paper it is a tuned prompt or a low-rank adapter of a language model that is frozen at first, and controls better than earlier ways on two data sets.',
  tex: '\\max\\ \\log\\pi(y\\mid x,c),\\quad c\\in\\{\\text{good},\\text{bad}\\}',
  parameters: { shift: { label: 'How far controls steer', symbol: '\\kappa', min: 0.2, max: 3, default: 1 } },
  toy: (seed, { shift }) => {
    const draws = new Draws(seed);
    const [hidden, weights] = [draws.normalRows(prompts, dimensions), draws.normalRows(answers, dimensions, 0.5)];
    const rewards = draws.normals(answers);
    const pairs = Array.from({ length: 300 }, (): Pair => {
      const [prompt, control] = [draws.below(prompts), draws.below(2)];
      const chosen = draws.fromLogits(
        weights.map((row, y) => dot(row, hidden[prompt] ?? []) + (2 * control - 1) * shift * (rewards[y] ?? 0)),
      );
      return { prompt: 2 * prompt + control, chosen, rejected: draws.other(chosen, answers) };
    });
    const start = weights.map((row) => [...row.map((value) => value + 0.3 * draws.normal()), 0, 0]);
    const truth: Truth = { hidden, controls: 2, start, pairs, rewards };
    return { experiment: fitControlled(truth, start, pairs, joint), truth };
  },
  arms: {
    joint: { label: 'All at once', train: ({ experiment }) => experiment },
    staged: {
      label: 'Controls first',
      train: ({ truth }) => fitControlled(truth, truth.start, truth.pairs, alone),
      next: [
        ({ truth }, [first]) =>
          fitControlled(truth, first ? controlledWeights(first, truth, alone) : truth.start, truth.pairs, {
            ...joint,
            steps: joint.steps - alone.steps,
          }),
      ],
    },
  },
  measures: {
    gap: {
      label: 'reward when told “good”, less when told “bad”',
      of: (run) => mean(distributionsOf(run).map((row, context) => 2 * (2 * (context % 2) - 1) * expectedReward(row, run.truth.rewards))),
    },
  },
  plot: { kind: 'strip', y: 'gap' },
  claims: [
    {
      id: 'steers',
      statement:
        'Controls that are learned from demonstrations, first alone and then with the weights, move the expected reward by at least 1 on average between “good” and “bad”.',
      where: 'controllable generation',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['staged', 'gap'],
      by: 'mean',
      bound: { atLeast: 1 },
      because: 'one standard deviation of the answers’ rewards',
      expected: 'holds',
    },
    {
      id: 'controls-first',
      statement: 'Tuning the controls first widens the gap in expected reward between “good” and “bad” by at least 0.1 on average.',
      where: 'the gain of two stages',
      kind: 'empirical',
      refutedBy: 'a gain that is surely smaller on average',
      left: ['staged', 'gap'],
      right: ['joint', 'gap'],
      by: 'mean',
      bound: { atLeast: 0.1 },
      because: 'a tenth of a standard deviation of the answers’ rewards',
      expected: 'does not hold',
      instead:
        'The gain is smaller than that here, about 0.04, though in every seed: after as many updates the difference of the two controls points nearly the same way, and is about an eighth longer where they came first.',
    },
  ],
  seeds: { page: 16, test: 2 },
});
