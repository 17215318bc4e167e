import type { Backend } from '../../backend/backend.ts';
import type { Pair } from '../../core/experiment.ts';
import type { Optimizer } from '../../core/optimizer.ts';
import type { CompiledObjective } from '../../objectives/compile.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';
import { Ensemble, EnsembleProgram, type EnsembleRun, ensembleCapacity, flatParameters, type SideBySide } from '../sweep/ensemble.ts';
import { type Pace, trainInSlices } from '../sweep/pace.ts';

/** What of a run is needed to train it beside others. */
export interface Packable extends Pick<EnsembleRun, 'settings' | 'steps' | 'objectiveParameters'> {
  /** runs with equal keys can share a program: their policies have one shape, their objectives one form, their pairs one number */
  readonly key: string;
  readonly definition: PolicyDefinition;
  /** the same list for all runs that share it */
  readonly pairs: readonly Pair[];
  readonly optimizer: Optimizer;
  objective(): CompiledObjective;
  /** [prompts, K] true rewards of the outcomes, where the ensemble is asked for their mean */
  rewards?(): readonly (readonly number[])[] | undefined;
}

/** Runs that one program trains, by their place in a list. */
export interface Pack {
  readonly indices: readonly number[];
  /** what goes into an ensemble of each of them */
  readonly packables: readonly Packable[];
  /** the most updates that one of them takes */
  readonly steps: number;
  readonly tableOf: ReadonlyMap<readonly Pair[], number>;
}

/** What can share a program, in the order of first members; those without a `Packable` are left out. */
export function packsOf(indices: Iterable<number>, packableAt: (index: number) => Packable | null): Pack[] {
  type Growing = { indices: number[]; packables: Packable[]; steps: number; tableOf: Map<readonly Pair[], number> };
  const packs = new Map<string, Growing>();
  for (const index of indices) {
    const run = packableAt(index);
    if (!run) continue;
    const pack: Growing = packs.get(run.key) ?? { indices: [], packables: [], steps: 0, tableOf: new Map() };
    packs.set(run.key, pack);
    pack.indices.push(index);
    pack.packables.push(run);
    pack.steps = Math.max(pack.steps, run.steps);
    if (!pack.tableOf.has(run.pairs)) pack.tableOf.set(run.pairs, pack.tableOf.size);
  }
  return [...packs.values()];
}

/** How the training of packs goes on. */
export interface PackListener<T extends SideBySide> {
  /** between two slices; of the present runs' work as much is done as that of so many */
  breathe(done: number): Promise<void>;
  /** the runs at these places have ended */
  take(indices: readonly number[], trained: T): Promise<void>;
}

function programOf({ packables, tableOf }: Pack): EnsembleProgram {
  const sample = packables[0] as Packable;
  return new EnsembleProgram(sample.definition, [...tableOf.keys()], sample.objective(), sample.optimizer, sample.rewards?.());
}

/** Compiles what packs need, beside other work. */
export async function preparePacks(backend: Backend, packs: readonly Pack[]): Promise<void> {
  const kernels = await backend.further();
  await Promise.all(packs.map((pack) => kernels.prepareEnsemble(programOf(pack))));
}

/** Trains a pack in ensembles that are as large as the time of a chunk and the adapter's limits allow. */
export async function trainPack(backend: Backend, pack: Pack, pace: Pace, listener: PackListener<Ensemble>): Promise<void> {
  const { tableOf } = pack;
  const kernels = await backend.further();
  const program = programOf(pack);
  const capacity = ensembleCapacity(program, backend);
  await kernels.prepareEnsemble(program);
  const starts = new Map<PolicyDefinition, Float64Array>();
  const startOf = (definition: PolicyDefinition): Float64Array => {
    const start = starts.get(definition) ?? flatParameters(definition);
    starts.set(definition, start);
    return start;
  };
  const memberOf = ({ definition, pairs, settings, steps, objectiveParameters }: Packable): EnsembleRun => ({
    ...{ table: tableOf.get(pairs) ?? 0, initial: startOf(definition), settings, steps, objectiveParameters },
  });
  await trainInChunks(backend, pack, pace, capacity, (runs) => new Ensemble(backend, kernels, program, runs.map(memberOf)), listener);
}

/** Trains a pack, `capacity` runs at most at once, which `open` takes up. */
export async function trainInChunks<T extends SideBySide>(
  backend: Backend,
  { indices, packables, steps }: Pack,
  pace: Pace,
  capacity: number,
  open: (runs: readonly Packable[]) => T,
  listener: PackListener<T>,
): Promise<void> {
  for (let at = 0; at < indices.length; ) {
    const chunk = indices.slice(at, at + pace.chunk(indices.length - at, capacity, steps));
    const trained = open(packables.slice(at, at + chunk.length));
    try {
      await trainInSlices(trained, backend, pace, () => listener.breathe((trained.runs * trained.step) / Math.max(1, trained.steps)));
      await listener.take(chunk, trained);
    } finally {
      trained.dispose();
    }
    at += chunk.length;
  }
}
