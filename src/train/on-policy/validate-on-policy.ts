import { assertFinite, assertInteger, assertObject, assertPositive, show } from '../../core/assertions.ts';
import { ExperimentError } from '../../core/errors.ts';
import type { OnPolicyExperiment } from '../../core/on-policy.ts';
import { syncOf } from '../own-reference.ts';
import { assertOutcomes, validateOutcomePolicy } from '../validate/outcome-policy.ts';
import { validateOptimizer } from '../validate/validate-experiment.ts';
import { type CompiledOnPolicyLoss, onPolicyLoss } from './on-policy-loss.ts';

function assertShare(path: string, value: number): void {
  assertFinite(path, value);
  if (value < 0 || value > 1) throw new ExperimentError(path, `must be from 0 to 1, but is ${value}.`);
}

/** What the experiment minimises. Throws an ExperimentError for what could not be trained; ObjectiveError or ExpressionError for its objective. */
export function validateOnPolicy(experiment: OnPolicyExperiment): CompiledOnPolicyLoss {
  assertObject('(on-policy)', experiment);
  const { policy, rewards, method, sampling, verdicts, klPenalty, resetReference, syncReference, optimizer, seed } = experiment;
  const shape = validateOutcomePolicy(policy, { rewards });
  const loss = onPolicyLoss(method);
  assertObject('sampling', sampling);
  assertInteger('sampling.groups', sampling.groups, 1, 2 ** 16);
  assertInteger('sampling.n', sampling.n, loss.over === 'pairs' ? 2 : 1, 2 ** 16);
  assertInteger('sampling.rounds', sampling.rounds, 1, 2 ** 24);
  assertInteger('sampling.updates', sampling.updates, 1, 2 ** 24);
  if (sampling.source !== undefined && sampling.source !== 'policy' && sampling.source !== 'start')
    throw new ExperimentError('sampling.source', `must be 'policy' or 'start', not ${show(sampling.source)}.`);
  if (sampling.once !== undefined && typeof sampling.once !== 'boolean')
    throw new ExperimentError('sampling.once', `must be true or false, not ${show(sampling.once)}.`);
  if (sampling.once && sampling.sampler === undefined && sampling.source !== 'start')
    throw new ExperimentError('sampling.once', "needs offline data: 'sampling.source' must be 'start', or 'sampling.sampler' given.");
  if (sampling.sampler !== undefined) {
    assertOutcomes('sampling.sampler', sampling.sampler, shape);
    if (sampling.source !== undefined)
      throw new ExperimentError('sampling.source', "says who is sampled, and so does 'sampling.sampler'; leave one of them out.");
  }
  if (sampling.dropEqualRewards !== undefined && typeof sampling.dropEqualRewards !== 'boolean')
    throw new ExperimentError('sampling.dropEqualRewards', `must be true or false, not ${show(sampling.dropEqualRewards)}.`);
  if (sampling.mixtureCoef !== undefined) {
    if (loss.over === 'pairs' || loss.mixtureCoef === null)
      throw new ExperimentError('sampling.mixtureCoef', 'is for objectives that tell who drew a response, such as nash_md; leave it out.');
    assertShare('sampling.mixtureCoef', sampling.mixtureCoef);
  }
  if (loss.over === 'groups' && loss.mixtureCoef !== null && sampling.n < 2)
    throw new ExperimentError('sampling.n', 'must be at least 2: half of each group, rounded down, are an opponent’s.');
  if (sampling.lmbda !== undefined) {
    assertShare('sampling.lmbda', sampling.lmbda);
    if (sampling.sampler !== undefined || sampling.source !== undefined)
      throw new ExperimentError(
        'sampling.lmbda',
        "says who is sampled, and so does 'sampling.source' or 'sampling.sampler'; leave one out.",
      );
  }
  if (verdicts !== undefined) {
    assertObject('verdicts', verdicts);
    assertPositive('verdicts.temperature', verdicts.temperature);
    if (verdicts.kind !== undefined && verdicts.kind !== 'drawn' && verdicts.kind !== 'expected')
      throw new ExperimentError('verdicts.kind', `must be 'drawn' or 'expected', not ${show(verdicts.kind)}.`);
    if (sampling.n < 2) throw new ExperimentError('sampling.n', "must be at least 2 with 'verdicts': a response is judged against others.");
  }
  if (klPenalty !== undefined) assertFinite('klPenalty', klPenalty);
  if (resetReference !== undefined) assertInteger('resetReference', resetReference, 1, 2 ** 24);
  if (syncReference !== undefined) {
    syncOf(syncReference);
    if (resetReference !== undefined)
      throw new ExperimentError('syncReference', "moves the reference, and so does 'resetReference'; leave one out.");
  }
  validateOptimizer({ ...optimizer, steps: 0 }, 1);
  if (optimizer.kind === 'normalised-pair' && loss.over === 'groups')
    throw new ExperimentError(
      'optimizer.kind',
      "can be 'normalised-pair' with 'method.pairs' only: its update has a chosen and a rejected response.",
    );
  if (seed !== undefined) assertInteger('seed', seed, 0, 2 ** 32);
  return loss;
}
