import { assertInteger, assertObject } from '../../core/assertions.ts';
import { ExperimentError } from '../../core/errors.ts';
import type { Experiment, Pair, Sweep } from '../../core/experiment.ts';
import { maxRuns } from '../../core/max-runs.ts';
import { findOptimizer, type Optimizer, type UpdateSettings, updateSettings } from '../../core/optimizer.ts';
import type { CompiledObjective } from '../../objectives/compile.ts';
import { definePolicy } from '../../policies/kinds.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';
import { hasMask } from '../passes/experiment-columns.ts';
import type { Resolvers } from '../prepared.ts';
import { rememberingResolvers } from '../remembering.ts';
import { type PreparedRun, prepareRun } from '../start-run.ts';
import type { Packable } from '../trials/pack.ts';
import { resolveData } from '../validate/resolve-data.ts';
import { validateInputs } from '../validate/validate-inputs.ts';
import { canPack } from './ensemble.ts';
import { type Axis, readAxis } from './sweep-axis.ts';

/** One point of the grid and one seed. */
export interface SweepRun {
  x: number;
  y: number;
  seed: number;
}

/** Results of `make` by key, each made once. */
class Cache<T> {
  readonly #values = new Map<number, T>();
  get(key: number, make: () => T): T {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#values.set(key, made);
    return made;
  }
}

/**
 * The runs of a sweep, in the order in which they are trained: a whole grid for each seed. Each part of a run (policy, pairs, objective,
 * optimiser) is made once for all runs that share it.
 */
export class SweepPlan {
  readonly columns: number;
  readonly rows: number;
  readonly seeds: number;
  /** the runs to train, by their index: those of the sweep's share */
  readonly own: readonly number[];
  readonly #experiment: Experiment;
  readonly #axes: readonly [Axis, Axis];
  /** which axes, and whether the seed, lead into a part of a run */
  readonly #roots: Readonly<Record<'policy' | 'pairs' | 'objective' | 'optimizer', { across: boolean; down: boolean; seeds: boolean }>>;
  readonly #policies = new Cache<PolicyDefinition>();
  readonly #pairs = new Cache<{ readonly list: readonly Pair[]; readonly masked: boolean }>();
  readonly #objectives = new Cache<CompiledObjective>();
  readonly #resolvers: Resolvers = rememberingResolvers();
  readonly #optimizer: Optimizer;
  readonly #settings = new Cache<{ settings: UpdateSettings; steps: number }>();
  /** short names of texts that stand in the keys of many runs */
  readonly #names = new Map<string, number>();

  /** Rejects with an ExperimentError for a bad axis, and for any axis value that makes the experiment one that could not be trained. */
  static async of(sweep: Sweep): Promise<SweepPlan> {
    const plan = new SweepPlan(sweep);
    const check = async (run: SweepRun): Promise<void> => {
      const prepared = await plan.prepare(run);
      if (!('stages' in prepared)) await validateInputs(prepared);
    };
    for (let x = 0; x < plan.columns; x++) await check({ x, y: 0, seed: 0 });
    for (let y = 1; y < plan.rows; y++) await check({ x: 0, y, seed: 0 });
    return plan;
  }

