import type { RunOptions, SweepOptions, SweepResult } from '../../core/experiment.ts';
import type { Trial } from '../../core/trial.ts';
import { type Engine, openEngine } from '../../train/engine.ts';
import type { TrainingRun } from '../../train/run.ts';
import { type CallArguments, type EngineEvent, type EngineReply, type EngineRequest, plainError } from './engine-protocol.ts';
import { holdLife } from './worker-life.ts';

let engine: Engine | null = null;
const runs = new Map<number, TrainingRun>();
let started = 0;
/** calls that can be cancelled, by their id */
const cancellers = new Map<number, AbortController>();

const say = (event: EngineEvent, transfer: Transferable[] = []): void => globalThis.postMessage(event, { transfer });

/** The arrays of a map are made for whoever hears of it: they move instead of being copied. */
const buffersOf = ({ perSeed, ...map }: SweepResult): ArrayBuffer[] =>
  [...Object.values(map), ...Object.values(perSeed ?? {})].flatMap((part) =>
    typeof part === 'object' && part.buffer instanceof ArrayBuffer ? [part.buffer] : [],
  );

const held = holdLife((life) => say({ life }));

function opened(): Engine {
  if (!engine) throw new Error('No engine is open.');
  return engine;
}

function runOf(id: number): TrainingRun {
  const run = runs.get(id);
  if (!run) throw new Error(`There is no run ${id}.`);
  return run;
}

/** Work that tells of its progress, and of what has finished where `partials` are wanted, and can be cancelled under its id. */
async function cancellable<T>(
  id: number,
  partials: boolean,
  work: (options: SweepOptions & Required<RunOptions>) => Promise<T>,
): Promise<T> {
  const canceller = new AbortController();
  cancellers.set(id, canceller);
  try {
    return await work({
      signal: canceller.signal,
      onProgress: (done, total) => say({ id, progress: { done, total } }),
      ...(partials ? { onPartial: (partial) => say({ id, partial }, buffersOf(partial)) } : {}),
    });
  } finally {
    cancellers.delete(id);
  }
}

/** Trials are said when they finish, each once, so that the answer need not hold them again. */
async function trials(id: number, [experiments, wanted]: CallArguments<'trials'>): Promise<null> {
  await cancellable(id, false, ({ signal, onProgress }) =>
    opened().trials(experiments, {
      ...wanted,
      ...{ signal, onProgress },
      onPartial: (finished, fresh) => say({ id, partial: fresh.map((index) => [index, finished.get(index) as Trial]) }),
    }),
  );
  return null;
}

function invoke({ id, method, args, partials }: Extract<EngineRequest, { call: 'invoke' }>): Promise<unknown> {
  if (method === 'trials') return trials(id, args as CallArguments<'trials'>);
  // The client's types say which arguments belong to which method.
  const call = opened()[method] as (...all: readonly unknown[]) => Promise<unknown>;
  return cancellable(id, partials, (options) =>
    call.call(opened(), ...args, ...(method === 'diagnose' || method === 'prepareSweep' ? [] : [options])),
  );
}

async function answer(request: EngineRequest): Promise<EngineReply> {
  switch (request.call) {
    case 'open': {
      engine = await openEngine({ backend: request.backend });
      void engine.lost.then((error) => say({ lost: plainError(error) }));
      const { backend, adapter, fallbackReason } = engine;
      await held;
      return { call: 'open', value: { backend, adapter, fallbackReason } };
    }
    case 'startRun': {
      const run = await opened().startRun(request.experiment);
      const id = started++;
      runs.set(id, run);
      return { call: 'startRun', value: id };
    }
    case 'advance': {
      const run = runOf(request.run);
      const steps = await run.advance(request.updates, request.record);
      return { call: 'advance', value: { step: run.step, steps } };
    }
    case 'parameters':
      return { call: 'parameters', value: await runOf(request.run).parameters() };
    case 'disposeRun':
      runOf(request.run).dispose();
      runs.delete(request.run);
      return { call: 'disposeRun', value: null };
    case 'invoke':
      return { call: 'invoke', value: await invoke(request) };
    case 'check': {
      const { checkDevice } = await import('./device-check.ts');
      return { call: 'check', value: await cancellable(request.id, false, (options) => checkDevice(opened(), options)) };
    }
    case 'cancel':
      cancellers.get(request.target)?.abort();
      return { call: 'cancel', value: null };
    default:
      return request satisfies never;
  }
}

globalThis.addEventListener('vite:preloadError', ({ payload }) => say({ missing: plainError(payload) }));
globalThis.onmessage = ({ data: request }: MessageEvent<EngineRequest>) => {
  answer(request).then(
    (reply) => say({ id: request.id, reply }),
    (error: unknown) => say({ id: request.id, error: plainError(error) }),
  );
};
