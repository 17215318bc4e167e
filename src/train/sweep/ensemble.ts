import type { Backend, EnsembleTask, FurtherKernels, Storage } from '../../backend/backend.ts';
import {
  type EnsembleLayout,
  type EnsembleShape,
  ensembleLayout,
  isPrivate,
  largestBlockPerRun,
  type MetricRow,
  metricRows,
  type SettingRow,
  settingRows,
} from '../../backend/ensemble-layout.ts';
import { DeviceLimitError, UnsupportedError } from '../../core/errors.ts';
import type { Pair, Parameters } from '../../core/experiment.ts';
import { largestOf } from '../../core/extremes.ts';
import type { Optimizer, UpdateSettings } from '../../core/optimizer.ts';
import type { CompiledObjective } from '../../objectives/compile.ts';
import type { PairConstant } from '../../objectives/inputs.ts';
import type { PolicyDefinition, Position } from '../../policies/policy.ts';
import { experimentColumns } from '../passes/experiment-columns.ts';
import { packPairInputs } from '../passes/pair-inputs.ts';

/** One run of an ensemble: what may differ from run to run. */
export interface EnsembleRun {
  /** which of the program's pair tables it trains on */
  table: number;
  /** all parameters, the policy's tensors one after the other */
  initial: Float64Array;
  settings: UpdateSettings;
  steps: number;
  /** in the program's order */
  objectiveParameters: readonly number[];
}

/** Runs that are trained side by side. */
export interface SideBySide {
  readonly runs: number;
  /** the most updates that one of them takes */
  readonly steps: number;
  /** updates done so far */
  readonly step: number;
  /** Enqueues `updates` more updates of every run, in one dispatch. */
  train(updates: number): void;
  /** What has come of each run. */
  ends(): Promise<RunEnd[]>;
  dispose(): void;
}

export interface RunEnd {
  /** all parameters, the policy's tensors one after the other */
  readonly parameters: Float32Array | Float64Array;
  readonly diverged: boolean;
}

/** The rows of settings [rows][runs] of runs side by side, each run's objective parameters after the rest. */
export function settingsOf(runs: readonly Omit<EnsembleRun, 'initial'>[], rows: number): Float64Array {
  const count = runs.length;
  const settings = new Float64Array(rows * count);
  for (const [run, { table, steps, settings: how, objectiveParameters }] of runs.entries()) {
    const { learningRate, weightDecay, momentum, epsilon } = how;
    const shrink = 1 - learningRate * weightDecay;
    const numbers = { table, steps, learningRate, shrink, momentum, complement1: 1 - how.beta1, complement2: 1 - how.beta2, epsilon };
    for (let row = 0; row < settingRows.length; row++) settings[row * count + run] = numbers[settingRows[row] as SettingRow];
    for (let i = 0; i < objectiveParameters.length; i++)
      settings[(settingRows.length + i) * count + run] = objectiveParameters[i] as number;
  }
  return settings;
}

/** Whether runs can be packed. Statistics of the batch, weighted tokens and normalised pairs need passes that an ensemble lacks. */
export const canPack = ({ statistics, ldAlpha }: Pick<CompiledObjective, 'statistics' | 'ldAlpha'>, optimizer: Optimizer): boolean =>
  !optimizer.normalisesPairs && statistics.length === 0 && ldAlpha === null;

/** Bit i: column i of the inputs bears one of the names. The reference of an ensemble is each run's start, and so is the previous iterate. */
export const columnBits = (inputs: readonly PairConstant[], names: readonly PairConstant[]): number =>
  inputs.reduce((bits, name, column) => (names.includes(name) ? bits | (1 << column) : bits), 0) >>> 0;

export const tokensOf = (response: number | readonly number[]): readonly number[] => (typeof response === 'number' ? [response] : response);

/** All parameters of a policy, one tensor after the other. */
export const flatParameters = ({ parameters }: PolicyDefinition): Float64Array => {
  const flat = new Float64Array(parameters.reduce((length, { values }) => length + values.length, 0));
  let at = 0;
  for (const { values } of parameters) {
    flat.set(values, at);
    at += values.length;
  }
  return flat;
};

/** What all runs of an ensemble share: policy, pair tables, objective and optimiser, laid out for the backend. */
export class EnsembleProgram {
  readonly shape: EnsembleShape;
  readonly layout: EnsembleLayout;
  readonly objective: CompiledObjective;
  readonly plan: Uint32Array;
  readonly numbers: Float64Array;

