import type { SweepResult, SweepRuns } from '../../../core/experiment.ts';
import type { MapMetric, ThresholdAbout } from './map-toy.ts';
import { type ThresholdId, type ToyId, toyOf, toys } from './map-toys.ts';

export type { MapMetric };

const metrics: readonly MapMetric[] = [
  { id: 'chosen', label: 'Change of log π(chosen)', unit: 'nats', signed: true, measured: 'chosenLogpChange' },
  { id: 'lowest', label: 'Lowest change of log π(chosen) on the way', unit: 'nats', signed: false, measured: 'lowestChosenLogpChange' },
  { id: 'rejected', label: 'Change of log π(rejected)', unit: 'nats', signed: true, measured: 'rejectedLogpChange' },
  { id: 'margin', label: 'Margin log π(chosen) − log π(rejected)', unit: 'nats', signed: true, measured: 'margin' },
  { id: 'gainer', label: 'Probability of the top gainer', unit: '', signed: false, measured: 'topGainerProb' },
  { id: 'kl', label: 'KL to the reference', unit: 'nats', signed: false, measured: 'klToReference' },
  { id: 'entropy', label: 'Entropy', unit: 'nats', signed: false, measured: 'entropy' },
];
/** a loss has a unit of its own: DPO’s is nats, IPO’s their square, SimPER’s a probability */
const loss: MapMetric = { id: 'loss', label: 'Loss', unit: '', signed: false, measured: 'loss' };

/** What a map of a toy can be coloured by. */
export function metricsOf(toy: ToyId): MapMetric[] {
  const { metric } = toyOf(toy);
  return [...metrics, ...(metric ? [metric] : []), loss];
}

/** Where the reader draws the lines between regimes. */
export type RegimeThresholds = Readonly<Record<ThresholdId, number>>;

export const thresholdAbout = Object.assign({}, ...toys.map(({ regimes }) => regimes.thresholds)) as Readonly<
  Record<ThresholdId, ThresholdAbout>
>;
export const thresholdIds = Object.keys(thresholdAbout) as ThresholdId[];
export const thresholdsFrom = <T>(of: (name: ThresholdId) => T) =>
  Object.fromEntries(thresholdIds.map((name) => [name, of(name)])) as Readonly<Record<ThresholdId, T>>;
export const defaultThresholds = thresholdsFrom((name) => thresholdAbout[name].default);
/** Links of versions 1 and 2 that name no threshold mean half a nat, as maps did then. */
export const thresholdsOfVersion = (version: number): RegimeThresholds =>
  version < 3 ? { ...defaultThresholds, fall: 0.5 } : defaultThresholds;

export const regimesOf = (toy: ToyId) => toyOf(toy).regimes;

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