  private constructor(sweep: Sweep) {
    assertObject('(sweep)', sweep);
    const { experiment, seeds = 1, share = { index: 0, of: 1 } } = sweep;
    assertObject('(experiment of the sweep)', experiment);
    this.#axes = [readAxis('x', sweep.x, experiment), readAxis('y', sweep.y, experiment)];
    const names = this.#axes.flatMap((axis) => axis.names);
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) throw new ExperimentError(twice, 'is a path that both axes, or one of them twice, would move; choose others.');
    assertInteger('(sweep).seeds', seeds, 1, maxRuns + 1);
    this.#experiment = experiment;
    this.columns = sweep.x.values.length;
    this.rows = sweep.y.values.length;
    this.seeds = seeds;
    if (this.runs > maxRuns) throw new ExperimentError('(sweep)', `asks for ${this.runs} runs; at most ${maxRuns} are allowed.`);
    this.own = this.#shareOf(share);
    const roots = (names: readonly string[], isSeeded = false) => {
      const [across, down] = this.#axes.map((axis) => axis.leadsInto(isSeeded ? [...names, 'seed'] : names)) as [boolean, boolean];
      return { across, down, seeds: isSeeded };
    };
    this.#roots = {
      policy: roots(['policy'], (experiment.policy?.noise ?? 0) > 0 || names.includes('policy.noise')),
      pairs: roots(['pairs', 'data'], experiment.data !== undefined),
      objective: roots(['objective']),
      optimizer: roots(['optimizer']),
    };
    this.#optimizer = findOptimizer(experiment.optimizer?.kind) as Optimizer; // refused with the rest where there is none such
  }

  #shareOf(share: { index: number; of: number }): number[] {
    assertObject('(sweep).share', share);
    const { index, of } = share;
    assertInteger('(sweep).share.of', of, 1, maxRuns + 1);
    assertInteger('(sweep).share.index', index, 0, of);
    const cells = this.columns * this.rows;
    const own: number[] = [];
    for (let seed = 0; seed < this.seeds; seed++) for (let cell = index; cell < cells; cell += of) own.push(seed * cells + cell);
    return own;
  }

  /** Outcomes, or tokens, that the policies of all runs have. */
  get vocabulary(): number {
    const { policy, seed } = this.experiment({ x: 0, y: 0, seed: 0 });
    return definePolicy(policy, seed).columns;
  }

  get runs(): number {
    return this.columns * this.rows * this.seeds;
  }

  /** Whether each update is on all pairs, against the policy at the start, as in an ensemble. */
  get #isFullBatch(): boolean {
    const { stages, groups, optimizer, reference, syncReference } = this.#experiment;
    return !(
      stages ||
      groups ||
      reference ||
      syncReference ||
      optimizer.batchSize !== undefined ||
      this.#axes.some(({ names }) => names.includes('optimizer.batchSize'))
    );
  }

  /** Equal for runs that share everything which one program fixes, so far as axes change it. */
  #structureOf({ x, y }: SweepRun): string {
    const [across, down] = this.#axes;
    return `${across.isStructural ? x : ''}/${down.isStructural ? y : ''}`;
  }

  at(index: number): SweepRun {
    const cells = this.columns * this.rows;
    const cell = index % cells;
    return { x: cell % this.columns, y: Math.floor(cell / this.columns), seed: Math.floor(index / cells) };
  }

  /** The experiment of one run. */
  experiment({ x, y, seed }: SweepRun): Experiment {
    const [across, down] = this.#axes;
    const set = down.set(across.set(this.#experiment, x), y);
    return { ...set, seed: ((set.seed ?? 0) + seed) >>> 0 };
  }

  /** [prompts, K] true rewards of the outcomes, where preferences are generated from them. */
  rewards(run: SweepRun): readonly (readonly number[])[] | undefined {
    return this.experiment(run).data?.rewards;
  }

  /** The run, checked and ready to train alone. */
  prepare(run: SweepRun): Promise<PreparedRun> {
    return prepareRun(this.experiment(run), this.#resolvers);
  }

  /** What of a run goes into an ensemble; null where ensembles lack what it needs. */
  packable(run: SweepRun): Packable | null {
    if (!this.#isFullBatch) return null;
    const objective = () => this.#objectives.get(this.#key(run, this.#roots.objective), () => this.#resolve(run));
    const { packs, wgsl, values } = this.#objectiveNumbers(run, objective);
    const pairs = this.#pairs.get(this.#key(run, this.#roots.pairs), () => {
      const { pairs: list } = resolveData(this.experiment(run));
      return { list, masked: hasMask(list) };
    });
    const definition = this.#policies.get(this.#key(run, this.#roots.policy), () => {
      const { policy, seed } = this.experiment(run);
      return definePolicy(policy, seed);
    });
    if (!packs || pairs.masked || !definition.fused) return null;
    return {
      key: `${this.#structureOf(run)} ${this.#nameOf(definition.fused.key)} ${pairs.list.length} ${this.#nameOf(wgsl)}`,
      pairs: pairs.list,
      rewards: () => this.rewards(run),
      optimizer: this.#optimizer,
      definition,
      ...this.#settings.get(this.#key(run, this.#roots.optimizer), () => {
        const { optimizer } = this.experiment(run);
        return { settings: updateSettings(optimizer), steps: optimizer.steps };
      }),
      objective,
      objectiveParameters: values,
    };
  }

  #nameOf(text: string): number {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    this.#names.set(text, this.#names.size);
    return this.#names.size - 1;
  }

  /** Equal for runs that share a part. */
  #key({ x, y, seed }: SweepRun, { across, down, seeds }: { across: boolean; down: boolean; seeds: boolean }): number {
    return ((seeds ? seed : 0) * this.rows + (down ? y : 0)) * this.columns + (across ? x : 0);
  }

  /**
   * The objective's parameters of a run. Where both axes lead into the objective, those that each axis changes alone are put together,
   * which spares compiling the objective for every point of the grid.
   */
  #objectiveNumbers(run: SweepRun, exact: () => CompiledObjective): { packs: boolean; wgsl: string; values: readonly number[] } {
    const isPacked = (objective: CompiledObjective) => canPack(objective, this.#optimizer);
    const alone = (objective: CompiledObjective) => {
      const { wgsl, parameterValues } = objective;
      return { packs: isPacked(objective), wgsl, values: parameterValues };
    };
    if (!(this.#roots.objective.across && this.#roots.objective.down)) return alone(exact());
    const part = (x: number, y: number) => this.#objectives.get(y * this.columns + x, () => this.#resolve({ x, y, seed: 0 }));
    const [base, across, down] = [part(0, 0), part(run.x, 0), part(0, run.y)];
    const changes = base.parameterValues.map((value, i) => [across.parameterValues[i] !== value, down.parameterValues[i] !== value]);
    const isSeparable = base.wgsl === across.wgsl && base.wgsl === down.wgsl && !changes.some(([a, b]) => a && b);
    if (!isSeparable) return alone(exact());
    const values = base.parameterValues.map((value, i) =>
      changes[i]?.[0] ? (across.parameterValues[i] ?? value) : (down.parameterValues[i] ?? value),
    );
    return { packs: [base, across, down].every(isPacked), wgsl: base.wgsl, values };
  }

  #resolve(run: SweepRun): CompiledObjective {
    return this.#resolvers.pairs(this.experiment(run).objective);
  }
}
