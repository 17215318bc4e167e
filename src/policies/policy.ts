import type { LogLinearPolicy, Policy, SequenceOffset } from '../core/experiment.ts';
import { RandomStream, streams } from '../core/rng.ts';

/** One position of a response: the context that it reads and the token that follows. */
export interface Position {
  context: number;
  token: number;
  /** row of the policy's frozen offsets that is added to the logits; 0 where there are none */
  offset: number;
}

export interface ParameterTensor {
  name: string;
  /** row-major */
  values: Float64Array;
  trained: boolean;
}

/** What the engine must know of a policy; made from its JSON by `definePolicy`. */
export interface PolicyDefinition {
  /** which kernels compute its logits: rows of a table, or hidden vectors times an unembedding */
  readonly parameterisation: 'table' | 'features';
  readonly prompts: number;
  /** size of the vocabulary, V or K */
  readonly columns: number;
  /** rows of the table, or hidden vectors */
  readonly contexts: number;
  /** length of a hidden vector; 0 for a table */
  readonly dimensions: number;
  /** a response is one outcome (its distribution is recorded) or a list of tokens */
  readonly response: 'outcome' | 'tokens';
  /** the table, or hidden vectors and unembedding */
  readonly parameters: readonly ParameterTensor[];
  /** [rows, columns] frozen logits that `positions` has named so far, row 0 all zero; null for a policy without */
  readonly offsets: Float64Array | null;
  /** the positions of `response` after `prompt` */
  positions(prompt: number, response: readonly number[]): Position[];
}

const flatten = (rows: readonly (readonly (number | null)[])[]): Float64Array =>
  Float64Array.from(rows.flat(), (value) => value ?? Number.NEGATIVE_INFINITY);

const scaled = (rows: readonly (readonly number[])[], factor: number): Float64Array => flatten(rows).map((value) => value * factor);

const outcome = (prompt: number, response: readonly number[]): Position[] =>
  response.map((token) => ({ context: prompt, token, offset: 0 }));

/** Identifies a prefix: the prompt and the tokens so far. */
export const prefixKey = (prompt: number, tokens: readonly number[]): string => `${prompt}:${tokens.join()}`;

/** The feature matrix [K][d] of a log-linear policy. */
export function responseFeatures(features: LogLinearPolicy['features']): readonly (readonly number[])[] {
  if (Array.isArray(features)) return features;
  const { responses, centres, width } = features;
  return Array.from({ length: responses }, (_, y) => centres.map((centre) => Math.exp(-((y - centre) ** 2) / (2 * width ** 2))));
}

/** Sums of the offsets that apply at each context of a factorised sequence policy; each distinct sum is one row. */
class OffsetTable {
  readonly rows: number[][];
  readonly #offsets: readonly SequenceOffset[];
  readonly #rowOf = new Map<string, number>();

  constructor(offsets: readonly SequenceOffset[], columns: number) {
    this.#offsets = offsets;
    this.rows = [new Array<number>(columns).fill(0)];
    this.#rowOf.set('', 0);
  }

  /** Row of the offsets after `prefix`; makes it if it is new. */
  rowAfter(prompt: number, prefix: readonly number[]): number {
    const applying = [...this.#offsets.entries()].filter(
      ([, { prefix: start, prompt: onlyPrompt, position }]) =>
        start.length <= prefix.length &&
        start.every((token, t) => prefix[t] === token) &&
        (onlyPrompt ?? prompt) === prompt &&
        (position ?? prefix.length) === prefix.length,
    );
    const key = applying.map(([index]) => index).join();
    const known = this.#rowOf.get(key);
    if (known !== undefined) return known;
    const sum = (this.rows[0] ?? []).map((_, v) => applying.reduce((total, [, { logits }]) => total + (logits[v] ?? 0), 0));
    this.#rowOf.set(key, this.rows.length);
    return this.rows.push(sum) - 1;
  }
}

