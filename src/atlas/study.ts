import type { Experiment, PairDiagnosis } from '../core/experiment.ts';
import type { OnPolicyExperiment, TargetExperiment, TargetStep } from '../core/on-policy.ts';
import type { Trial, TrialExperiment } from '../core/trial.ts';
import type { Engine } from '../train/engine.ts';
import type { Measure as EngineMeasure } from '../train/trials/measures.ts';

/** Answers that are drawn alike wherever they are lines. */
export type Side = 'chosen' | 'rejected' | 'gainer';

/** A number of a study that a reader may move. */
export interface StudyParameter {
  readonly label: string;
  /** TeX */
  readonly symbol: string;
  /** where it stands in the experiment of every arm that has it, as in 'objective.params.beta'; without, `toy` alone reads it */
  readonly path?: string;
  readonly min: number;
  readonly max: number;
  readonly default: number;
  readonly integer?: boolean;
}
export type Values<Name extends string = string> = Readonly<Record<Name, number>>;

/** What one seed sets up: an experiment, and what measures know besides it. */
export interface Toy<Truth = unknown> {
  readonly experiment: Experiment;
  readonly truth: Truth;
}
/** A toy as the arms see it. */
export interface World<Truth = unknown> extends Toy<Truth> {
  readonly seed: number;
  readonly values: Values;
}
/** What a stage asks of the engine: a run on pairs or groups, rounds of sampling, the geometry of pairs, or a descent on a divergence. */
export type Task = TrialExperiment | { readonly diagnose: Experiment } | { readonly matchTarget: TargetExperiment };
/** What came of a task. Of one that trains no pairs, `trial` has no measures. */
export interface Outcome extends Trial {
  /** of every pair, where the geometry was asked for */
  readonly diagnoses?: readonly PairDiagnosis[];
  /** the recorded states of a descent on a divergence */
  readonly descent?: readonly TargetStep[];
}
/** The tasks of an arm in one seed; a later stage is made of what the stage before it gave. */
export type Stage<Truth = unknown> = (world: World<Truth>, before: readonly Outcome[]) => Task | readonly Task[];

export interface Arm<Truth = unknown> {
  readonly label: string;
  readonly train: Stage<Truth>;
  /** stages after the first, each on the trials of the one before it */
  readonly next?: readonly Stage<Truth>[];
}

/** What an arm's last stage gave in one seed. */
export interface Run<Truth = unknown> extends World<Truth> {
  /** the first, and mostly the only, of the stage */
  readonly trained: Experiment | OnPolicyExperiment | TargetExperiment;
  readonly trial: Outcome;
  readonly trials: readonly Outcome[];
  /** of the stage before the last; empty where there is one stage */
  readonly before: readonly Outcome[];
}

export interface StudyMeasure<Truth = unknown, Arms extends string = string> {
  readonly label: string;
  readonly unit?: string;
  /** those that it is measured of, and is NaN for the others; default all */
  readonly arms?: readonly Arms[];
  /** the answer that it is of, where it is drawn beside others' */
  readonly side?: Side;
  /** one of the engine's, or made of a run */
  readonly of: EngineMeasure | ((run: Run<Truth>) => number);
}

/** What a study fills: [arm][measure][seed]. */
export type StudyTable = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
/** One column of the table. */
export type Column<Arms extends string, Names extends string> = readonly [arm: Arms, measure: Names];
/** One for each engine where rounding is what is allowed. */
export type Limit = number | Readonly<Record<Engine['backend'], number>>;
export type Bound = { readonly atLeast: Limit } | { readonly atMost: Limit };
/** A column, less another where there is one. */
export interface Comparison<Arms extends string = string, Names extends string = string> {
  readonly left: Column<Arms, Names>;
  readonly right?: Column<Arms, Names>;
}

/** `left` (less `right`) on one side of a bound. */
export type StudyClaim<Arms extends string = string, Names extends string = string> = {
  /** in links; one of its kind within the study */
  readonly id: string;
  /** in one sentence, with its condition, for everybody */
  readonly statement: string;
  /** the theorem or section; where the sentence is a reading of the paper, what it is about */
  readonly where: string;
  /**
   * identity: a proof says so, and only a broken engine refutes it; toy: of this toy at these settings; empirical: what the paper says of
   * real runs, as far as a toy can bear it out
   */
  readonly kind: 'identity' | 'toy' | 'empirical';
  /** what would refute it */
  readonly refutedBy: string;
  /** the same as a formula, where it says more than the columns do */
  readonly tex?: string;
  readonly left: Column<Arms, Names>;
  readonly right?: Column<Arms, Names>;
  /** further comparisons that must be on the same side: in each seed the one that is nearest to failing counts; not for quantiles */
  readonly and?: readonly Comparison<Arms, Names>[];
  /**
   * seed by seed in a share of all seeds, on average over them, at a quantile over them (of either side by itself), or in each, which is
   * for identities
   */
  readonly by: { readonly share: number } | 'mean' | { readonly quantile: number } | 'each';
  readonly bound: Bound;
  /** where the bound comes from */
  readonly because: string;
} & ({ readonly expected: 'holds' } | { readonly expected: 'does not hold' /** what is true */; readonly instead: string });

