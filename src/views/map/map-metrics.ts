import type { SweepResult, SweepRuns } from '../../core/experiment.ts';
import type { ToyId } from './map-toys.ts';

/** A number of every run. */
type Measured = Exclude<keyof SweepRuns, 'state'>;

/** What a map can be coloured by. */
export interface MapMetric {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  /** one colour on either side of 0, instead of from low to high */
  readonly signed: boolean;
  readonly measured: Measured;
  /** toys in which it is known; default all */
  readonly toys?: readonly ToyId[];
}

export const metrics: readonly MapMetric[] = [
  { id: 'chosen', label: 'Change of log π(chosen)', unit: 'nats', signed: true, measured: 'chosenLogpChange' },
  { id: 'rejected', label: 'Change of log π(rejected)', unit: 'nats', signed: true, measured: 'rejectedLogpChange' },
  { id: 'margin', label: 'Margin log π(chosen) − log π(rejected)', unit: 'nats', signed: true, measured: 'margin' },
  { id: 'gainer', label: 'Probability of the top gainer', unit: '', signed: false, measured: 'topGainerProb' },
  { id: 'kl', label: 'KL to the reference', unit: 'nats', signed: false, measured: 'klToReference' },
  { id: 'entropy', label: 'Entropy', unit: 'nats', signed: false, measured: 'entropy' },
  { id: 'reward', label: 'Expected reward', unit: '', signed: false, measured: 'expectedReward', toys: ['labels'] },
  { id: 'ches', label: 'CHES at the end', unit: '', signed: true, measured: 'ches', toys: ['hidden'] },
  { id: 'loss', label: 'Loss', unit: 'nats', signed: false, measured: 'loss' },
];

/** What a map of a toy can be coloured by. */
export const metricsOf = (toy: ToyId): MapMetric[] => metrics.filter(({ toys }) => toys?.includes(toy) ?? true);

/** Where the reader draws the lines between regimes. */
export interface RegimeThresholds {
  /** by how many nats the chosen answer must fall to count as displaced */
  readonly fall: number;
  /** from which probability on the top gainer counts as having taken over */
  readonly takeover: number;
  /** by how many nats an answer must move to count as having moved */
  readonly move: number;
  /** expected reward from which on a run counts as good, and below which as poor */
  readonly good: number;
  readonly poor: number;
}

export const defaultThresholds: RegimeThresholds = { fall: 0.5, takeover: 0.5, move: 0, good: 0.8, poor: 0.5 };

export const thresholdAbout: Readonly<Record<keyof RegimeThresholds, { label: string; min: number; max: number }>> = {
  fall: { label: 'Displaced from a fall of (nats)', min: 0, max: 5 },
  takeover: { label: 'Taken over from a probability of', min: 0, max: 1 },
  move: { label: 'Moved from a change of (nats)', min: 0, max: 5 },
  good: { label: 'Good from a reward of', min: 0, max: 1 },
  poor: { label: 'Poor below a reward of', min: 0, max: 1 },
};

interface Regime {
  readonly label: string;
  readonly meaning: string;
  readonly colour: string;
}

interface RegimeSet {
  /** from harmless to harmful */
  readonly regimes: readonly Regime[];
  readonly thresholds: readonly (keyof RegimeThresholds)[];
  /** index into `regimes` of a run that ended with finite numbers */
  of(runs: SweepRuns, index: number, thresholds: RegimeThresholds): number;
}

/** Light to dark and apart for every kind of colour vision. */
const [calm, mild, strong, worst] = ['#9fd0ff', '#f2d98b', '#d9762b', '#7a1f6b'] as const;

const displacement: RegimeSet = {
  regimes: [
    { label: 'learned', meaning: 'the chosen answer did not fall', colour: calm },
    { label: 'eroded', meaning: 'it fell, by less than the threshold', colour: mild },
    { label: 'displaced', meaning: 'it fell by the threshold or more', colour: strong },
    { label: 'taken over', meaning: 'and another answer holds most of the mass', colour: worst },
  ],
  thresholds: ['fall', 'takeover'],
  of: ({ chosenLogpChange, topGainerProb }, index, { fall, takeover }) => {
    const change = chosenLogpChange[index] ?? Number.NaN;
    if (change >= 0) return 0;
    if (change > -fall) return 1;
    return (topGainerProb[index] ?? 0) >= takeover ? 3 : 2;
  },
};

const regimeSets: Readonly<Record<ToyId, RegimeSet>> = {
  displacement,
  hidden: displacement,
  suffix: {
    regimes: [
      { label: 'ideal', meaning: 'the chosen answer did not fall, the rejected one did not rise', colour: calm },
      { label: 'both rise', meaning: 'the rejected answer rose as well', colour: mild },
      { label: 'both fall', meaning: 'the chosen answer fell as well', colour: strong },
      { label: 'reversed', meaning: 'the chosen answer fell and the rejected one rose', colour: worst },
    ],
    thresholds: ['move'],
    of: ({ chosenLogpChange, rejectedLogpChange }, index, { move }) => {
      const fell = (chosenLogpChange[index] ?? Number.NaN) < -move;
      const rose = (rejectedLogpChange[index] ?? Number.NaN) > move;
      return Number(rose) + 2 * Number(fell);
    },
  },
  labels: {
    regimes: [
      { label: 'good', meaning: 'the expected reward reaches the upper threshold', colour: calm },
      { label: 'fair', meaning: 'it is between the two', colour: mild },
      { label: 'poor', meaning: 'it is below the lower threshold', colour: strong },
    ],
    thresholds: ['good', 'poor'],
    of: ({ expectedReward }, index, { good, poor }) => {
      const reward = expectedReward[index] ?? Number.NaN;
      return reward >= good ? 0 : reward >= poor ? 1 : 2;
    },
  },
};

export const regimesOf = (toy: ToyId): RegimeSet => regimeSets[toy];

const known = new WeakMap<SweepResult, SweepRuns>();
/** The runs of a map one by one, [seed][y][x]; of a map of one seed, its cells. */
export function runsOf(result: SweepResult): SweepRuns {
  if (result.perSeed) return result.perSeed;
  const made = known.get(result) ?? {
    ...result,
    state: Uint8Array.from(result.finished, (ended, cell) => ended + (result.diverged[cell] ?? 0)),
  };
  known.set(result, made);
  return made;
}

/** Share of each regime among the runs that ended with finite numbers; null where none has. */
export function regimeShares(runs: SweepRuns, toy: ToyId, thresholds: RegimeThresholds): number[] | null {
  const { regimes, of } = regimesOf(toy);
  const counts = new Array<number>(regimes.length).fill(0);
  let all = 0;
  for (let index = 0; index < runs.state.length; index++) {
    if (runs.state[index] !== 1) continue;
    const regime = of(runs, index, thresholds);
    counts[regime] = (counts[regime] ?? 0) + 1;
    all++;
  }
  return all > 0 ? counts.map((count) => count / all) : null;
}
