import { PrefscopeError } from '../../core/errors.ts';
import type { RunOptions, Sweep, SweepOptions } from '../../core/experiment.ts';
import { messageOf } from '../../core/message-of.ts';
import { type Engine, openEngine } from '../../train/engine.ts';
import type { TrainingRun } from '../../train/run.ts';
import type { DeviceMeasurement } from './device-check.ts';
import type { CallArguments, CallResult, EngineCall, EngineEvent, EngineReply, EngineRequest, PartialResult } from './engine-protocol.ts';
import type { Helper } from './spread/helpers.ts';
import { watchLife } from './worker-life.ts';

/** Engine calls in one go, such as a view may need. */
export type EngineCalls = Pick<Engine, 'backend' | EngineCall>;

/** What the page needs of an engine. Its work is done in a worker, so that the page answers while it trains. */
export type PageEngine = Pick<Engine, 'backend' | 'adapter' | 'fallbackReason' | 'lost' | 'startRun' | 'dispose' | EngineCall> & {
  /** why it works in the page's own thread, where a worker failed */
  readonly withoutWorker?: string;
  /** times the kernels on this device and compares them with float64 */
  check(options?: RunOptions): Promise<DeviceMeasurement[]>;
};

/** An error of the worker's, with the name that it had there. */
class RemoteError extends PrefscopeError {
  override readonly name: string;
  constructor({ name, message }: { name: string; message: string }) {
    super(message);
    this.name = name;
  }
}

type Answer<C extends EngineRequest['call']> = Extract<EngineReply, { call: C }>['value'];
type Call<C extends EngineRequest['call']> = Omit<Extract<EngineRequest, { call: C }>, 'call' | 'id'>;

/** Tells the page that a file of the engine's could not be loaded, as Vite tells it of the page's own. */
const sayMissing = (error: Error): void => {
  globalThis.dispatchEvent?.(Object.assign(new Event('vite:preloadError'), { payload: error }));
};

/** Milliseconds in which a worker that is loaded, however slowly, says its first word. Its life is watched from then on. */
const firstWord = 60_000;

/** What a call under way is listened to with. */
interface Hearing extends RunOptions {
  onPartial?(partial: PartialResult): void;
}

