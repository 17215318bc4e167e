import type { Backend, FurtherKernels, Storage } from '../backend/backend.ts';
import { assertFinite, assertInteger, assertObject, assertPositive, show } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import { entropy, expectedReward, klDivergence } from '../core/exact.ts';
import type { Group, Pair, RunOptions } from '../core/experiment.ts';
import { mean } from '../core/numerics.ts';
import type { OnPolicyExperiment, OnPolicyRound, OnPolicyTrajectory } from '../core/on-policy.ts';
import { findOptimizer, type Optimizer, updateSettings } from '../core/optimizer.ts';
import { RandomStream, streams } from '../core/rng.ts';
import { logSoftmax } from '../core/softmax.ts';
import { definePolicy } from '../policies/kinds.ts';
import type { OpenPasses, PolicyDefinition } from '../policies/policy.ts';
import { GroupPass } from './group/group-pass.ts';
import { nextTask } from './next-task.ts';
import { type CompiledOnPolicyLoss, onPolicyLoss } from './on-policy-loss.ts';
import { OutcomeDistributions } from './outcome-distributions.ts';
import type { LossPass } from './passes/loss-pass.ts';
import { PairPass } from './passes/pair-pass.ts';
import { PolicyOnBackend } from './passes/policy-on-backend.ts';
import { assertOutcomes, validateOutcomePolicy } from './validate/outcome-policy.ts';
import { validateOptimizer } from './validate/validate-experiment.ts';
import { winShares } from './win-shares.ts';

/** A response and what it earned. */
interface Sample {
  outcome: number;
  reward: number;
}

interface SampledGroup {
  prompt: number;
  samples: readonly Sample[];
}

const groupOf = ({ prompt, samples }: SampledGroup): Group => ({
  prompt,
  responses: samples.map(({ outcome }) => outcome),
  rewards: samples.map(({ reward }) => reward),
});

/** The pairs of a group whose rewards are far enough apart, the response with the larger one as the chosen one. */
function pairsOf(prompt: number, group: readonly Sample[], threshold: number): Pair[] {
  return group.flatMap((a, i) =>
    group
      .slice(i + 1)
      // a response against itself has no gradient
      .filter((b) => b.outcome !== a.outcome && Math.abs(a.reward - b.reward) >= threshold)
      .map((b): Pair => {
        const [better, worse] = a.reward >= b.reward ? [a, b] : [b, a];
        return { prompt, chosen: better.outcome, rejected: worse.outcome };
      }),
  );
}

/** What the experiment minimises. Throws an ExperimentError for what could not be trained; ObjectiveError or ExpressionError for its objective. */
export function validateOnPolicy(experiment: OnPolicyExperiment): CompiledOnPolicyLoss {
  assertObject('(on-policy)', experiment);
  const { policy, rewards, method, sampling, verdicts, klPenalty, resetReference, optimizer, seed } = experiment;
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
  if (verdicts !== undefined) {
    assertObject('verdicts', verdicts);
    assertPositive('verdicts.temperature', verdicts.temperature);
    if (verdicts.kind !== undefined && verdicts.kind !== 'drawn' && verdicts.kind !== 'expected')
      throw new ExperimentError('verdicts.kind', `must be 'drawn' or 'expected', not ${show(verdicts.kind)}.`);
    if (sampling.n < 2) throw new ExperimentError('sampling.n', "must be at least 2 with 'verdicts': a response is judged against others.");
  }
  if (klPenalty !== undefined) assertFinite('klPenalty', klPenalty);
  if (resetReference !== undefined) assertInteger('resetReference', resetReference, 1, 2 ** 24);
  validateOptimizer({ ...optimizer, steps: 0 }, 1);
  if (optimizer.kind === 'normalised-pair' && loss.over === 'groups')
    throw new ExperimentError(
      'optimizer.kind',
      "can be 'normalised-pair' with 'method.pairs' only: its update has a chosen and a rejected response.",
    );
  if (seed !== undefined) assertInteger('seed', seed, 0, 2 ** 32);
  return loss;
}

/** `record`: updates whose states are wanted besides those before each round and after the last. */
export interface OnPolicyOptions extends RunOptions {
  readonly record?: readonly number[];
}

