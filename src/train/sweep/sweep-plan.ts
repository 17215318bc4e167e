import { assertFinite, assertInteger, assertList, assertObject } from '../../core/assertions.ts';
import { ExperimentError } from '../../core/errors.ts';
import type { Experiment, Pair, Sweep, SweepAxis } from '../../core/experiment.ts';
import { getAt, type JsonPath, parsePath, setAt } from '../../core/json-path.ts';
import { maxRuns } from '../../core/max-runs.ts';
import { type UpdateSettings, updateSettings } from '../../core/optimizer.ts';
import type { CompiledObjective } from '../../objectives/compile.ts';
import { resolveObjective } from '../../objectives/resolve.ts';
import '../../policies/further-kinds.ts';
import { definePolicy } from '../../policies/kinds.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';
import { hasMask } from '../experiment-columns.ts';
import { resolveData } from '../validate/resolve-data.ts';
import { validateExperiment } from '../validate/validate-experiment.ts';

/** Optional numbers that an axis may set though the experiment leaves them out; whether they are valid is checked with the rest. */
const optional =
  /^(seed|policy\.(noise|scale)|pairs\.\d+\.weight|objective\.params\.\w+|optimizer\.(momentum|beta1|beta2|epsilon|weightDecay|batchSize)|data\.\w+)$/;

/** What all runs of an ensemble share besides what their policies do. */
const structural = /^(data\.rewards|optimizer\.batchSize)/;

/** Parts that an axis may replace as a whole, and those of them whose shape cannot change. */
const replaceable = /^(policy\..+|pairs(\..+)?)$/;
const rows = /^(pairs|policy\.(logits|hidden|unembedding|table|weights)\.\d+$|policy\.prefixes\.\d+\.hidden$)/;

interface Axis {
  values: readonly (number | object)[];
  path: JsonPath;
  name: string;
  /** runs with different values cannot share an ensemble */
  isStructural: boolean;
}

/** One point of the grid and one seed. */
export interface SweepRun {
  x: number;
  y: number;
  seed: number;
}

/** What of a run goes into an ensemble. */
export interface RunSpecification {
  definition: PolicyDefinition;
  pairs: readonly Pair[];
  settings: UpdateSettings;
  steps: number;
  objective(): CompiledObjective;
  objectiveWgsl: string;
  objectiveParameters: readonly number[];
}

function readAxis(name: 'x' | 'y', axis: SweepAxis, experiment: Experiment): Axis {
  assertObject(`${name} (axis of the sweep)`, axis);
  assertList(`${name}.values (axis of the sweep)`, axis.values);
  const [first] = axis.values;
  const ofParts = typeof first === 'object';
  for (const [index, value] of axis.values.entries()) {
    const place = `${name}.values[${index}] (axis of the sweep)`;
    if (!ofParts) assertFinite(place, value);
    else if (typeof value !== 'object' || value === null || Array.isArray(value) !== Array.isArray(first))
      throw new ExperimentError(place, 'must be a part of the experiment like the first value.');
  }
  const path = typeof axis.path === 'string' ? parsePath(axis.path) : null;
  if (!path)
    throw new ExperimentError(String(axis.path), `is not a path; write one such as 'objective.params.beta' or 'policy.logits[0][3]'.`);
  const present = getAt(experiment, path);
  const key = path.join('.');
  if (ofParts) {
    if (typeof present !== 'object' || !replaceable.test(key))
      throw new ExperimentError(axis.path, 'holds nothing that a sweep could replace; whole parts of the policy and of the pairs can be.');
  } else if (typeof present !== 'number' && !(present === undefined && optional.test(key)))
    throw new ExperimentError(axis.path, 'holds no number that a sweep could vary; check the spelling, or set it in the experiment first.');
  return { values: axis.values, path, name: key, isStructural: structural.test(key) || (ofParts && !rows.test(key)) };
}

