import type { Backend, Storage } from '../../src/backend/backend.ts';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { floats } from '../../src/backend/cpu/storage.ts';
import type { TrialExperiment } from '../../src/index.ts';
import { definePolicy } from '../../src/policies/kinds.ts';
import { startRun } from '../../src/train/start-run.ts';
import { trainRun } from '../../src/train/train-run.ts';

/** Within twelve updates of the usual betas |m̂| is at most 1.1 √ŝ (Cauchy and Schwarz, of the weights of both means). */
const longestMove = 1.1;

/**
 * How far rounding of the gradients may move a parameter that Adam trains in float32, at most over all parameters; 0 for other optimisers,
 * and for what no ensemble trains, where one program computes the same bits again.
 *
 * Adam moves by η u, u = m̂ / (√ŝ + ε). Gradients that are off by at most δ change m̂ by at most δ, and √ŝ, a weighted length of all
 * gradients so far, by at most δ too (triangle inequality): u changes by at most (1 + |u|) δ / (√ŝ + ε - δ), and never by more than
 * twice its largest size. So where a gradient is no larger than its rounding, the move is anything up to η. Both means are those of the
 * float64 twin, update by update. While a gradient is 0 in the twin, it may be what is left of rounding in float32 (what one pair adds and
 * another takes away); where it is 0 in every update, its terms cancel pair by pair, to the bit.
 * δ is the sum of the sizes of the slopes times two roundoffs of the twin's largest logit (or of 1), by which logits may be off.
 */
export async function adamDrift(experiment: TrialExperiment): Promise<number> {
  if ('sampling' in experiment || experiment.stages || !definePolicy(experiment.policy).fused) return 0;
  const { optimizer } = experiment;
  if (optimizer.kind !== 'adam' || optimizer.batchSize !== undefined) return 0;
  const twin = createCpuBackend();
  let delta = 0;
  const all = new Map<Storage, { drift: Float64Array; still: Float64Array }>();
  const watched: Backend = {
    ...twin,
    preferenceGradients: (task) => {
      twin.preferenceGradients(task);
      if (task.side === 'rejected') return; // the slopes are those of both sides
      const size = floats(task.logits).reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1);
      delta = 2 * size * 2 ** -24 * floats(task.slopes).reduce((sum, slope) => sum + Math.abs(slope), 0);
    },
    optimizerStep: (task) => {
      twin.optimizerStep(task);
      const { length, settings, corrections, parameters } = task;
      const [mean, square] = [floats(task.first), floats(task.second)];
      const { drift, still } = all.get(parameters) ?? { drift: new Float64Array(length), still: new Float64Array(length) };
      all.set(parameters, { drift, still });
      const most = 2 * longestMove * settings.learningRate;
      for (let i = 0; i < length; i++) {
        if (square[i] === 0) {
          still[i] = (still[i] as number) + most;
          continue;
        }
        const root = Math.sqrt((square[i] as number) / corrections[1]) + settings.epsilon;
        const u = Math.abs((mean[i] as number) / corrections[0]) / root;
        const change = root > delta ? settings.learningRate * (1 + u) * (delta / (root - delta)) : most;
        drift[i] = (drift[i] as number) + Math.min(change, most) + (still[i] as number);
        still[i] = 0;
      }
    },
  };
  const run = await startRun(watched, experiment);
  try {
    await trainRun(run, {}, [0]);
  } finally {
    run.dispose();
  }
  return Math.max(0, ...[...all.values()].flatMap(({ drift }) => [...drift]));
}
