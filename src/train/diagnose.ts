import type { Backend } from '../backend/backend.ts';
import { ExperimentError } from '../core/errors.ts';
import type { Experiment, Pair, PairDiagnosis, Parameters } from '../core/experiment.ts';
import { findOptimizer, type Optimizer } from '../core/optimizer.ts';
import { resolveObjective } from '../objectives/resolve.ts';
import '../policies/further-kinds.ts';
import { definePolicy } from '../policies/kinds.ts';
import type { PolicyDefinition } from '../policies/policy.ts';
import { referenceParameters } from './own-reference.ts';
import { PairPass } from './passes/pair-pass.ts';
import { PolicyOnBackend } from './passes/policy-on-backend.ts';
import { resolveData } from './validate/resolve-data.ts';
import { validateExperiment } from './validate/validate-experiment.ts';

function innerProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (const [i, x] of a.entries()) sum += x * (b[i] ?? 0);
  return sum;
}

/**
 * The sign pattern of a small step that raises log π_w - log π_l (arXiv:2410.13828, Table 1). The fourth pattern, chosen down and
 * rejected up, would need ‖g_w‖² < I and ‖g_l‖² < I, which the Cauchy–Schwarz inequality excludes.
 */
export function signPattern(chosenNormSq: number, rejectedNormSq: number, inner: number): PairDiagnosis['pattern'] {
  if (inner > chosenNormSq) return 'both-down';
  if (inner > rejectedNormSq) return 'both-up';
  return 'chosen-up-rejected-down';
}

/** Σ_k h(x, y_<k), the sum of the hidden vectors that the response's tokens are predicted from, and the number of tokens. */
function hiddenSum(definition: PolicyDefinition, hidden: Parameters[string], prompt: number, response: number | number[]) {
  const dimensions = hidden.length / definition.contexts;
  const positions = definition.positions(prompt, typeof response === 'number' ? [response] : response);
  const sum = new Float64Array(dimensions);
  for (const { context } of positions)
    for (let k = 0; k < dimensions; k++) sum[k] = (sum[k] ?? 0) + (hidden[context * dimensions + k] ?? Number.NaN);
  return { sum, length: positions.length };
}

/**
 * ⟨s_w, s_l⟩ - ‖s_w‖² and its length-normalised form (arXiv:2410.08847, Definitions 2 and 3), where the policy has hidden vectors.
 * Responses of one token after one prompt share their vector: 0.
 */
function hiddenSimilarity(
  definition: PolicyDefinition,
  pair: Pair,
  parameters: Parameters,
): Pick<PairDiagnosis, 'ches' | 'chesNormalised'> {
  const hidden = definition.hidden === null ? undefined : parameters[definition.hidden];
  if (!hidden) return { ches: null, chesNormalised: null };
  const chosen = hiddenSum(definition, hidden, pair.prompt, pair.chosen);
  const rejected = hiddenSum(definition, hidden, pair.prompt, pair.rejected);
  const between = innerProduct(chosen.sum, rejected.sum);
  const own = innerProduct(chosen.sum, chosen.sum);
  return { ches: between - own, chesNormalised: between / (chosen.length * rejected.length) - own / chosen.length ** 2 };
}

/** d log π(y_w)/dθ and d log π(y_l)/dθ of one pair. */
async function logpGradients(policy: PolicyOnBackend, pass: PairPass): Promise<[chosen: Float64Array, rejected: Float64Array]> {
  pass.forward(policy);
  const gradientOf = (slopes: [number, number]) => {
    // With a slope of 1 at one log-prob and 0 at the other, the loss gradient is that log-prob's own gradient.
    pass.setSlopes(Float64Array.from(slopes));
    pass.backward(policy);
    return policy.gradient();
  };
  return [await gradientOf([1, 0]), await gradientOf([0, 1])];
}

/** Gradient geometry of every pair, over the trained parameters. */
export async function diagnosePairs(backend: Backend, described: Experiment, parameters?: Parameters): Promise<PairDiagnosis[]> {
  const experiment = resolveData(described);
  validateExperiment(experiment);
  if (experiment.groups) throw new ExperimentError('groups', 'cannot be diagnosed: the geometry is that of pairs. Give pairs.');
  const { pairs } = experiment;
  const objective = resolveObjective(experiment.objective);
  const optimizer = findOptimizer(experiment.optimizer.kind) as Optimizer;
  const definition = definePolicy(experiment.policy, experiment.seed);
  const passes = await definition.passes(backend);
  const own = experiment.reference && (await referenceParameters(experiment.reference, experiment.policy.kind, definition));
  const reference = new PolicyOnBackend(backend, definition, passes, null, own);
  const policy = new PolicyOnBackend(backend, definition, passes, optimizer, parameters);
  const all = new PairPass(backend, definition, pairs, objective, null);
  try {
    await all.prepare(reference);
    all.forward(policy);
    all.computeLosses();
    all.backward(policy);
    const loss = await policy.gradient();
    const present = await policy.parameters();
    const diagnoses: PairDiagnosis[] = [];
    for (const pair of pairs) {
      const pass = new PairPass(backend, definition, [pair], objective, null);
      const [chosen, rejected] = await logpGradients(policy, pass).finally(() => pass.dispose());
      const chosenGradNormSq = innerProduct(chosen, chosen);
      const rejectedGradNormSq = innerProduct(rejected, rejected);
      const inner = innerProduct(chosen, rejected);
      diagnoses.push({
        chosenGradNormSq,
        rejectedGradNormSq,
        innerProduct: inner,
        cosine: inner / Math.sqrt(chosenGradNormSq * rejectedGradNormSq),
        pattern: signPattern(chosenGradNormSq, rejectedGradNormSq, inner),
        chosenRate: -innerProduct(chosen, loss),
        rejectedRate: -innerProduct(rejected, loss),
        ...hiddenSimilarity(definition, pair, present),
      });
    }
    return diagnoses;
  } finally {
    reference.dispose();
    policy.dispose();
    all.dispose();
  }
}
