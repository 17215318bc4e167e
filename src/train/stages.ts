import type { Backend } from '../backend/backend.ts';
import { assertObject, show } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { Experiment, Parameters, RecordedStep } from '../core/experiment.ts';
import type { Moved, MovingReferenceRun } from './moving-reference.ts';
import { type Prepared, prepare, type Resolvers } from './prepared.ts';
import type { TrainingRun } from './run.ts';
import '../policies/further-kinds.ts';
import { type RunStart, ToyRun } from './toy-run.ts';
import { validateRecord } from './validate/validate-experiment.ts';
import { validateInputs } from './validate/validate-inputs.ts';
import { within } from './validate/within.ts';

/** One experiment for each stage: a stage keeps what it does not replace. Pairs, data or groups of its own replace them all. */
export function stagesOf({ stages = [], ...first }: Experiment): Experiment[] {
  const all: Experiment[] = [first];
  for (const { reference: _, ...stage } of stages) {
    const before = all.at(-1) ?? first;
    const { data: __, groups: ___, ...withoutItems } = before;
    all.push(stage.pairs || stage.data || stage.groups ? { ...withoutItems, pairs: [], ...stage } : { ...before, ...stage });
  }
  return all;
}

type OneRun = ToyRun | MovingReferenceRun;

/** Starts a run of one stage, whatever it compares with. `moved`: a moving reference goes on from there. */
async function openOne(backend: Backend, prepared: Prepared, start: RunStart = {}, moved: Moved | null = null): Promise<OneRun> {
  if (!prepared.own) return ToyRun.open(backend, prepared, start);
  const { openWithReference } = await import('./moving-reference.ts');
  return openWithReference(backend, prepared, prepared.own, start, moved);
}

/** A run of several stages. A state on the border of two is recorded as the beginning of the later one. */
class StagedRun implements TrainingRun {
  readonly experiment: Experiment;
  readonly #backend: Backend;
  readonly #stages: readonly Prepared[];
  #index = 0;
  /** updates before the present stage */
  #before = 0;
  /** updates whose optimiser and mini-batches the present stage goes on with */
  #kept = 0;
  #run: OneRun;

  private constructor(backend: Backend, whole: Experiment, stages: readonly Prepared[], run: OneRun) {
    this.experiment = whole;
    this.#backend = backend;
    this.#stages = stages;
    this.#run = run;
  }

  static async start(backend: Backend, whole: Experiment, stages: readonly Prepared[]): Promise<StagedRun> {
    return new StagedRun(backend, whole, stages, await openOne(backend, stages[0] as Prepared));
  }

  get step(): number {
    return this.#before + this.#run.step;
  }

  async advance(updates: number, record: readonly number[] = [this.step + updates]): Promise<RecordedStep[]> {
    const target = this.step + updates;
    const steps: RecordedStep[] = [];
    for (;;) {
      const end = this.#run.experiment.optimizer.steps;
      const isLast = this.#index === this.#stages.length - 1;
      const to = isLast ? target - this.#before : Math.min(target - this.#before, end);
      const ends = !isLast && to === end;
      const due = record
        .map((step) => step - this.#before)
        .filter((step) => step >= this.#run.step && (step < to || (step === to && !ends)));
      const recorded = await this.#run.advance(to - this.#run.step, due);
      steps.push(...recorded.map((state) => ({ ...state, step: state.step + this.#before })));
      if (!ends) return steps;
      await this.#enterNext();
    }
  }

  parameters(): Promise<Parameters> {
    return this.#run.parameters();
  }

  dispose(): void {
    this.#run.dispose();
  }

  async #enterNext(): Promise<void> {
    const { reference = 'stage start', optimizerState = 'fresh' } = this.experiment.stages?.[this.#index] ?? {};
    const parameters = await this.#run.parameters();
    this.#kept = optimizerState === 'kept' ? this.#kept + this.#run.step : 0;
    const kept = optimizerState === 'kept' ? { memory: await this.#run.memory(), updates: this.#kept } : undefined;
    const prepared = this.#stages[this.#index + 1] as Prepared;
    const start = {
      parameters,
      reference: reference === 'stage start' ? parameters : undefined,
      // the groups of a stage are sampled where it begins, whatever the reference
      previous: reference === 'run start' && prepared.loss.over === 'groups' ? parameters : undefined,
      kept,
    };
    const moved = optimizerState === 'kept' && 'moved' in this.#run ? this.#run.moved : null;
    const next = await openOne(this.#backend, prepared, start, moved);
    this.#before += this.#run.step;
    this.#index++;
    this.#run.dispose();
    this.#run = next;
  }
}

function validateStages({ stages = [] }: Experiment): void {
  if (!Array.isArray(stages)) throw new ExperimentError('stages', `must be a list of stages, not ${show(stages)}.`);
  for (const [index, stage] of stages.entries()) {
    const path = `stages[${index}]`;
    assertObject(path, stage);
    if (stage.reference !== undefined && stage.reference !== 'stage start' && stage.reference !== 'run start')
      throw new ExperimentError(`${path}.reference`, `must be 'stage start' or 'run start', not ${show(stage.reference)}.`);
    if (stage.optimizerState !== undefined && stage.optimizerState !== 'fresh' && stage.optimizerState !== 'kept')
      throw new ExperimentError(`${path}.optimizerState`, `must be 'fresh' or 'kept', not ${show(stage.optimizerState)}.`);
  }
}

/** An experiment whose stages have been checked. */
export interface PreparedStages {
  /** with the steps of all stages */
  readonly whole: Experiment;
  readonly stages: readonly Prepared[];
}

/** Rejects where any stage could not be trained; an error says which one. */
export async function prepareStages(experiment: Experiment, resolve?: Resolvers): Promise<PreparedStages> {
  validateStages(experiment);
  const stages: Prepared[] = [];
  // A step that is wanted of the whole is no step of one stage: it is checked against the whole.
  for (const [index, { record: _, ...stage }] of stagesOf(experiment).entries()) {
    const before = stages.at(-1);
    const prepared = async () => {
      const made = await prepare(stage, resolve, before?.definition);
      await validateInputs(made);
      return made;
    };
    stages.push(await (index === 0 ? prepared() : within(`stages[${index - 1}]`, prepared)));
    const kinds = [before?.experiment.optimizer.kind, stage.optimizer.kind];
    const { optimizerState, reference } = experiment.stages?.[index - 1] ?? {};
    if (optimizerState === 'kept' && experiment.syncReference && reference !== undefined)
      throw new ExperimentError(
        `stages[${index - 1}].reference`,
        "cannot be given where optimizerState is 'kept' and syncReference moves the reference, which then goes on from where it is. Leave it out.",
      );
    if (optimizerState === 'kept' && kinds[0] !== kinds[1])
      throw new ExperimentError(
        `stages[${index - 1}].optimizerState`,
        `cannot be 'kept' where ${kinds[0]} is followed by ${kinds[1]}. Make it 'fresh'.`,
      );
  }
  const total = stages.reduce((sum, { experiment: { optimizer } }) => sum + optimizer.steps, 0);
  if (experiment.record !== undefined) validateRecord(experiment.record, total);
  return { whole: { ...experiment, optimizer: { ...experiment.optimizer, steps: total } }, stages };
}

/** A run of several stages, or of one with a reference of its own, to be driven by hand. */
export const startStages = (backend: Backend, prepared: PreparedStages | Prepared): Promise<TrainingRun> =>
  'stages' in prepared ? StagedRun.start(backend, prepared.whole, prepared.stages) : openOne(backend, prepared);
