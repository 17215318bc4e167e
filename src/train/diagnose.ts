import type { Backend } from '../backend/backend.ts';
import type { Experiment, Pair, PairDiagnosis, Parameters } from '../core/experiment.ts';
import { ToyRun } from './toy-run.ts';

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

/** The sum of the hidden vectors that a response's tokens are predicted from: for one token, that of its prompt. */
function hiddenSum({ prompt }: Pair, hidden: Parameters[string], dimensions: number): Float64Array {
  return Float64Array.from(hidden.subarray(prompt * dimensions, (prompt + 1) * dimensions));
}

/** ⟨s_w, s_l⟩ - ‖s_w‖² (arXiv:2410.08847, Definition 2). Responses of one token after one prompt share their vector: 0. */
function ches({ policy }: Experiment, pair: Pair, parameters: Parameters): number | null {
  const hidden = parameters['hidden'];
  if (policy.kind !== 'features' || !hidden) return null;
  const dimensions = policy.hidden[0]?.length ?? 0;
  const [chosen, rejected] = [hiddenSum(pair, hidden, dimensions), hiddenSum(pair, hidden, dimensions)];
  return innerProduct(chosen, rejected) - innerProduct(chosen, chosen);
}

/** Gradient geometry of every pair, over the trained parameters. */
export async function diagnosePairs(backend: Backend, experiment: Experiment, parameters?: Parameters): Promise<PairDiagnosis[]> {
  const run = await new ToyRun(backend, experiment, parameters).prepare();
  try {
    const loss = await run.lossGradient();
    const present = await run.parameters();
    const diagnoses: PairDiagnosis[] = [];
    for (const [index, pair] of experiment.pairs.entries()) {
      const { chosen, rejected } = await run.logpGradients(index);
      const chosenGradNormSq = innerProduct(chosen, chosen);
      const rejectedGradNormSq = innerProduct(rejected, rejected);
      const inner = innerProduct(chosen, rejected);
      diagnoses.push({
        chosenGradNormSq,
        rejectedGradNormSq,
        innerProduct: inner,
        pattern: signPattern(chosenGradNormSq, rejectedGradNormSq, inner),
        chosenRate: -innerProduct(chosen, loss),
        rejectedRate: -innerProduct(rejected, loss),
        ches: ches(experiment, pair, present),
      });
    }
    return diagnoses;
  } finally {
    run.dispose();
  }
}
