import type { Backend, Storage } from '../../src/backend/backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { type Engine, type Experiment, openEngine, type Sweep } from '../../src/index.ts';
import { resolveObjective } from '../../src/objectives/resolve.ts';
import { packPairInputs } from '../../src/train/passes/pair-inputs.ts';
import type { Contestant, Prepared, Results } from './contestant.ts';
import {
  type EnsembleTask,
  type GradientsTask,
  isRuns,
  type LogpsTask,
  type PhaseMapTask,
  type RowTask,
  type RunsTask,
  type Side,
} from './tasks.ts';

/** Storages that are freed together. */
class Owner {
  readonly #backend: Backend;
  readonly #owned: Storage[] = [];
  constructor(backend: Backend) {
    this.#backend = backend;
  }
  upload(data: Float32Array | Float64Array | Uint32Array): Storage {
    const storage = this.#backend.upload(data);
    this.#owned.push(storage);
    return storage;
  }
  allocate(length: number): Storage {
    const storage = this.#backend.allocate('float', length, 'undefined');
    this.#owned.push(storage);
    return storage;
  }
  dispose(): void {
    for (const storage of this.#owned) storage.dispose();
  }
}

function prepareSide(owner: Owner, { sequences, positions, columns }: LogpsTask | GradientsTask, side: Side) {
  const rows = sequences * positions;
  const task = {
    sequences,
    positions,
    columns,
    logits: owner.upload(side.logits),
    tokens: owner.upload(Uint32Array.from(side.tokens)),
    mask: owner.upload(Uint32Array.from(side.mask)),
    stats: owner.allocate(2 * rows),
  };
  return { rows, task, logps: owner.allocate(sequences) };
}

function kernelCalls(backend: Backend, owner: Owner, task: RowTask): { enqueue(): void; outputs: Readonly<Record<string, Storage>> } {
  if (task.kernel === 'log_softmax') {
    const { rows, columns } = task;
    const [logits, logProbs] = [owner.upload(task.logits), owner.allocate(rows * columns)];
    return { enqueue: () => backend.logSoftmax({ rows, columns, logits, logProbs }), outputs: { logProbs } };
  }
  const computeLogps = ({ rows, task, logps }: ReturnType<typeof prepareSide>) => {
    backend.logSumExp({ rows, ...task });
    backend.sequenceLogps({ ...task, logps });
  };
  if (task.kernel === 'sequence_logps') {
    const side = prepareSide(owner, task, task.side);
    return { enqueue: () => computeLogps(side), outputs: { logps: side.logps } };
  }
  const [chosen, rejected] = [prepareSide(owner, task, task.chosen), prepareSide(owner, task, task.rejected)];
  const pairs = task.sequences;
  const objective = resolveObjective({ name: 'dpo', params: { beta: task.beta } });
  const references = { ref_w: task.chosen.references, ref_l: task.rejected.references };
  const inputs = packPairInputs(pairs, objective, references, (name) => new Error(`DPO was not expected to read ${name}.`));
  const loss = {
    pairs,
    objective,
    objectiveParameters: owner.upload(Float32Array.from(objective.parameterValues)),
    chosenLogps: chosen.logps,
    rejectedLogps: rejected.logps,
    pairInputs: owner.upload(inputs),
    weights: owner.upload(new Float32Array(pairs).fill(1)),
    losses: owner.allocate(pairs),
    slopes: owner.allocate(2 * pairs),
  };
  const chosenGradient = owner.allocate(task.chosen.logits.length);
  const rejectedGradient = owner.allocate(task.rejected.logits.length);
  return {
    enqueue: () => {
      computeLogps(chosen);
      computeLogps(rejected);
      backend.pairLosses(loss);
      backend.preferenceGradients({ ...chosen.task, side: 'chosen', slopes: loss.slopes, gradient: chosenGradient });
      backend.preferenceGradients({ ...rejected.task, side: 'rejected', slopes: loss.slopes, gradient: rejectedGradient });
    },
    outputs: { losses: loss.losses, chosenGradient, rejectedGradient },
  };
}

/** The kernels on resident inputs. */
export function prepareKernels(backend: Backend, task: RowTask): Prepared {
  const owner = new Owner(backend);
  const { enqueue, outputs } = kernelCalls(backend, owner, task);
  const read = async (): Promise<Results> => {
    const results: Record<string, ArrayLike<number>> = {};
    for (const [name, storage] of Object.entries(outputs)) results[name] = await backend.read(storage);
    return results;
  };
  return { ways: [{ name: 'kernels', enqueue, done: () => backend.done(), read }], dispose: () => owner.dispose() };
}

/** The sweep of the public engine: plans, uploads, trains, measures all its metrics and reads them back. */
async function prepareSweep(task: RunsTask): Promise<Prepared> {
  const engine: Engine = await openEngine({ backend: 'webgpu' });
  const sweep = sweepOf(task);
  let margins: ArrayLike<number> = [];
  const enqueue = async () => {
    margins = (await engine.sweep(sweep)).margin;
  };
  return {
    ways: [{ name: 'engine.sweep', enqueue, done: () => Promise.resolve(), read: async () => ({ margins }) }],
    dispose: () => engine.dispose(),
  };
}

function ensembleSweep({ start, steps, betas, rates }: EnsembleTask): Sweep {
  return {
    experiment: {
      policy: { kind: 'tabular', logits: [Array.from(start)] },
      pairs: [{ prompt: 0, chosen: 1, rejected: 2 }],
      objective: { name: 'dpo', params: { beta: 0.1 } },
      optimizer: { kind: 'sgd', learningRate: 0.1, steps },
    },
    x: { path: 'objective.params.beta', values: [...betas] },
    y: { path: 'optimizer.learningRate', values: [...rates] },
  };
}

/** What the page asks for at its finest level. */
function phaseMapSweep({ hidden, unembedding, steps, beta, scales, rates }: PhaseMapTask): Sweep {
  return {
    experiment: {
      policy: { kind: 'features', hidden: [[...hidden]], unembedding: unembedding.map((row) => [...row]), scale: 1 },
      pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
      objective: { name: 'dpo', params: { beta } },
      optimizer: { kind: 'sgd', learningRate: 0.1, steps },
    },
    x: { path: 'policy.scale', values: [...scales] },
    y: { path: 'optimizer.learningRate', values: [...rates] },
  };
}

export const sweepOf = (task: RunsTask): Sweep => (task.kernel === 'ensemble' ? ensembleSweep(task) : phaseMapSweep(task));

/** The same runs as a list of experiments. */
export function trialsOf(task: RunsTask): Experiment[] {
  const { experiment } = sweepOf(task);
  const { policy, optimizer } = experiment;
  const across: readonly Partial<Experiment>[] =
    task.kernel === 'ensemble'
      ? task.betas.map((beta) => ({ objective: { name: 'dpo', params: { beta } } }))
      : task.scales.map((scale) => ({ policy: { ...policy, scale } as Experiment['policy'] }));
  return task.rates.flatMap((learningRate) => across.map((own) => ({ ...experiment, ...own, optimizer: { ...optimizer, learningRate } })));
}

const name = 'prefscope';

/** This project's ensembles on WebGPU. */
export const ensembles: Contestant = { name, prepare: async (task) => (isRuns(task) ? prepareSweep(task) : null) };

/** This project, on WebGPU. */
export async function openPrefscope(): Promise<Contestant & { backend: Backend }> {
  const backend = await createWebGpuBackend();
  return {
    name,
    backend,
    prepare: async (task) => (isRuns(task) ? prepareSweep(task) : prepareKernels(backend, task)),
  };
}
