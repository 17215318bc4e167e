import { messageOf } from '../../../core/message-of.ts';
import { mean } from '../../../core/numerics.ts';
import type { EngineCalls } from '../../../shell/engine/page-engine.ts';
import type { Turns } from '../../../shell/engine/turns.ts';
import { experimentOf, findMethod, type Method, type MethodId } from '../methods.ts';
import type { GroupsSettings } from '../settings.ts';
import { worldOf } from '../world.ts';
import { type Curve, curveOf, drawnUpdates, recordedUpdates } from './curves.ts';

/** `cancelled`: given up by the reader; what was run stays, and the rest can be run later. */
export type RaceStatus = 'idle' | 'running' | 'cancelled' | 'failed' | 'finished';

interface Job {
  readonly id: MethodId;
  readonly seed: number;
  readonly key: string;
}

/** A method's runs so far, seed by seed. */
export interface Lane {
  readonly method: Method;
  readonly curves: readonly Curve[];
  /** runs whose numbers were lost */
  readonly diverged: number;
}

/** Runs that are kept: enough to undo a few changes without training again. */
const mostKept = 600;

/** The race of methods: every method on the same prompts from the same start, many seeds. Only what is missing is trained. */
export class RaceLab {
  /** null: the run diverged */
  #results = $state.raw<ReadonlyMap<string, Curve | null>>(new Map());
  #isRunning = $state(false);
  #wasCancelled = $state(false);
  #isResting = $state(false);
  #problem = $state<string | null>(null);
  /** milliseconds that all runs of the last call took */
  #took = $state<number | null>(null);
  #abort: AbortController | null = null;
  /** what ends the runs of one seed, where the settings have changed */
  #seed: AbortController | null = null;

  readonly #settings: () => GroupsSettings;
  readonly #engine: () => EngineCalls | null;
  readonly #turns: Turns;

  // Seed by seed, so that every method is on the chart early.
  readonly #jobs = $derived.by((): readonly Job[] => {
    const { methods, seeds, ...shared } = this.#settings();
    const scene = JSON.stringify(shared);
    return Array.from({ length: seeds }, (_, index) =>
      methods.map((id): Job => ({ id, seed: index + 1, key: `${id} ${index + 1} ${scene}` })),
    ).flat();
  });
  readonly #missing = $derived(this.#jobs.filter(({ key }) => !this.#results.has(key)));
  readonly #lanes = $derived.by((): readonly Lane[] =>
    this.#settings().methods.map((id) => {
      const runs = this.#jobs.filter((job) => job.id === id).map(({ key }) => this.#results.get(key));
      return {
        method: findMethod(id),
        curves: runs.filter((run) => run !== undefined && run !== null),
        diverged: runs.filter((run) => run === null).length,
      };
    }),
  );
  readonly #updates = $derived.by(() => drawnUpdates(this.#settings()));

  constructor(settings: () => GroupsSettings, engine: () => EngineCalls | null, turns: Turns) {
    this.#settings = settings;
    this.#engine = engine;
    this.#turns = turns;
  }

  get status(): RaceStatus {
    if (this.#isRunning) return 'running';
    if (this.#problem !== null) return 'failed';
    if (this.total > 0 && this.#missing.length === 0) return 'finished';
    return this.#wasCancelled && this.done > 0 ? 'cancelled' : 'idle';
  }
  get problem(): string | null {
    return this.#problem;
  }
  get lanes(): readonly Lane[] {
    return this.#lanes;
  }
  /** updates at which there are numbers */
  get updates(): readonly number[] {
    return this.#updates;
  }
  /** runs of the present settings */
  get total(): number {
    return this.#jobs.length;
  }
  /** of them, those that have been run */
  get done(): number {
    return this.#jobs.length - this.#missing.length;
  }
  get took(): number | null {
    return this.#took;
  }
  /** pass@1 where all runs start, as a mean over the seeds that were run; null before the first */
  get start(): number | null {
    const starts = this.#lanes.flatMap(({ curves }) => curves.map((curve) => curve[0]?.pass[0] ?? Number.NaN));
    return starts.length > 0 ? mean(starts) : null;
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
  get isResting(): boolean {
    return this.#isResting;
  }
  /** The settings have changed: what is under way for others ends, and the race goes on with these. */
  follow(): void {
    this.#problem = null;
    this.#seed?.abort();
  }

  /** Runs what the present settings still miss, a seed of all methods at a time. Settings that change meanwhile are followed. */
  async run(): Promise<void> {
    const engine = this.#engine();
    if (!engine || this.#isRunning || this.#isResting) return;
    const abort = new AbortController();
    this.#abort = abort;
    [this.#isRunning, this.#wasCancelled, this.#problem] = [true, false, null];
    const began = performance.now();
    try {
      while (this.#missing[0]) {
        const settings = this.#settings();
        const seed = this.#missing[0].seed;
        const jobs = this.#missing.filter((job) => job.seed === seed);
        const own = new AbortController();
        this.#seed = own;
        await this.#turns
          .take(async () => {
            abort.signal.throwIfAborted();
            await engine.trials(
              jobs.map(({ id }) => experimentOf(id, seed, settings)),
              {
                record: recordedUpdates(settings),
                signal: AbortSignal.any([abort.signal, own.signal]),
                onPartial: (finished, fresh) => {
                  const { rewards } = worldOf(settings.world, seed);
                  const curves = fresh.flatMap((index): [string, Curve | null][] => {
                    const [job, trial] = [jobs[index], finished.get(index)];
                    if (!job || !trial) return [];
                    return [[job.key, trial.diverged ? null : curveOf(trial.rounds ?? [], job.id, settings, rewards)]];
                  });
                  if (curves.length > 0) this.#results = new Map([...this.#results, ...curves].slice(-mostKept));
                },
              },
            );
          })
          .catch((error) => {
            if (abort.signal.aborted || !own.signal.aborted) throw error;
          });
      }
      this.#took = performance.now() - began;
    } catch (error) {
      if (!abort.signal.aborted) this.#problem = messageOf(error);
    } finally {
      if (this.#abort === abort) this.#isRunning = false;
    }
  }
}
