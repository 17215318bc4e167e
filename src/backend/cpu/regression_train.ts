import { nextCorrection } from '../../core/optimizer.ts';
import type { ObjectiveBlock } from '../../objectives/compile.ts';
import type { FurtherKernels, RegressionsTask, Storage } from '../backend.ts';
import { settingRows } from '../ensemble-layout.ts';
import { type RegressionLayout, type RegressionShape, regressionLayout } from '../regression-layout.ts';
import { BlockSettings, updateBlock } from './optimizer_step.ts';
import { floats, indices } from './storage.ts';

/** What one run after the other is trained with. Its sums are in the order of the kernels that train one policy, so it has their bits. */
class RegressionLane {
  readonly #task: RegressionsTask;
  readonly #shape: RegressionShape;
  readonly #layout: RegressionLayout;
  readonly #plan: Uint32Array;
  readonly #numbers: Float64Array;
  readonly #settings: Float64Array;
  readonly #initial: Float64Array;
  readonly #states: Float64Array;
  /** [contexts, columns] e to each logit's distance from its peak, and [contexts] what makes them probabilities */
  readonly #powers: Float64Array;
  readonly #scales: Float64Array;
  /** of one context */
  readonly #logits: Float64Array;
  /** a column for each pair */
  readonly #objective: ObjectiveBlock;
  readonly #update: BlockSettings;
  readonly #gradient: Float64Array;

  // of the run at hand: where its table begins, its state, and views of that
  #planTable = 0;
  #numberTable = 0;
  #at = 0;
  #run = 0;

  constructor(task: RegressionsTask) {
    const { shape } = task;
    this.#task = task;
    this.#shape = shape;
    this.#layout = regressionLayout(shape);
    this.#plan = indices(task.plan);
    this.#numbers = floats(task.numbers);
    this.#settings = floats(task.settings);
    this.#initial = floats(task.initial);
    this.#states = floats(task.state);
    this.#powers = new Float64Array(shape.contexts * shape.columns);
    this.#scales = new Float64Array(shape.contexts);
    this.#logits = new Float64Array(shape.columns);
    this.#objective = task.objective.block(shape.pairs);
    this.#update = new BlockSettings(shape.rule, 1);
    this.#gradient = new Float64Array(shape.dimensions);
  }

