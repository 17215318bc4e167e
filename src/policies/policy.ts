import type { Policy } from '../core/experiment.ts';

/** One position of a response: the context that it reads and the token that follows. */
export interface Position {
  context: number;
  token: number;
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
  readonly parameters: readonly ParameterTensor[];
  /** the positions of `response` after `prompt` */
  positions(prompt: number, response: readonly number[]): Position[];
}

const flatten = (rows: readonly (readonly number[])[]): Float64Array => Float64Array.from(rows.flat());

/** The definition of a validated policy. */
export function definePolicy(policy: Policy): PolicyDefinition {
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
        positions: (prompt, response) => response.map((token) => ({ context: prompt, token })),
      };
    case 'features': {
      const train = policy.train ?? 'both';
      return {
        parameterisation: 'features',
        prompts: policy.hidden.length,
        columns: policy.unembedding.length,
        contexts: policy.hidden.length,
        dimensions: policy.hidden[0]?.length ?? 0,
        response: 'outcome',
        parameters: [
          { name: 'hidden', values: flatten(policy.hidden), trained: train !== 'unembedding' },
          { name: 'unembedding', values: flatten(policy.unembedding), trained: train !== 'hidden' },
        ],
        positions: (prompt, response) => response.map((token) => ({ context: prompt, token })),
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
        positions: (prompt, response) =>
          response.map((token, t) => {
            const previous = response[t - 1];
            return { context: previous === undefined ? prompt : policy.prompts + previous, token };
          }),
      };
    default:
      return policy satisfies never;
  }
}
