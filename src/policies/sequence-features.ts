import { assertInteger, assertList, assertMatrix, assertObject } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { SequenceFeaturesPolicy } from '../core/experiment.ts';
import { list, tuple } from '../core/python-literals.ts';
import { assertVectors, vectorsForm } from './features.ts';
import type { PolicyKind } from './policy.ts';
import { tokenLists } from './token-lists.ts';

/** Identifies a prefix: the prompt and the tokens so far. */
const prefixKey = (prompt: number, tokens: readonly number[]): string => `${prompt}:${tokens.join()}`;

const keysOf = (prefixes: SequenceFeaturesPolicy['prefixes']): string[] => prefixes.map(({ prompt, tokens }) => prefixKey(prompt, tokens));

const promptsOf = (prefixes: SequenceFeaturesPolicy['prefixes']): number =>
  prefixes.reduce((prompts, { prompt }) => Math.max(prompts, prompt + 1), 0);

/** The shape of the hidden vectors, whose prefixes are valid and all different. */
function assertPrefixes(prefixes: SequenceFeaturesPolicy['prefixes']): number {
  assertList('policy.prefixes', prefixes);
  const known = new Set<string>();
  let dimensions = 0;
  for (const [index, prefix] of prefixes.entries()) {
    const path = `policy.prefixes[${index}]`;
    assertObject(path, prefix);
    assertInteger(`${path}.prompt`, prefix.prompt, 0, 2 ** 24);
    if (!Array.isArray(prefix.tokens)) throw new ExperimentError(`${path}.tokens`, 'must be a list of tokens; [] is the prompt alone.');
    const [, width] = assertMatrix(`${path}.hidden`, [prefix.hidden]);
    if (index === 0) dimensions = width;
    if (width !== dimensions)
      throw new ExperimentError(`${path}.hidden`, `has ${width} entries where the first has ${dimensions}; make them equally long.`);
    const key = prefixKey(prefix.prompt, prefix.tokens);
    if (known.has(key)) throw new ExperimentError(path, 'repeats an earlier prefix; remove one of them.');
    known.add(key);
  }
  return dimensions;
}

/** A free hidden vector for each prefix. */
export const sequenceFeatures: PolicyKind<SequenceFeaturesPolicy> = {
  validate: (policy) => {
    const { prefixes } = policy;
    const columns = assertVectors('policy.prefixes', assertPrefixes(prefixes), policy);
    for (const [index, { tokens }] of prefixes.entries())
      for (const [t, token] of tokens.entries()) assertInteger(`policy.prefixes[${index}].tokens[${t}]`, token, 0, columns);
    const known = new Set(keysOf(prefixes));
    return tokenLists(promptsOf(prefixes), columns, (path, prompt, tokens) => {
      for (const t of tokens.keys())
        if (!known.has(prefixKey(prompt, tokens.slice(0, t))))
          throw new ExperimentError(
            path,
            `needs a hidden vector after prompt ${prompt} and tokens [${tokens.slice(0, t).join(', ')}]; add it to policy.prefixes.`,
          );
    });
  },
  define: (policy) => {
    const keys = keysOf(policy.prefixes);
    const contextOf = new Map(keys.map((key, index) => [key, index]));
    return {
      ...vectorsForm({ ...policy, hidden: policy.prefixes.map(({ hidden }) => hidden) }, ['sequence', keys]),
      prompts: promptsOf(policy.prefixes),
      response: 'tokens',
      positions: (prompt, response) =>
        response.map((token, t) => ({ context: contextOf.get(prefixKey(prompt, response.slice(0, t))) ?? 0, token, offset: 0 })),
    };
  },
  python: ({ prefixes }) => ({
    words: 'answers of several tokens',
    lines: [
      `PREFIXES = ${list(
        prefixes.map(({ prompt, tokens }, row) => `(${prompt}, ${tuple(tokens)}): ${row}`),
        ['{', '}'],
      )}`,
    ],
    logits: 'HIDDEN @ UNEMBEDDING.T',
    context: 'PREFIXES[prompt, response[:t]]',
  }),
};
