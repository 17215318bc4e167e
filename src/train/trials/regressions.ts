import type { Backend, FurtherKernels, RegressionsTask, Storage } from '../../backend/backend.ts';
import { type RegressionLayout, type RegressionShape, regressionLayout } from '../../backend/regression-layout.ts';
import type { Pair } from '../../core/experiment.ts';
import type { PolicyDefinition, RegressionForm } from '../../policies/policy.ts';
import { experimentColumns } from '../passes/experiment-columns.ts';
import { packPairInputs } from '../passes/pair-inputs.ts';
import { columnBits, flatParameters, type RunEnd, type SideBySide, settingsOf, tokensOf } from '../sweep/ensemble.ts';
import type { Pace } from '../sweep/pace.ts';
import { type Pack, type Packable, type PackListener, trainInChunks } from './pack.ts';

/** Numbers of all tables at most: each run may bring features of its own, and the host holds them twice. */
const mostNumbers = 2 ** 23;

/** A pack of regressions holds nothing else. */
const formOf = ({ regression }: PolicyDefinition): RegressionForm => regression as RegressionForm;

/** What runs of a pack have in common. */
export function regressionShape({ definition, pairs, optimizer, objective }: Packable): RegressionShape {
  const { inputs, parameterNames } = objective();
  const { contexts, parameters } = definition;
  return {
    columns: formOf(definition).values.length,
    contexts,
    dimensions: parameters[0]?.width ?? 0,
    pairs: pairs.length,
    inputs: inputs.length,
    chosenReferences: columnBits(inputs, ['ref_w', 'prev_w']),
    rejectedReferences: columnBits(inputs, ['ref_l', 'prev_l']),
    objectiveParameters: parameterNames.length,
    rule: optimizer.rule,
    slots: optimizer.slots,
  };
}

/** Most runs at once by a backend's limits; 0 where one alone does not fit. */
export function regressionCapacity({ state, plan, numbers, settings }: RegressionLayout, { maxStorageLength }: Backend): number {
  const room = Math.floor((maxStorageLength - numbers.tables) / Math.max(state.size, plan.size, numbers.table.size, settings));
  return Math.min(Math.max(0, room), Math.max(1, Math.floor(mostNumbers / numbers.table.size)));
}

/** Trains a pack of regressions, as many at once as time and limits allow. What does not fit at all is left, to be trained by itself. */
export async function trainRegressions(backend: Backend, pack: Pack, pace: Pace, listener: PackListener<Regressions>): Promise<void> {
  const sample = pack.packables[0] as Packable;
  const shape = regressionShape(sample);
  const capacity = regressionCapacity(regressionLayout(shape), backend);
  if (capacity === 0) return;
  const kernels = await backend.further();
  await kernels.prepareRegressions({ shape, objective: sample.objective() });
  await trainInChunks(backend, pack, pace, capacity, (runs) => new Regressions(backend, kernels, runs), listener);
}

/** What runs read: features and numbers of their policy, and pairs. */
interface Table {
  readonly pairs: readonly Pair[];
  readonly features: Float64Array;
  readonly shifts: Float64Array;
}