/** Trains rounds of sampling, labelling and updating. Rejects with an ExperimentError, or with the signal's reason. */
export async function trainOnPolicy(
  backend: Backend,
  experiment: OnPolicyExperiment,
  { signal, onProgress, record = [] }: OnPolicyOptions = {},
): Promise<OnPolicyTrajectory> {
  const loss = validateOnPolicy(experiment);
  const definition = definePolicy(experiment.policy, experiment.seed);
  const run = new OnPolicyRun(backend, await backend.further(), experiment, loss, definition, await definition.passes(backend));
  const { rounds: total } = experiment.sampling;
  try {
    const rounds: OnPolicyRound[] = [];
    const wanted = new Set(record);
    for (let round = 0; round < total; round++) {
      signal?.throwIfAborted();
      rounds.push(...(await run.round(round, wanted)));
      onProgress?.(round + 1, total);
      await nextTask();
    }
    rounds.push(await run.state(total));
    return { rounds, final: await run.parameters() };
  } finally {
    run.dispose();
  }
}

type Logps = Float32Array | Float64Array;

class OnPolicyRun {
  readonly #backend: Backend;
  readonly #kernels: FurtherKernels;
  readonly #experiment: OnPolicyExperiment;
  readonly #definition: PolicyDefinition;
  readonly #optimizer: Optimizer;
  readonly #loss: CompiledOnPolicyLoss;
  readonly #policy: PolicyOnBackend;
  readonly #reference: PolicyOnBackend;
  readonly #distributions: OutcomeDistributions;
  /** [prompts × K] log-probs of a law that makes the data in the policy's place */
  readonly #sampler: Logps | null;
  #start: Logps | null = null;
  #referenceLogps: Logps | null = null;

  constructor(
    backend: Backend,
    kernels: FurtherKernels,
    experiment: OnPolicyExperiment,
    loss: CompiledOnPolicyLoss,
    definition: PolicyDefinition,
    passes: OpenPasses,
  ) {
    this.#backend = backend;
    this.#kernels = kernels;
    this.#experiment = experiment;
    this.#loss = loss;
    this.#sampler = experiment.sampling.sampler ? Float64Array.from(experiment.sampling.sampler.flatMap((row) => logSoftmax(row))) : null;
    this.#definition = definition;
    this.#optimizer = findOptimizer(experiment.optimizer.kind) as Optimizer;
    this.#policy = new PolicyOnBackend(backend, definition, passes, this.#optimizer);
    this.#reference = new PolicyOnBackend(backend, definition, passes, null);
    this.#distributions = new OutcomeDistributions(backend, definition);
  }

