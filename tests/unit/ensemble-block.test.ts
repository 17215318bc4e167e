import { expect, test } from 'vitest';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { metricRows } from '../../src/backend/ensemble-layout.ts';
import { findOptimizer, updateSettings } from '../../src/core/optimizer.ts';
import { resolveObjective } from '../../src/objectives/resolve.ts';
import '../../src/policies/further-kinds.ts';
import { definePolicy } from '../../src/policies/kinds.ts';
import { Ensemble, EnsembleProgram, type EnsembleRun, flatParameters } from '../../src/train/sweep/ensemble.ts';
import { toyPolicies, toysSideBySide } from '../gpu/toy-policies.ts';

const kinds = ['sgd', 'momentum', 'nesterov', 'adam'] as const;
const count = 150; // more than one block of runs, and one that is not full

test.each(toysSideBySide)('%s: a run among many has the bits of the run alone', async (name) => {
  const toy = toyPolicies[name];
  const kind = kinds[Object.keys(toyPolicies).indexOf(name) % kinds.length];
  const optimizer = kind && findOptimizer(kind);
  if (!toy || !kind || !optimizer) throw new Error(name);
  const backend = createCpuBackend();
  const objectives = [0.1, 0.5, 2].map((beta) => resolveObjective({ name: 'dpo', params: { beta } }));
  const [objective] = objectives;
  if (!objective) throw new Error('dpo');
  const tables = [toy.pairs, toy.pairs.map((pair) => ({ ...pair, chosen: pair.rejected, rejected: pair.chosen }))];
  const program = new EnsembleProgram(definePolicy(toy.policy), tables, objective, optimizer);
  const runs = Array.from({ length: count }, (_, run): EnsembleRun => {
    const initial = flatParameters(definePolicy({ ...toy.policy, noise: 0.1 }, run));
    return {
      table: run % 2,
      initial: run === 70 ? initial.map((x, i) => (i === 0 ? Number.NaN : x)) : initial,
      // some overflow on their way, each at an update of its own
      settings: updateSettings({
        kind,
        learningRate: run % 11 === 10 ? 10 ** (50 + run) : 0.01 * (1 + (run % 4)),
        steps: 9,
      }),
      steps: run % 7 === 6 ? 0 : run % 5 === 4 ? 4 : 9,
      objectiveParameters: (objectives[run % 3] ?? objective).parameterValues,
    };
  });
  const further = await backend.further();
  const train = async (members: readonly EnsembleRun[], dispatches: readonly number[]) => {
    const ensemble = new Ensemble(backend, further, program, members);
    for (const updates of dispatches) ensemble.train(updates);
    const results = { metrics: await ensemble.measure(), parameters: await ensemble.parameters() };
    ensemble.dispose();
    return results;
  };
  const together = await train(runs, [9]);
  const cut = await train(runs, [0, 2, 0, 7]);
  expect(cut).toEqual(together);
  expect([...together.metrics.diverged].some(Boolean)).toBe(true);
  for (const [run, member] of runs.entries()) {
    const alone = await train([member], [9]);
    expect([...alone.parameters], `run ${run}`).toEqual(at(together.parameters, run));
    for (const row of metricRows) expect(alone.metrics[row][0], `${row} of run ${run}`).toBe(together.metrics[row][run]);
  }
});

/** Column `run` of what stands side by side. */
const at = (rows: ArrayLike<number>, run: number): number[] => Array.from(rows).filter((_, i) => i % count === run);
