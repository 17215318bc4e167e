import type { Backend, ContextMembers } from '../backend/backend.ts';
import { assertFinite, assertInteger, assertList, assertObject, show } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { Parameters, RunOptions } from '../core/experiment.ts';
import type { TargetExperiment, TargetStep } from '../core/on-policy.ts';
import { findOptimizer, type Optimizer, updateSettings } from '../core/optimizer.ts';
import { logSumExp } from '../core/softmax.ts';
import { definePolicy } from '../policies/kinds.ts';
import { nextTask } from './next-task.ts';
import { OutcomeDistributions } from './outcome-distributions.ts';
import { PolicyOnBackend } from './passes/policy-on-backend.ts';
import { readableSteps } from './train-run.ts';
import { validateOutcomePolicy } from './validate/outcome-policy.ts';
import { validateOptimizer } from './validate/validate-experiment.ts';

function validate({ policy, targetLogps, direction, beta, optimizer, record, seed }: TargetExperiment): void {
  validateOutcomePolicy(policy, { targetLogps });
  for (const [prompt, row] of targetLogps.entries())
    if (Math.abs(logSumExp(row)) > 1e-6)
      throw new ExperimentError(
        `targetLogps[${prompt}]`,
        `must be log-probabilities, but they sum to e^${logSumExp(row)}; subtract that exponent.`,
      );
  if (direction !== 'forward' && direction !== 'reverse' && direction !== 'jensen')
    throw new ExperimentError('direction', `must be 'forward', 'reverse' or 'jensen', not ${show(direction)}.`);
  if (beta !== undefined) {
    if (direction !== 'jensen') throw new ExperimentError('beta', `is of the direction 'jensen'; leave it out of '${direction}'.`);
    assertFinite('beta', beta);
    if (!(Math.fround(beta) > 0 && Math.fround(beta) < 1))
      throw new ExperimentError('beta', `must be between 0 and 1, but is ${beta}; at the ends it is 'forward' and 'reverse'.`);
  }
  validateOptimizer(optimizer, 1);
  if (optimizer.kind === 'normalised-pair') throw new ExperimentError('optimizer.kind', 'needs pairs; choose another optimiser here.');
  if (record !== undefined) {
    assertList('record', record);
    for (const [index, step] of record.entries()) assertInteger(`record[${index}]`, step, 0, optimizer.steps + 1);
  }
  if (seed !== undefined) assertInteger('seed', seed, 0, 2 ** 32);
}

/** Exact gradient descent on KL(q ‖ π), KL(π ‖ q) or a divergence between, summed over prompts. Rejects with an ExperimentError, or the signal's reason. */
export async function matchTarget(
  backend: Backend,
  experiment: TargetExperiment,
  { signal, onProgress }: RunOptions = {},
): Promise<{ steps: TargetStep[]; final: Parameters }> {
  assertObject('(target)', experiment);
  validate(experiment);
  const { direction, beta = 0.5, optimizer, targetLogps } = experiment;
  const definition = definePolicy(experiment.policy, experiment.seed);
  const { contexts: rows, columns } = definition;
  const { klGradient } = await backend.further();
  const passes = await definition.passes(backend);
  const policy = new PolicyOnBackend(backend, definition, passes, findOptimizer(optimizer.kind) as Optimizer);
  const distributions = new OutcomeDistributions(backend, definition);
  const target = backend.upload(Float64Array.from(targetLogps.flat()));
  const gradient = backend.allocate('float', rows * columns);
  const divergences = backend.allocate('float', rows);
  // every context is one position of a batch that has no rejected side
  const each = backend.upload(Uint32Array.from({ length: rows + 1 }, (_, row) => row));
  const members: ContextMembers = { offsets: each, rows: each };
  const wanted = new Set(experiment.record ?? readableSteps(optimizer.steps));
  const settings = updateSettings(optimizer);
  const steps: TargetStep[] = [];
  try {
    for (let step = 0; step <= optimizer.steps; step++) {
      distributions.compute(policy);
      const { logProbs } = distributions;
      klGradient({ rows, columns, direction, beta, logProbs, targetLogProbs: target, gradient, divergences });
      if (wanted.has(step)) {
        signal?.throwIfAborted();
        const [now, logps] = await Promise.all([backend.read(divergences), backend.read(logProbs)]);
        steps.push({ step, divergences: [...now], outcomeLogps: [...logps] });
        onProgress?.(step, optimizer.steps);
        await nextTask();
      }
      if (step === optimizer.steps) break;
      policy.backward({ chosenRows: rows, chosenGradient: gradient, rejectedGradient: gradient, members });
      policy.update(settings);
    }
    return { steps, final: await policy.parameters() };
  } finally {
    policy.dispose();
    distributions.dispose();
    for (const storage of [target, gradient, divergences, each]) storage.dispose();
  }
}