function isEqual(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The tables of runs, and which of them each run reads: equal ones are one. */
function tablesOf(runs: readonly Packable[]): { tables: Table[]; places: number[] } {
  const tables: Table[] = [];
  const places = runs.map(({ definition, pairs }) => {
    const form = formOf(definition);
    const [features, shifts] = [form.features(), form.shifts()];
    const known = tables.findIndex((table) => table.pairs === pairs && isEqual(table.shifts, shifts) && isEqual(table.features, features));
    return known < 0 ? tables.push({ pairs, features, shifts }) - 1 : known;
  });
  return { tables, places };
}

/** Regressions of one shape that are trained side by side, each on features and pairs of its own. */
export class Regressions implements SideBySide {
  readonly runs: number;
  readonly steps: number;
  readonly #backend: Backend;
  readonly #kernels: FurtherKernels;
  readonly #layout: RegressionLayout;
  readonly #task: RegressionsTask;
  readonly #owned: Storage[] = [];
  #step = 0;

  constructor(backend: Backend, kernels: FurtherKernels, runs: readonly Packable[]) {
    const sample = runs[0] as Packable;
    const shape = regressionShape(sample);
    const layout = regressionLayout(shape);
    const { tables, places } = tablesOf(runs);
    this.runs = runs.length;
    this.steps = runs.reduce((most, { steps }) => Math.max(most, steps), 0);
    this.#backend = backend;
    this.#kernels = kernels;
    this.#layout = layout;
    const own = (storage: Storage) => {
      this.#owned.push(storage);
      return storage;
    };
    const plan = new Uint32Array(layout.plan.size * tables.length);
    const numbers = new Float64Array(layout.numbers.tables + layout.numbers.table.size * tables.length);
    numbers.set(formOf(sample.definition).values);
    for (const [index, table] of tables.entries()) {
      layOutPlan(plan.subarray(index * layout.plan.size), table, sample.definition, layout);
      layOutNumbers(numbers.subarray(layout.numbers.tables + index * layout.numbers.table.size), table, sample, layout);
    }
    const members = runs.map((run, index) => ({ ...run, table: places[index] as number }));
    const initial = new Float64Array(shape.dimensions * runs.length);
    for (const [run, { definition }] of runs.entries()) initial.set(flatParameters(definition), run * shape.dimensions);
    this.#task = {
      shape,
      runs: runs.length,
      plan: own(backend.upload(plan)),
      numbers: own(backend.upload(numbers)),
      settings: own(backend.upload(settingsOf(members, layout.settings))),
      initial: own(backend.upload(initial)),
      state: own(backend.allocate('float', layout.state.size * runs.length)),
      objective: sample.objective(),
      updateSettingsOf: (run) => (runs[run] as Packable).settings,
    };
  }

  get step(): number {
    return this.#step;
  }

  train(updates: number): void {
    this.#kernels.regressionTrain({ ...this.#task, firstStep: this.#step, updates });
    this.#step += updates;
  }

  async ends(): Promise<RunEnd[]> {
    const outcomes = this.#backend.allocate('float', this.runs);
    try {
      this.#kernels.regressionOutcome({ ...this.#task, outcomes });
      const lost = await this.#backend.read(outcomes);
      const state = await this.#backend.read(this.#task.state);
      const { theta, size } = this.#layout.state;
      const { dimensions } = this.#task.shape;
      return Array.from(lost, (is, run) => ({
        parameters: state.slice(run * size + theta, run * size + theta + dimensions),
        diverged: is === 1,
      }));
    } finally {
      outcomes.dispose();
    }
  }

  dispose(): void {
    for (const storage of this.#owned) storage.dispose();
  }
}

/** What the responses of the pairs read, and the responses that read each context: pair after pair, as in a batch of one policy. */
function layOutPlan(to: Uint32Array, { pairs }: Table, { contexts, positions }: PolicyDefinition, { plan }: RegressionLayout): void {
  const members: number[][] = Array.from({ length: contexts }, () => []);
  for (const [pair, { prompt, chosen, rejected }] of pairs.entries())
    for (const [response, sequence] of [
      [chosen, pair],
      [rejected, pairs.length + pair],
    ] as const)
      for (const { context, token } of positions(prompt, tokensOf(response))) {
        to[plan.contexts + sequence] = context;
        to[plan.tokens + sequence] = token;
        members[context]?.push(sequence);
      }
  let count = 0;
  for (const [context, list] of members.entries()) {
    to.set(list, plan.members + count);
    count += list.length;
    to[plan.memberOffsets + context + 1] = count;
  }
}

function layOutNumbers(to: Float64Array, { pairs, features, shifts }: Table, { objective }: Packable, layout: RegressionLayout): void {
  const { table } = layout.numbers;
  const compiled = objective();
  to.set(features, table.features);
  to.set(shifts, table.shifts);
  for (const [pair, { weight = 1 }] of pairs.entries()) to[table.weights + pair] = weight;
  if (compiled.inputs.length === 0) return;
  const unknown = new Float64Array(pairs.length); // each run has reference log-probs of its own
  const { columns, missing } = experimentColumns({ pairs }, unknown, unknown);
  to.set(packPairInputs(pairs.length, compiled, columns, missing), table.inputs);
}
