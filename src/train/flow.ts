import type { Backend, Storage } from '../backend/backend.ts';
import { type FlowRow, flowColumns, flowRows, mostFlowTokens } from '../backend/flow-layout.ts';
import { assertFinite, assertInteger, assertList, assertPositive, show } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { RunOptions } from '../core/experiment.ts';
import type { FlowExperiment, FlowLines } from '../core/flow.ts';
import { logSumExp } from '../core/softmax.ts';
import type { CompiledObjective } from '../objectives/compile.ts';
import { isBatchStatistic } from '../objectives/inputs.ts';
import { resolveObjective } from '../objectives/resolve.ts';
import '../policies/further-kinds.ts';
import { definePolicy } from '../policies/kinds.ts';
import type { FusedForm, PolicyDefinition } from '../policies/policy.ts';
import { nextTask } from './next-task.ts';
import { experimentColumns } from './passes/experiment-columns.ts';
import { uploadObjectiveParameters } from './passes/forward-pass.ts';
import { packPairInputs } from './passes/pair-inputs.ts';
import { validateExperiment } from './validate/validate-experiment.ts';

/** Points of all lines in one dispatch: few enough that none holds the device long. */
const pointsPerDispatch = 2 ** 17;

/** A policy that the flow's kernel can follow. */
type FusedPolicy = PolicyDefinition & { readonly fused: FusedForm };

function validate({ policy, pairs, objective, referenceLogps, rewards, corners, starts, clock, size, steps }: FlowExperiment): FusedPolicy {
  const optimizer = { kind: 'sgd', learningRate: 0, steps: 0 } as const;
  // an objective of groups is resolved below; the pair must be one either way
  validateExperiment({ policy, pairs, objective: rewards ? { name: 'dpo' } : objective, optimizer });
  const definition = definePolicy(policy);
  const { columns, prompts, response, parameters, fused } = definition;
  if (response !== 'outcome' || prompts !== 1 || columns > mostFlowTokens)
    throw new ExperimentError('policy', `must be over at most ${mostFlowTokens} outcomes of one prompt; leave the others out.`);
  if (!fused)
    throw new ExperimentError('policy.kind', `cannot be ${show(policy.kind)}: the flow of its distribution depends on more than that.`);
  if (parameters.filter(({ trained }) => trained).length > 1)
    throw new ExperimentError(
      'policy.train',
      "must be 'hidden' or 'unembedding': with both, the flow depends on more than the distribution.",
    );
  if (pairs.length !== 1) throw new ExperimentError('pairs', `must hold one pair, not ${pairs.length}.`);
  if (referenceLogps !== undefined) {
    assertList('referenceLogps', referenceLogps);
    for (const [outcome, logp] of referenceLogps.entries()) assertFinite(`referenceLogps[${outcome}]`, logp);
    if (referenceLogps.length !== columns || Math.abs(logSumExp(referenceLogps)) > 1e-6)
      throw new ExperimentError('referenceLogps', `must be the log-probabilities of all ${columns} outcomes; subtract their log-sum-exp.`);
  }
  if (rewards !== undefined) {
    assertList('rewards', rewards);
    if (rewards.length !== columns) throw new ExperimentError('rewards', `must hold the reward of each of the ${columns} outcomes.`);
    for (const [outcome, reward] of rewards.entries()) assertFinite(`rewards[${outcome}]`, reward);
  }
  assertList('corners', corners);
  if (corners.length !== columns) throw new ExperimentError('corners', `must name a corner for each of the ${columns} outcomes.`);
  for (const [outcome, corner] of corners.entries()) assertInteger(`corners[${outcome}]`, corner, 0, 3);
  if (starts.length === 0 || starts.length % columns !== 0)
    throw new ExperimentError('starts', `must hold ${columns} logits a start, but has ${starts.length} numbers.`);
  for (let i = 0; i < starts.length; i++) assertFinite(`starts[${i}]`, starts[i]);
  if (clock !== 'time' && clock !== 'length') throw new ExperimentError('clock', `must be 'time' or 'length', not ${show(clock)}.`);
  assertPositive('size', size);
  assertInteger('steps', steps, 0, 2 ** 16);
  return { ...definition, fused };
}

/** [K, K] how fast the logits move for a pull of 1 on each of them. */
function gramOf({ fused: { parameterisation, dimensions }, columns, parameters }: FusedPolicy): Float64Array {
  const gram = new Float64Array(columns * columns);
  const [first, second] = parameters;
  const ofOutcomes = parameterisation === 'features' && first?.trained === true;
  const values = second?.values ?? new Float64Array();
  const norm = parameterisation === 'table' ? 1 : (first?.values.reduce((sum, x) => sum + x * x, 0) ?? 0);
  for (let a = 0; a < columns; a++) {
    if (!ofOutcomes) {
      gram[a * columns + a] = norm;
      continue;
    }
    for (let b = 0; b < columns; b++)
      for (let k = 0; k < dimensions; k++)
        gram[a * columns + b] = (gram[a * columns + b] ?? 0) + (values[a * dimensions + k] ?? 0) * (values[b * dimensions + k] ?? 0);
  }
  return gram;
}

