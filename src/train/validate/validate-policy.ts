import { assertFinite, assertInteger, assertList, assertMatrix, assertObject, assertPositive, show } from '../../core/assertions.ts';
import { ExperimentError } from '../../core/errors.ts';
import type { FactorisedSequencePolicy, FeaturesPolicy, LogLinearPolicy, Policy, SequenceFeaturesPolicy } from '../../core/experiment.ts';
import { prefixKey, responseFeatures } from '../../policies/policy.ts';

export interface ResponseRules {
  prompts: number;
  columns: number;
  /** throws unless `response` is one that the policy gives a probability */
  assertResponse(path: string, prompt: number, response: unknown): void;
}

function outcomes(prompts: number, columns: number): ResponseRules {
  return { prompts, columns, assertResponse: (path, _prompt, response) => assertInteger(path, response, 0, columns) };
}

function tokenLists(
  prompts: number,
  columns: number,
  assertTokens: (path: string, prompt: number, tokens: readonly number[]) => void = () => {},
): ResponseRules {
  return {
    prompts,
    columns,
    assertResponse(path, prompt, response) {
      assertList(path, response);
      const tokens = response.map((token, index) => {
        assertInteger(`${path}[${index}]`, token, 0, columns);
        return token;
      });
      assertTokens(path, prompt, tokens);
    },
  };
}

function assertFeatures(
  hiddenPath: string,
  hiddenDimensions: number,
  policy: Pick<FeaturesPolicy, 'unembedding' | 'train' | 'scale'>,
): number {
  const [columns, dimensions] = assertMatrix('policy.unembedding', policy.unembedding);
  if (dimensions !== hiddenDimensions)
    throw new ExperimentError(
      'policy.unembedding',
      `has rows of length ${dimensions}, but ${hiddenPath} has vectors of length ${hiddenDimensions}; make them equal.`,
    );
  if (policy.train !== undefined && !['both', 'hidden', 'unembedding'].includes(policy.train))
    throw new ExperimentError('policy.train', `must be 'both', 'hidden' or 'unembedding', not ${show(policy.train)}.`);
  if (policy.scale !== undefined) assertPositive('policy.scale', policy.scale);
  return columns;
}

function assertFactorised(policy: FactorisedSequencePolicy): ResponseRules {
  const [positions, columns] = assertMatrix('policy.logits', policy.logits, true);
  const { prompts = 1, offsets = [] } = policy;
  assertInteger('policy.prompts', prompts, 1, 2 ** 24);
  for (const [index, offset] of offsets.entries()) {
    const path = `policy.offsets[${index}]`;
    assertObject(path, offset);
    if (!Array.isArray(offset.prefix)) throw new ExperimentError(`${path}.prefix`, 'must be a list of tokens; [] means every prefix.');
    for (const [t, token] of offset.prefix.entries()) assertInteger(`${path}.prefix[${t}]`, token, 0, columns);
    const [, width] = assertMatrix(`${path}.logits`, [offset.logits]);
    if (width !== columns)
      throw new ExperimentError(`${path}.logits`, `has ${width} entries where a position has ${columns} tokens; make them equal.`);
    if (offset.prompt !== undefined) assertInteger(`${path}.prompt`, offset.prompt, 0, prompts);
    if (offset.position !== undefined) assertInteger(`${path}.position`, offset.position, 0, positions);
  }
  return tokenLists(prompts, columns, (path, _prompt, tokens) => {
    if (tokens.length > positions)
      throw new ExperimentError(
        path,
        `has ${tokens.length} tokens, but the policy has ${positions} positions; shorten it or add rows to policy.logits.`,
      );
    for (const [t, token] of tokens.entries())
      if (policy.logits[t]?.[token] === null)
        throw new ExperimentError(`${path}[${t}]`, `is token ${token}, which cannot stand there (policy.logits[${t}][${token}] is null).`);
  });
}

