import type { Backend, FurtherKernels, Storage } from '../../backend/backend.ts';
import { entropy, expectedReward, klDivergence } from '../../core/exact.ts';
import type { Parameters } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import type { OnPolicyExperiment, OnPolicyRound } from '../../core/on-policy.ts';
import { findOptimizer, type Optimizer, updateSettings } from '../../core/optimizer.ts';
import { RandomStream, streams } from '../../core/rng.ts';
import { logSoftmax } from '../../core/softmax.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';
import { stackPolicies } from '../../policies/stack-policies.ts';
import { GroupPass } from '../group/group-pass.ts';
import { OutcomeDistributions } from '../outcome-distributions.ts';
import { mixed, type Sync, syncOf } from '../own-reference.ts';
import type { LossPass } from '../passes/loss-pass.ts';
import { PairPass } from '../passes/pair-pass.ts';
import { PolicyOnBackend } from '../passes/policy-on-backend.ts';
import type { CompiledOnPolicyLoss } from './on-policy-loss.ts';
import { groupOf, kept, label, pairsOf, type SampledGroup, withBestAlone } from './samples.ts';

/** A run on samples, ready to train. */
export interface OnPolicyRun {
  readonly experiment: OnPolicyExperiment;
  readonly loss: CompiledOnPolicyLoss;
  readonly definition: PolicyDefinition;
  /** of the policy's tensors; undefined: the policy at the start */
  readonly reference: Parameters | undefined;
}

type Logps = Float32Array | Float64Array;
type Passes = Awaited<ReturnType<PolicyDefinition['passes']>>;

/**
 * Runs that go on round by round together: their policies stand in a stack, so that each kernel is called once for all of them. All have one
 * key of `lockstepShape`. What a run reads, draws and adds up, and in which order, is that of the run alone, and so are its numbers: to the
 * bit, but where an adapter reads so many more rows in another way (`planRows`). There they differ by rounding, and a draw whose uniform
 * number lies that near to a boundary may fall otherwise, as between the engines.
 */
export class Lockstep {
  readonly #backend: Backend;
  readonly #kernels: FurtherKernels;
  readonly #runs: readonly OnPolicyRun[];
  /** what is the same in all of them */
  readonly #shared: OnPolicyExperiment;
  readonly #loss: CompiledOnPolicyLoss;
  readonly #definition: PolicyDefinition;
  readonly #passes: Passes;
  readonly #optimizer: Optimizer;
  readonly #policy: PolicyOnBackend;
  readonly #reference: PolicyOnBackend;
  readonly #distributions: OutcomeDistributions;
  readonly #seeds: Storage;
  /** [runs × prompts × K] log-probs of laws that make the data in the policies' place */
  readonly #sampler: Logps | null;
  readonly #sync: Sync | null;
  /** numbers of one run in [runs × prompts × K] */
  readonly #width: number;
  #start: Logps | null = null;
  #referenceLogps: Logps | null = null;

  static async open(backend: Backend, runs: readonly OnPolicyRun[]): Promise<Lockstep> {
    const definition = stackPolicies(runs.map((run) => run.definition));
    return new Lockstep(backend, await backend.further(), runs, definition, await definition.passes(backend));
  }

  private constructor(
    backend: Backend,
    kernels: FurtherKernels,
    runs: readonly OnPolicyRun[],
    definition: PolicyDefinition,
    passes: Passes,
  ) {
    const [{ experiment, loss }] = runs as readonly [OnPolicyRun];
    const { optimizer, sampling, syncReference, rewards } = experiment;
    this.#backend = backend;
    this.#kernels = kernels;
    this.#runs = runs;
    this.#shared = experiment;
    this.#loss = loss;
    this.#definition = definition;
    this.#passes = passes;
    this.#width = rewards.length * definition.columns;
    this.#sync = syncReference ? syncOf(syncReference) : null;
    this.#sampler = sampling.sampler
      ? Float64Array.from(runs.flatMap((run) => run.experiment.sampling.sampler?.flatMap((row) => logSoftmax(row)) ?? []))
      : null;
    this.#optimizer = findOptimizer(optimizer.kind) as Optimizer;
    this.#policy = new PolicyOnBackend(backend, definition, passes, this.#optimizer);
    this.#reference = new PolicyOnBackend(backend, definition, passes, null, stacked(runs.map(({ reference }) => reference)));
    this.#distributions = new OutcomeDistributions(backend, definition);
    this.#seeds = backend.upload(Uint32Array.from(runs, (run) => run.experiment.seed ?? 0));
  }