/** Log-probs of the policy itself. */
function ownLogps({ fused: { parameterisation, dimensions }, columns, parameters, offsets, positions }: FusedPolicy): Float64Array {
  const offset = columns * (positions(0, [0])[0]?.offset ?? 0);
  const [first, second] = parameters.map(({ values }) => values);
  const logits = Float64Array.from({ length: columns }, (_, outcome) => {
    const added = offsets?.[offset + outcome] ?? 0;
    if (parameterisation === 'table') return (first?.[outcome] ?? Number.NaN) + added;
    let logit = added;
    for (let k = 0; k < dimensions; k++) logit += (first?.[k] ?? 0) * (second?.[outcome * dimensions + k] ?? 0);
    return logit;
  });
  const total = logSumExp(logits);
  return logits.map((logit) => logit - total);
}

/** The columns that the objective reads of the pair, then the pair's reference log-probs; and how each column is found. */
function columnsOf({ pairs, rewards }: FlowExperiment, objective: CompiledObjective, reference: ArrayLike<number>) {
  const [pair] = pairs as [FlowExperiment['pairs'][number]];
  const [chosen, rejected] = [pair.chosen, pair.rejected] as [number, number]; // outcomes: validated
  const references = [reference[chosen] ?? Number.NaN, reference[rejected] ?? Number.NaN] as const;
  // of drawn pairs each has rewards of its own
  const given = rewards
    ? [{ ...pair, rewards: [rewards[chosen] ?? Number.NaN, rewards[rejected] ?? Number.NaN] as [number, number] }]
    : pairs;
  const { columns, missing } = experimentColumns({ pairs: given }, [references[0]], [references[1]]);
  const known = new Float64Array(objective.inputs.length + 2 + (rewards ? 2 * rewards.length : 0));
  known.set(packPairInputs(1, objective, columns, missing).subarray(0, objective.inputs.length));
  known.set(references, objective.inputs.length);
  if (rewards) known.set([...Array.from(reference), ...rewards], objective.inputs.length + 2);
  const kinds = objective.inputs.map((name, column) => {
    if (name === 'sorted_ref_margin') known[column] = references[0] - references[1]; // one pair: the only rank there is
    const kind = (flowColumns as readonly string[]).indexOf(name);
    // of one pair references and rewards are known, and what it was drawn from is where the run began
    return rewards || isBatchStatistic(name) ? Math.max(0, kind) : 0;
  });
  return { known, kinds };
}

/**
 * Lines of a gradient flow, all at once. Rejects with an ExperimentError or an ObjectiveError before any work for what cannot be drawn, and
 * with the signal's reason once it is aborted.
 */
export async function flowLines(backend: Backend, experiment: FlowExperiment, options: RunOptions = {}): Promise<FlowLines> {
  const definition = validate(experiment);
  const { pairs, corners, clock, size, steps } = experiment;
  const { columns: tokens } = definition;
  const { objective, drawn } = experiment.rewards
    ? (await import('./flow-of-draws.ts')).expectedUpdate(experiment.objective)
    : { objective: resolveObjective(experiment.objective), drawn: null };
  const [pair] = pairs as [FlowExperiment['pairs'][number]];
  const [chosen, rejected] = [pair.chosen, pair.rejected] as [number, number]; // outcomes: validated
  const reference = experiment.referenceLogps ?? ownLogps(definition);
  const { known, kinds } = columnsOf(experiment, objective, reference);
  const { weight = 1 } = pair;
  const shared = {
    objectiveParameters: uploadObjectiveParameters(backend, objective),
    gram: backend.upload(gramOf(definition).map((value) => value * weight)),
    plan: backend.upload(Uint32Array.from([...corners, ...kinds])),
    known: backend.upload(known),
  };
  const starts = experiment.starts.length / tokens;
  const columns = new Map<FlowRow, Float32Array | Float64Array>();
  const FloatArray = backend.kind === 'cpu' ? Float64Array : Float32Array;
  for (const row of flowRows) columns.set(row, new FloatArray((steps + 1) * starts));
  const { simplexFlow } = await backend.further();
  const perDispatch = Math.max(64, Math.floor(pointsPerDispatch / (steps + 1)));
  try {
    for (let from = 0; from < starts; from += perDispatch) {
      options.signal?.throwIfAborted();
      const count = Math.min(perDispatch, starts - from);
      const logits = Float64Array.from(
        { length: tokens * count },
        (_, i) => experiment.starts[(from + (i % count)) * tokens + Math.floor(i / count)] ?? Number.NaN,
      );
      const scratch: Record<'logits' | 'lines', Storage> = {
        logits: backend.upload(logits),
        lines: backend.allocate('float', (steps + 1) * flowRows.length * count, 'undefined'),
      };
      simplexFlow({
        ...shared,
        ...scratch,
        objective,
        starts: count,
        steps,
        tokens,
        chosen,
        rejected,
        size,
        byLength: clock === 'length',
        drawn,
      });
      const values = await backend.read(scratch.lines);
      for (const storage of Object.values(scratch)) storage.dispose();
      for (let point = 0; point <= steps; point++)
        for (const [row, name] of flowRows.entries()) {
          const at = (point * flowRows.length + row) * count;
          columns.get(name)?.set(values.subarray(at, at + count), point * starts + from);
        }
      options.onProgress?.(from + count, starts);
      if (from + count < starts) await nextTask();
    }
  } finally {
    for (const storage of Object.values(shared)) storage.dispose();
  }
  const column = (name: FlowRow) => columns.get(name) ?? new FloatArray();
  return {
    starts,
    steps,
    corners: [column('first'), column('second'), column('third')],
    time: column('time'),
    speed: column('speed'),
    chosenRate: column('chosenRate'),
    chosenForce: column('chosenForce'),
    rejectedForce: column('rejectedForce'),
  };
}
