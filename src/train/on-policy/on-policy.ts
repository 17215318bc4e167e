import type { Backend, FurtherKernels, Storage } from '../../backend/backend.ts';
import { entropy, expectedReward, klDivergence } from '../../core/exact.ts';
import type { Group, Pair, Parameters, RunOptions } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import type { OnPolicyExperiment, OnPolicyRound, OnPolicyTrajectory } from '../../core/on-policy.ts';
import { findOptimizer, type Optimizer, updateSettings } from '../../core/optimizer.ts';
import { RandomStream, streams } from '../../core/rng.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { definePolicy } from '../../policies/kinds.ts';
import type { OpenPasses, PolicyDefinition } from '../../policies/policy.ts';
import { GroupPass } from '../group/group-pass.ts';
import { nextTask } from '../next-task.ts';
import { OutcomeDistributions } from '../outcome-distributions.ts';
import { mixed, referenceParameters, type Sync, syncOf } from '../own-reference.ts';
import type { LossPass } from '../passes/loss-pass.ts';
import { PairPass } from '../passes/pair-pass.ts';
import { PolicyOnBackend } from '../passes/policy-on-backend.ts';
import type { CompiledOnPolicyLoss } from './on-policy-loss.ts';
import { validateOnPolicy } from './validate-on-policy.ts';
import { winShares } from './win-shares.ts';

/** A response and what it earned. */
interface Sample {
  outcome: number;
  reward: number;
}

interface SampledGroup {
  prompt: number;
  samples: readonly Sample[];
  /** how many of them, the last ones, are an opponent's, where the loss tells */
  opponents?: number;
}