  /** Samples, trains on the samples, and returns the state before, with those between two updates that are wanted. */
  async round(round: number, wanted: ReadonlySet<number>): Promise<OnPolicyRound[]> {
    const { sampling, resetReference, optimizer } = this.#experiment;
    if (resetReference !== undefined && round > 0 && round % resetReference === 0) {
      this.#reference.copyFrom(this.#policy);
      this.#referenceLogps = null;
    }
    const before = await this.state(round);
    const sampled = this.#label(round, await this.#sample(round), Float64Array.from(before.outcomeLogps));
    const states: OnPolicyRound[] = [{ ...before, groups: sampled.map(groupOf) }];
    const pass = this.#passOver(sampled);
    const between = async (update: number): Promise<void> => {
      if (update > 0 && wanted.has(round * sampling.updates + update)) states.push(await this.state(round, update));
    };
    if (!pass) {
      for (let update = 0; update < sampling.updates; update++) await between(update);
      return states;
    }
    try {
      await pass.prepare(this.#reference, this.#policy);
      const settings = updateSettings({ ...optimizer, steps: sampling.updates });
      for (let update = 0; update < sampling.updates; update++) {
        await between(update);
        pass.forward(this.#policy);
        pass.computeLosses();
        pass.update(this.#policy, settings);
      }
      await this.#backend.done();
    } finally {
      pass.dispose();
    }
    return states;
  }

  /** The exact state before `round`, or after so many updates on its samples. */
  async state(round: number, update = 0): Promise<OnPolicyRound> {
    const { rewards, sampling } = this.#experiment;
    const logps = await this.#logps(this.#policy);
    this.#start ??= logps;
    this.#referenceLogps ??= await this.#logps(this.#reference);
    const { columns: K } = this.#definition;
    const row = (values: Logps, prompt: number) => values.subarray(prompt * K, (prompt + 1) * K);
    const [start, reference] = [this.#start, this.#referenceLogps];
    const over = (value: (own: Logps, prompt: number) => number) => mean(rewards.map((_, prompt) => value(row(logps, prompt), prompt)));
    return {
      round,
      updates: round * sampling.updates + update,
      expectedReward: over((own, prompt) => expectedReward(own, rewards[prompt] ?? [])),
      entropy: over(entropy),
      klToStart: over((own, prompt) => klDivergence(own, row(start, prompt))),
      klToReference: over((own, prompt) => klDivergence(own, row(reference, prompt))),
      outcomeLogps: [...logps],
    };
  }

  parameters() {
    return this.#policy.parameters();
  }

  dispose(): void {
    this.#policy.dispose();
    this.#reference.dispose();
    this.#distributions.dispose();
  }

  /** Log-probs of who makes the data, where that is not the present policy. */
  get #fixedSource(): Logps | null {
    return this.#sampler ?? (this.#experiment.sampling.source === 'start' ? this.#start : null);
  }

  async #logps(policy: PolicyOnBackend): Promise<Logps> {
    this.#distributions.compute(policy);
    return this.#backend.read(this.#distributions.logProbs);
  }

  /** [prompts, groups, n] outcomes. */
  async #sample(round: number): Promise<Uint32Array> {
    const { sampling, rewards, seed = 0 } = this.#experiment;
    const { columns } = this.#definition;
    const rows = rewards.length;
    const draws = sampling.groups * sampling.n;
    const owned: Storage[] = [];
    const own = (storage: Storage) => {
      owned.push(storage);
      return storage;
    };
    // The reference itself may have moved on; data from the start is drawn from the log-probs kept of it.
    const fixed = this.#fixedSource;
    if (!fixed) this.#distributions.compute(this.#policy);
    const logits = fixed ? own(this.#backend.upload(fixed)) : this.#distributions.logits;
    const stats = own(this.#backend.allocate('float', 2 * rows));
    const mask = own(this.#backend.upload(new Uint32Array(rows).fill(1)));
    const samples = own(this.#backend.allocate('u32', rows * draws));
    this.#backend.logSumExp({ rows, columns, logits, mask, stats });
    const drawn = sampling.once ? 0 : round; // the round is part of what decides the draws
    this.#kernels.sampleCategorical({ rows, columns, draws, seed, stream: streams.sampling, round: drawn, logits, stats, samples });
    try {
      return await this.#backend.readIndices(samples);
    } finally {
      for (const storage of owned) storage.dispose();
    }
  }

  /** Null where no group holds two responses whose rewards are far enough apart: there is nothing to compare. */
  #passOver(groups: readonly SampledGroup[]): LossPass | null {
    const loss = this.#loss;
    if (loss.over === 'groups') {
      const given = groups.map(({ prompt, samples }) => {
        const kept = loss.bestAlone ? [samples.reduce((best, each) => (each.reward > best.reward ? each : best))] : samples;
        return groupOf({ prompt, samples: kept });
      });
      return new GroupPass(this.#backend, this.#kernels, this.#definition, given, loss.objective);
    }
    const pairs = groups.flatMap(({ prompt, samples }) => pairsOf(prompt, samples, loss.threshold));
    if (pairs.length === 0) return null;
    return new PairPass(this.#backend, this.#definition, pairs, loss.objective, this.#optimizer);
  }

  #label(round: number, samples: Uint32Array, logps: Logps): SampledGroup[] {
    const { rewards, sampling, verdicts, klPenalty = 0, seed = 0 } = this.#experiment;
    // data that is kept keeps its verdicts
    const random = new RandomStream(seed, streams.verdicts + 16 * (sampling.once ? 0 : round));
    const { columns: K } = this.#definition;
    const reference = this.#referenceLogps;
    const sampled = this.#fixedSource ?? logps;
    return rewards.flatMap((row, prompt) =>
      Array.from({ length: sampling.groups }, (_, group) => {
        const at = (prompt * sampling.groups + group) * sampling.n;
        const outcomes = [...samples.subarray(at, at + sampling.n)];
        const earned = outcomes.map((outcome) => row[outcome] ?? 0);
        const judged = verdicts ? winShares(earned, verdicts, random) : earned;
        const members = outcomes.map((outcome, i): Sample => {
          const place = prompt * K + outcome;
          const penalty = klPenalty === 0 ? 0 : klPenalty * ((sampled[place] ?? 0) - (reference?.[place] ?? 0));
          return { outcome, reward: (judged[i] ?? 0) - penalty };
        });
        return { prompt, samples: members };
      }),
    );
  }
}
