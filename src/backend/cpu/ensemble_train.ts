import type { UpdateSettings } from '../../core/optimizer.ts';
import { nextCorrection } from '../../core/optimizer.ts';
import type { EnsembleTask, FurtherKernels } from '../backend.ts';
import { type EnsembleLayout, type EnsembleShape, ensembleLayout, metricRows, settingRows } from '../ensemble-layout.ts';
import { updateParameters } from './optimizer_step.ts';
import { rowStats } from './row_stats.ts';
import { floats, indices } from './storage.ts';

/** One run's view of an ensemble, line by line as in shaders/ensemble_train.wgsl. */
class Run {
  readonly #shape: EnsembleShape;
  readonly #layout: EnsembleLayout;
  readonly #task: EnsembleTask;
  readonly #plan: Uint32Array;
  readonly #numbers: Float64Array;
  readonly #settings: Float64Array;
  readonly #initial: Float64Array;
  readonly #state: Float64Array;
  readonly #memory: Float64Array;
  readonly #reference: Float64Array;
  readonly #row: Float64Array;
  readonly #pairInputs: Float64Array;
  /** where the unembedding begins */
  readonly #unembedding: number;
  #run = 0;
  #planTable = 0;
  #numberTable = 0;

  constructor(task: EnsembleTask) {
    this.#task = task;
    this.#shape = task.shape;
    this.#layout = ensembleLayout(task.shape);
    this.#plan = indices(task.plan);
    this.#numbers = floats(task.numbers);
    this.#settings = floats(task.settings);
    this.#initial = floats(task.initial);
    this.#state = floats(task.state);
    this.#memory = new Float64Array(this.#layout.memory.size);
    this.#reference = new Float64Array(this.#layout.parameters);
    this.#row = new Float64Array(task.shape.columns);
    this.#pairInputs = new Float64Array(task.shape.inputs);
    this.#unembedding = task.shape.parameterisation === 'features' ? task.shape.contexts * task.shape.dimensions : this.#layout.parameters;
  }

  open(run: number): void {
    this.#run = run;
    const { plan, numbers, memory, parameters } = this.#layout;
    const table = this.#setting('table');
    this.#planTable = plan.tables + table * plan.table.size;
    this.#numberTable = numbers.tables + table * numbers.table.size;
    const { runs } = this.#task;
    for (let i = 0; i < memory.persistent; i++) this.#memory[i] = this.#state[i * runs + run] as number;
    for (let i = 0; i < parameters; i++) this.#reference[i] = this.#initial[i * runs + run] as number;
  }

