import type { Backend } from '../backend/backend.ts';
import type { Experiment, Parameters, RecordedStep } from '../core/experiment.ts';
import { mixed, type Sync } from './own-reference.ts';
import type { Prepared } from './prepared.ts';
import type { TrainingRun } from './run.ts';
import { type RunStart, ToyRun } from './toy-run.ts';

/** Starts a run of one stage, whatever it compares with. */
export async function openOne(backend: Backend, prepared: Prepared, start: RunStart = {}): Promise<ToyRun | MovingReferenceRun> {
  if (!prepared.own) return ToyRun.open(backend, prepared, start);
  const { parameters, first, sync } = prepared.own;
  const own = { reference: start.reference ?? parameters, previous: start.previous ?? start.parameters ?? first };
  const run = await ToyRun.open(backend, prepared, { ...start, ...own });
  return sync ? new MovingReferenceRun(run, own.reference, own.previous, sync) : run;
}

/** TR-DPO's moving reference around a run. The state at a step where it moves is recorded as compared with the new one. */
export class MovingReferenceRun implements TrainingRun {
  readonly #run: ToyRun;
  readonly #previous: Parameters;
  readonly #sync: Sync;
  #reference: Parameters;

  constructor(run: ToyRun, reference: Parameters, previous: Parameters, sync: Sync) {
    this.#run = run;
    this.#reference = reference;
    this.#previous = previous;
    this.#sync = sync;
  }

  get experiment(): Experiment {
    return this.#run.experiment;
  }

  get step(): number {
    return this.#run.step;
  }

  async advance(updates: number, record: readonly number[] = [this.step + updates]): Promise<RecordedStep[]> {
    const { every, share } = this.#sync;
    const target = this.step + updates;
    const states: RecordedStep[] = [];
    for (;;) {
      const [from, next] = [this.step, this.step + every - (this.step % every)];
      const to = Math.min(target, next);
      const due = record.filter((step) => step >= from && (step < to || (step === to && to !== next)));
      states.push(...(await this.#run.advance(to - from, due)));
      if (to !== next) return states;
      this.#reference = mixed(this.#reference, await this.#run.parameters(), share);
      await this.#run.compareWith(this.#reference, this.#previous);
    }
  }

  parameters(): Promise<Parameters> {
    return this.#run.parameters();
  }

  memory(): ReturnType<ToyRun['memory']> {
    return this.#run.memory();
  }

  dispose(): void {
    this.#run.dispose();
  }
}
