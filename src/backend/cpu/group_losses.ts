import { joins } from '../../objectives/group-loss.ts';
import type { FurtherKernels } from '../backend.ts';
import { rowStats } from './row_stats.ts';
import { floats, indices } from './storage.ts';

/** Twin of shaders/group_losses.wgsl. */
export const groupLosses: FurtherKernels['groupLosses'] = (task) => {
  const { groups, responses, objective } = task;
  const { reductions } = objective;
  const logp = floats(task.logps);
  const input = floats(task.groupInputs);
  const membership = indices(task.membership);
  const weight = floats(task.weights);
  const items = floats(task.items);
  const losses = floats(task.losses);
  const slopes = floats(task.slopes);
  const width = objective.inputs.length;
  const size = 2 + 2 * reductions.length;

  const values = Array.from({ length: responses }, (_, i) => [logp[i] as number, ...input.subarray(i * width, (i + 1) * width)]);
  const of = (i: number) => values[i] ?? [];
  const bounds = (i: number) => [membership[3 * i + 1] as number, membership[3 * i + 2] as number] as const;

  for (let i = 0; i < responses; i++) {
    const [first, end] = bounds(i);
    const reduced = reductions.map(({ operator, range }, m) => {
      const terms: number[] = [];
      for (let j = first; j < end; j++) if (joins(range, i, j)) terms.push(objective.term(m, of(i), of(j)).value);
      if (operator === 'sum') return terms.reduce((sum, term) => sum + term, 0);
      const [peak, rest] = rowStats(Float64Array.from(terms), 0, terms.length);
      return peak + rest;
    });
    const item = objective.item(of(i), reduced);
    items.set([item.loss, item.byOwn, ...reduced, ...item.byReduced], size * i);
  }

  const pull = (m: number, i: number, value: number): number => {
    const adjoint = items[size * i + 2 + reductions.length + m] as number;
    if (reductions[m]?.operator !== 'lse' || adjoint === 0) return adjoint;
    return adjoint * Math.exp(Math.min(value - (items[size * i + 2 + m] as number), 0));
  };

  for (let k = 0; k < responses; k++) {
    const [first, end] = bounds(k);
    const group = membership[3 * k] as number;
    let slope = items[size * k + 1] as number;
    for (const [m, { range, carriesSlope }] of reductions.entries()) {
      if (!carriesSlope) continue;
      for (let j = first; j < end; j++) {
        if (joins(range, k, j)) {
          const { value, byOwn, byOther } = objective.term(m, of(k), of(j));
          const factor = pull(m, k, value);
          if (factor !== 0) slope += factor * (j === k ? byOwn + byOther : byOwn);
        }
        if (j !== k && joins(range, j, k)) {
          const { value, byOther } = objective.term(m, of(j), of(k));
          const factor = pull(m, j, value);
          if (factor !== 0) slope += factor * byOther;
        }
      }
    }
    slopes[k] = slope * ((weight[group] as number) / groups);
    if (k !== first) continue;
    let total = 0;
    for (let i = first; i < end; i++) total += items[size * i] as number;
    losses[group] = Number.isNaN(slope) ? Number.NaN : total;
  }
};