  train(run: number, firstStep: number, updates: number): void {
    const { state } = this.#layout;
    const { dimensions, pairs } = this.#shape;
    const all = this.#states;
    this.#open(run);
    const at = this.#at;
    if (firstStep === 0) {
      all.fill(0, at, at + state.size);
      all.set(this.#initial.subarray(run * dimensions, (run + 1) * dimensions), at + state.theta);
      this.#forward();
      all.copyWithin(at + state.references, at + state.logps, at + state.logps + 2 * pairs);
    }
    const end = Math.min(firstStep + updates, this.#setting('steps'));
    if (firstStep >= end || all[at + state.clock + 2] !== 0) return;
    this.#give();
    for (let step = firstStep; step < end; step++) {
      this.#forward();
      if (!this.#slopes()) {
        all[at + state.clock + 2] = step + 1;
        return;
      }
      this.#backward();
      this.#move();
    }
  }

  /** Whether the run has lost its numbers. */
  isLost(run: number): boolean {
    const { state } = this.#layout;
    const { pairs } = this.#shape;
    const all = this.#states;
    this.#open(run);
    if (all[this.#at + state.clock + 2] !== 0) return true;
    this.#forward();
    this.#give();
    this.#takeLogps();
    this.#objective.evaluate(pairs);
    const { loss, byChosen, byRejected } = this.#objective;
    const logps = this.#at + state.logps;
    for (let pair = 0; pair < pairs; pair++) {
      const numbers = [loss[pair], byChosen[pair], byRejected[pair], (all[logps + pair] as number) - (all[logps + pairs + pair] as number)];
      if (!numbers.every(Number.isFinite)) return true;
    }
    return false;
  }

  #setting(name: (typeof settingRows)[number]): number {
    return this.#settings[settingRows.indexOf(name) * this.#task.runs + this.#run] as number;
  }

  #open(run: number): void {
    const { plan, numbers, state } = this.#layout;
    this.#run = run;
    const table = this.#setting('table');
    this.#planTable = table * plan.size;
    this.#numberTable = numbers.tables + table * numbers.table.size;
    this.#at = run * state.size;
    this.#update.set(0, this.#task.updateSettingsOf(run));
  }

  /** Means, softmaxes, and the log-probs of the pairs' responses. */
  #forward(): void {
    const { contexts, columns, dimensions, pairs } = this.#shape;
    const { state, numbers, plan } = this.#layout;
    const [all, given, powers, scales, logits] = [this.#states, this.#numbers, this.#powers, this.#scales, this.#logits];
    const at = this.#at;
    const theta = at + state.theta;
    for (let context = 0; context < contexts; context++) {
      const features = this.#numberTable + numbers.table.features + context * dimensions;
      let mean = 0;
      for (let k = 0; k < dimensions; k++) mean += (all[theta + k] as number) * (given[features + k] as number);
      const shift = given[this.#numberTable + numbers.table.shifts + context] as number;
      let peak = Number.NEGATIVE_INFINITY;
      let peakAt = 0;
      for (let v = 0; v < columns; v++) {
        const x = logitOf(given[v] as number, mean, shift);
        logits[v] = x;
        if (x > peak) {
          peak = x;
          peakAt = v;
        }
      }
      const from = context * columns;
      let rest = 0;
      for (let v = 0; v < columns; v++) {
        const power = v === peakAt ? 1 : Math.exp((logits[v] as number) - peak);
        powers[from + v] = power;
        if (v !== peakAt) rest += power;
      }
      // NaN without a finite peak; a NaN among the logits comes through the sum
      const total = Math.log1p(rest) + (peak - peak);
      all[at + state.means + context] = mean;
      all[at + state.peaks + context] = peak - 0 * total;
      all[at + state.totals + context] = total;
      scales[context] = Math.exp(-total);
    }
    for (let sequence = 0; sequence < 2 * pairs; sequence++) {
      const context = this.#plan[this.#planTable + plan.contexts + sequence] as number;
      const token = this.#plan[this.#planTable + plan.tokens + sequence] as number;
      all[at + state.logps + sequence] = 0 + this.#logpOf(context, token);
    }
  }

  /** log π of a column */
  #logpOf(context: number, v: number): number {
    const { state, numbers } = this.#layout;
    const [all, given] = [this.#states, this.#numbers];
    const mean = all[this.#at + state.means + context] as number;
    const shift = given[this.#numberTable + numbers.table.shifts + context] as number;
    const x = logitOf(given[v] as number, mean, shift);
    return x - (all[this.#at + state.peaks + context] as number) - (all[this.#at + state.totals + context] as number);
  }

  /** Gives the objective what it reads of the run's pairs besides their log-probs. */
  #give(): void {
    const { pairs, inputs, chosenReferences, rejectedReferences, objectiveParameters } = this.#shape;
    const { state, numbers } = this.#layout;
    const { given } = this.#objective;
    const all = this.#states;
    const references = this.#at + state.references;
    const known = this.#numberTable + numbers.table.inputs;
    for (let i = 0; i < inputs; i++) {
      const [bit, to] = [1 << i, (2 + i) * pairs];
      if (chosenReferences & bit) given.set(all.subarray(references, references + pairs), to);
      else if (rejectedReferences & bit) given.set(all.subarray(references + pairs, references + 2 * pairs), to);
      else for (let pair = 0; pair < pairs; pair++) given[to + pair] = this.#numbers[known + pair * inputs + i] as number;
    }
    for (let p = 0; p < objectiveParameters; p++) {
      const value = this.#settings[(settingRows.length + p) * this.#task.runs + this.#run] as number;
      given.fill(value, (2 + inputs + p) * pairs, (3 + inputs + p) * pairs);
    }
  }

  #takeLogps(): void {
    const logps = this.#at + this.#layout.state.logps;
    this.#objective.given.set(this.#states.subarray(logps, logps + 2 * this.#shape.pairs));
  }

  /** The slopes; false where a loss is no number, or a slope not finite. */
  #slopes(): boolean {
    const { pairs } = this.#shape;
    const { state, numbers } = this.#layout;
    const all = this.#states;
    const objective = this.#objective;
    this.#takeLogps();
    const areNumbers = objective.evaluateSlopes(pairs);
    if (!areNumbers) objective.evaluate(pairs);
    const { byChosen, byRejected } = areNumbers ? objective.slopes : objective;
    const to = this.#at + state.slopes;
    const weights = this.#numberTable + numbers.table.weights;
    let areSound = true;
    for (let pair = 0; pair < pairs; pair++) {
      const chosen = byChosen[pair] as number;
      const rejected = byRejected[pair] as number;
      const share = (this.#numbers[weights + pair] as number) / pairs;
      all[to + pair] = chosen * share;
      all[to + pairs + pair] = rejected * share;
      if (!(Number.isFinite(chosen) && Number.isFinite(rejected)) || (!areNumbers && Number.isNaN(objective.loss[pair] as number)))
        areSound = false;
    }
    return areSound;
  }

  /** The gradient by the weights: each context's pull on its mean, times its features. */
  #backward(): void {
    const { contexts, dimensions } = this.#shape;
    const { state, numbers } = this.#layout;
    const [all, given, gradient] = [this.#states, this.#numbers, this.#gradient];
    gradient.fill(0);
    for (let context = 0; context < contexts; context++) {
      const pull = this.#pullOn(context);
      all[this.#at + state.pulls + context] = pull;
      const features = this.#numberTable + numbers.table.features + context * dimensions;
      for (let k = 0; k < dimensions; k++) gradient[k] = (gradient[k] as number) + pull * (given[features + k] as number);
    }
  }

  #pullOn(context: number): number {
    const { columns } = this.#shape;
    const { state, plan } = this.#layout;
    const [powers, given] = [this.#powers, this.#numbers];
    const offsets = this.#planTable + plan.memberOffsets + context;
    const from = context * columns;
    const scale = this.#scales[context] as number;
    let total = 0;
    for (let m = this.#plan[offsets] as number; m < (this.#plan[offsets + 1] as number); m++) {
      const sequence = this.#plan[this.#planTable + plan.members + m] as number;
      const token = this.#plan[this.#planTable + plan.tokens + sequence] as number;
      const slope = this.#states[this.#at + state.slopes + sequence] as number;
      for (let v = 0; v < columns; v++) {
        // 1 - p of a token that holds nearly all mass, without cancellation
        const p = v === token ? Math.expm1(this.#logpOf(context, v)) : (powers[from + v] as number) * scale;
        total += -slope * p * (given[v] as number);
      }
    }
    return total;
  }

  #move(): void {
    const { dimensions, rule } = this.#shape;
    const { state } = this.#layout;
    const all = this.#states;
    const at = this.#at;
    if (rule === 'adam') {
      const { corrections1, corrections2, beta1, beta2 } = this.#update;
      const clock = at + state.clock;
      all[clock] = corrections1[0] = nextCorrection(all[clock] as number, beta1[0] as number);
      all[clock + 1] = corrections2[0] = nextCorrection(all[clock + 1] as number, beta2[0] as number);
    }
    const part = (begin: number) => all.subarray(at + begin, at + begin + dimensions);
    updateBlock(this.#update, 1, 0, dimensions, this.#gradient, part(state.theta), part(state.first), part(state.second));
  }
}

/** Of the number value + shift under the normal law of deviation 1 around shift + mean, but for what all columns share. */
const logitOf = (value: number, mean: number, shift: number): number => value * mean + 0 + -((value + shift) ** 2) / 2;

/** By the state of the runs: made once for all dispatches. */
const known = new WeakMap<Storage, RegressionLane>();

function laneOf(task: RegressionsTask): RegressionLane {
  const lane = known.get(task.state) ?? new RegressionLane(task);
  known.set(task.state, lane);
  return lane;
}

/** Twin of `regression_train` in shaders/regression_train.wgsl. */
export const regressionTrain: FurtherKernels['regressionTrain'] = (task) => {
  for (let run = 0; run < task.runs; run++) laneOf(task).train(run, task.firstStep, task.updates);
};

/** Twin of `regression_train_outcome` in shaders/regression_train.wgsl. */
export const regressionOutcome: FurtherKernels['regressionOutcome'] = (task) => {
  const outcomes = floats(task.outcomes);
  for (let run = 0; run < task.runs; run++) outcomes[run] = laneOf(task).isLost(run) ? 1 : 0;
};