  /** Samples, trains on the samples, and returns of each run the state before, with those between two updates that are wanted. */
  async round(round: number, wanted: ReadonlySet<number>): Promise<OnPolicyRound[][]> {
    const { sampling, resetReference, optimizer } = this.#shared;
    if (resetReference !== undefined && round > 0 && round % resetReference === 0) {
      this.#reference.copyFrom(this.#policy);
      this.#referenceLogps = null;
    }
    const own = this.#drawsOwn(round);
    // what is drawn of the present policy alone need not wait for its state to be read
    const [before, early] = await Promise.all([this.state(round), own && this.#drawsPlainly ? this.#draw(round, null, sampling.n) : null]);
    const now = Float64Array.from(before.flatMap(({ outcomeLogps }) => outcomeLogps));
    const drawn = early ?? (await this.#sample(round, own, now));
    const sampled = this.#label(round, drawn, own ? now : (this.#referenceLogps ?? now));
    const states = before.map((state, run): OnPolicyRound[] => [{ ...state, groups: (sampled[run] ?? []).map(groupOf) }]);
    const pass = this.#passOver(sampled.map((groups) => kept(groups, sampling)));
    const between = async (update: number): Promise<void> => {
      if (update === 0 || !wanted.has(round * sampling.updates + update)) return;
      for (const [run, state] of (await this.state(round, update)).entries()) states[run]?.push(state);
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
    } finally {
      drawnFrom?.dispose();
      pass.dispose();
    }
    return states;
  }

  /** The exact states of all runs before `round`, or after so many updates on its samples. */
  async state(round: number, update = 0): Promise<OnPolicyRound[]> {
    const all = await this.#logps(this.#policy);
    this.#start ??= all;
    this.#referenceLogps ??= await this.#logps(this.#reference);
    const { columns: K } = this.#definition;
    const [allOfStart, allOfReference] = [this.#start, this.#referenceLogps];
    return this.#runs.map(({ experiment: { rewards, sampling } }, run) => {
      const row = (values: Logps, prompt: number) => this.#of(run, values).subarray(prompt * K, (prompt + 1) * K);
      const over = (value: (own: Logps, prompt: number) => number) => mean(rewards.map((_, prompt) => value(row(all, prompt), prompt)));
      return {
        round,
        updates: round * sampling.updates + update,
        expectedReward: over((own, prompt) => expectedReward(own, rewards[prompt] ?? [])),
        entropy: over(entropy),
        klToStart: over((own, prompt) => klDivergence(own, row(allOfStart, prompt))),
        klToReference: over((own, prompt) => klDivergence(own, row(allOfReference, prompt))),
        outcomeLogps: [...this.#of(run, all)],
      };
    });
  }

  /** Of each run. */
  async parameters(): Promise<Parameters[]> {
    const all = Object.entries(await this.#policy.parameters());
    return this.#runs.map((_, run) => {
      const part = (values: Logps): Logps => {
        const length = values.length / this.#runs.length;
        return values.slice(run * length, (run + 1) * length);
      };
      return Object.fromEntries(all.map(([name, values]) => [name, part(values as Logps)]));
    });
  }

  dispose(): void {
    for (const held of [this.#policy, this.#reference, this.#distributions, this.#seeds]) held.dispose();
  }

  /** What of [runs × prompts × K] is a run's. */
  #of(run: number, values: Logps): Logps {
    return values.subarray(run * this.#width, (run + 1) * this.#width);
  }

  /** Log-probs of who makes the data, where that is not the present policy: kept of the start, since the reference may have moved on. */
  get #fixedSource(): Logps | null {
    return this.#sampler ?? (this.#shared.sampling.source === 'start' ? this.#start : null);
  }

  /** Whether a round on the policy's own samples draws all of them from it. */
  get #drawsPlainly(): boolean {
    const { sampling } = this.#shared;
    return !this.#sampler && sampling.source !== 'start' && (this.#loss.over === 'pairs' || this.#loss.mixtureCoef === null);
  }

  async #logps(policy: PolicyOnBackend): Promise<Logps> {
    this.#distributions.compute(policy);
    return this.#backend.read(this.#distributions.logProbs);
  }

  /** Whether the samples of a round are the policy's own, where a share of the rounds' is. */
  #drawsOwn(round: number): boolean {
    const { sampling, seed = 0 } = this.#shared;
    const { lmbda = 1 } = sampling;
    return new RandomStream(seed, streams.ownSamples + 16 * round).uniform() < lmbda;
  }

  /** Moves the references towards the policies where it is time; says whether. */
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

