import type { TargetExperiment } from '../../../core/on-policy.ts';
import { logSoftmax } from '../../../core/softmax.ts';
import type { Run, Task } from '../../study.ts';
import { at, float32Roundoff, toyRandom, type Vector, vectorOf } from '../vectors.ts';
import { type FirstStep, firstStep } from './first-step.ts';

type Random = ReturnType<typeof toyRandom>;

/** Log-probabilities that a policy starts from, and of its target. */
export interface Draw {
  readonly p: Vector;
  readonly q: Vector;
}
/** Draws for each seed, so many that a share says something. */
const drawsEach = 64;
const outcomes = 5;
const learningRate = 0.5;

export const randomLaw = (random: Random): number[] => logSoftmax(vectorOf(random, outcomes, 1.2));
/** The same with the first two outcomes equally likely. */
export const equalPair = (random: Random): number[] => {
  const logits = vectorOf(random, outcomes, 1.2);
  return logSoftmax([at(logits, 0), at(logits, 0), ...logits.slice(2)]);
};
/** Outcomes 0 and 1 in the order that a theorem names them: the likelier first. */
export const likelierFirst = (law: Vector): number[] => (at(law, 0) >= at(law, 1) ? [...law] : [at(law, 1), at(law, 0), ...law.slice(2)]);
export const equalStart = (random: Random): Draw => ({ p: equalPair(random), q: likelierFirst(randomLaw(random)) });

export function drawsOf(seed: number, draw: (random: Random) => Draw): Draw[] {
  const random = toyRandom(seed);
  return Array.from({ length: drawsEach }, () => draw(random));
}

/** Gradient descent of free logits on a divergence; many starts and targets are the prompts of one run. */
export const descent = (
  starts: readonly Vector[],
  targets: readonly Vector[],
  direction: TargetExperiment['direction'],
  { rate, record }: { readonly rate: number; readonly record: readonly number[] },
): Task => ({
  matchTarget: {
    policy: { kind: 'tabular', logits: starts.map((row) => [...row]) },
    targetLogps: targets.map((row) => [...row]),
    direction,
    optimizer: { kind: 'sgd', learningRate: rate, steps: Math.max(...record) },
    record: [...record],
  },
});

/** One step on either divergence, forward first, from every draw. */
export const oneStep = (draws: readonly Draw[]): Task[] =>
  (['forward', 'reverse'] as const).map((direction) =>
    descent(
      draws.map(({ p }) => p),
      draws.map(({ q }) => q),
      direction,
      { rate: learningRate, record: [0, 1] },
    ),
  );

/** What a step did to log π(0) - log π(1), for each unit of step size, and the exact first step, for every draw. */
export function firstSteps({ trials }: Pick<Run, 'trials'>, draws: readonly Draw[]) {
  const change = (which: number, row: number): number => {
    const ratio = (step: number): number => {
      const logps = at(trials, which).descent?.[step]?.outcomeLogps ?? [];
      return (logps[row * outcomes] ?? Number.NaN) - (logps[row * outcomes + 1] ?? Number.NaN);
    };
    return (ratio(1) - ratio(0)) / learningRate;
  };
  return draws.map(({ p, q }, row) => ({ forward: change(0, row), reverse: change(1, row), exact: firstStep(p, q, 0, 1) }));
}

/** What float32 can hide of a log-ratio's change: two log-probs below 16, each rounded a few times, over the step of 0.5. */
export const hiddenByRounding = 64 * float32Roundoff;

/** Share of the draws that satisfy `when` in which `what` is found; draws too close to call are left out. */
export function shareOf(
  found: ReturnType<typeof firstSteps>,
  when: (exact: FirstStep) => boolean,
  what: (gap: number, exact: FirstStep) => boolean,
): number {
  const decided = found.filter(({ exact }) => when(exact) && Math.abs(exact.reverse - exact.forward) > hiddenByRounding);
  return decided.filter(({ forward, reverse, exact }) => what(reverse - forward, exact)).length / decided.length;
}
