import { nextCorrection } from '../../core/optimizer.ts';
import type { ObjectiveBlock } from '../../objectives/compile.ts';
import type { EnsembleTask, FurtherKernels } from '../backend.ts';
import { type EnsembleLayout, type EnsembleShape, ensembleLayout, type MetricRow, metricRows, settingRows } from '../ensemble-layout.ts';
import { BlockSettings, updateBlock } from './optimizer_step.ts';
import { rowStats } from './row_stats.ts';
import { floats, indices } from './storage.ts';

/** Numbers of a block at most, so that it stays in a core's near cache. */
const blockSize = 8192;
const mostRuns = 64;

/**
 * Runs of an ensemble that share a table of pairs, side by side: [element][width], one run a column. What each computes is what
 * shaders/ensemble_train.wgsl does, line by line.
 */
class RunBlock {
  readonly width: number;
  readonly #shape: EnsembleShape;
  readonly #layout: EnsembleLayout;
  readonly #task: EnsembleTask;
  readonly #plan: Uint32Array;
  readonly #numbers: Float64Array;
  readonly #settings: Float64Array;
  readonly #initial: Float64Array;
  readonly #state: Float64Array;
  /** [memory.size][width] */
  readonly #memory: Float64Array;
  /** parts of the memory, [parameters][width] each */
  readonly #regions: Record<'gradient' | 'theta' | 'first' | 'second', Float64Array>;
  /** [parameters][width] */
  readonly #reference: Float64Array;
  /** [rows, columns][width] logits, and e to their distances from the row's peak */
  readonly #logits: Float64Array;
  readonly #powers: Float64Array;
  readonly #row: Float64Array;
  readonly #totals: Float64Array;
  /** [width] of one position: minus its slope, p - 1 of its own token, and minus the gradient by one of its logits */
  readonly #descent: Float64Array;
  readonly #ofToken: Float64Array;
  readonly #pull: Float64Array;
  readonly #ends: Float64Array;
  /** the first of the ends */
  #nextEnd = 0;
  readonly #runs: Int32Array;
  readonly #objective: ObjectiveBlock;
  readonly #update: BlockSettings;
  /** where the unembedding begins */
  readonly #unembedding: number;
  readonly #planTable: number;
  readonly #numberTable: number;
  /** columns in use: those of runs that go on */
  #count = 0;

