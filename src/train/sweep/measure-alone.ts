import type { Backend } from '../../backend/backend.ts';
import type { MetricRow } from '../../backend/ensemble-layout.ts';
import type { Experiment, Pair, Parameters, RecordedStep } from '../../core/experiment.ts';
import { findOptimizer, type Optimizer, updateSettings } from '../../core/optimizer.ts';
import { resolveObjective } from '../../objectives/resolve.ts';
import { definePolicy } from '../../policies/kinds.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';
import type { Prepared } from '../prepared.ts';
import { type PreparedRun, startPrepared } from '../start-run.ts';
import { ToyRun } from '../toy-run.ts';
import { Ensemble, EnsembleProgram, ensembleCapacity, flatParameters } from './ensemble.ts';
import type { Pace } from './pace.ts';

/** Mean over pairs of how log-probs have changed. */
const meanChange = (now: readonly number[], start: readonly number[]): number =>
  now.reduce((sum, logp, pair) => sum + (logp - (start[pair] ?? Number.NaN)), 0) / now.length;

/** The pairs that a map is of; of a group, its best and its worst response. */
async function pairsOf({ pairs, groups }: Experiment): Promise<readonly Pair[]> {
  if (!groups) return pairs;
  const { orderGroup } = await import('../group/group-columns.ts');
  return groups
    .map(orderGroup)
    .map(({ prompt, responses }): Pair => ({ prompt, chosen: responses[0] ?? [], rejected: responses.at(-1) ?? [] }));
}

/**
 * Trains a run by itself, and measures it as the runs of an ensemble are: of the pairs of its last stage, against the run's own start. How
 * low the chosen responses fell is told of the last stage; `breathe` hears of the share that is done.
 */
export async function measureAlone(
  backend: Backend,
  prepared: PreparedRun,
  rewards: readonly (readonly number[])[] | undefined,
  pace: Pace,
  breathe: (share: number) => Promise<void>,
): Promise<Record<MetricRow, ArrayLike<number>>> {
  const last = 'stages' in prepared ? (prepared.stages.at(-1) as Prepared) : prepared;
  const start = await startOf(backend, last);
  const run = await startPrepared(backend, prepared);
  try {
    const { steps } = run.experiment.optimizer;
    const first = steps - last.experiment.optimizer.steps;
    let end = start;
    let lowest = 0;
    do {
      const updates = pace.updates(1, steps - run.step);
      const began = performance.now();
      const next = run.step;
      const of = Array.from({ length: updates + 1 }, (_, update) => next + update).filter((step) => step >= first);
      const states = await run.advance(Math.min(updates, steps - next), of);
      for (const state of states) lowest = Math.min(lowest, meanChange(state.chosenLogps, start.chosenLogps));
      end = states.at(-1) ?? end;
      pace.observe(1, updates, performance.now() - began);
      await breathe(run.step / Math.max(1, steps));
    } while (run.step < steps);
    const { definition } = last;
    if (!definition.fused && !end.outcomeLogps) return logpsAlone(start, end, lowest, definition.columns);
    const measured = definition.fused ? { definition, parameters: await run.parameters() } : standIn(definition.columns, start, end);
    const metrics = await measure(backend, last.experiment, rewards, measured);
    metrics.loss[0] = end.loss;
    metrics.lowestChosenLogpChange[0] = Math.min(lowest, metrics.lowestChosenLogpChange[0] ?? Number.NaN);
    if (!Number.isFinite(end.loss)) metrics.diverged[0] = 1;
    return metrics;
  } finally {
    run.dispose();
  }
}

/** What is told of a policy without a fused form or distributions over outcomes: its pairs' log-probs. The other metrics are NaN. */
function logpsAlone(start: RecordedStep, end: RecordedStep, lowest: number, columns: number): Record<MetricRow, ArrayLike<number>> {
  const chosenLogpChange = meanChange(end.chosenLogps, start.chosenLogps);
  const none = [Number.NaN];
  return {
    chosenLogpChange: [chosenLogpChange],
    lowestChosenLogpChange: [Math.min(lowest, chosenLogpChange)],
    rejectedLogpChange: [meanChange(end.rejectedLogps, start.rejectedLogps)],
    margin: [meanChange(end.chosenLogps, end.rejectedLogps)],
    loss: [end.loss],
    ...{ topGainerProb: none, entropy: none, klToReference: none, expectedReward: none, ches: none },
    topGainer: [columns], // none
    diverged: [Number.isFinite(end.loss) ? 0 : 1],
  };
}

/** The state of the last stage's pairs where the whole run starts. */
async function startOf(backend: Backend, last: Prepared): Promise<RecordedStep> {
  const run = await ToyRun.open(backend, last);
  try {
    return (await run.advance(0, [0]))[0] as RecordedStep;
  } finally {
    run.dispose();
  }
}

/** What an ensemble can measure: a policy at its start, and where it has come to. */
interface Measured {
  readonly definition: PolicyDefinition;
  readonly parameters: Parameters;
}

/** A policy without a fused form is measured by its distributions: as a table of their log-probs, at the start and at the end. */
function standIn(columns: number, start: RecordedStep, end: RecordedStep): Measured {
  const { outcomeLogps: before = [] } = start;
  const logits = Array.from({ length: before.length / columns }, (_, prompt) => before.slice(prompt * columns, (prompt + 1) * columns));
  return {
    definition: definePolicy({ kind: 'tabular', logits }),
    parameters: { logits: Float64Array.from(end.outcomeLogps ?? []) },
  };
}

async function measure(
  backend: Backend,
  experiment: Experiment,
  rewards: readonly (readonly number[])[] | undefined,
  { definition, parameters }: Measured,
) {
  // Any loss that an ensemble can compute: nothing is trained with it.
  const objective = resolveObjective({ expression: 'logp_l - logp_w' });
  const optimizer = findOptimizer('sgd') as Optimizer;
  const program = new EnsembleProgram(definition, [await pairsOf(experiment)], objective, optimizer, rewards);
  ensembleCapacity(program, backend);
  const member = {
    ...{ table: 0, steps: 0, objectiveParameters: objective.parameterValues, initial: flatParameters(definition) },
    settings: updateSettings({ kind: 'sgd', learningRate: 0, steps: 0 }),
  };
  const ensemble = new Ensemble(backend, await backend.further(), program, [member]);
  try {
    ensemble.train(0);
    ensemble.replaceParameters(parameters);
    return await ensemble.measure();
  } finally {
    ensemble.dispose();
  }
}
