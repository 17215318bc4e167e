import { nextCorrection } from '../../core/optimizer.ts';
import type { ObjectiveBlock } from '../../objectives/compile.ts';
import type { EnsembleTask, FurtherKernels, Storage } from '../backend.ts';
import { type EnsembleLayout, type EnsembleShape, ensembleLayout, type MetricRow, metricRows, settingRows } from '../ensemble-layout.ts';
import { BlockSettings, updateBlock } from './optimizer_step.ts';
import { rowStats } from './row_stats.ts';
import { floats, indices } from './storage.ts';

/** Numbers of a block at most, so that it stays in a core's near cache. */
const blockSize = 8192;
const mostRuns = 64;

/** One position of a response: where its row stands in a block, and what its token is. */
interface Place {
  /** of the response among all: pair, or pairs + pair */
  readonly sequence: number;
  readonly context: number;
  readonly token: number;
  /** where the row's logits, (peak, log-total), powers and their scale begin in the block: see `softmaxRow` */
  readonly logits: number;
  readonly stats: number;
  readonly powers: number;
  readonly scale: number;
}

/**
 * Runs of an ensemble that share a table of pairs, side by side: rows [width], one run a column, all in one array. What each run computes
 * is what shaders/ensemble_train.wgsl does, in the order of its lines, so that a run has the same bits alone and among others; several
 * lines go through the columns together, since a pass costs about as much as what it computes.
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
  /**
   * [rows][width]: the memory, then what is named by `#at`. In the memory the slopes stand with the other sign, as a descent takes them.
   */
  readonly #block: Float64Array;
  /**
   * where parts of the block begin: the reference's parameters, logits and powers [rows, columns], the powers' scales [rows], and the
   * gradients by the logits [2, columns] of two positions
   */
  readonly #at: Record<'reference' | 'logits' | 'powers' | 'scales' | 'pull', number>;
  /** parts of the memory, [parameters][width] each */
  readonly #regions: Record<'gradient' | 'theta' | 'first' | 'second', Float64Array>;
  readonly #row: Float64Array;
  readonly #totals: Float64Array;
  readonly #ends: Float64Array;
  /** the first of the ends */
  #nextEnd = Number.POSITIVE_INFINITY;
  readonly #runs: Int32Array;
  readonly #objective: ObjectiveBlock;
  /** the pair whose constants the objective was given last; -1: none */
  #givenPair = -1;
  readonly #update: BlockSettings;
  /** where the unembedding begins */
  readonly #unembedding: number;
  readonly #planTable: number;
  readonly #numberTable: number;
  /** the responses' positions, and those that read each context */
  readonly #sequences: readonly (readonly Place[])[];
  readonly #members: readonly (readonly Place[])[];
  /** columns in use: those of runs that go on */
  #count = 0;

  /** `runs`: how many there are at most */
  constructor(task: EnsembleTask, table: number, runs: number) {
    const { shape } = task;
    const layout = ensembleLayout(shape);
    const { plan, numbers, memory, parameters } = layout;
    const logits = shape.rows * shape.columns;
    const isTable = shape.parameterisation === 'table';
    const parts = [memory.size, parameters, logits, logits, shape.rows, isTable ? 0 : 2 * shape.columns] as const;
    const rows = parts.reduce((sum, part) => sum + part);
    const width = Math.max(1, Math.min(runs, mostRuns, Math.floor(blockSize / rows)));
    const begins = parts.map((_, part) => parts.slice(0, part).reduce((sum, rows) => sum + rows, 0) * width);
    const [, reference = 0, logitsAt = 0, powers = 0, scales = 0, pull = 0] = begins;
    this.width = width;
    this.#task = task;
    this.#shape = shape;
    this.#layout = layout;
    this.#plan = indices(task.plan);
    this.#numbers = floats(task.numbers);
    this.#settings = floats(task.settings);
    this.#initial = floats(task.initial);
    this.#state = floats(task.state);
    this.#block = new Float64Array(rows * width);
    this.#at = { reference, logits: logitsAt, powers, scales, pull };
    const region = (begin: number) => this.#block.subarray(begin * width, (begin + parameters) * width);
    this.#regions = {
      gradient: region(memory.gradient),
      theta: region(memory.theta),
      first: region(memory.first),
      second: region(memory.second),
    };
    this.#row = new Float64Array(shape.columns);
    this.#totals = new Float64Array(width);
    this.#ends = new Float64Array(width);
    this.#runs = new Int32Array(width);
    this.#objective = task.objective.block(width);
    this.#update = new BlockSettings(shape.rule, width);
    this.#unembedding = isTable ? parameters : shape.contexts * shape.dimensions;
    this.#planTable = plan.tables + table * plan.table.size;
    this.#numberTable = numbers.tables + table * numbers.table.size;
    this.#sequences = Array.from({ length: 2 * shape.pairs }, (_, sequence) => {
      const length = this.#plan[this.#planTable + plan.table.lengths + sequence] as number;
      return Array.from({ length }, (_, t) => this.#placeOf(sequence * shape.positions + t));
    });
    const offsets = this.#planTable + plan.table.memberOffsets;
    this.#members = Array.from({ length: shape.contexts }, (_, context) => {
      const [from, to] = [this.#plan[offsets + context] as number, this.#plan[offsets + context + 1] as number];
      const members = this.#plan.subarray(this.#planTable + plan.table.members + from, this.#planTable + plan.table.members + to);
      return Array.from(members, (position) => this.#placeOf(position));
    });
  }

  #placeOf(position: number): Place {
    const { width } = this;
    const { columns, positions } = this.#shape;
    const { plan, memory } = this.#layout;
    const row = this.#plan[this.#planTable + plan.table.positionRows + position] as number;
    return {
      sequence: Math.floor(position / positions),
      context: this.#plan[plan.rowContexts + row] as number,
      token: this.#plan[this.#planTable + plan.table.positionTokens + position] as number,
      logits: this.#logitsAt(row),
      stats: (memory.stats + 2 * row) * width,
      powers: this.#at.powers + row * columns * width,
      scale: this.#at.scales + row * width,
    };
  }

  /** Whether a table's parameters are its rows' logits. */
  get #isBare(): boolean {
    return this.#shape.parameterisation === 'table' && this.#shape.offsetRows === 0;
  }

  /** Where the logits of a row begin in the block. */
  #logitsAt(row: number): number {
    const { columns } = this.#shape;
    if (!this.#isBare) return this.#at.logits + row * columns * this.width;
    return (this.#layout.memory.theta + (this.#plan[this.#layout.plan.rowContexts + row] as number) * columns) * this.width;
  }

  /** Takes up to `width` runs in. */
  open(runs: readonly number[]): void {
    const { width } = this;
    const { memory: at, parameters } = this.#layout;
    const { inputs, objectiveParameters } = this.#shape;
    const all = this.#task.runs;
    const stepsRow = settingRows.indexOf('steps') * all;
    const { reference } = this.#at;
    this.#count = runs.length;
    this.#givenPair = -1;
    for (const [j, run] of runs.entries()) {
      this.#runs[j] = run;
      this.#ends[j] = this.#settings[stepsRow + run] as number;
      this.#update.set(j, this.#task.updateSettingsOf(run));
      for (let p = 0; p < objectiveParameters; p++)
        this.#objective.given[(2 + inputs + p) * width + j] = this.#settings[(settingRows.length + p) * all + run] as number;
      for (let i = 0; i < at.persistent; i++) this.#block[i * width + j] = this.#state[i * all + run] as number;
      for (let i = 0; i < parameters; i++) this.#block[reference + i * width + j] = this.#initial[i * all + run] as number;
    }
  }

  /** A run has come to its end: its state is kept, and the last column takes its place. */
  #close(j: number): void {
    const { width } = this;
    const { memory: at } = this.#layout;
    const all = this.#task.runs;
    const run = this.#runs[j] as number;
    for (let i = 0; i < at.persistent; i++) this.#state[i * all + run] = this.#block[i * width + j] as number;
    const last = --this.#count;
    if (j === last) return;
    for (const rows of [this.#block, this.#objective.given, this.#totals, this.#ends])
      for (let i = 0; i < rows.length; i += width) rows[i + j] = rows[i + last] as number;
    this.#runs[j] = this.#runs[last] as number;
    this.#update.move(last, j);
  }

  train(firstStep: number, updates: number): void {
    const { width } = this;
    const { memory: at } = this.#layout;
    const block = this.#block;
    if (firstStep === 0) {
      block.fill(0, 0, at.size * width);
      block.copyWithin(at.theta * width, this.#at.reference, this.#at.reference + this.#regions.theta.length);
      this.#forward();
      block.copyWithin(at.references * width, at.logps * width, (at.logps + 2 * this.#shape.pairs) * width);
    }
    const stopped = (at.clock + 2) * width;
    for (let j = this.#count - 1; j >= 0; j--) if (block[stopped + j] !== 0) this.#close(j);
    this.#closeEnded(firstStep);
    for (let step = firstStep; step < firstStep + updates; step++) {
      if (step >= this.#nextEnd) this.#closeEnded(step);
      if (this.#count === 0) return;
      this.#forward();
      this.#keepLowest();
      this.#slopes();
      this.#closeLost(step);
      this.#backward();
      this.#move();
    }
    while (this.#count > 0) this.#close(this.#count - 1);
  }

  /** Closes the runs that have no update left. */
  #closeEnded(step: number): void {
    for (let j = this.#count - 1; j >= 0; j--) if (step >= (this.#ends[j] as number)) this.#close(j);
    this.#nextEnd = Number.POSITIVE_INFINITY;
    for (let j = 0; j < this.#count; j++) this.#nextEnd = Math.min(this.#nextEnd, this.#ends[j] as number);
  }

  /** Closes the runs whose loss is no number, or whose slopes are not finite. */
  #closeLost(step: number): void {
    const stopped = (this.#layout.memory.clock + 2) * this.width;
    for (let j = this.#count - 1; j >= 0; j--)
      if (Number.isNaN(this.#totals[j] as number)) {
        this.#block[stopped + j] = step + 1;
        this.#close(j);
      }
  }

  /** How far the chosen answers have been down, as a mean over pairs. */
  #keepLowest(): void {
    const { width } = this;
    const { pairs } = this.#shape;
    const { logps, references, lowest } = this.#layout.memory;
    const block = this.#block;
    const to = lowest * width;
    for (let j = 0; j < this.#count; j++) {
      let change = 0;
      for (let pair = 0; pair < pairs; pair++)
        change += (block[(logps + pair) * width + j] as number) - (block[(references + pair) * width + j] as number);
      if (change / pairs < (block[to + j] as number)) block[to + j] = change / pairs;
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
    const block = this.#block;
    const of = (element: number): number => block[element * width + j] as number;
    const loss = this.#totals[j] as number;
    let chosenChange = 0;
    let rejectedChange = 0;
    let margin = 0;
    let topProb = 0;
    let entropy = 0;
    let divergence = 0;
    let reward = 0;
    let ches = 0;
    let firstGainer = columns;
    for (let pair = 0; pair < pairs; pair++) {
      const chosen = of(at.logps + pair);
      const rejected = of(at.logps + pairs + pair);
      chosenChange += chosen - of(at.references + pair);
      rejectedChange += rejected - of(at.references + pairs + pair);
      margin += chosen - rejected;
      const focus = this.#planTable + plan.table.focus + 3 * pair;
      const row = this.#plan[focus] as number;
      const logits = this.#logitsAt(row);
      const peak = of(at.stats + 2 * row);
      const logTotal = of(at.stats + 2 * row + 1);
      for (let v = 0; v < columns; v++) this.#row[v] = this.#logit(row, v, this.#at.reference, j);
      const [peakBefore, logTotalBefore] = rowStats(this.#row, 0, columns);
      let gainer = columns;
      let gain = 0;
      let gainerProb = 0;
      for (let v = 0; v < columns; v++) {
        const logp = (block[logits + v * width + j] as number) - peak - logTotal;
        const before = (this.#row[v] as number) - peakBefore - logTotalBefore;
        const p = Math.exp(logp);
        if (p > 0) {
          entropy -= p * logp;
          divergence += p * (logp - before);
        }
        if (rewarded) reward += p * (this.#numbers[numbers.rewards + row * columns + v] as number);
        if (v === this.#plan[focus + 1] || v === this.#plan[focus + 2]) continue;
        const gained = p - Math.exp(before);
        if (gainer === columns || gained > gain) {
          gainer = v;
          gain = gained;
          gainerProb = p;
        }
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
      total += this.#block[(memory.theta + context * dimensions + k) * this.width + j] as number;
    }
    return total;
  }

  /** Run j's logit by the parameters [parameters][width] that begin at `parameters`. */
  #logit(row: number, v: number, parameters: number, j: number): number {
    const { width } = this;
    const { parameterisation, columns, dimensions, offsetRows } = this.#shape;
    const block = this.#block;
    const context = this.#plan[this.#layout.plan.rowContexts + row] as number;
    let x = 0;
    if (parameterisation === 'table') x = block[parameters + (context * columns + v) * width + j] as number;
    else
      for (let k = 0; k < dimensions; k++)
        x +=
          (block[parameters + (this.#unembedding + v * dimensions + k) * width + j] as number) *
          (block[parameters + (context * dimensions + k) * width + j] as number);
    return offsetRows === 0 ? x : x + this.#offset(row, v);
  }

  #offset(row: number, v: number): number {
    return this.#numbers[(this.#plan[this.#layout.plan.rowOffsets + row] as number) * this.#shape.columns + v] as number;
  }

  #forward(): void {
    const { width } = this;
    const count = this.#count;
    const { rows, columns } = this.#shape;
    const { stats } = this.#layout.memory;
    const { powers, scales } = this.#at;
    const size = columns * width;
    for (let row = 0; row < rows; row++) {
      if (!this.#isBare) this.#logitsOf(row);
      const to = powers + row * size;
      softmaxRow(this.#block, this.#logitsAt(row), to, scales + row * width, (stats + 2 * row) * width, size, width, count);
    }
    this.#logps();
  }

  #logitsOf(row: number): void {
    const { width } = this;
    const count = this.#count;
    const { parameterisation, columns, dimensions, offsetRows } = this.#shape;
    const block = this.#block;
    const theta = this.#layout.memory.theta * width;
    const context = this.#plan[this.#layout.plan.rowContexts + row] as number;
    for (let v = 0; v < columns; v++) {
      const to = this.#logitsAt(row) + v * width;
      if (parameterisation === 'table') {
        const from = theta + (context * columns + v) * width;
        for (let j = 0; j < count; j++) block[to + j] = block[from + j] as number;
      } else {
        const w = theta + (this.#unembedding + v * dimensions) * width;
        dotRows(block, to, w, theta + context * dimensions * width, dimensions * width, width, count);
      }
      if (offsetRows === 0) continue;
      const offset = this.#offset(row, v);
      for (let j = 0; j < count; j++) block[to + j] = (block[to + j] as number) + offset;
    }
  }

  #logps(): void {
    const { width } = this;
    const count = this.#count;
    const { logps } = this.#layout.memory;
    const block = this.#block;
    const sequences = this.#sequences;
    for (let sequence = 0; sequence < sequences.length; sequence++) {
      const places = sequences[sequence] as readonly Place[];
      const to = (logps + sequence) * width;
      if (places.length === 0) block.fill(0, to, to + count);
      for (let t = 0; t < places.length; t++) addLogps(block, to, places[t] as Place, width, count, t === 0);
    }
  }

  /** Gives the objective what it reads of a pair. Constants of the runs stay with it until another pair's are given. */
  #give(pair: number): void {
    const { width } = this;
    const count = this.#count;
    const { pairs, inputs, chosenReferences, rejectedReferences } = this.#shape;
    const { memory: at, numbers } = this.#layout;
    const block = this.#block;
    const { given } = this.#objective;
    const copy = (row: number, from: number) => {
      for (let j = 0; j < count; j++) given[row * width + j] = block[from * width + j] as number;
    };
    copy(0, at.logps + pair);
    copy(1, at.logps + pairs + pair);
    if (pair === this.#givenPair) return;
    this.#givenPair = pair;
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
  }

  #weightOf(pair: number): number {
    return this.#numbers[this.#numberTable + this.#layout.numbers.table.weights + pair] as number;
  }

  /** The mean losses of the runs. */
  #losses(): void {
    const count = this.#count;
    const { pairs } = this.#shape;
    const totals = this.#totals;
    totals.fill(0);
    for (let pair = 0; pair < pairs; pair++) {
      this.#give(pair);
      this.#objective.evaluate(count);
      this.#addLosses(this.#weightOf(pair));
    }
    for (let j = 0; j < count; j++) totals[j] = (totals[j] as number) / pairs;
  }

  /** Adds what the objective was evaluated to; NaN where one of a run's slopes is not finite. */
  #addLosses(weight: number): void {
    const { loss, byChosen, byRejected } = this.#objective;
    const totals = this.#totals;
    for (let j = 0; j < this.#count; j++) {
      const isDefined = Number.isFinite(byChosen[j] as number) && Number.isFinite(byRejected[j] as number);
      totals[j] = isDefined ? (totals[j] as number) + (loss[j] as number) * weight : Number.NaN;
    }
  }

  /** The slopes of the runs. Of their losses only whether they are numbers: NaN in the totals where not. */
  #slopes(): void {
    const count = this.#count;
    const { pairs } = this.#shape;
    const totals = this.#totals;
    const objective = this.#objective;
    totals.fill(0, 0, count);
    for (let pair = 0; pair < pairs; pair++) {
      this.#give(pair);
      const weight = this.#weightOf(pair);
      // such losses, weighted so, add up to a number
      const isNumber = Math.abs(weight) < 1e30 && objective.evaluateSlopes(count);
      if (!isNumber) {
        objective.evaluate(count);
        this.#addLosses(weight);
      }
      this.#keepSlopes(pair, isNumber ? objective.slopes : objective, weight / pairs);
    }
  }

  #keepSlopes(pair: number, { byChosen, byRejected }: Pick<ObjectiveBlock, 'byChosen' | 'byRejected'>, share: number): void {
    const { width } = this;
    const { pairs } = this.#shape;
    const { slopes } = this.#layout.memory;
    const [block, totals] = [this.#block, this.#totals];
    const [ofChosen, ofRejected] = [(slopes + pair) * width, (slopes + pairs + pair) * width];
    for (let j = 0; j < this.#count; j++) {
      const chosen = byChosen[j] as number;
      const rejected = byRejected[j] as number;
      block[ofChosen + j] = -(chosen * share);
      block[ofRejected + j] = -(rejected * share);
      if (!(Number.isFinite(chosen) && Number.isFinite(rejected))) totals[j] = Number.NaN;
    }
  }

  /** The gradient: the sum of -slope · (p - 1[token]) over the positions, two of them at a time. */
  #backward(): void {
    const { parameterisation, firstTrained, secondTrained } = this.#shape;
    const isTable = parameterisation === 'table';
    const allMembers = this.#members;
    let isFirst = true;
    for (let context = 0; context < allMembers.length; context++) {
      const members = allMembers[context] as readonly Place[];
      if (members.length === 0 && (isTable || firstTrained)) this.#clear(context);
      for (let m = 0; m < members.length; m += 2) {
        const one = members[m] as Place;
        const other = members[m + 1];
        if (isTable) this.#pullTable(context, one, other, m === 0);
        else this.#pullFeatures(context, one, other, m === 0, isFirst);
        isFirst = false;
      }
    }
    if (isFirst && !isTable && secondTrained) this.#regions.gradient.fill(0, this.#unembedding * this.width);
  }

  /** The gradient of a context that no pair reads. */
  #clear(context: number): void {
    const { parameterisation, columns, dimensions } = this.#shape;
    const size = (parameterisation === 'table' ? columns : dimensions) * this.width;
    this.#regions.gradient.fill(0, context * size, (context + 1) * size);
  }

  #pullTable(context: number, one: Place, other: Place | undefined, isFirst: boolean): void {
    const { width } = this;
    const count = this.#count;
    const { columns } = this.#shape;
    const { slopes, gradient } = this.#layout.memory;
    const block = this.#block;
    const size = columns * width;
    const to = gradient * width + context * size;
    const from = (slopes + one.sequence) * width;
    if (other?.powers === one.powers) {
      pullRowTwice(block, to, one, from, other.token, (slopes + other.sequence) * width, size, width, count, isFirst);
      return;
    }
    pullRow(block, to, one, from, size, width, count, isFirst);
    if (other) pullRow(block, to, other, (slopes + other.sequence) * width, size, width, count, false);
  }

  /** `isFirst`: of the context's positions; `isFirstOfAll`: of all. */
  #pullFeatures(context: number, one: Place, other: Place | undefined, isFirst: boolean, isFirstOfAll: boolean): void {
    const { width } = this;
    const count = this.#count;
    const { columns, dimensions, firstTrained, secondTrained } = this.#shape;
    const { slopes, gradient, theta } = this.#layout.memory;
    const block = this.#block;
    const { pull } = this.#at;
    const size = columns * width;
    pullRow(block, pull, one, (slopes + one.sequence) * width, size, width, count, true);
    if (other) pullRow(block, pull + size, other, (slopes + other.sequence) * width, size, width, count, true);
    for (let k = 0; k < dimensions; k++) {
      const h = (theta + context * dimensions + k) * width;
      const w = (theta + this.#unembedding + k) * width;
      const to = (gradient + context * dimensions + k) * width;
      if (firstTrained) {
        // one position after the other: their rows follow each other
        addDots(block, to, pull, size, w, dimensions * width, width, count, isFirst);
        if (other) addDots(block, to, pull + size, size, w, dimensions * width, width, count, false);
      }
      if (!secondTrained) continue;
      for (let v = 0; v < columns; v++) {
        const toW = (gradient + this.#unembedding + v * dimensions + k) * width;
        const pulled = pull + v * width;
        if (other) addTwoProducts(block, toW, pulled, pulled + size, h, count, isFirstOfAll);
        else addProduct(block, toW, pulled, h, count, isFirstOfAll);
      }
    }
  }

  #move(): void {
    const { width } = this;
    const count = this.#count;
    const { memory: at, parameters } = this.#layout;
    const { firstTrained, secondTrained, rule } = this.#shape;
    const block = this.#block;
    if (rule === 'adam') {
      const { corrections1, corrections2, beta1, beta2 } = this.#update;
      const [first, second] = [at.clock * width, (at.clock + 1) * width];
      for (let j = 0; j < count; j++) {
        block[first + j] = corrections1[j] = nextCorrection(block[first + j] as number, beta1[j] as number);
        block[second + j] = corrections2[j] = nextCorrection(block[second + j] as number, beta2[j] as number);
      }
    }
    const [from, to] = [firstTrained ? 0 : this.#unembedding, secondTrained ? parameters : this.#unembedding];
    const { gradient, theta, first: slot1, second: slot2 } = this.#regions;
    updateBlock(this.#update, count, from, to, gradient, theta, slot1, slot2);
  }
}

/**
 * As `rowStats` of a row of logits [size / width][width], for each column. Kept besides: e to each distance from the peak, and e to minus
 * the log-total, whose products are the probabilities.
 */
function softmaxRow(
  m: Float64Array,
  logits: number,
  powers: number,
  scale: number,
  stats: number,
  size: number,
  width: number,
  count: number,
): void {
  const beside = powers - logits;
  for (let j = 0; j < count; j++) {
    const first = logits + j;
    const end = first + size;
    let peak = Number.NEGATIVE_INFINITY;
    let peakAt = first;
    for (let i = first; i < end; i += width) {
      const x = m[i] as number;
      if (x > peak) {
        peak = x;
        peakAt = i;
      }
    }
    let rest = 0;
    for (let i = first; i < peakAt; i += width) {
      const power = Math.exp((m[i] as number) - peak);
      m[i + beside] = power;
      rest += power;
    }
    m[peakAt + beside] = 1;
    for (let i = peakAt + width; i < end; i += width) {
      const power = Math.exp((m[i] as number) - peak);
      m[i + beside] = power;
      rest += power;
    }
    // 0, or NaN for an infinite peak, of either sign: then there is no distribution. A NaN among the logits comes through to the sum.
    const logTotal = Math.log1p(rest) + (peak - peak);
    m[stats + j] = peak - 0 * logTotal;
    m[stats + width + j] = logTotal;
    m[scale + j] = Math.exp(-logTotal);
  }
}

/** m[to…] (+)= descent · (p - 1[token]) of a position, [size / width][width]; 1 - p of the token itself without cancellation. */
function pullRow(
  m: Float64Array,
  to: number,
  { powers, scale, logits, stats, token }: Place,
  descents: number,
  size: number,
  width: number,
  count: number,
  isFirst: boolean,
): void {
  const beside = powers - to;
  const atToken = token * width;
  for (let j = 0; j < count; j++) {
    const descent = m[descents + j] as number;
    const factor = m[scale + j] as number;
    const before = isFirst ? 0 : (m[to + atToken + j] as number);
    const beyond = (m[logits + atToken + j] as number) - (m[stats + j] as number) - (m[stats + width + j] as number);
    if (isFirst) for (let i = to + j; i < to + size; i += width) m[i] = 0 + descent * ((m[i + beside] as number) * factor);
    else for (let i = to + j; i < to + size; i += width) m[i] = (m[i] as number) + descent * ((m[i + beside] as number) * factor);
    m[to + atToken + j] = before + descent * Math.expm1(beyond);
  }
}

/** `pullRow` of a position, and then of another that reads the same row. */
function pullRowTwice(
  m: Float64Array,
  to: number,
  { powers, scale, logits, stats, token }: Place,
  descents: number,
  otherToken: number,
  otherDescents: number,
  size: number,
  width: number,
  count: number,
  isFirst: boolean,
): void {
  const beside = powers - to;
  const at = token * width;
  const otherAt = otherToken * width;
  for (let j = 0; j < count; j++) {
    const descent = m[descents + j] as number;
    const otherDescent = m[otherDescents + j] as number;
    const factor = m[scale + j] as number;
    const peak = m[stats + j] as number;
    const logTotal = m[stats + width + j] as number;
    const ofToken = Math.expm1((m[logits + at + j] as number) - peak - logTotal);
    const ofOther = Math.expm1((m[logits + otherAt + j] as number) - peak - logTotal);
    const before = isFirst ? 0 : (m[to + at + j] as number);
    const otherBefore = isFirst ? 0 : (m[to + otherAt + j] as number);
    if (isFirst)
      for (let i = to + j; i < to + size; i += width) {
        const p = (m[i + beside] as number) * factor;
        m[i] = 0 + descent * p + otherDescent * p;
      }
    else
      for (let i = to + j; i < to + size; i += width) {
        const p = (m[i + beside] as number) * factor;
        m[i] = (m[i] as number) + descent * p + otherDescent * p;
      }
    const p = (m[powers + at + j] as number) * factor;
    const otherP = (m[powers + otherAt + j] as number) * factor;
    const isSame = at === otherAt;
    m[to + at + j] = before + descent * ofToken + otherDescent * (isSame ? ofOther : p);
    if (!isSame) m[to + otherAt + j] = otherBefore + descent * otherP + otherDescent * ofOther;
  }
}

/** m[to…] = Σ m[a…] · m[b…] over rows `width` apart, `size` long. */
function dotRows(m: Float64Array, to: number, a: number, b: number, size: number, width: number, count: number): void {
  for (let j = 0; j < count; j++) {
    let total = 0;
    for (let k = j; k < size + j; k += width) total += (m[a + k] as number) * (m[b + k] as number);
    m[to + j] = total;
  }
}

/** m[to…] (+)= log-prob of the token of a position. */
function addLogps(m: Float64Array, to: number, { logits, stats, token }: Place, width: number, count: number, isFirst: boolean): void {
  const from = logits + token * width;
  const logTotals = stats + width;
  if (isFirst)
    for (let j = 0; j < count; j++) m[to + j] = 0 + ((m[from + j] as number) - (m[stats + j] as number) - (m[logTotals + j] as number));
  else
    for (let j = 0; j < count; j++)
      m[to + j] = (m[to + j] as number) + ((m[from + j] as number) - (m[stats + j] as number) - (m[logTotals + j] as number));
}

/** m[to…] (+)= m[a…] · m[b…] */
function addProduct(m: Float64Array, to: number, a: number, b: number, count: number, isFirst: boolean): void {
  if (isFirst) for (let j = 0; j < count; j++) m[to + j] = 0 + (m[a + j] as number) * (m[b + j] as number);
  else for (let j = 0; j < count; j++) m[to + j] = (m[to + j] as number) + (m[a + j] as number) * (m[b + j] as number);
}

/** m[to…] (+)= m[a…] · m[c…], then += m[b…] · m[c…] */
function addTwoProducts(m: Float64Array, to: number, a: number, b: number, c: number, count: number, isFirst: boolean): void {
  if (isFirst)
    for (let j = 0; j < count; j++) {
      const factor = m[c + j] as number;
      m[to + j] = 0 + (m[a + j] as number) * factor + (m[b + j] as number) * factor;
    }
  else
    for (let j = 0; j < count; j++) {
      const factor = m[c + j] as number;
      m[to + j] = (m[to + j] as number) + (m[a + j] as number) * factor + (m[b + j] as number) * factor;
    }
}

/** m[to…] (+)= Σ m[a…] · m[b…] over rows of `a` that are `width` apart, `size` long, and rows of `b` that are `stride` apart. */
function addDots(
  m: Float64Array,
  to: number,
  a: number,
  size: number,
  b: number,
  stride: number,
  width: number,
  count: number,
  isFirst: boolean,
): void {
  for (let j = 0; j < count; j++) {
    let total = isFirst ? 0 : (m[to + j] as number);
    for (let i = a + j, k = b + j; i < a + size; i += width, k += stride) total += (m[i] as number) * (m[k] as number);
    m[to + j] = total;
  }
}

/** Runs that share a table of pairs, and the block that takes them in. */
interface TableRuns {
  readonly block: RunBlock;
  readonly runs: readonly number[];
}

/** By an ensemble's state: blocks cost too much to be made for each dispatch of a few updates. */
const known = new WeakMap<Storage, readonly TableRuns[]>();

function tablesOf(task: EnsembleTask): readonly TableRuns[] {
  const made = known.get(task.state) ?? makeTables(task);
  known.set(task.state, made);
  return made;
}

function makeTables(task: EnsembleTask): TableRuns[] {
  const settings = floats(task.settings);
  const tables = new Map<number, number[]>();
  const tableRow = settingRows.indexOf('table') * task.runs;
  for (let run = 0; run < task.runs; run++) {
    const table = settings[tableRow + run] as number;
    const runs = tables.get(table);
    if (runs) runs.push(run);
    else tables.set(table, [run]);
  }
  return [...tables].map(([table, runs]) => ({ block: new RunBlock(task, table, runs.length), runs }));
}

/** Calls `act` with blocks of the runs, each of runs that share a table of pairs. */
function inBlocks(task: EnsembleTask, act: (block: RunBlock) => void): void {
  for (const { block, runs } of tablesOf(task))
    for (let at = 0; at < runs.length; at += block.width) {
      block.open(runs.slice(at, at + block.width));
      act(block);
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
