import { messageOf } from '../../core/message-of.ts';
import type { Turns } from '../engine/turns.ts';

/** `cancelled`: given up by the reader; what was run stays, and the rest can be run later. */
export type RaceStatus = 'idle' | 'running' | 'cancelled' | 'failed' | 'finished';

/** One run of a race. Runs with equal keys have equal results. */
export interface RaceJob {
  readonly key: string;
}

/** A race of many runs. Results are kept by what was run, so that only what the present settings miss is trained. */
export abstract class Race<Job extends RaceJob, Result> {
  readonly #turns: Turns;
  readonly #mostKept: number;
  #results = $state.raw<ReadonlyMap<string, Result>>(new Map());
  #isRunning = $state(false);
  #wasCancelled = $state(false);
  #isResting = $state(false);
  #problem = $state<string | null>(null);
  /** of the last call: milliseconds so far, and the runs that were trained in them */
  #took = $state.raw<{ readonly time: number; readonly runs: number } | null>(null);
  #abort: AbortController | null = null;
  /** ends what is trained at the moment, where nobody wants it any more */
  #now: AbortController | null = null;

  readonly #jobs: readonly Job[] = $derived.by(() => this.wanted());
  readonly #missing: readonly Job[] = $derived(this.#jobs.filter(({ key }) => !this.#results.has(key)));

  /** `mostKept` results are kept: enough to undo a few changes without training again. */
  constructor(turns: Turns, mostKept: number) {
    this.#turns = turns;
    this.#mostKept = mostKept;
  }

  /** Runs of the present settings, in the order in which they are wanted. */
  protected abstract wanted(): readonly Job[];
  /** Whether there is an engine to run them. */
  protected abstract canRun(): boolean;
  /** Trains the first of the runs that are missing, and others with it if that is better; hands over each result as soon as it is there. */
  protected abstract train(
    missing: readonly [Job, ...Job[]],
    keep: (results: readonly (readonly [Job, Result])[]) => void,
    signal: AbortSignal,
  ): Promise<void>;

  get status(): RaceStatus {
    if (this.#isRunning) return 'running';
    if (this.#problem !== null) return 'failed';
    if (this.total > 0 && this.#missing.length === 0) return 'finished';
    return this.#wasCancelled && this.done > 0 ? 'cancelled' : 'idle';
  }
  get problem(): string | null {
    return this.#problem;
  }
  /** runs of the present settings */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }
  get total(): number {
    return this.#jobs.length;
  }
  /** of them, those that have been run */
  get done(): number {
    return this.#jobs.length - this.#missing.length;
  }
  /** undefined: not run yet */
  resultOf({ key }: Job): Result | undefined {
    return this.#results.get(key);
  }
  /** milliseconds that the runs of the last call took; null before the first */
  get took(): number | null {
    return this.#took?.time ?? null;
  }
  /** mean time of a run of the last call, in milliseconds; null before the first has ended */
  get perRun(): number | null {
    return this.#took && this.#took.runs > 0 ? this.#took.time / this.#took.runs : null;
  }
  get isResting(): boolean {
    return this.#isResting;
  }

  cancel(): void {
    if (!this.#isRunning) return;
    this.#wasCancelled = true;
    this.#abort?.abort();
  }
  /** Nobody sees it, or the engine goes: what was run stays, and nothing begins until `wake`. */
  rest(): void {
    this.#isResting = true;
    this.#abort?.abort();
  }
  wake(): void {
    this.#isResting = false;
  }
  /** The settings have changed: what is under way for others ends, and the race goes on with these. */
  follow(): void {
    this.#problem = null;
    this.#now?.abort();
  }

  /** Runs what the present settings still miss. Settings that change meanwhile are followed. */
  async run(): Promise<void> {
    if (!this.canRun() || this.#isRunning || this.#isResting) return;
    const abort = new AbortController();
    this.#abort = abort;
    [this.#isRunning, this.#wasCancelled, this.#problem] = [true, false, null];
    let [time, runs] = [0, 0];
    try {
      while (this.#missing.length > 0 && this.canRun()) {
        await this.#turns.take(async () => {
          abort.signal.throwIfAborted();
          const [first, ...others] = this.#missing; // of the settings as they are now
          if (!first) return;
          const now = new AbortController();
          this.#now = now;
          const began = performance.now();
          try {
            const signal = AbortSignal.any([abort.signal, now.signal]);
            await this.train(
              [first, ...others],
              (results) => {
                runs += results.length;
                this.#keep(results);
              },
              signal,
            );
          } catch (error) {
            if (abort.signal.aborted || !now.signal.aborted) throw error;
          }
          time += performance.now() - began;
        });
        if (runs > 0) this.#took = { time, runs };
      }
    } catch (error) {
      if (!abort.signal.aborted) this.#problem = messageOf(error);
    } finally {
      if (this.#abort === abort) this.#isRunning = false;
    }
  }

  #keep(results: readonly (readonly [Job, Result])[]): void {
    if (results.length === 0) return;
    const fresh = results.map(([{ key }, result]) => [key, result] as const);
    this.#results = new Map([...this.#results, ...fresh].slice(-this.#mostKept));
  }
}