  /** The policy must have a fused form, and all `tables` the same number of pairs. `rewards` [prompts, K]: true rewards of a policy's outcomes. */
  constructor(
    policy: PolicyDefinition,
    tables: readonly (readonly Pair[])[],
    objective: CompiledObjective,
    optimizer: Optimizer,
    rewards?: readonly (readonly number[])[],
  ) {
    const { fused } = policy;
    if (!fused) throw new UnsupportedError('Runs of this policy cannot be trained side by side.');
    const sequences = tables.map((pairs) =>
      (['chosen', 'rejected'] as const).flatMap((side) => pairs.map((pair) => policy.positions(pair.prompt, tokensOf(pair[side])))),
    );
    const rows = new RowIndex(policy);
    for (const position of sequences.flat(2)) rows.of(position);
    const [first, second] = policy.parameters;
    this.objective = objective;
    this.shape = {
      parameterisation: fused.parameterisation,
      columns: policy.columns,
      contexts: policy.contexts,
      dimensions: fused.dimensions,
      firstTrained: first?.trained ?? false,
      secondTrained: second?.trained ?? false,
      rows: rows.list.length,
      offsetRows: policy.offsets ? policy.offsets.length / policy.columns : 0,
      pairs: tables[0]?.length ?? 0,
      positions: largestOf(sequences.flat().map(({ length }) => length)),
      inputs: objective.inputs.length,
      chosenReferences: columnBits(objective.inputs, ['ref_w', 'prev_w']),
      rejectedReferences: columnBits(objective.inputs, ['ref_l', 'prev_l']),
      objectiveParameters: objective.parameterNames.length,
      rewarded: rewards !== undefined && policy.response === 'outcome',
      hidden: policy.hidden !== null,
      rule: optimizer.rule,
      slots: optimizer.slots,
    };
    this.layout = ensembleLayout(this.shape);
    const { plan, numbers } = this.layout;
    this.plan = new Uint32Array(plan.tables + tables.length * plan.table.size);
    this.numbers = new Float64Array(Math.max(1, numbers.tables + tables.length * numbers.table.size));
    for (const [index, { context, offset }] of rows.list.entries()) {
      this.plan[plan.rowContexts + index] = context;
      this.plan[plan.rowOffsets + index] = offset;
    }
    this.numbers.set(policy.offsets ?? [], numbers.offsets);
    if (this.shape.rewarded)
      for (const [index, { context }] of rows.list.entries())
        this.numbers.set(
          rewards?.[context] ?? new Array<number>(policy.columns).fill(Number.NaN),
          numbers.rewards + index * policy.columns,
        );
    for (const [index, pairs] of tables.entries()) {
      this.#layOut(plan.tables + index * plan.table.size, sequences[index] ?? [], rows);
      const at = numbers.tables + index * numbers.table.size;
      for (const [pair, { weight = 1 }] of pairs.entries()) this.numbers[at + numbers.table.weights + pair] = weight;
      if (objective.inputs.length === 0) continue;
      const unknown = new Float64Array(pairs.length); // each run has reference log-probs of its own
      const { columns, missing } = experimentColumns({ pairs }, unknown, unknown);
      this.numbers.set(packPairInputs(pairs.length, objective, columns, missing), at + numbers.table.inputs);
    }
  }

  /** Numbers that one run takes in the largest block of an ensemble. */
  get perRun(): number {
    return largestBlockPerRun(this.layout);
  }

  #layOut(at: number, sequences: readonly (readonly Position[])[], rows: RowIndex): void {
    const { contexts, columns, pairs, positions } = this.shape;
    const { table } = this.layout.plan;
    const members: number[][] = Array.from({ length: contexts }, () => []);
    for (const [sequence, list] of sequences.entries()) {
      this.plan[at + table.lengths + sequence] = list.length;
      for (const [t, position] of list.entries()) {
        const index = sequence * positions + t;
        this.plan[at + table.positionRows + index] = rows.of(position);
        this.plan[at + table.positionTokens + index] = position.token;
      }
    }
    // pair after pair, as in a batch of one policy
    for (let pair = 0; pair < pairs; pair++)
      for (const sequence of [pair, pairs + pair])
        for (const [t, { context }] of (sequences[sequence] ?? []).entries()) members[context]?.push(sequence * positions + t);
    let count = 0;
    for (const [context, list] of members.entries()) {
      this.plan.set(list, at + table.members + count);
      count += list.length;
      this.plan[at + table.memberOffsets + context + 1] = count;
    }
    for (let pair = 0; pair < pairs; pair++) {
      const [chosen, rejected] = [sequences[pair] ?? [], sequences[pairs + pair] ?? []];
      const longest = chosen.length > rejected.length ? chosen : rejected;
      const parting = longest.findIndex((_, t) => chosen[t]?.token !== rejected[t]?.token);
      const focus = parting < 0 ? 0 : parting;
      const position = longest[focus];
      this.plan.set(
        [position ? rows.of(position) : 0, chosen[focus]?.token ?? columns, rejected[focus]?.token ?? columns],
        at + table.focus + 3 * pair,
      );
    }
  }
}

/** The distributions that a policy has: one for each context, or for each combination of context and offset that is read. */
class RowIndex {
  readonly list: { context: number; offset: number }[];
  readonly #index = new Map<string, number>();

