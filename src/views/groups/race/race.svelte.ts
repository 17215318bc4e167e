import { mean } from '../../../core/numerics.ts';
import type { EngineCalls } from '../../../shell/engine/page-engine.ts';
import type { Turns } from '../../../shell/engine/turns.ts';
import { Race } from '../../../shell/runs/race.svelte.ts';
import { distillationId, experimentOf, isOffline, type Method, type MethodId, racersOf, syncOf, typedId } from '../methods.ts';
import type { GroupsSettings } from '../settings.ts';
import { worldOf } from '../world.ts';
import { type Curve, curveOf, drawnUpdates, recordedUpdates } from './curves.ts';

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

/** Seed by seed, so that every method is on the chart early. */
function jobsOf(settings: GroupsSettings): Job[] {
  const { methods: _, seeds, typed, scene, threshold, sampling, sync: __, syncAlpha: ___, syncSteps: ____, ...others } = settings;
  const { teacher, lmbda, divergence, ...shared } = others;
  const ofAll = JSON.stringify([shared, ...(shared.world === 'bandit' ? [scene.reward, scene.reference, threshold] : [])]);
  // a typed loss, data that others made, a teacher and a reference that nothing reads change nothing for the other methods
  const keyOf = (id: MethodId): string =>
    JSON.stringify([
      ofAll,
      syncOf(id, settings),
      ...(id === typedId ? [typed] : []),
      ...(isOffline(id) ? [scene.data, sampling] : []),
      ...(id === distillationId ? [teacher, lmbda, divergence] : []),
    ]);
  const racers = racersOf(settings).map(({ id }) => ({ id, key: keyOf(id) }));
  return Array.from({ length: seeds }, (_, index) =>
    racers.map(({ id, key }): Job => ({ id, seed: index + 1, key: `${id} ${index + 1} ${key}` })),
  ).flat();
}

/** The race of methods: every method on the same prompts from the same start, many seeds. */
export class RaceLab extends Race<Job, Curve | null> {
  readonly #settings: () => GroupsSettings;
  readonly #engine: () => EngineCalls | null;
  readonly #lanes = $derived.by((): readonly Lane[] =>
    racersOf(this.#settings()).map((method) => {
      const runs = this.jobs.filter(({ id }) => id === method.id).map((job) => this.resultOf(job));
      return {
        method,
        curves: runs.filter((run) => run !== undefined && run !== null),
        diverged: runs.filter((run) => run === null).length,
      };
    }),
  );
  readonly #updates = $derived.by(() => drawnUpdates(this.#settings()));

  constructor(settings: () => GroupsSettings, engine: () => EngineCalls | null, turns: Turns) {
    super(turns, 600);
    this.#settings = settings;
    this.#engine = engine;
  }

  protected wanted(): readonly Job[] {
    return jobsOf(this.#settings());
  }
  protected canRun(): boolean {
    return this.#engine() !== null;
  }
  /** All at once, for however many engines there are; a result of null is a run that diverged. */
  protected async train(
    missing: readonly [Job, ...Job[]],
    keep: (results: readonly (readonly [Job, Curve | null])[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const settings = this.#settings();
    await this.#engine()?.trials(
      missing.map(({ id, seed }) => experimentOf(id, seed, settings)),
      {
        record: recordedUpdates(settings),
        signal,
        onPartial: (finished, fresh) =>
          keep(
            fresh.flatMap((index): [Job, Curve | null][] => {
              const [job, trial] = [missing[index], finished.get(index)];
              if (!job || !trial) return [];
              const { rewards } = worldOf(settings, job.seed);
              return [[job, trial.diverged ? null : curveOf(trial.rounds ?? [], job.id, settings, rewards)]];
            }),
          ),
      },
    );
  }

  get lanes(): readonly Lane[] {
    return this.#lanes;
  }
  /** updates at which there are numbers */
  get updates(): readonly number[] {
    return this.#updates;
  }
  /** pass@1 where all runs start, as a mean over the seeds that were run; null before the first */
  get start(): number | null {
    const starts = this.#lanes.flatMap(({ curves }) => curves.map((curve) => curve[0]?.pass[0] ?? Number.NaN));
    return starts.length > 0 ? mean(starts) : null;
  }
}
