import { closedFormOptimum, expectedReward } from '../../../core/exact.ts';
import { logSoftmax } from '../../../core/softmax.ts';
import type { Run, StudyParameter, Task, Toy, World } from '../../study.ts';
import { at, toyRandom, type Vector } from '../vectors.ts';
import { banditBins, banditReference, banditReward, untrained } from './bandit.ts';
import { descent } from './two-outcomes.ts';

/** The bandit's reference as the paper's code has it: 10,000 draws of a seed in a histogram; one more in each bin, so that none is empty. */
export function histogram(seed: number): number[] {
  const random = toyRandom(seed);
  const masses = banditReference().map(Math.exp);
  const counts = new Array<number>(banditBins).fill(1);
  for (let i = 0; i < 10_000; i++) {
    const bin = random.categorical(masses);
    counts[bin] = at(counts, bin) + 1;
  }
  return logSoftmax(counts.map(Math.log));
}

export const targetOf = (reference: Vector, centre: number, beta = 0.1): number[] => [
  ...closedFormOptimum(reference, banditReward(centre), beta),
];

interface Truth {
  readonly reference: readonly number[];
}

/** The parameter of studies that race towards π_ref e^{r / β}. */
export const temperature = {
  label: 'Temperature of the target',
  symbol: '\\beta',
  min: 0.05,
  max: 1,
  default: 0.1,
} satisfies StudyParameter;

/** A seed's histogram, with what else a study draws for it. */
export function raceToy<More extends object>(seed: number, more: More): Toy<Truth & More> {
  const reference = histogram(seed);
  return { experiment: untrained(reference), truth: { reference, ...more } };
}

/** An arm: the descent of a seed's histogram to π_ref e^{r / β}, r with its peak at `centre`. */
export const race = (label: string, centre: number, direction: 'forward' | 'reverse', record: readonly number[]) => ({
  label,
  train: ({ truth: { reference }, values: { beta = 0.1 } }: World<Truth>): Task =>
    descent([reference], [targetOf(reference, centre, beta)], direction, { rate: 1, record }),
});

/** Expected reward at a recorded place of a descent. */
export const rewardAt = ({ trial }: Pick<Run, 'trial'>, place: number, centre: number): number =>
  expectedReward(trial.descent?.[place]?.outcomeLogps ?? [], banditReward(centre));