  close(): void {
    const { runs } = this.#task;
    for (let i = 0; i < this.#layout.memory.persistent; i++) this.#state[i * runs + this.#run] = this.#memory[i] as number;
  }

  train(firstStep: number, updates: number): void {
    const { memory: at } = this.#layout;
    const memory = this.#memory;
    if (firstStep === 0) {
      memory.fill(0);
      memory.set(this.#reference, at.theta);
      this.#forward();
      memory.copyWithin(at.references, at.logps, at.logps + 2 * this.#shape.pairs);
    }
    const end = Math.min(firstStep + updates, this.#setting('steps'));
    for (let step = firstStep; step < end; step++) {
      if (memory[at.clock + 2] !== 0) break;
      this.#forward();
      if (Number.isNaN(this.#losses())) {
        memory[at.clock + 2] = step + 1;
        break;
      }
      this.#backward();
      this.#update();
    }
  }

  measure(metrics: Float64Array): void {
    const { pairs, columns } = this.#shape;
    const { memory: at, plan } = this.#layout;
    const memory = this.#memory;
    this.#forward();
    const loss = this.#losses();
    let [chosenChange, rejectedChange, margin, topProb, entropy, divergence, firstGainer] = [0, 0, 0, 0, 0, 0, columns];
    let [reward, ches] = [0, 0];
    for (let pair = 0; pair < pairs; pair++) {
      const [chosen, rejected] = [memory[at.logps + pair] as number, memory[at.logps + pairs + pair] as number];
      chosenChange += chosen - (memory[at.references + pair] as number);
      rejectedChange += rejected - (memory[at.references + pairs + pair] as number);
      margin += chosen - rejected;
      const focus = this.#planTable + plan.table.focus + 3 * pair;
      const row = this.#plan[focus] as number;
      const [peak, logTotal] = this.#statsOf(row);
      for (let v = 0; v < columns; v++) this.#row[v] = this.#rowLogit(row, v, this.#reference, 0);
      const [peakBefore, logTotalBefore] = rowStats(this.#row, 0, columns);
      let [gainer, gain, gainerProb] = [columns, 0, 0];
      for (let v = 0; v < columns; v++) {
        const logp = this.#rowLogit(row, v, memory, at.theta) - peak - logTotal;
        const before = (this.#row[v] as number) - peakBefore - logTotalBefore;
        const p = Math.exp(logp);
        if (p > 0) {
          entropy -= p * logp;
          divergence += p * (logp - before);
        }
        if (this.#shape.rewarded) reward += p * (this.#numbers[this.#layout.numbers.rewards + row * columns + v] as number);
        if (v === this.#plan[focus + 1] || v === this.#plan[focus + 2]) continue;
        const gained = p - Math.exp(before);
        if (gainer === columns || gained > gain) [gainer, gain, gainerProb] = [v, gained, p];
      }
      topProb += gainerProb;
      if (this.#shape.hidden) ches += this.#hiddenSimilarity(pair);
      if (pair === 0) firstGainer = gainer;
    }
    const ended = Number.isFinite(loss) && memory[at.clock + 2] === 0 && Number.isFinite(margin);
    const values = {
      chosenLogpChange: chosenChange / pairs,
      rejectedLogpChange: rejectedChange / pairs,
      margin: margin / pairs,
      loss,
      topGainerProb: topProb / pairs,
      entropy: entropy / pairs,
      klToReference: divergence / pairs,
      expectedReward: this.#shape.rewarded ? reward / pairs : Number.NaN,
      ches: this.#shape.hidden ? ches / pairs : Number.NaN,
      topGainer: firstGainer,
      diverged: ended ? 0 : 1,
    };
    for (const [index, name] of metricRows.entries())
      metrics[index * this.#task.runs + this.#run] = ended || name === 'topGainer' || name === 'diverged' ? values[name] : Number.NaN;
  }

  /** ⟨s_w, s_l⟩ - ‖s_w‖² of a pair, as ⟨s_w, s_l - s_w⟩ */
  #hiddenSimilarity(pair: number): number {
    const { dimensions, pairs } = this.#shape;
    let total = 0;
    for (let k = 0; k < dimensions; k++) {
      const chosen = this.#hiddenSum(pair, k);
      total += chosen * (this.#hiddenSum(pairs + pair, k) - chosen);
    }
    return total;
  }

  #hiddenSum(sequence: number, k: number): number {
    const { positions, dimensions } = this.#shape;
    const { plan, memory } = this.#layout;
    let total = 0;
    for (let t = 0; t < (this.#plan[this.#planTable + plan.table.lengths + sequence] as number); t++) {
      const row = this.#plan[this.#planTable + plan.table.positionRows + sequence * positions + t] as number;
      total += this.#memory[memory.theta + (this.#plan[plan.rowContexts + row] as number) * dimensions + k] as number;
    }
    return total;
  }

  #setting(name: (typeof settingRows)[number]): number {
    return this.#settings[settingRows.indexOf(name) * this.#task.runs + this.#run] as number;
  }

  #statsOf(row: number): [number, number] {
    const at = this.#layout.memory.stats + 2 * row;
    return [this.#memory[at] as number, this.#memory[at + 1] as number];
  }

  /** `parameters` from `at` on are the run's, or its reference's. */
  #rowLogit(row: number, v: number, parameters: Float64Array, at: number): number {
    const { parameterisation, columns, dimensions, offsetRows } = this.#shape;
    const { plan } = this.#layout;
    const context = this.#plan[plan.rowContexts + row] as number;
    if (parameterisation === 'features') {
      let total = 0;
      for (let k = 0; k < dimensions; k++)
        total +=
          (parameters[at + this.#unembedding + v * dimensions + k] as number) * (parameters[at + context * dimensions + k] as number);
      return total;
    }
    const x = parameters[at + context * columns + v] as number;
    if (offsetRows === 0) return x;
    return x + (this.#numbers[(this.#plan[plan.rowOffsets + row] as number) * columns + v] as number);
  }

  #forward(): void {
    const { rows, columns, pairs, positions } = this.#shape;
    const { memory: at, plan } = this.#layout;
    const memory = this.#memory;
    for (let row = 0; row < rows; row++) {
      for (let v = 0; v < columns; v++) this.#row[v] = this.#rowLogit(row, v, memory, at.theta);
      const [peak, logTotal] = rowStats(this.#row, 0, columns);
      memory[at.stats + 2 * row] = peak;
      memory[at.stats + 2 * row + 1] = logTotal;
    }
    for (let sequence = 0; sequence < 2 * pairs; sequence++) {
      let total = 0;
      for (let t = 0; t < (this.#plan[this.#planTable + plan.table.lengths + sequence] as number); t++) {
        const position = this.#planTable + sequence * positions + t;
        const row = this.#plan[position + plan.table.positionRows] as number;
        const [peak, logTotal] = this.#statsOf(row);
        total += this.#rowLogit(row, this.#plan[position + plan.table.positionTokens] as number, memory, at.theta) - peak - logTotal;
      }
      memory[at.logps + sequence] = total;
    }
  }

  #losses(): number {
    const { pairs, inputs, chosenReferences, rejectedReferences } = this.#shape;
    const { memory: at, numbers } = this.#layout;
    const memory = this.#memory;
    const objective = this.#task.objectiveOf(this.#run);
    let total = 0;
    let defined = true;
    for (let pair = 0; pair < pairs; pair++) {
      for (let i = 0; i < inputs; i++) {
        const bit = 1 << i;
        if (chosenReferences & bit) this.#pairInputs[i] = memory[at.references + pair] as number;
        else if (rejectedReferences & bit) this.#pairInputs[i] = memory[at.references + pairs + pair] as number;
        else this.#pairInputs[i] = this.#numbers[this.#numberTable + numbers.table.inputs + pair * inputs + i] as number;
      }
      const value = objective.evaluate(memory[at.logps + pair] as number, memory[at.logps + pairs + pair] as number, this.#pairInputs);
      const weight = this.#numbers[this.#numberTable + numbers.table.weights + pair] as number;
      const share = weight / pairs;
      defined &&= Number.isFinite(value.byChosen) && Number.isFinite(value.byRejected);
      memory[at.slopes + pair] = value.byChosen * share;
      memory[at.slopes + pairs + pair] = value.byRejected * share;
      total += value.loss * weight;
    }
    return defined ? total / pairs : Number.NaN;
  }

  #backward(): void {
    const { contexts, columns, positions } = this.#shape;
    const { memory: at, plan } = this.#layout;
    const memory = this.#memory;
    memory.fill(0, at.gradient, at.gradient + this.#layout.parameters);
    let knownRow = -1;
    const offsets = this.#planTable + plan.table.memberOffsets;
    for (let context = 0; context < contexts; context++) {
      for (let m = this.#plan[offsets + context] as number; m < (this.#plan[offsets + context + 1] as number); m++) {
        const position = this.#plan[this.#planTable + plan.table.members + m] as number;
        const row = this.#plan[this.#planTable + plan.table.positionRows + position] as number;
        const token = this.#plan[this.#planTable + plan.table.positionTokens + position] as number;
        const [peak, logTotal] = this.#statsOf(row);
        if (row !== knownRow) {
          knownRow = row;
          for (let v = 0; v < columns; v++)
            memory[at.probabilities + v] = Math.exp(this.#rowLogit(row, v, memory, at.theta) - peak - logTotal);
        }
        const slope = memory[at.slopes + Math.floor(position / positions)] as number;
        const ofToken = Math.expm1(this.#rowLogit(row, token, memory, at.theta) - peak - logTotal);
        for (let v = 0; v < columns; v++)
          this.#accumulate(context, v, -slope * (v === token ? ofToken : (memory[at.probabilities + v] as number)));
      }
    }
  }

  #accumulate(context: number, v: number, g: number): void {
    const { parameterisation, columns, dimensions, firstTrained, secondTrained } = this.#shape;
    const { theta, gradient } = this.#layout.memory;
    const memory = this.#memory;
    if (parameterisation === 'table') {
      const i = gradient + context * columns + v;
      memory[i] = (memory[i] as number) + g;
      return;
    }
    for (let k = 0; k < dimensions; k++) {
      const h = context * dimensions + k;
      const w = this.#unembedding + v * dimensions + k;
      if (firstTrained) memory[gradient + h] = (memory[gradient + h] as number) + g * (memory[theta + w] as number);
      if (secondTrained) memory[gradient + w] = (memory[gradient + w] as number) + g * (memory[theta + h] as number);
    }
  }

  #update(): void {
    const { memory: at, parameters } = this.#layout;
    const { firstTrained, secondTrained } = this.#shape;
    const memory = this.#memory;
    const settings = this.#task.updateSettingsOf(this.#run);
    const corrections = [
      nextCorrection(memory[at.clock] as number, settings.beta1),
      nextCorrection(memory[at.clock + 1] as number, settings.beta2),
    ] as const;
    memory[at.clock] = corrections[0];
    memory[at.clock + 1] = corrections[1];
    if (firstTrained) this.#move(0, this.#unembedding, settings, corrections);
    if (secondTrained) this.#move(this.#unembedding, parameters - this.#unembedding, settings, corrections);
  }

  #move(from: number, length: number, settings: UpdateSettings, corrections: readonly [number, number]): void {
    const { memory: at, parameters } = this.#layout;
    const region = (begin: number) => this.#memory.subarray(begin, begin + parameters);
    updateParameters(from, length, settings, corrections, region(at.gradient), region(at.theta), region(at.first), region(at.second));
  }
}

/** Twin of `ensemble_train` in shaders/ensemble_train.wgsl. */
export const ensembleTrain: FurtherKernels['ensembleTrain'] = (task) => {
  const run = new Run(task);
  for (let index = 0; index < task.runs; index++) {
    run.open(index);
    run.train(task.firstStep, task.updates);
    run.close();
  }
};

/** Twin of `ensemble_train_measure` in shaders/ensemble_train.wgsl. */
export const ensembleMeasure: FurtherKernels['ensembleMeasure'] = (task) => {
  const run = new Run(task);
  const metrics = floats(task.metrics);
  for (let index = 0; index < task.runs; index++) {
    run.open(index);
    run.measure(metrics);
  }
};