  /** [runs, prompts, groups, n] outcomes; where the loss tells, the last of each group are an opponent's. `now`: [runs × prompts × K] log π. */
  async #sample(round: number, own: boolean, now: Logps): Promise<Uint32Array> {
    const { sampling } = this.#shared;
    const loss = this.#loss;
    const fixed = this.#fixedSource ?? (own ? null : this.#referenceLogps);
    if (loss.over === 'pairs' || loss.mixtureCoef === null) return this.#draw(round, fixed, sampling.n);
    const opponents = Math.floor(sampling.n / 2);
    const mixture = this.#mixture(now, sampling.mixtureCoef ?? loss.mixtureCoef);
    const first = await this.#draw(round, fixed, sampling.n - opponents);
    const last = await this.#draw(round, mixture, opponents, streams.opponents);
    const all = new Uint32Array(first.length + last.length);
    for (let group = 0; group * sampling.n < all.length; group++) {
      const its = sampling.n - opponents;
      all.set(first.subarray(group * its, (group + 1) * its), group * sampling.n);
      all.set(last.subarray(group * opponents, (group + 1) * opponents), group * sampling.n + its);
    }
    return all;
  }

  /** [runs, prompts, groups, n] outcomes of laws given by their log-probs [runs × prompts × K]; null: of the present policies. */
  async #draw(round: number, fixed: Logps | null, n: number, stream: number = streams.sampling): Promise<Uint32Array> {
    const { sampling, rewards } = this.#shared;
    const { columns } = this.#definition;
    const runs = this.#runs.length;
    const rows = rewards.length;
    const draws = sampling.groups * n;
    const owned: Storage[] = [];
    const own = (storage: Storage) => {
      owned.push(storage);
      return storage;
    };
    if (!fixed) this.#distributions.compute(this.#policy);
    const logits = fixed ? own(this.#backend.upload(fixed)) : this.#distributions.logits;
    const stats = own(this.#backend.allocate('float', 2 * runs * rows));
    const mask = own(this.#backend.upload(new Uint32Array(runs * rows).fill(1)));
    const samples = own(this.#backend.allocate('u32', runs * rows * draws));
    this.#backend.logSumExp({ rows: runs * rows, columns, logits, mask, stats });
    const drawn = sampling.once ? 0 : round; // the round is part of what decides the draws
    this.#kernels.sampleCategorical({ runs, rows, columns, draws, seeds: this.#seeds, stream, round: drawn, logits, stats, samples });
    try {
      return await this.#backend.readIndices(samples);
    } finally {
      for (const storage of owned) storage.dispose();
    }
  }

  /** Of each run the groups that it has drawn, with its own prompts. `logps`: of who was sampled. */
  #label(round: number, drawn: Uint32Array, logps: Logps): SampledGroup[][] {
    const sampled = this.#fixedSource ?? logps;
    const reference = this.#referenceLogps ?? new Float64Array();
    const tells = this.#loss.over === 'groups' && this.#loss.mixtureCoef !== null;
    const own = drawn.length / this.#runs.length;
    return this.#runs.map(({ experiment }, run) =>
      label(experiment, round, drawn.subarray(run * own, (run + 1) * own), this.#of(run, sampled), this.#of(run, reference), tells),
    );
  }

  /** Null where no group is left, or none holds two responses whose rewards are far enough apart: there is nothing to compare. */
  #passOver(lists: readonly (readonly SampledGroup[])[]): LossPass | null {
    const loss = this.#loss;
    const prompts = this.#shared.rewards.length;
    const stacks = lists.map((groups, run) => groups.map((group) => ({ ...group, prompt: run * prompts + group.prompt })));
    if (stacks.every(({ length }) => length === 0)) return null;
    if (loss.over === 'groups') {
      const given = stacks.map((groups) => groups.map((group) => groupOf(loss.bestAlone ? withBestAlone(group) : group)));
      return new GroupPass(this.#backend, this.#kernels, this.#definition, given, loss.objective);
    }
    const pairs = stacks.flat().flatMap((group) => pairsOf(group, loss.threshold));
    if (pairs.length === 0) return null;
    return new PairPass(this.#backend, this.#definition, pairs, loss.objective, this.#optimizer.normalisesPairs ? this.#kernels : null);
  }
}

/** Tensors of each name one after the other; undefined where there are none. */
function stacked(all: readonly (Parameters | undefined)[]): Parameters | undefined {
  const [first] = all;
  if (!first || all.length === 1) return first;
  return Object.fromEntries(Object.keys(first).map((name) => [name, Float64Array.from(all.flatMap((each) => [...(each?.[name] ?? [])]))]));
}
