import {
  chosenToken,
  noOverNever,
  rejectedToken,
  type ToySettings,
  tokens,
  toyStart,
} from '../../atlas/toys/displacement/no-over-never.ts';
import type { RecordedStep } from '../../core/experiment.ts';
import { sameJson } from '../../core/same.ts';
import type { PageEngineOwner } from '../../shell/engine/page-engine-owner.svelte.ts';
import { Turns } from '../../shell/engine/turns.ts';
import { type ObjectiveView, type PageChoice, type PairState, viewObjective } from '../../shell/losses/objective-view.ts';
import { Playhead } from '../../shell/runs/playhead.svelte.ts';
import { type Engine, openEngine } from '../../train/engine.ts';
import { finitePart } from '../../train/finite-step.ts';
import { contenders } from './contenders.ts';
import type { StopLink } from './stop-link.ts';
import { defaultStop, movingSettings, runSettings, type StopSettings } from './stop-settings.ts';

/** A loss, and what it made of the toy. */
export interface LossRun {
  readonly name: string;
  /** the loss in short; null for the reader's own, which is shown in full */
  readonly line: string | null;
  readonly settings: ToySettings;
  /** the states from the start on; fewer than all where the numbers have overflowed */
  readonly states: readonly RecordedStep[];
}

type Trained = Pick<LossRun, 'settings' | 'states'>;
/** Runs that are trained together. */
const runGroups = ['eight', 'own', 'moving'] as const;
type Which = (typeof runGroups)[number];
/** What trains runs, each whole. */
type Trainer = Pick<Engine, 'train' | 'backend'>;

/** Trains the toy; resolves with its states up to the first that has overflowed. */
async function trainToy(trainer: Trainer, settings: ToySettings, signal: AbortSignal): Promise<Trained> {
  const { steps } = await trainer.train(noOverNever(settings), { signal });
  return { settings, states: finitePart(steps) };
}

/** Several runs from one start, one after the other. */
async function trainAll(trainer: Trainer, all: readonly ToySettings[], signal: AbortSignal): Promise<Trained[]> {
  const runs: Trained[] = [];
  for (const settings of all) runs.push(await trainToy(trainer, settings, signal));
  return runs;
}

/** What is trained together. */
const settingsOf: Readonly<Record<Which, (settings: StopSettings) => readonly ToySettings[]>> = {
  eight: (settings) => contenders.map(({ objective }) => runSettings(settings, objective)),
  own: (settings) => [runSettings(settings, settings.own)],
  moving: (settings) => [movingSettings(settings)],
};

const chosenAtEnd = ({ states }: Pick<LossRun, 'states'>): number => states.at(-1)?.probs?.[chosenToken] ?? Number.NaN;

/** The second question of the page: eight losses, the reader's own and a reference that moves, from the same start, on one clock. */
export class StopLab {
  readonly #owner: PageEngineOwner;
  /** trains at once, in float64 */
  readonly #oracle: Engine;
  readonly cast = { tokens, chosen: chosenToken, rejected: rejectedToken } as const;
  readonly playhead: Playhead;
  /** set by the page: what a change leaves as it is */
  keep: <S extends object>(next: S, present: S) => S = (next) => next;