const groupOf = ({ prompt, samples, opponents }: SampledGroup): Group => ({
  prompt,
  responses: samples.map(({ outcome }) => outcome),
  rewards: samples.map(({ reward }) => reward),
  ...(opponents === undefined ? {} : { opponents }),
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
  const reference = experiment.reference && (await referenceParameters(experiment.reference, experiment.policy.kind, definition));
  const passes = await definition.passes(backend);
  const run = new OnPolicyRun(backend, await backend.further(), experiment, loss, definition, passes, reference);
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
  readonly #sync: Sync | null;
  readonly #passes: OpenPasses;
  #start: Logps | null = null;
  #referenceLogps: Logps | null = null;

  constructor(
    backend: Backend,
    kernels: FurtherKernels,
    experiment: OnPolicyExperiment,
    loss: CompiledOnPolicyLoss,
    definition: PolicyDefinition,
    passes: OpenPasses,
    reference: Parameters | undefined,
  ) {
    this.#backend = backend;
    this.#passes = passes;
    this.#sync = experiment.syncReference ? syncOf(experiment.syncReference) : null;
    this.#kernels = kernels;
    this.#experiment = experiment;
    this.#loss = loss;
    this.#sampler = experiment.sampling.sampler ? Float64Array.from(experiment.sampling.sampler.flatMap((row) => logSoftmax(row))) : null;
    this.#definition = definition;
    this.#optimizer = findOptimizer(experiment.optimizer.kind) as Optimizer;
    this.#policy = new PolicyOnBackend(backend, definition, passes, this.#optimizer);
    this.#reference = new PolicyOnBackend(backend, definition, passes, null, reference);
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
    const own = this.#drawsOwn(round);
    const now = Float64Array.from(before.outcomeLogps);
    const sampled = this.#label(round, await this.#sample(round, own, now), own ? now : (this.#referenceLogps ?? now));
    const states: OnPolicyRound[] = [{ ...before, groups: sampled.map(groupOf) }];
    const kept = sampling.dropEqualRewards
      ? sampled.filter(({ samples }) => samples.some(({ reward }) => reward !== samples[0]?.reward))
      : sampled;
    const pass = this.#passOver(kept);
    const between = async (update: number): Promise<void> => {
      if (update > 0 && wanted.has(round * sampling.updates + update)) states.push(await this.state(round, update));
    };
    if (!pass) {
      for (let update = 0; update < sampling.updates; update++) {
        await between(update);
        await this.#follow(round * sampling.updates + update + 1);
      }
      return states;
    }
    const sampler = own ? this.#policy : this.#reference;
    // a reference that moves on asks again for what was sampled, as it was then
    const drawnFrom = this.#sync ? new PolicyOnBackend(this.#backend, this.#definition, this.#passes, null) : null;
    drawnFrom?.copyFrom(sampler);
    try {
      await pass.prepare(this.#reference, drawnFrom ?? sampler);
      const settings = updateSettings({ ...optimizer, steps: sampling.updates });
      for (let update = 0; update < sampling.updates; update++) {
        await between(update);
        pass.forward(this.#policy);
        pass.computeLosses();
        pass.update(this.#policy, settings);
        const moved = await this.#follow(round * sampling.updates + update + 1);
        if (moved && drawnFrom && update + 1 < sampling.updates) await pass.prepare(this.#reference, drawnFrom);
      }
      await this.#backend.done();
    } finally {
      drawnFrom?.dispose();
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

  /** Log-probs of who makes the data, where that is not the present policy: kept of the start, since the reference may have moved on. */
  get #fixedSource(): Logps | null {
    return this.#sampler ?? (this.#experiment.sampling.source === 'start' ? this.#start : null);
  }

  async #logps(policy: PolicyOnBackend): Promise<Logps> {
    this.#distributions.compute(policy);
    return this.#backend.read(this.#distributions.logProbs);
  }

  /** Whether the samples of a round are the policy's own, where a share of the rounds' is. */
  #drawsOwn(round: number): boolean {
    const { sampling, seed = 0 } = this.#experiment;
    const { lmbda = 1 } = sampling;
    return new RandomStream(seed, streams.ownSamples + 16 * round).uniform() < lmbda;
  }

  /** Moves the reference towards the policy where it is time; says whether. */
  async #follow(updates: number): Promise<boolean> {
    if (!this.#sync || updates % this.#sync.every !== 0) return false;
    const [reference, policy] = await Promise.all([this.#reference.parameters(), this.#policy.parameters()]);
    const moved = new PolicyOnBackend(this.#backend, this.#definition, this.#passes, null, mixed(reference, policy, this.#sync.share));
    this.#reference.copyFrom(moved);
    moved.dispose();
    this.#referenceLogps = null;
    return true;
  }

  /** Log-probs of the opponents' law, up to a constant for each prompt: (1 - c) log π + c log π_ref, where 0 times -∞ is 0. */
  #mixture(now: Logps, coefficient: number): Float64Array {
    const part = (weight: number, logp = Number.NaN) => (weight === 0 ? 0 : weight * logp);
    return Float64Array.from(now, (logp, i) => part(1 - coefficient, logp) + part(coefficient, this.#referenceLogps?.[i]));
  }

  /** [prompts, groups, n] outcomes; where the loss tells, the last of each group are an opponent's. `now`: [prompts × K] log π. */
  async #sample(round: number, own: boolean, now: Logps): Promise<Uint32Array> {
    const { sampling } = this.#experiment;
    const loss = this.#loss;
    const fixed = this.#fixedSource ?? (own ? null : this.#referenceLogps);
    if (loss.over === 'pairs' || loss.mixtureCoef === null) return this.#draw(round, fixed, sampling.n, streams.sampling);
    const opponents = Math.floor(sampling.n / 2);
    const mixture = this.#mixture(now, sampling.mixtureCoef ?? loss.mixtureCoef);
    const first = await this.#draw(round, fixed, sampling.n - opponents, streams.sampling);
    const last = await this.#draw(round, mixture, opponents, streams.opponents);
    const all = new Uint32Array(first.length + last.length);
    for (let group = 0; group * sampling.n < all.length; group++) {
      const its = sampling.n - opponents;
      all.set(first.subarray(group * its, (group + 1) * its), group * sampling.n);
      all.set(last.subarray(group * opponents, (group + 1) * opponents), group * sampling.n + its);
    }
    return all;
  }

  /** [prompts, groups, n] outcomes of a law given by its log-probs [prompts × K]; null: of the present policy. */
  async #draw(round: number, fixed: Logps | null, n: number, stream: number): Promise<Uint32Array> {
    const { sampling, rewards, seed = 0 } = this.#experiment;
    const { columns } = this.#definition;
    const rows = rewards.length;
    const draws = sampling.groups * n;
    const owned: Storage[] = [];
    const own = (storage: Storage) => {
      owned.push(storage);
      return storage;
    };
    if (!fixed) this.#distributions.compute(this.#policy);
    const logits = fixed ? own(this.#backend.upload(fixed)) : this.#distributions.logits;
    const stats = own(this.#backend.allocate('float', 2 * rows));
    const mask = own(this.#backend.upload(new Uint32Array(rows).fill(1)));
    const samples = own(this.#backend.allocate('u32', rows * draws));
    const seeds = own(this.#backend.upload(Uint32Array.of(seed)));
    this.#backend.logSumExp({ rows, columns, logits, mask, stats });
    const drawn = sampling.once ? 0 : round; // the round is part of what decides the draws
    this.#kernels.sampleCategorical({ runs: 1, rows, columns, draws, seeds, stream, round: drawn, logits, stats, samples });
    try {
      return await this.#backend.readIndices(samples);
    } finally {
      for (const storage of owned) storage.dispose();
    }
  }

  /** Null where no group is left, or none holds two responses whose rewards are far enough apart: there is nothing to compare. */
  #passOver(groups: readonly SampledGroup[]): LossPass | null {
    if (groups.length === 0) return null;
    const loss = this.#loss;
    if (loss.over === 'groups') {
      const given = groups.map((group) => {
        const { samples } = group;
        const kept = loss.bestAlone ? [samples.reduce((best, each) => (each.reward > best.reward ? each : best))] : samples;
        return groupOf({ ...group, samples: kept });
      });
      return new GroupPass(this.#backend, this.#kernels, this.#definition, [given], loss.objective);
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
    const tells = this.#loss.over === 'groups' && this.#loss.mixtureCoef !== null;
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
        return { prompt, samples: members, ...(tells ? { opponents: Math.floor(sampling.n / 2) } : {}) };
      }),
    );
  }
}
