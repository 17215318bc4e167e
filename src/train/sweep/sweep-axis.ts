import { assertFinite, assertList, assertObject } from '../../core/assertions.ts';
import { ExperimentError } from '../../core/errors.ts';
import type { Experiment, SweepAxis, SweepPath } from '../../core/experiment.ts';
import { getAt, type JsonPath, parsePath, setAt } from '../../core/json-path.ts';

/** Optional numbers that an axis may set though the experiment leaves them out; whether they are valid is checked with the rest. */
const optional =
  /^(seed|policy\.(noise|scale)|(stages\.\d+\.)?((pairs|groups)\.\d+\.weight|objective\.params\.\w+|optimizer\.(momentum|beta1|beta2|epsilon|weightDecay|batchSize)|data\.\w+))$/;

/** What all runs of an ensemble share besides what their policies do. */
const structural = /^(data\.rewards|optimizer\.batchSize)/;

/** Parts that an axis may replace as a whole, and those of them whose shape cannot change. */
const replaceable = /^(policy\..+|(stages\.\d+\.)?(pairs|groups)(\..+)?)$/;
const rows = /^(pairs|policy\.(logits|hidden|unembedding|table|weights)\.\d+$|policy\.prefixes\.\d+\.hidden$)/;

/** What of the experiment an axis moves. */
interface Part {
  readonly values: readonly (number | object)[];
  readonly path: JsonPath;
  readonly name: string;
  readonly isStructural: boolean;
}

/** An axis of a sweep, checked against the experiment. */
export class Axis {
  /** what it moves, as in 'optimizer.steps' */
  readonly names: readonly string[];
  /** whether runs with different values cannot share an ensemble */
  readonly isStructural: boolean;
  readonly #parts: readonly Part[];

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
    this.names = parts.map(({ name }) => name);
    this.isStructural = parts.some(({ isStructural }) => isStructural);
  }

  /** Whether it moves anything below one of the roots. */
  leadsInto(roots: readonly string[]): boolean {
    return this.#parts.some(({ path: [root] }) => roots.includes(String(root)));
  }

  /** The experiment with the axis' values at `index`. */
  set(experiment: Experiment, index: number): Experiment {
    return this.#parts.reduce((set, { path, values }) => setAt(set, path, values[index]), experiment);
  }
}

/** Throws an ExperimentError for an axis that the experiment cannot have. */
export function readAxis(name: 'x' | 'y', axis: SweepAxis, experiment: Experiment): Axis {
  assertObject(`${name} (axis of the sweep)`, axis);
  const { along = [] } = axis;
  if (!Array.isArray(along)) throw new ExperimentError(`${name}.along (axis of the sweep)`, 'must be a list of paths with their values.');
  const parts = [axis, ...along].map((part: SweepPath, index) => {
    const place = index === 0 ? name : `${name}.along[${index - 1}]`;
    const read = readPart(place, part, experiment);
    if (read.values.length !== axis.values.length)
      throw new ExperimentError(
        `${place}.values (axis of the sweep)`,
        `has ${read.values.length} entries where the axis has ${axis.values.length}; give one for each.`,
      );
    return read;
  });
  return new Axis(parts);
}

function readPart(name: string, axis: SweepPath, experiment: Experiment): Part {
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
      throw new ExperimentError(
        axis.path,
        'holds nothing that a sweep could replace; whole parts of the policy, of the pairs and of the groups can be.',
      );
  } else if (typeof present !== 'number' && !(present === undefined && optional.test(key)))
    throw new ExperimentError(axis.path, 'holds no number that a sweep could vary; check the spelling, or set it in the experiment first.');
  return { values: axis.values, path, name: key, isStructural: structural.test(key) || (ofParts && !rows.test(key)) };
}