function withoutNoise(policy: Policy): PolicyDefinition {
  switch (policy.kind) {
    case 'tabular':
      return {
        parameterisation: 'table',
        prompts: policy.logits.length,
        columns: policy.logits[0]?.length ?? 0,
        contexts: policy.logits.length,
        dimensions: 0,
        response: 'outcome',
        parameters: [{ name: 'logits', values: flatten(policy.logits), trained: true }],
        offsets: null,
        positions: outcome,
      };
    case 'features': {
      const { train = 'both', scale = 1 } = policy;
      return {
        parameterisation: 'features',
        prompts: policy.hidden.length,
        columns: policy.unembedding.length,
        contexts: policy.hidden.length,
        dimensions: policy.hidden[0]?.length ?? 0,
        response: 'outcome',
        parameters: [
          { name: 'hidden', values: scaled(policy.hidden, 1 / scale), trained: train !== 'unembedding' },
          { name: 'unembedding', values: scaled(policy.unembedding, scale), trained: train !== 'hidden' },
        ],
        offsets: null,
        positions: outcome,
      };
    }
    case 'logLinear': {
      const features = responseFeatures(policy.features);
      return {
        parameterisation: 'features',
        prompts: policy.weights.length,
        columns: features.length,
        contexts: policy.weights.length,
        dimensions: policy.weights[0]?.length ?? 0,
        response: 'outcome',
        parameters: [
          { name: 'weights', values: flatten(policy.weights), trained: true },
          { name: 'features', values: flatten(features), trained: false },
        ],
        offsets: null,
        positions: outcome,
      };
    }
    case 'bigram':
      return {
        parameterisation: 'table',
        prompts: policy.prompts,
        columns: policy.vocab,
        contexts: policy.prompts + policy.vocab,
        dimensions: 0,
        response: 'tokens',
        parameters: [{ name: 'table', values: flatten(policy.table), trained: true }],
        offsets: null,
        positions: (prompt, response) =>
          response.map((token, t) => {
            const previous = response[t - 1];
            return { context: previous === undefined ? prompt : policy.prompts + previous, token, offset: 0 };
          }),
      };
    case 'sequence': {
      if (policy.form === 'features') {
        const { train = 'both', scale = 1 } = policy;
        const contextOf = new Map(policy.prefixes.map(({ prompt, tokens }, index) => [prefixKey(prompt, tokens), index]));
        return {
          parameterisation: 'features',
          prompts: policy.prefixes.reduce((prompts, { prompt }) => Math.max(prompts, prompt + 1), 0),
          columns: policy.unembedding.length,
          contexts: policy.prefixes.length,
          dimensions: policy.unembedding[0]?.length ?? 0,
          response: 'tokens',
          parameters: [
            {
              name: 'hidden',
              values: scaled(
                policy.prefixes.map(({ hidden }) => hidden),
                1 / scale,
              ),
              trained: train !== 'unembedding',
            },
            { name: 'unembedding', values: scaled(policy.unembedding, scale), trained: train !== 'hidden' },
          ],
          offsets: null,
          positions: (prompt, response) =>
            response.map((token, t) => ({ context: contextOf.get(prefixKey(prompt, response.slice(0, t))) ?? 0, token, offset: 0 })),
        };
      }
      const columns = policy.logits[0]?.length ?? 0;
      const table = new OffsetTable(policy.offsets ?? [], columns);
      return {
        parameterisation: 'table',
        prompts: policy.prompts ?? 1,
        columns,
        contexts: policy.logits.length,
        dimensions: 0,
        response: 'tokens',
        parameters: [{ name: 'logits', values: flatten(policy.logits), trained: true }],
        get offsets() {
          return policy.offsets ? flatten(table.rows) : null;
        },
        positions: (prompt, response) =>
          response.map((token, t) => ({ context: t, token, offset: table.rowAfter(prompt, response.slice(0, t)) })),
      };
    }
    default:
      return policy satisfies never;
  }
}

/** The definition of a validated policy; `seed` draws its noise. */
export function definePolicy(policy: Policy, seed = 0): PolicyDefinition {
  const definition = withoutNoise(policy);
  const { noise = 0 } = policy;
  if (noise === 0) return definition;
  const random = new RandomStream(seed, streams.initialNoise);
  for (const { values, trained } of definition.parameters)
    if (trained) for (const [i, value] of values.entries()) values[i] = value + noise * random.normal();
  return definition;
}
