import type { Backend } from '../backend/backend.ts';
import { ExperimentError } from '../core/errors.ts';
import type { Experiment, Parameters, RecordedStep, RunOptions, Trajectory } from '../core/experiment.ts';
import { assertObject, show } from './assertions.ts';
import { resolveData } from './resolve-data.ts';
import { ToyRun } from './toy-run.ts';
import { readableSteps, trainRun } from './train-run.ts';
import { validateExperiment } from './validate-experiment.ts';

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

/** Trains a run to its end, stage after stage. A state on the border of two stages is recorded as the beginning of the later one. */
export async function trainStages(backend: Backend, experiment: Experiment, { signal, onProgress }: RunOptions = {}): Promise<Trajectory> {
  if (typeof experiment !== 'object' || experiment === null) validateExperiment(experiment);
  if (experiment.stages !== undefined && !Array.isArray(experiment.stages))
    throw new ExperimentError('stages', `must be a list of stages, not ${show(experiment.stages)}.`);
  for (const [index, stage] of (experiment.stages ?? []).entries()) {
    assertObject(`stages[${index}]`, stage);
    if (stage.reference !== undefined && stage.reference !== 'stage start' && stage.reference !== 'run start')
      throw new ExperimentError(`stages[${index}].reference`, `must be 'stage start' or 'run start', not ${show(stage.reference)}.`);
  }
  const stages = stagesOf(experiment);
  // A step that is wanted of the whole is no step of one stage: it is checked against the whole first.
  const checked = stages.map(({ record: _, ...stage }) => resolveData(stage));
  for (const stage of checked) validateExperiment(stage);
  const total = checked.reduce((sum, { optimizer }) => sum + optimizer.steps, 0);
  const [first] = checked;
  if (first && experiment.record)
    validateExperiment({ ...first, record: experiment.record, optimizer: { ...first.optimizer, steps: total } });
  const wanted = experiment.record ?? readableSteps(total);

  const steps: RecordedStep[] = [];
  let parameters: Parameters | undefined;
  let offset = 0;
  for (const [index, stage] of checked.entries()) {
    const { steps: length } = stage.optimizer;
    const isLast = index === checked.length - 1;
    const due = wanted.map((step) => step - offset).filter((step) => step >= 0 && (step < length || (isLast && step === length)));
    const reference = (experiment.stages?.[index - 1]?.reference ?? 'stage start') === 'stage start' ? parameters : undefined;
    const run = await new ToyRun(backend, { ...stage, record: due.length > 0 ? due : [length] }, { parameters, reference }).prepare();
    try {
      const began = offset;
      const trajectory = await trainRun(run, { ...(signal ? { signal } : {}), onProgress: (done) => onProgress?.(began + done, total) });
      if (due.length > 0) steps.push(...trajectory.steps.map((state) => ({ ...state, step: state.step + began })));
      parameters = trajectory.final;
    } finally {
      run.dispose();
    }
    offset += length;
  }
  return { steps, final: parameters ?? {} };
}