  constructor({ contexts, offsets, prompts, response, positions }: PolicyDefinition) {
    this.list = [];
    if (response === 'outcome')
      for (let prompt = 0; prompt < prompts; prompt++) for (const position of positions(prompt, [0])) this.of(position);
    else if (!offsets) for (let context = 0; context < contexts; context++) this.of({ context, offset: 0 });
  }

  of({ context, offset }: { context: number; offset: number }): number {
    const key = `${context}/${offset}`;
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    this.#index.set(key, this.list.length);
    return this.list.push({ context, offset }) - 1;
  }
}

/** Most runs that one ensemble of `program` can hold on a backend. Throws a DeviceLimitError where not even one fits. */
export function ensembleCapacity(
  program: Pick<EnsembleProgram, 'perRun' | 'layout'>,
  { maxStorageLength }: Pick<Backend, 'maxStorageLength'>,
): number {
  const capacity = Math.floor(maxStorageLength / program.perRun);
  if (capacity < 1) {
    const { parameters } = program.layout;
    const fitting = Math.floor((parameters * maxStorageLength) / program.perRun);
    throw new DeviceLimitError(
      `One run of this sweep has ${parameters} parameters and keeps ${program.perRun} numbers, but this adapter binds at most ${maxStorageLength} in one buffer. About ${fitting} parameters would fit; use a smaller policy or fewer pairs, or the CPU engine.`,
    );
  }
  return capacity;
}

/** Runs trained side by side on a backend. */
export class Ensemble implements SideBySide {
  readonly runs: number;
  readonly steps: number;
  readonly #backend: Backend;
  readonly #kernels: FurtherKernels;
  readonly #program: EnsembleProgram;
  readonly #task: EnsembleTask;
  readonly #owned: Storage[] = [];
  #step = 0;

  constructor(backend: Backend, kernels: FurtherKernels, program: EnsembleProgram, runs: readonly EnsembleRun[]) {
    const { layout } = program;
    const count = runs.length;
    this.runs = count;
    this.steps = runs.reduce((most, { steps }) => Math.max(most, steps), 0);
    this.#backend = backend;
    this.#kernels = kernels;
    this.#program = program;
    const own = (storage: Storage) => {
      this.#owned.push(storage);
      return storage;
    };
    const initial = new Float64Array(layout.parameters * count);
    for (const [run, { initial: values }] of runs.entries())
      for (let i = 0; i < values.length; i++) initial[i * count + run] = values[i] ?? Number.NaN;
    this.#task = {
      shape: program.shape,
      runs: count,
      plan: own(backend.upload(program.plan)),
      numbers: own(backend.upload(program.numbers)),
      settings: own(backend.upload(settingsOf(runs, layout.settings))),
      initial: own(backend.upload(initial)),
      state: own(backend.allocate('float', (isPrivate(layout) ? layout.memory.persistent : layout.memory.size) * count)),
      objective: program.objective,
      updateSettingsOf: (run) => (runs[run] as EnsembleRun).settings,
    };
  }

  get step(): number {
    return this.#step;
  }

  train(updates: number): void {
    this.#kernels.ensembleTrain({ ...this.#task, firstStep: this.#step, updates });
    this.#step += updates;
  }

  /** Replaces the parameters of an ensemble of one run, which must have begun (`train(0)`). */
  replaceParameters(parameters: Parameters): void {
    let at = this.#program.layout.memory.theta;
    for (const values of Object.values(parameters)) {
      const tensor = this.#backend.upload(Float64Array.from(values));
      this.#backend.copy(tensor, this.#task.state, at);
      tensor.dispose();
      at += values.length;
    }
  }

  /** What is known of every run at its present state. */
  async measure(): Promise<Record<MetricRow, Float32Array | Float64Array>> {
    const metrics = this.#backend.allocate('float', metricRows.length * this.runs);
    try {
      this.#kernels.ensembleMeasure({ ...this.#task, metrics });
      const values = await this.#backend.read(metrics);
      const rows = metricRows.map((name, row) => [name, values.subarray(row * this.runs, (row + 1) * this.runs)] as const);
      return Object.fromEntries(rows) as Record<MetricRow, Float32Array | Float64Array>;
    } finally {
      metrics.dispose();
    }
  }

  /** [parameters][runs] */
  async parameters(): Promise<Float32Array | Float64Array> {
    const { theta } = this.#program.layout.memory;
    const state = await this.#backend.read(this.#task.state);
    return state.slice(theta * this.runs, (theta + this.#program.layout.parameters) * this.runs);
  }

  async ends(): Promise<RunEnd[]> {
    const { diverged } = await this.measure();
    const parameters = await this.parameters();
    const length = parameters.length / this.runs;
    return Array.from({ length: this.runs }, (_, run) => ({
      parameters: parameters.slice(0, length).map((__, i) => parameters[i * this.runs + run] as number),
      diverged: diverged[run] === 1,
    }));
  }

  dispose(): void {
    for (const storage of this.#owned) storage.dispose();
  }
}
