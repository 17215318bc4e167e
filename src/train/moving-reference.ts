import type { Backend } from '../backend/backend.ts';
import type { Experiment, Parameters, RecordedStep } from '../core/experiment.ts';
import { mixed, type OwnReference, type Sync } from './own-reference.ts';
import type { Prepared } from './prepared.ts';
import type { TrainingRun } from './run.ts';
import { type RunStart, ToyRun } from './toy-run.ts';

/** How far a moving reference has come: what a later stage goes on with. */
export interface Moved {
  readonly reference: Parameters;
  /** the previous iterate, which stays where it is */
  readonly previous: Parameters;
  /** updates since the reference began: it moves after every so many of them */
  readonly updates: number;
}

/** Starts a run of one stage that compares with a reference of its own. `moved`: a moving one goes on from there. */
export async function openWithReference(
  backend: Backend,
  prepared: Prepared,
  { parameters, first, sync }: OwnReference,
  start: RunStart,
  moved: Moved | null,
): Promise<ToyRun | MovingReferenceRun> {
  const own = moved ?? { reference: start.reference ?? parameters, previous: start.previous ?? start.parameters ?? first, updates: 0 };
  const run = await ToyRun.open(backend, prepared, { ...start, reference: own.reference, previous: own.previous });
  return sync ? MovingReferenceRun.around(run, await ToyRun.open(backend, prepared), own, sync) : run;
}

/**
 * TR-DPO's moving reference around a run. The state at a step where it moves is recorded as compared with the new one. Every recorded
 * state has the reference's log-probs.
 */
export class MovingReferenceRun implements TrainingRun {
  readonly #run: ToyRun;
  /** a run that is never advanced: it holds the reference, and says what that makes of the same items */
  readonly #holder: ToyRun;
  readonly #sync: Sync;
  #moved: Moved;
  #says: RecordedStep['reference'];

  private constructor(run: ToyRun, holder: ToyRun, moved: Moved, sync: Sync) {
    this.#run = run;
    this.#holder = holder;
    this.#moved = moved;
    this.#sync = sync;
  }

  static async around(run: ToyRun, holder: ToyRun, moved: Moved, sync: Sync): Promise<MovingReferenceRun> {
    const moving = new MovingReferenceRun(run, holder, moved, sync);
    await moving.#ask();
    return moving;
  }

  get experiment(): Experiment {
    return this.#run.experiment;
  }

  get step(): number {
    return this.#run.step;
  }

  /** Where the reference is now. */
  get moved(): Moved {
    return { ...this.#moved, updates: this.#moved.updates + this.step };
  }

  async advance(updates: number, record: readonly number[] = [this.step + updates]): Promise<RecordedStep[]> {
    const { every, share } = this.#sync;
    const target = this.step + updates;
    const states: RecordedStep[] = [];
    for (;;) {
      const [from, next] = [this.step, this.step + every - (this.moved.updates % every)];
      const to = Math.min(target, next);
      const due = record.filter((step) => step >= from && (step < to || (step === to && to !== next)));
      const recorded = await this.#run.advance(to - from, due);
      states.push(...recorded.map((state) => (this.#says ? { ...state, reference: this.#says } : state)));
      if (to !== next) return states;
      this.#moved = { ...this.#moved, reference: mixed(this.#moved.reference, await this.#run.parameters(), share) };
      await this.#run.compareWith(this.#moved.reference, this.#moved.previous);
      await this.#ask();
    }
  }

  async #ask(): Promise<void> {
    await this.#holder.replace(this.#moved.reference);
    const [state] = await this.#holder.advance(0, [0]);
    if (!state) return;
    const { chosenLogps, rejectedLogps, outcomeLogps } = state;
    this.#says = { chosenLogps, rejectedLogps, ...(outcomeLogps ? { outcomeLogps } : {}) };
  }

  parameters(): Promise<Parameters> {
    return this.#run.parameters();
  }

  memory(): ReturnType<ToyRun['memory']> {
    return this.#run.memory();
  }

  dispose(): void {
    this.#run.dispose();
    this.#holder.dispose();
  }
}