/** Results of `make` by key, each made once. */
class Cache<T> {
  readonly #values = new Map<string, T>();
  get(key: string, make: () => T): T {
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
  readonly #experiment: Experiment;
  readonly #axes: readonly [Axis, Axis];
  readonly #policies = new Cache<PolicyDefinition>();
  readonly #pairs = new Cache<readonly Pair[]>();
  readonly #objectives = new Cache<CompiledObjective>();
  readonly #settings = new Cache<{ settings: UpdateSettings; steps: number }>();

  /** Throws an ExperimentError for a bad axis, or for any axis value that makes the experiment invalid. */
  constructor(sweep: Sweep) {
    assertObject('(sweep)', sweep);
    const { experiment, seeds = 1 } = sweep;
    assertObject('(experiment of the sweep)', experiment);
    if (experiment.stages) throw new ExperimentError('stages', 'cannot be swept; sweep one stage, or call engine.train for each point.');
    if (experiment.groups) throw new ExperimentError('groups', 'cannot be swept; sweep pairs, or call engine.train for each point.');
    if (hasMask(experiment.pairs ?? []))
      throw new ExperimentError('pairs', 'with masks cannot be swept; leave the masks out, or call engine.train for each point.');
    this.#axes = [readAxis('x', sweep.x, experiment), readAxis('y', sweep.y, experiment)];
    if (this.#axes[0].name === this.#axes[1].name) throw new ExperimentError(sweep.y.path, 'is the path of both axes; choose two.');
    assertInteger('(sweep).seeds', seeds, 1, maxRuns + 1);
    this.#experiment = experiment;
    this.columns = sweep.x.values.length;
    this.rows = sweep.y.values.length;
    this.seeds = seeds;
    if (this.runs > maxRuns) throw new ExperimentError('(sweep)', `asks for ${this.runs} runs; at most ${maxRuns} are allowed.`);
    for (let x = 0; x < this.columns; x++) validateExperiment(resolveData(this.experiment({ x, y: 0, seed: 0 })));
    for (let y = 1; y < this.rows; y++) validateExperiment(resolveData(this.experiment({ x: 0, y, seed: 0 })));
  }

  get runs(): number {
    return this.columns * this.rows * this.seeds;
  }

  /** Whether each update is on all pairs, as in an ensemble. */
  get isFullBatch(): boolean {
    return !this.#axes.some(({ name }) => name === 'optimizer.batchSize') && this.#experiment.optimizer.batchSize === undefined;
  }

  /** Equal for runs that share everything which one program fixes. */
  structureOf({ x, y }: SweepRun): string {
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
    const set = setAt(setAt(this.#experiment, across.path, across.values[x]), down.path, down.values[y]);
    return { ...set, seed: ((set.seed ?? 0) + seed) >>> 0 };
  }

  /** [prompts, K] true rewards of the outcomes, where preferences are generated from them. */
  rewards(run: SweepRun): readonly (readonly number[])[] | undefined {
    return this.experiment(run).data?.rewards;
  }

  specification(run: SweepRun): RunSpecification {
    const objective = () => this.#objectives.get(this.#key(run, ['objective']), () => resolveObjective(this.experiment(run).objective));
    const { wgsl, values } = this.#objectiveNumbers(run, objective);
    return {
      definition: this.#policies.get(this.#key(run, ['policy'], this.#isNoisy), () => {
        const { policy, seed } = this.experiment(run);
        return definePolicy(policy, seed);
      }),
      pairs: this.#pairs.get(
        this.#key(run, ['pairs', 'data'], this.#experiment.data !== undefined),
        () => resolveData(this.experiment(run)).pairs,
      ),
      ...this.#settings.get(this.#key(run, ['optimizer']), () => {
        const { optimizer } = this.experiment(run);
        return { settings: updateSettings(optimizer), steps: optimizer.steps };
      }),
      objective,
      objectiveWgsl: wgsl,
      objectiveParameters: values,
    };
  }

  get #isNoisy(): boolean {
    return (this.#experiment.policy.noise ?? 0) > 0 || this.#axes.some(({ name }) => name === 'policy.noise');
  }

  /** Which values of a run its part below `roots` depends on. */
  #key({ x, y, seed }: SweepRun, roots: readonly string[], isSeeded = false): string {
    const [across, down] = this.#axes.map(({ path: [root] }) => roots.includes(String(root)) || (isSeeded && root === 'seed'));
    return `${across ? x : ''}/${down ? y : ''}/${isSeeded ? seed : ''}`;
  }

  /**
   * The objective's parameters of a run. Where both axes lead into the objective, those that each axis changes alone are put together,
   * which spares compiling the objective for every point of the grid.
   */
  #objectiveNumbers(run: SweepRun, exact: () => CompiledObjective): { wgsl: string; values: readonly number[] } {
    if (!this.#axes.every(({ path }) => path[0] === 'objective')) {
      const { wgsl, parameterValues } = exact();
      return { wgsl, values: parameterValues };
    }
    const part = (x: number, y: number) =>
      this.#objectives.get(`${x}/${y}/`, () => resolveObjective(this.experiment({ x, y, seed: 0 }).objective));
    const [base, across, down] = [part(0, 0), part(run.x, 0), part(0, run.y)];
    const changes = base.parameterValues.map((value, i) => [across.parameterValues[i] !== value, down.parameterValues[i] !== value]);
    const isSeparable = base.wgsl === across.wgsl && base.wgsl === down.wgsl && !changes.some(([a, b]) => a && b);
    if (!isSeparable) {
      const { wgsl, parameterValues } = exact();
      return { wgsl, values: parameterValues };
    }
    const values = base.parameterValues.map((value, i) =>
      changes[i]?.[0] ? (across.parameterValues[i] ?? value) : (down.parameterValues[i] ?? value),
    );
    return { wgsl: base.wgsl, values };
  }
}