/** One engine in a worker of its own. */
class Connection {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void; options: Hearing }>();
  readonly #closed = new AbortController();
  #calls = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;
  /** why it answers no more */
  #end: Error | null = null;
  /** resolves with the reason if the engine goes away */
  readonly lost: Promise<Error>;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.lost = new Promise((resolve) => {
      const fail = (error: Error) => {
        this.#stop(error);
        resolve(error);
      };
      this.#silence = setTimeout(
        () => fail(new RemoteError({ name: 'WorkerError', message: `The engine’s worker said nothing for ${firstWord / 1000} seconds.` })),
        firstWord,
      );
      worker.onmessage = ({ data }: MessageEvent<EngineEvent>) => {
        clearTimeout(this.#silence);
        if ('lost' in data) {
          fail(new RemoteError(data.lost));
          return;
        }
        if ('missing' in data) {
          sayMissing(new RemoteError(data.missing));
          return;
        }
        if ('life' in data) {
          watchLife(data.life, this.#closed.signal, () =>
            fail(
              new RemoteError({ name: 'WorkerError', message: 'The browser ended the engine’s worker; it may have run out of memory.' }),
            ),
          );
          return;
        }
        const waiting = this.#waiting.get(data.id);
        if ('progress' in data) {
          waiting?.options.onProgress?.(data.progress.done, data.progress.total);
          return;
        }
        if ('partial' in data) {
          waiting?.options.onPartial?.(data.partial);
          return;
        }
        this.#waiting.delete(data.id);
        if ('error' in data) waiting?.reject(new RemoteError(data.error));
        else waiting?.resolve(data.reply.value);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        fail(
          new RemoteError({ name: 'WorkerError', message: `The engine's worker failed: ${event.message || 'it could not be loaded'}.` }),
        );
      };
    });
  }

  call<C extends EngineRequest['call']>(call: C, task: Call<C>, options: Hearing = {}): Promise<Answer<C>> {
    const id = this.#calls++;
    const { signal } = options;
    const cancel = () => this.#worker.postMessage({ call: 'cancel', target: id, id: this.#calls++ } satisfies EngineRequest);
    return new Promise<Answer<C>>((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#end) throw this.#end;
      signal?.addEventListener('abort', cancel);
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, options });
      this.#worker.postMessage({ ...task, call, id });
    }).finally(() => signal?.removeEventListener('abort', cancel));
  }

  /** One of the engine's own methods, with progress, partial results and cancellation. */
  async invoke<C extends EngineCall>(method: C, args: CallArguments<C>, options: Hearing = {}): Promise<CallResult<C>> {
    try {
      return (await this.call('invoke', { method, args, partials: options.onPartial !== undefined }, options)) as CallResult<C>;
    } catch (error) {
      options.signal?.throwIfAborted(); // the reason that the caller gave, not its copy
      throw error;
    }
  }

  close(): void {
    this.#closed.abort();
    this.#worker.terminate();
    this.#stop(new RemoteError({ name: 'DisposedError', message: 'This engine was disposed.' }));
  }

  #stop(error: Error): void {
    clearTimeout(this.#silence);
    this.#end ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

async function startRun(connection: Connection, experiment: TrainingRun['experiment']): Promise<TrainingRun> {
  const run = await connection.call('startRun', { experiment });
  let step = 0;
  return {
    experiment,
    get step() {
      return step;
    },
    async advance(updates, record) {
      const recorded = await connection.call('advance', { run, updates, ...(record ? { record } : {}) });
      step = recorded.step;
      return recorded.steps;
    },
    parameters: () => connection.call('parameters', { run }),
    dispose: () => void connection.call('disposeRun', { run }).catch(() => {}), // a lost engine has no runs left to free
  };
}

/** An engine in the page's own thread. */
async function openHere(options: { backend: Engine['backend'] | 'auto' }, withoutWorker?: string): Promise<PageEngine> {
  const engine = await openEngine(options);
  return Object.assign(engine, {
    ...(withoutWorker ? { withoutWorker } : {}),
    check: async (run?: RunOptions) => {
      const { checkDevice } = await import('./device-check.ts');
      return checkDevice(engine, run);
    },
  });
}

const startWorker = (): Worker => new Worker(new URL('./engine-worker.ts', import.meta.url), { type: 'module', name: 'prefscope engine' });

/** Opens an engine in a worker, as another one's helper. */
async function openHelper(backend: Engine['backend']): Promise<Helper> {
  const connection = new Connection(startWorker());
  try {
    await connection.call('open', { backend });
  } catch (error) {
    connection.close();
    throw error;
  }
  return {
    sweep: (sweep, run) => connection.invoke('sweep', [sweep], run),
    trials: async (experiments, run) => (await import('./remote-trials.ts')).remoteTrials(connection, experiments, run),
    close: () => connection.close(),
  };
}

const openHelpers = async () => (await import('./spread/helpers.ts')).openHelpers(() => openHelper('cpu'));

/** Opens an engine in a worker; where workers cannot be had, in the page itself. Rejects as `openEngine` does. */
export async function openPageEngine(options: { backend: Engine['backend'] | 'auto' }): Promise<PageEngine> {
  if (typeof Worker === 'undefined') return openHere(options);
  let worker: Worker;
  try {
    worker = startWorker();
  } catch (error) {
    return openHere(options, `The browser lets this page start no worker: ${messageOf(error)}`); // as in a sandboxed frame
  }
  const connection = new Connection(worker);
  try {
    const description = await connection.call('open', options);
    let helpers: Promise<readonly Helper[]> | null = null;
    const opened = () => (helpers ??= openHelpers());
    return {
      ...description,
      lost: connection.lost,
      check: async (run) => {
        try {
          return await connection.call('check', {}, run);
        } catch (error) {
          run?.signal?.throwIfAborted();
          throw error;
        }
      },
      startRun: (experiment) => startRun(connection, experiment),
      train: (experiment, run) => connection.invoke('train', [experiment], run),
      sweep: async (sweep, run) => {
        const first = { sweep: (part: Sweep, options?: SweepOptions) => connection.invoke('sweep', [part], options) };
        // A GPU is one, however many workers ask it.
        if (description.backend !== 'cpu') return first.sweep(sweep, run);
        return (await import('./spread/spread-sweep.ts')).pageSweep(first, opened, sweep, run);
      },
      prepareSweep: async (sweep) => {
        if (description.backend === 'webgpu') await connection.invoke('prepareSweep', [sweep]);
      },
      trials: async (experiments, run) =>
        (await import('./remote-trials.ts')).pageTrials(connection, description.backend === 'cpu', opened, experiments, run),
      diagnose: (experiment, parameters) => connection.invoke('diagnose', parameters ? [experiment, parameters] : [experiment]),
      trainOnPolicy: (experiment, run) => connection.invoke('trainOnPolicy', [experiment], run),
      matchTarget: (experiment, run) => connection.invoke('matchTarget', [experiment], run),
      flow: (experiment, run) => connection.invoke('flow', [experiment], run),
      dispose: () => {
        void helpers?.then((all) => {
          for (const helper of all) helper.close();
        });
        connection.close();
      },
    };
  } catch (error) {
    connection.close();
    if (!(error instanceof RemoteError && error.name === 'WorkerError')) throw error;
    sayMissing(error);
    return openHere(options, error.message);
  }
}
