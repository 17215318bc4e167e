import type { Backend } from '../backend/backend.ts';
import { assertObject, show } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { Experiment, Parameters, RecordedStep } from '../core/experiment.ts';
import type { TrainingRun } from './run.ts';
import '../policies/further-kinds.ts';
import { ToyRun } from './toy-run.ts';
import { resolveData } from './validate/resolve-data.ts';
import { validateExperiment } from './validate/validate-experiment.ts';

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

/** A run of several stages. A state on the border of two is recorded as the beginning of the later one. */
class StagedRun implements TrainingRun {
  readonly experiment: Experiment;
  readonly #backend: Backend;
  readonly #stages: readonly Experiment[];
  #index = 0;
  /** updates before the present stage */
  #before = 0;
  /** updates whose optimiser and mini-batches the present stage goes on with */
  #kept = 0;
  #run: ToyRun;

  private constructor(backend: Backend, whole: Experiment, stages: readonly Experiment[], run: ToyRun) {
    this.experiment = whole;
    this.#backend = backend;
    this.#stages = stages;
    this.#run = run;
  }

  static async start(backend: Backend, whole: Experiment, stages: readonly Experiment[]): Promise<StagedRun> {
    return new StagedRun(backend, whole, stages, await ToyRun.open(backend, stages[0] ?? whole));
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
    const start = { parameters, reference: reference === 'stage start' ? parameters : undefined, kept };
    const next = await ToyRun.open(this.#backend, this.#stages[this.#index + 1] ?? this.experiment, start);
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

/** A run of an experiment with stages, to be driven by hand. */
export async function startStages(backend: Backend, experiment: Experiment): Promise<TrainingRun> {
  validateStages(experiment);
  const all = stagesOf(experiment);
  // A step that is wanted of the whole is no step of one stage: it is checked against the whole first.
  const stages = all.map(({ record: _, ...stage }) => resolveData(stage));
  for (const stage of stages) validateExperiment(stage);
  for (const [index, { optimizerState }] of (experiment.stages ?? []).entries()) {
    const [before, after] = [stages[index]?.optimizer.kind, stages[index + 1]?.optimizer.kind];
    if (optimizerState === 'kept' && before !== after)
      throw new ExperimentError(
        `stages[${index}].optimizerState`,
        `cannot be 'kept' where ${before} is followed by ${after}. Make it 'fresh'.`,
      );
  }
  const [first] = stages;
  const total = stages.reduce((sum, { optimizer }) => sum + optimizer.steps, 0);
  const whole = { ...experiment, optimizer: { ...experiment.optimizer, steps: total } };
  if (first && experiment.record) validateExperiment({ ...first, record: experiment.record, optimizer: whole.optimizer });
  return StagedRun.start(backend, whole, stages);
}
