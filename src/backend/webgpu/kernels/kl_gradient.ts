import type { FurtherKernels, RowWish } from '../../backend.ts';
import { klGradient as shader } from '../generated/kl_gradient.ts';
import { lanesText } from '../held-rows.ts';
import { directionText, type HeldLogsShape, heldLogs, reduceSums } from '../kl-slots.ts';
import type { Recorder } from '../recorder.ts';
import { type AdapterTraits, planRows, type RowPlan } from '../strategy.ts';

interface Plan extends Pick<RowPlan, 'lanes' | 'subgroups'> {
  entry: 'kl_gradient' | 'kl_gradient_workgroup' | 'kl_gradient_held_workgroup';
}

const entries = {
  held: 'kl_gradient', // short enough to stay in a cache
  packed: 'kl_gradient',
  split: 'kl_gradient',
  workgroup: 'kl_gradient_workgroup',
  split_workgroups: 'kl_gradient_workgroup',
  held_workgroup: 'kl_gradient_held_workgroup',
} as const;

/** By the strategy table, for rows of two numbers an entry; without the strategies that cut a row into parts. */
export function planKlGradient(rows: number, columns: number, adapter: AdapterTraits, wish: RowWish = {}): Plan {
  const { strategy, lanes, subgroups } = planRows(rows, 2 * columns, adapter, wish);
  return { entry: entries[strategy], lanes, subgroups };
}

export function dispatchKlGradient(
  recorder: Recorder,
  task: Parameters<FurtherKernels['klGradient']>[0],
  { entry, lanes, subgroups }: Plan,
): void {
  const { rows, columns, direction, beta = 0.5, logProbs, targetLogProbs, gradient, divergences } = task;
  const held: HeldLogsShape = entry === 'kl_gradient_held_workgroup' ? { columns, lanes } : { columns: 1, lanes: 1 };
  recorder.dispatch(shader, entry, {
    params: { rows, columns, beta, log_beta: Math.log(beta), log_rest: Math.log1p(-beta) },
    slots: {
      direction: directionText(direction),
      lanes: lanesText(lanes),
      reduce_sums: reduceSums(subgroups),
      held_logs: heldLogs(held),
    },
    bindings: { log_probs: logProbs, target_log_probs: targetLogProbs, gradient, divergences },
    ...(entry === 'kl_gradient' ? { invocations: rows } : { workgroups: rows }),
  });
}