/** What is drawn first of a study. */
export type StudyPlot<Arms extends string = string, Names extends string = string, Parameters extends string = string> =
  /** a mark for each seed and arm, or a bar for each arm's mean */
  | { readonly kind: 'strip' | 'bars'; readonly y: Names; readonly arms?: readonly Arms[] }
  | { readonly kind: 'scatter'; readonly x: Names; readonly y: Names; readonly arms?: readonly Arms[] }
  /** a line for each arm over its updates, or over a parameter; of several measures one for each of them, of the first arm alone */
  | {
      readonly kind: 'lines';
      readonly y: Names | readonly Names[];
      readonly updates: readonly number[];
      readonly arms?: readonly Arms[];
    }
  | {
      readonly kind: 'law';
      readonly y: Names | readonly Names[];
      readonly over: Parameters;
      readonly at: readonly number[];
      readonly arms?: readonly Arms[];
    };

/** Where a formula was seen: printed, in the authors' code, told in words alone; or it is this page's own reading, or likeness, of a paper. */
export type Provenance = 'paper' | 'released code' | 'words only' | 'our reading' | 'our analogy';

/** A paper's claim as data: what is set up, what is compared, what is measured, what is said of it. */
export interface StudyDefinition<Arms extends string, Names extends string, Parameters extends string, Truth> {
  /** the name of its file: the row of the reading list, or `often` for what no paper of it says, and a word or two */
  readonly id: string;
  /** what comes out, in eight words at most: its heading wherever it is listed */
  readonly finding: string;
  /** in two sentences */
  readonly mechanism: string;
  /** what is set up, with sizes */
  readonly setup: string;
  /** what the paper reports itself, where that was seen */
  readonly headline?: string;
  /** what the toy leaves out of the paper, or adds to it */
  readonly leavesOut: string;
  /** the objective, in the paper's letters as far as they are known */
  readonly tex: string;
  /** where that was seen; default what the reading list says of the paper, which is enough where this is its only study */
  readonly provenance?: Provenance;
  toy(seed: number, values: Values<Parameters>): Toy<Truth>;
  readonly parameters: Readonly<Record<Parameters, StudyParameter>>;
  readonly arms: Readonly<Record<Arms, Arm<Truth>>>;
  readonly measures: Readonly<Record<Names, StudyMeasure<Truth, NoInfer<Arms>>>>;
  readonly plot: StudyPlot<NoInfer<Arms>, NoInfer<Names>, NoInfer<Parameters>>;
  readonly claims: readonly StudyClaim<NoInfer<Arms>, NoInfer<Names>>[];
  /** updates whose states measures read besides a run's end; default none */
  readonly record?: readonly number[];
  /** `page` seeds decide every claim; `test` seeds are enough for a wrong engine to fail */
  readonly seeds: { readonly page: number; readonly test: number };
}

/** A study, whatever its arms and measures are called. */
export interface Study extends Omit<StudyDefinition<string, string, string, unknown>, 'plot' | 'claims'> {
  /** of the reading list; 0 for what is often said, and not by a paper of the list */
  readonly row: number;
  readonly plot: StudyPlot;
  readonly claims: readonly StudyClaim[];
}

export const rowOf = (id: string): number => (id.startsWith('often-') ? 0 : Number.parseInt(id, 10));

/** Checks the names where they are used: a claim about an arm or a measure that does not exist does not compile. `Truth` is the toy's. */
export const defineStudy =
  <Truth>() =>
  <const Arms extends string, const Names extends string, const Parameters extends string>(
    study: StudyDefinition<Arms, Names, Parameters, Truth>,
  ): Study => ({ ...(study as unknown as Study), row: rowOf(study.id) });

/** The measures that a study's plot shows up its vertical axis. */
export const drawnMeasures = ({ plot: { y } }: Pick<Study, 'plot'>): readonly string[] => (typeof y === 'string' ? [y] : y);

/** The arms that a study's plot shows. */
export const drawnArms = ({ plot, arms }: Pick<Study, 'plot' | 'arms'>): readonly string[] => plot.arms ?? Object.keys(arms);

/** The values that a study begins with. */
export const defaultsOf = ({ parameters }: Pick<Study, 'parameters'>): Values =>
  Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, parameter.default]));
