import type { PairForces } from '../../../atlas/toys/displacement/first-order.ts';
import type { Experiment, SweepRuns } from '../../../core/experiment.ts';
import type { Range } from '../../../core/range.ts';
import type { LinkReader } from '../../../shell/links/link.ts';
import type { PageChoice, PairState } from '../../../shell/losses/objective-view.ts';

/** What the runs of all toys have. */
export interface SharedBase {
  readonly objective: PageChoice;
  readonly learningRate: number;
  /** number of updates */
  readonly steps: number;
  /** standard deviation of the noise on every trained number at the start */
  readonly noise: number;
  /** of the first run of each cell */
  readonly seed: number;
  /** of toys whose parameters can be trained in part */
  readonly train: 'both' | 'hidden' | 'unembedding';
}

/** What an axis of a map varies, and how far. */
export interface AxisAbout {
  readonly label: string;
  /** what changes in the experiment: a number, or a whole part of it */
  readonly path: string;
  /** the ends drawn, and of the slider */
  readonly range: Range;
  /** widest range that the experiment takes; default the one drawn */
  readonly valid?: readonly [from: number, to: number];
}

/** A number of a toy's settings: an axis, and a field of a link. */
export interface NumberAbout extends AxisAbout {
  readonly default: number;
  /** what a link calls it; default its name */
  readonly key?: string;
}
export type NumbersAbout = Readonly<Record<string, NumberAbout>>;

/** An axis that varies something other than one number of the settings. */
export interface OwnAxis<Base> extends AxisAbout {
  readonly id: string;
  value(base: Base): number;
  /** what of the settings changes */
  set(base: Base, value: number): Partial<Base>;
}

/** What a map can be coloured by. */
export interface MapMetric {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  /** one colour on either side of 0, instead of from low to high */
  readonly signed: boolean;
  /** a number of every run */
  readonly measured: Exclude<keyof SweepRuns, 'state'>;
}

/** A line between regimes that the reader can move. */
export interface ThresholdAbout {
  readonly label: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** largest that a link may hold; default `max` */
  readonly most?: number;
}

interface Regime<Threshold extends string> {
  readonly label: string;
  readonly colour: string;
  /** where it begins and ends, in few words: they stand beside its name */
  rule(thresholds: Readonly<Record<Threshold, number>>): string;
}

export interface RegimeSet<Threshold extends string> {
  /** from harmless to harmful */
  readonly regimes: readonly Regime<Threshold>[];
  /** what a run does whose regime is more harmful, or more harmless, than another's: the words at the ends of a difference's colours */
  readonly worse: string;
  readonly better: string;
  readonly thresholds: { readonly [Name in Threshold]?: ThresholdAbout };
  /** index into `regimes` of a run that ended with finite numbers */
  of(runs: SweepRuns, index: number, thresholds: Readonly<Record<Threshold, number>>): number;
}

/** Everything that the map knows of a toy whose settings are `Own`. */
export interface MapToy<Own, Threshold extends string> {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** what a map of ends does not show, with what was measured of it */
  readonly caution?: string;
  /** the view that a run of it can be opened in, without noise on its start */
  readonly opensIn?: { readonly view: string; settings(base: SharedBase & Own): object };
  /** the axes that a map begins with */
  readonly x: string;
  readonly y: string;
  /** what a run begins with */
  readonly start: Pick<SharedBase, 'learningRate' | 'steps'>;
  /** ends drawn of the step size */
  readonly rates: readonly [from: number, to: number];
  /** most updates drawn, and that an axis takes; default 1000 and 2000 */
  readonly mostSteps?: number;
  readonly numbers: NumbersAbout;
  readonly axes?: readonly OwnAxis<SharedBase & Own>[];
  /** settings that are no numbers */
  readonly rest?: {
    readonly defaults: Partial<Own>;
    write(base: SharedBase & Own): Readonly<Record<string, string>>;
    read(reader: LinkReader): Partial<Own>;
  };
  /** its one pair is two tokens: a loss of groups can train on it, as a group of two */
  readonly takesGroups?: boolean;
  /** a part of its parameters can be trained alone */
  readonly isTrainable?: boolean;
  /** its data are drawn from the seed */
  readonly isDrawn?: boolean;
  /** names of the outcomes whose probabilities a run records; left out where responses are several tokens */
  readonly outcomes?: readonly string[];
  /** the pair among the outcomes, where every run has the same one */
  readonly pair?: readonly [chosen: number, rejected: number];
  /** [outcomes] true rewards */
  readonly rewards?: readonly number[];
  /** beside what is known of every toy */
  readonly metric?: MapMetric;
  readonly regimes: RegimeSet<Threshold>;
  experiment(base: SharedBase & Own): Experiment;
  /**
   * The pair at the start, taken without noise, and how a first small step moves it, for given forces of the loss. Left out for a toy
   * without a formula.
   */
  firstMove?(base: SharedBase & Own): { readonly state: PairState; move(forces: PairForces): PairForces };
}

export const linear = (min: number, max: number): Range => ({ min, max, logarithmic: false, integer: false });
export const logarithmic = (min: number, max: number): Range => ({ min, max, logarithmic: true, integer: false });