function assertSequenceFeatures(policy: SequenceFeaturesPolicy): ResponseRules {
  assertList('policy.prefixes', policy.prefixes);
  const known = new Set<string>();
  let dimensions = 0;
  let prompts = 0;
  for (const [index, prefix] of policy.prefixes.entries()) {
    const path = `policy.prefixes[${index}]`;
    assertObject(path, prefix);
    assertInteger(`${path}.prompt`, prefix.prompt, 0, 2 ** 24);
    if (!Array.isArray(prefix.tokens)) throw new ExperimentError(`${path}.tokens`, 'must be a list of tokens; [] is the prompt alone.');
    const [, width] = assertMatrix(`${path}.hidden`, [prefix.hidden]);
    if (index === 0) dimensions = width;
    if (width !== dimensions)
      throw new ExperimentError(`${path}.hidden`, `has ${width} entries where the first has ${dimensions}; make them equally long.`);
    prompts = Math.max(prompts, prefix.prompt + 1);
    const key = prefixKey(prefix.prompt, prefix.tokens);
    if (known.has(key)) throw new ExperimentError(path, 'repeats an earlier prefix; remove one of them.');
    known.add(key);
  }
  const columns = assertFeatures('policy.prefixes', dimensions, policy);
  for (const [index, { tokens }] of policy.prefixes.entries())
    for (const [t, token] of tokens.entries()) assertInteger(`policy.prefixes[${index}].tokens[${t}]`, token, 0, columns);
  return tokenLists(prompts, columns, (path, prompt, tokens) => {
    for (const t of tokens.keys())
      if (!known.has(prefixKey(prompt, tokens.slice(0, t))))
        throw new ExperimentError(
          path,
          `needs a hidden vector after prompt ${prompt} and tokens [${tokens.slice(0, t).join(', ')}]; add it to policy.prefixes.`,
        );
  });
}

function assertLogLinear(policy: LogLinearPolicy): ResponseRules {
  const [prompts, dimensions] = assertMatrix('policy.weights', policy.weights);
  const { features } = policy;
  assertObject('policy.features', features);
  if (!Array.isArray(features)) {
    assertInteger('policy.features.responses', features.responses, 1, 2 ** 24);
    assertMatrix('policy.features.centres', [features.centres]);
    assertPositive('policy.features.width', features.width);
  }
  const [columns, width] = assertMatrix('policy.features', responseFeatures(features) as number[][]);
  if (width !== dimensions)
    throw new ExperimentError('policy.weights', `has rows of length ${dimensions}, but a response has ${width} features; make them equal.`);
  return outcomes(prompts, columns);
}

/** Throws an ExperimentError that names the field and the fix; returns what the policy demands of responses. */
export function validatePolicy(policy: Policy): ResponseRules {
  assertObject('policy', policy);
  if (policy.noise !== undefined) {
    assertFinite('policy.noise', policy.noise);
    if (policy.noise < 0) throw new ExperimentError('policy.noise', `must not be negative, but is ${policy.noise}.`);
  }
  switch (policy.kind) {
    case 'tabular': {
      const [prompts, columns] = assertMatrix('policy.logits', policy.logits);
      return outcomes(prompts, columns);
    }
    case 'features': {
      const [prompts, dimensions] = assertMatrix('policy.hidden', policy.hidden);
      return outcomes(prompts, assertFeatures('policy.hidden', dimensions, policy));
    }
    case 'logLinear':
      return assertLogLinear(policy);
    case 'sequence': {
      if (policy.form === 'factorised') return assertFactorised(policy);
      if (policy.form === 'features') return assertSequenceFeatures(policy);
      const { form } = policy as { form: unknown };
      throw new ExperimentError('policy.form', `must be 'factorised' or 'features', not ${show(form)}.`);
    }
    case 'bigram': {
      assertInteger('policy.prompts', policy.prompts, 1, 2 ** 24);
      assertInteger('policy.vocab', policy.vocab, 1, 2 ** 24);
      const [rows, columns] = assertMatrix('policy.table', policy.table);
      if (rows !== policy.prompts + policy.vocab || columns !== policy.vocab)
        throw new ExperimentError(
          'policy.table',
          `is [${rows}, ${columns}], but ${policy.prompts} prompts and ${policy.vocab} tokens need [prompts + vocab, vocab] = [${policy.prompts + policy.vocab}, ${policy.vocab}].`,
        );
      return tokenLists(policy.prompts, columns);
    }
    default: {
      const { kind } = policy as { kind: unknown };
      throw new ExperimentError('policy.kind', `must be 'tabular', 'features', 'bigram', 'sequence' or 'logLinear', not ${show(kind)}.`);
    }
  }
}