  constructor(task: EnsembleTask, table: number) {
    const { shape } = task;
    const { plan, numbers, memory, parameters } = ensembleLayout(shape);
    const logits = shape.rows * shape.columns;
    const width = Math.max(1, Math.min(mostRuns, Math.floor(blockSize / (memory.size + parameters + 2 * logits))));
    this.width = width;
    this.#task = task;
    this.#shape = shape;
    this.#layout = ensembleLayout(shape);
    this.#plan = indices(task.plan);
    this.#numbers = floats(task.numbers);
    this.#settings = floats(task.settings);
    this.#initial = floats(task.initial);
    this.#state = floats(task.state);
    this.#memory = new Float64Array(memory.size * width);
    const region = (begin: number) => this.#memory.subarray(begin * width, (begin + parameters) * width);
    this.#regions = {
      gradient: region(memory.gradient),
      theta: region(memory.theta),
      first: region(memory.first),
      second: region(memory.second),
    };
    this.#reference = new Float64Array(parameters * width);
    this.#logits = new Float64Array(logits * width);
    this.#powers = new Float64Array(logits * width);
    this.#row = new Float64Array(shape.columns);
    this.#totals = new Float64Array(width);
    this.#descent = new Float64Array(width);
    this.#ofToken = new Float64Array(width);
    this.#pull = new Float64Array(width);
    this.#ends = new Float64Array(width);
    this.#runs = new Int32Array(width);
    this.#objective = task.objective.block(width);
    this.#update = new BlockSettings(shape.rule, width);
    this.#unembedding = shape.parameterisation === 'features' ? shape.contexts * shape.dimensions : parameters;
    this.#planTable = plan.tables + table * plan.table.size;
    this.#numberTable = numbers.tables + table * numbers.table.size;
  }

  /** Takes up to `width` runs in. */
  open(runs: readonly number[]): void {
    const { width } = this;
    const { memory: at, parameters } = this.#layout;
    const { inputs, objectiveParameters } = this.#shape;
    const all = this.#task.runs;
    const stepsRow = settingRows.indexOf('steps') * all;
    this.#count = runs.length;
    for (const [j, run] of runs.entries()) {
      this.#runs[j] = run;
      this.#ends[j] = this.#settings[stepsRow + run] as number;
      this.#update.set(j, this.#task.updateSettingsOf(run));
      for (let p = 0; p < objectiveParameters; p++)
        this.#objective.given[(2 + inputs + p) * width + j] = this.#settings[(settingRows.length + p) * all + run] as number;
      for (let i = 0; i < at.persistent; i++) this.#memory[i * width + j] = this.#state[i * all + run] as number;
      for (let i = 0; i < parameters; i++) this.#reference[i * width + j] = this.#initial[i * all + run] as number;
    }
  }

  /** A run has come to its end: its state is kept, and the last column takes its place. */
  #close(j: number): void {
    const { width } = this;
    const { memory: at } = this.#layout;
    const all = this.#task.runs;
    const run = this.#runs[j] as number;
    for (let i = 0; i < at.persistent; i++) this.#state[i * all + run] = this.#memory[i * width + j] as number;
    const last = --this.#count;
    if (j === last) return;
    const { given } = this.#objective;
    for (const rows of [this.#memory, this.#reference, this.#logits, this.#powers, given, this.#totals, this.#ends])
      for (let i = 0; i < rows.length; i += width) rows[i + j] = rows[i + last] as number;
    this.#runs[j] = this.#runs[last] as number;
    this.#update.move(last, j);
  }

  #closeWhere(isOver: (j: number) => boolean): void {
    for (let j = this.#count - 1; j >= 0; j--) if (isOver(j)) this.#close(j);
  }

  train(firstStep: number, updates: number): void {
    const { width } = this;
    const { memory: at } = this.#layout;
    const memory = this.#memory;
    if (firstStep === 0) {
      memory.fill(0);
      memory.set(this.#reference, at.theta * width);
      this.#forward();
      memory.copyWithin(at.references * width, at.logps * width, (at.logps + 2 * this.#shape.pairs) * width);
    }
    const stopped = (at.clock + 2) * width;
    this.#closeWhere((j) => memory[stopped + j] !== 0);
    this.#findNextEnd();
    for (let step = firstStep; step < firstStep + updates; step++) {
      if (step >= this.#nextEnd) {
        this.#closeWhere((j) => step >= (this.#ends[j] as number));
        this.#findNextEnd();
      }
      if (this.#count === 0) return;
      this.#forward();
      this.#keepLowest();
      this.#losses();
      this.#closeWhere((j) => {
        const isLost = Number.isNaN(this.#totals[j] as number);
        if (isLost) memory[stopped + j] = step + 1;
        return isLost;
      });
      this.#backward();
      this.#move();
    }
    this.#closeWhere(() => true);
  }

  #findNextEnd(): void {
    this.#nextEnd = Number.POSITIVE_INFINITY;
    for (let j = 0; j < this.#count; j++) this.#nextEnd = Math.min(this.#nextEnd, this.#ends[j] as number);
  }

  /** How far the chosen answers have been down, as a mean over pairs. */
  #keepLowest(): void {
    const { width } = this;
    const { pairs } = this.#shape;
    const { logps, references, lowest } = this.#layout.memory;
    const memory = this.#memory;
    const to = lowest * width;
    for (let j = 0; j < this.#count; j++) {
      let change = 0;
      for (let pair = 0; pair < pairs; pair++)
        change += (memory[(logps + pair) * width + j] as number) - (memory[(references + pair) * width + j] as number);
      if (change / pairs < (memory[to + j] as number)) memory[to + j] = change / pairs;
    }
  }

  measure(metrics: Float64Array): void {
    this.#forward();
    this.#losses();
    for (let j = 0; j < this.#count; j++) this.#measureRun(j, metrics);
  }

  #measureRun(j: number, metrics: Float64Array): void {
    const { width } = this;
    const { pairs, columns, rewarded, hidden } = this.#shape;
    const { memory: at, plan, numbers } = this.#layout;
    const memory = this.#memory;
    const of = (element: number): number => memory[element * width + j] as number;
    const loss = this.#totals[j] as number;
    let [chosenChange, rejectedChange, margin, topProb, entropy, divergence, firstGainer] = [0, 0, 0, 0, 0, 0, columns];
    let [reward, ches] = [0, 0];
    for (let pair = 0; pair < pairs; pair++) {
      const [chosen, rejected] = [of(at.logps + pair), of(at.logps + pairs + pair)];
      chosenChange += chosen - of(at.references + pair);
      rejectedChange += rejected - of(at.references + pairs + pair);
      margin += chosen - rejected;
      const focus = this.#planTable + plan.table.focus + 3 * pair;
      const row = this.#plan[focus] as number;
      const [peak, logTotal] = [of(at.stats + 2 * row), of(at.stats + 2 * row + 1)];
      for (let v = 0; v < columns; v++) this.#row[v] = this.#logit(row, v, this.#reference, j);
      const [peakBefore, logTotalBefore] = rowStats(this.#row, 0, columns);
      let [gainer, gain, gainerProb] = [columns, 0, 0];
      for (let v = 0; v < columns; v++) {
        const logp = (this.#logits[(row * columns + v) * width + j] as number) - peak - logTotal;
        const before = (this.#row[v] as number) - peakBefore - logTotalBefore;
        const p = Math.exp(logp);
        if (p > 0) {
          entropy -= p * logp;
          divergence += p * (logp - before);
        }
        if (rewarded) reward += p * (this.#numbers[numbers.rewards + row * columns + v] as number);
        if (v === this.#plan[focus + 1] || v === this.#plan[focus + 2]) continue;
        const gained = p - Math.exp(before);
        if (gainer === columns || gained > gain) [gainer, gain, gainerProb] = [v, gained, p];
      }
      topProb += gainerProb;
      if (hidden) ches += this.#hiddenSimilarity(pair, j);
      if (pair === 0) firstGainer = gainer;
    }
    const ended = Number.isFinite(loss) && of(at.clock + 2) === 0 && Number.isFinite(margin);
    const values: Record<MetricRow, number> = {
      chosenLogpChange: chosenChange / pairs,
      lowestChosenLogpChange: Math.min(of(at.lowest), chosenChange / pairs),
      rejectedLogpChange: rejectedChange / pairs,
      margin: margin / pairs,
      loss,
      topGainerProb: topProb / pairs,
      entropy: entropy / pairs,
      klToReference: divergence / pairs,
      expectedReward: rewarded ? reward / pairs : Number.NaN,
      ches: hidden ? ches / pairs : Number.NaN,
      topGainer: firstGainer,
      diverged: ended ? 0 : 1,
    };
    for (const [index, name] of metricRows.entries())
      metrics[index * this.#task.runs + (this.#runs[j] as number)] =
        ended || name === 'topGainer' || name === 'diverged' ? values[name] : Number.NaN;
  }

  /** ⟨s_w, s_l⟩ - ‖s_w‖² of a pair, as ⟨s_w, s_l - s_w⟩ */
  #hiddenSimilarity(pair: number, j: number): number {
    const { dimensions, pairs } = this.#shape;
    let total = 0;
    for (let k = 0; k < dimensions; k++) {
      const chosen = this.#hiddenSum(pair, k, j);
      total += chosen * (this.#hiddenSum(pairs + pair, k, j) - chosen);
    }
    return total;
  }

  #hiddenSum(sequence: number, k: number, j: number): number {
    const { positions, dimensions } = this.#shape;
    const { plan, memory } = this.#layout;
    let total = 0;
    for (let t = 0; t < (this.#plan[this.#planTable + plan.table.lengths + sequence] as number); t++) {
      const row = this.#plan[this.#planTable + plan.table.positionRows + sequence * positions + t] as number;
      const context = this.#plan[plan.rowContexts + row] as number;
      total += this.#memory[(memory.theta + context * dimensions + k) * this.width + j] as number;
    }
    return total;
  }

  /** Run j's logit by `parameters` [parameters][width]. */
  #logit(row: number, v: number, parameters: Float64Array, j: number): number {
    const { width } = this;
    const { parameterisation, columns, dimensions, offsetRows } = this.#shape;
    const context = this.#plan[this.#layout.plan.rowContexts + row] as number;
    let x = 0;
    if (parameterisation === 'table') x = parameters[(context * columns + v) * width + j] as number;
    else
      for (let k = 0; k < dimensions; k++)
        x +=
          (parameters[(this.#unembedding + v * dimensions + k) * width + j] as number) *
          (parameters[(context * dimensions + k) * width + j] as number);
    return offsetRows === 0 ? x : x + this.#offset(row, v);
  }

  #offset(row: number, v: number): number {
    return this.#numbers[(this.#plan[this.#layout.plan.rowOffsets + row] as number) * this.#shape.columns + v] as number;
  }

  #forward(): void {
    const { rows } = this.#shape;
    for (let row = 0; row < rows; row++) {
      this.#logitsOf(row);
      this.#statsOf(row);
    }
    this.#logps();
  }

  #logitsOf(row: number): void {
    const { width } = this;
    const count = this.#count;
    const { parameterisation, columns, dimensions, offsetRows } = this.#shape;
    const [memory, logits] = [this.#memory, this.#logits];
    const theta = this.#layout.memory.theta * width;
    const context = this.#plan[this.#layout.plan.rowContexts + row] as number;
    for (let v = 0; v < columns; v++) {
      const to = (row * columns + v) * width;
      const offset = offsetRows === 0 ? 0 : this.#offset(row, v);
      if (parameterisation === 'table') {
        const from = theta + (context * columns + v) * width;
        if (offsetRows === 0) for (let j = 0; j < count; j++) logits[to + j] = memory[from + j] as number;
        else for (let j = 0; j < count; j++) logits[to + j] = (memory[from + j] as number) + offset;
        continue;
      }
      const w = theta + (this.#unembedding + v * dimensions) * width;
      const h = theta + context * dimensions * width;
      const size = dimensions * width;
      for (let j = 0; j < count; j++) {
        let total = 0;
        for (let k = j; k < size; k += width) total += (memory[w + k] as number) * (memory[h + k] as number);
        logits[to + j] = offsetRows === 0 ? total : total + offset;
      }
    }
  }

  /** As `rowStats`; the powers are kept. */
  #statsOf(row: number): void {
    const { width } = this;
    const count = this.#count;
    const { columns } = this.#shape;
    const [memory, logits, powers] = [this.#memory, this.#logits, this.#powers];
    const first = row * columns * width;
    const end = first + columns * width;
    const to = (this.#layout.memory.stats + 2 * row) * width;
    for (let j = 0; j < count; j++) {
      let peak = Number.NEGATIVE_INFINITY;
      let peakAt = -1;
      let isDefined = true;
      for (let i = first + j; i < end; i += width) {
        const x = logits[i] as number;
        isDefined &&= x < Number.POSITIVE_INFINITY; // NaN neither
        if (x > peak) {
          peak = x;
          peakAt = i;
        }
      }
      if (!isDefined || peakAt < 0) {
        memory[to + j] = memory[to + width + j] = Number.NaN;
        continue;
      }
      let rest = 0;
      for (let i = first + j; i < end; i += width) {
        const power = i === peakAt ? 1 : Math.exp((logits[i] as number) - peak);
        powers[i] = power;
        if (i !== peakAt) rest += power;
      }
      memory[to + j] = peak;
      memory[to + width + j] = Math.log1p(rest);
    }
  }

  #logps(): void {
    const { width } = this;
    const count = this.#count;
    const { columns, pairs, positions } = this.#shape;
    const { memory: at, plan } = this.#layout;
    const [memory, logits] = [this.#memory, this.#logits];
    memory.fill(0, at.logps * width, (at.logps + 2 * pairs) * width);
    for (let sequence = 0; sequence < 2 * pairs; sequence++) {
      const to = (at.logps + sequence) * width;
      const length = this.#plan[this.#planTable + plan.table.lengths + sequence] as number;
      for (let t = 0; t < length; t++) {
        const position = this.#planTable + sequence * positions + t;
        const row = this.#plan[position + plan.table.positionRows] as number;
        const stats = (at.stats + 2 * row) * width;
        const from = (row * columns + (this.#plan[position + plan.table.positionTokens] as number)) * width;
        for (let j = 0; j < count; j++)
          memory[to + j] =
            (memory[to + j] as number) +
            ((logits[from + j] as number) - (memory[stats + j] as number) - (memory[stats + width + j] as number));
      }
    }
  }

  /** The mean losses of the runs, NaN where one of a run's slopes is not finite; their slopes. */
  #losses(): void {
    const { width } = this;
    const count = this.#count;
    const { pairs, inputs, chosenReferences, rejectedReferences } = this.#shape;
    const { memory: at, numbers } = this.#layout;
    const [memory, totals] = [this.#memory, this.#totals];
    const { given, loss, byChosen, byRejected } = this.#objective;
    const copy = (row: number, from: number) => {
      for (let j = 0; j < count; j++) given[row * width + j] = memory[from * width + j] as number;
    };
    totals.fill(0);
    for (let pair = 0; pair < pairs; pair++) {
      copy(0, at.logps + pair);
      copy(1, at.logps + pairs + pair);
      for (let i = 0; i < inputs; i++) {
        const bit = 1 << i;
        if (chosenReferences & bit) copy(2 + i, at.references + pair);
        else if (rejectedReferences & bit) copy(2 + i, at.references + pairs + pair);
        else
          given.fill(
            this.#numbers[this.#numberTable + numbers.table.inputs + pair * inputs + i] as number,
            (2 + i) * width,
            (2 + i) * width + count,
          );
      }
      this.#objective.evaluate(count);
      const weight = this.#numbers[this.#numberTable + numbers.table.weights + pair] as number;
      const share = weight / pairs;
      const [ofChosen, ofRejected] = [(at.slopes + pair) * width, (at.slopes + pairs + pair) * width];
      for (let j = 0; j < count; j++) {
        const [chosen, rejected] = [byChosen[j] as number, byRejected[j] as number];
        memory[ofChosen + j] = chosen * share;
        memory[ofRejected + j] = rejected * share;
        const isDefined = Number.isFinite(chosen) && Number.isFinite(rejected);
        totals[j] = isDefined ? (totals[j] as number) + (loss[j] as number) * weight : Number.NaN;
      }
    }
    for (let j = 0; j < count; j++) totals[j] = (totals[j] as number) / pairs;
  }

  #backward(): void {
    const { width } = this;
    const { contexts, positions } = this.#shape;
    const { memory: at, plan, parameters } = this.#layout;
    this.#memory.fill(0, at.gradient * width, (at.gradient + parameters) * width);
    let knownRow = -1;
    const offsets = this.#planTable + plan.table.memberOffsets;
    for (let context = 0; context < contexts; context++) {
      for (let m = this.#plan[offsets + context] as number; m < (this.#plan[offsets + context + 1] as number); m++) {
        const position = this.#plan[this.#planTable + plan.table.members + m] as number;
        const row = this.#plan[this.#planTable + plan.table.positionRows + position] as number;
        const token = this.#plan[this.#planTable + plan.table.positionTokens + position] as number;
        if (row !== knownRow) this.#probabilities(row);
        knownRow = row;
        this.#accumulate(context, row, token, Math.floor(position / positions));
      }
    }
  }

  #probabilities(row: number): void {
    const { width } = this;
    const count = this.#count;
    const { columns } = this.#shape;
    const { memory: at } = this.#layout;
    const [memory, powers] = [this.#memory, this.#powers];
    const logTotals = (at.stats + 2 * row + 1) * width;
    const first = row * columns * width;
    const size = columns * width;
    const to = at.probabilities * width;
    for (let j = 0; j < count; j++) {
      const scale = Math.exp(-(memory[logTotals + j] as number));
      for (let v = j; v < size; v += width) memory[to + v] = (powers[first + v] as number) * scale;
    }
  }

  /** Adds -slope · (p - 1[token]) of one position to the gradient. */
  #accumulate(context: number, row: number, token: number, sequence: number): void {
    const { width } = this;
    const count = this.#count;
    const { parameterisation, columns, dimensions, firstTrained, secondTrained } = this.#shape;
    const { memory: at } = this.#layout;
    const [memory, descent, pull, ofToken] = [this.#memory, this.#descent, this.#pull, this.#ofToken];
    const [theta, gradient] = [at.theta * width, at.gradient * width];
    const slopes = (at.slopes + sequence) * width;
    for (let j = 0; j < count; j++) descent[j] = -(memory[slopes + j] as number);
    this.#beyondOne(row, token);
    for (let v = 0; v < columns; v++) {
      const [values, from] = v === token ? [ofToken, 0] : [memory, (at.probabilities + v) * width];
      if (parameterisation === 'table') {
        addProducts(memory, gradient + (context * columns + v) * width, descent, values, from, count);
        continue;
      }
      for (let j = 0; j < count; j++) pull[j] = (descent[j] as number) * (values[from + j] as number);
      for (let k = 0; k < dimensions; k++) {
        const h = (context * dimensions + k) * width;
        const w = (this.#unembedding + v * dimensions + k) * width;
        if (firstTrained) addProducts(memory, gradient + h, pull, memory, theta + w, count);
        if (secondTrained) addProducts(memory, gradient + w, pull, memory, theta + h, count);
      }
    }
  }

  /** p - 1 of a position's own token, without cancellation. */
  #beyondOne(row: number, token: number): void {
    const { width } = this;
    const [memory, logits, ofToken] = [this.#memory, this.#logits, this.#ofToken];
    const stats = (this.#layout.memory.stats + 2 * row) * width;
    const from = (row * this.#shape.columns + token) * width;
    for (let j = 0; j < this.#count; j++)
      ofToken[j] = Math.expm1((logits[from + j] as number) - (memory[stats + j] as number) - (memory[stats + width + j] as number));
  }

  #move(): void {
    const { width } = this;
    const count = this.#count;
    const { memory: at, parameters } = this.#layout;
    const { firstTrained, secondTrained } = this.#shape;
    const memory = this.#memory;
    const { corrections1, corrections2, beta1, beta2 } = this.#update;
    const [first, second] = [at.clock * width, (at.clock + 1) * width];
    for (let j = 0; j < count; j++) {
      memory[first + j] = corrections1[j] = nextCorrection(memory[first + j] as number, beta1[j] as number);
      memory[second + j] = corrections2[j] = nextCorrection(memory[second + j] as number, beta2[j] as number);
    }
    const [from, to] = [firstTrained ? 0 : this.#unembedding, secondTrained ? parameters : this.#unembedding];
    const { gradient, theta, first: slot1, second: slot2 } = this.#regions;
    updateBlock(this.#update, count, from, to, gradient, theta, slot1, slot2);
  }
}

/** memory[to…] += factors · values[from…] */
function addProducts(memory: Float64Array, to: number, factors: Float64Array, values: Float64Array, from: number, count: number): void {
  for (let j = 0; j < count; j++) memory[to + j] = (memory[to + j] as number) + (factors[j] as number) * (values[from + j] as number);
}

/** Calls `act` with blocks of the runs, each of runs that share a table of pairs. */
function inBlocks(task: EnsembleTask, act: (block: RunBlock) => void): void {
  const settings = floats(task.settings);
  const tables = new Map<number, number[]>();
  const tableRow = settingRows.indexOf('table') * task.runs;
  for (let run = 0; run < task.runs; run++) {
    const table = settings[tableRow + run] as number;
    const runs = tables.get(table);
    if (runs) runs.push(run);
    else tables.set(table, [run]);
  }
  for (const [table, runs] of tables) {
    const block = new RunBlock(task, table);
    for (let at = 0; at < runs.length; at += block.width) {
      block.open(runs.slice(at, at + block.width));
      act(block);
    }
  }
}

/** Twin of `ensemble_train` in shaders/ensemble_train.wgsl. */
export const ensembleTrain: FurtherKernels['ensembleTrain'] = (task) =>
  inBlocks(task, (block) => block.train(task.firstStep, task.updates));

/** Twin of `ensemble_train_measure` in shaders/ensemble_train.wgsl. */
export const ensembleMeasure: FurtherKernels['ensembleMeasure'] = (task) => {
  const metrics = floats(task.metrics);
  inBlocks(task, (block) => block.measure(metrics));
};