  #settings = $state.raw(defaultStop);
  #eight = $state.raw<readonly Trained[]>([]);
  #own = $state.raw<Trained | null>(null);
  #moving = $state.raw<Trained | null>(null);
  /** places among the contenders, by where the chosen answer ends on the CPU: cards do not change places for a rounding error */
  #order = $state.raw<readonly number[]>([]);
  #trainedOn = $state<Engine['backend']>('cpu');
  /** calls to an engine do not overlap */
  readonly #turns = new Turns();
  /** what ends the training of runs that are out of date */
  readonly #jobs: Record<Which, AbortController> = {
    eight: new AbortController(),
    own: new AbortController(),
    moving: new AbortController(),
  };

  readonly #start = $derived(toyStart(this.#settings.vectors));
  readonly #objective = $derived(viewObjective(this.#settings.own));
  readonly #runs = $derived(
    this.#order.flatMap((place): LossRun[] => {
      const [contender, run] = [contenders[place], this.#eight[place]];
      return contender && run ? [{ name: contender.name, line: contender.line, ...run }] : [];
    }),
  );
  readonly #ownRun = $derived(this.#own ? { name: this.#objective.title, line: null, ...this.#own } : null);
  readonly #movingRun = $derived(this.#moving ? { name: 'TR-DPO', line: '−log σ(0.1 × gap since the reference)', ...this.#moving } : null);

  private constructor(owner: PageEngineOwner, oracle: Engine, calm: boolean) {
    this.#owner = owner;
    this.#oracle = oracle;
    this.playhead = new Playhead(() => this.#settings.steps, { calm });
  }

  /** Trains all runs on the CPU engine, so that there is something to show before the GPU has started. */
  static async create(owner: PageEngineOwner, options: { calm?: boolean; link?: StopLink } = {}): Promise<StopLab> {
    const { settings = defaultStop, step = null } = options.link ?? {};
    const lab = new StopLab(owner, await openEngine({ backend: 'cpu' }), options.calm ?? false);
    lab.#settings = settings;
    lab.playhead.pin(step);
    await Promise.all(runGroups.map((which) => lab.#train(which)));
    return lab;
  }

  get settings(): StopSettings {
    return this.#settings;
  }
  /** the eight, from where the chosen answer ends highest to where it ends lowest */
  get runs(): readonly LossRun[] {
    return this.#runs;
  }
  get ownRun(): LossRun | null {
    return this.#ownRun;
  }
  /** DPO with a reference that moves */
  get movingRun(): LossRun | null {
    return this.#movingRun;
  }
  /** the reader's own loss */
  get objective(): ObjectiveView {
    return this.#objective;
  }
  /** the pair where all runs start, which is the reference */
  get start(): PairState {
    return this.#start;
  }
  /** what trained the runs that are shown */
  get trainedOn(): Engine['backend'] {
    return this.#trainedOn;
  }
  get link(): StopLink {
    return { settings: this.#settings, step: this.playhead.pinned };
  }

  restore({ settings, step }: StopLink): void {
    this.#adopt(settings);
    this.playhead.pin(step);
  }
  change(change: Partial<StopSettings>): void {
    this.#adopt(this.keep({ ...this.#settings, ...change }, this.#settings));
  }
  /** Trains another loss beside the eight. */
  writeOwn(own: PageChoice): void {
    this.change({ own });
  }
  setHidden(hidden: boolean): void {
    if (hidden) this.playhead.pause();
  }

  /** Trains on the engine that is there now. Resolves when the one before is let go of. */
  changeEngine(): Promise<void> {
    for (const job of Object.values(this.#jobs)) job.abort();
    const released = this.#turns.take(async () => {});
    for (const which of runGroups) void this.#train(which);
    return released;
  }

  #adopt(settings: StopSettings): void {
    const { own: before, sync: movedBefore, ...start } = this.#settings;
    const { own, sync, ...next } = settings;
    const isSameStart = sameJson(start, next);
    const stays: Readonly<Record<Which, boolean>> = { eight: true, own: sameJson(before, own), moving: sameJson(movedBefore, sync) };
    const due = runGroups.filter((which) => !isSameStart || !stays[which]);
    if (due.length > 0) this.#settings = settings;
    for (const which of due) void this.#train(which);
  }

  /**
   * Trains runs on the CPU, then once more on the GPU where there is one. What is asked for later takes the place of it. Resolves when the
   * CPU has trained them.
   */
  #train(which: Which): Promise<void> {
    this.#jobs[which].abort();
    this.#jobs[which] = new AbortController();
    const { signal } = this.#jobs[which];
    const train = async (engine: Trainer): Promise<void> => {
      const runs = signal.aborted ? [] : await trainAll(engine, settingsOf[which](this.#settings), signal);
      if (!signal.aborted) this.#keepRuns(which, runs, engine.backend);
    };
    const quietly = (engine: Trainer): Promise<void> =>
      this.#turns
        .take(() => train(engine))
        .catch((error) => {
          // an engine that goes away leaves the numbers of the CPU
          if (!signal.aborted && engine === this.#oracle) throw error;
        });
    return quietly(this.#oracle).then(() => {
      const { engine } = this.#owner;
      if (engine?.backend === 'webgpu' && !signal.aborted) void quietly(engine);
    });
  }

  #keepRuns(which: Which, runs: readonly Trained[], backend: Engine['backend']): void {
    if (which === 'own') this.#own = runs[0] ?? null;
    if (which === 'moving') this.#moving = runs[0] ?? null;
    if (which !== 'eight') return;
    this.#eight = runs;
    this.#trainedOn = backend;
    if (backend !== 'cpu') return;
    const ends = runs.map(chosenAtEnd);
    this.#order = [...ends.keys()].sort((a, b) => (ends[b] ?? 0) - (ends[a] ?? 0));
  }
}
