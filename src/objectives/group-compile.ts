import { differentiate } from '../core/expression/differentiate.ts';
import { type Expression, inputsOf, isConstant } from '../core/expression/expression.ts';
import { type Program, toFunction, toProgram } from '../core/expression/program.ts';
import { toTex } from '../core/expression/tex.ts';
import { toWgsl } from '../core/expression/wgsl.ts';
import {
  type GroupColumn,
  groupColumns,
  groupInputSymbols,
  isGroupConstant,
  nameOf,
  type TokenColumn,
  tokenColumns,
} from './group-inputs.ts';
import {
  type GroupLoss,
  groupInputsOf,
  groupParametersOf,
  type Reduction,
  type ReductionRange,
  reductionName,
  tokenSumName,
} from './group-loss.ts';
import { fractionOf } from './inputs.ts';
import type { ObjectiveParameter } from './objective.ts';

/** One term of a sum over j, and its derivatives by log π(y_i) and log π(y_j). */
export interface Term {
  value: number;
  byOwn: number;
  byOther: number;
}

/** One term of a sum over the tokens of a response, and its derivatives by the token's log-prob and by the response's. */
export interface TokenTerm {
  value: number;
  byToken: number;
  byOwn: number;
}

/** What one response adds to its group's loss, and the derivatives by its own log-prob, by its sums over j and by those over its tokens. */
export interface Item {
  loss: number;
  byOwn: number;
  byReduced: number[];
  byTokens: number[];
}

/** An objective of whole groups made ready for both engines. */
export interface CompiledGroupObjective {
  readonly loss: GroupLoss;
  /** what else than its log-prob it reads of a response: columns of the kernel's `group_inputs`, in this order */
  readonly inputs: readonly GroupColumn[];
  /** order of the parameters in the kernel's `objective_parameters` */
  readonly parameterNames: readonly string[];
  readonly parameterValues: readonly number[];
  /** `carriesSlope`: its terms depend on log-probs */
  readonly reductions: readonly (Pick<Reduction, 'operator' | 'range'> & { readonly carriesSlope: boolean })[];
  /** what else than its log-prob it reads of a token: columns of the kernel's `token_inputs`, in this order after the first */
  readonly tokenInputs: readonly TokenColumn[];
  /** number of sums over the tokens of a response */
  readonly tokenSums: number;
  /** float64; a response is given as its log-prob and then its columns in the order of `inputs` */
  term(reduction: number, own: ArrayLike<number>, other: ArrayLike<number>): Term;
  /** float64; a token is given as its log-prob and then its columns in the order of `tokenInputs` */
  tokenTerm(sum: number, own: ArrayLike<number>, token: ArrayLike<number>): TokenTerm;
  /** float64; `reduced` holds the response's sums over j, `overTokens` those over its tokens */
  item(own: ArrayLike<number>, reduced: ArrayLike<number>, overTokens: ArrayLike<number>): Item;
  /** WGSL that defines `term_of`, `token_term_of`, `item_of` and what they return */
  readonly wgsl: string;
}

const rangeTex: Readonly<Record<ReductionRange, string>> = { all: 'j', from: 'j \\ge i', after: 'j > i' };

/** The loss of a group as TeX, in the field's symbols. */
export function groupTex(
  { item, reductions, tokenTerms }: GroupLoss,
  parameters: Readonly<Record<string, Pick<ObjectiveParameter, 'tex'>>> = {},
): string {
  const symbols = { ...groupInputSymbols, ...Object.fromEntries(Object.entries(parameters).map(([name, { tex }]) => [name, tex])) };
  const sums = reductions.map(({ operator, range, term }, index) => {
    const inner = toTex(term, symbols, fractionOf);
    const sum = operator === 'lse' ? `\\log\\sum_{${rangeTex[range]}} \\exp\\left(${inner}\\right)` : `\\sum_{${rangeTex[range]}} ${inner}`;
    return [reductionName(index), `\\left[${sum}\\right]`] as const;
  });
  const overTokens = tokenTerms.map(
    (term, index) => [tokenSumName(index), `\\left[\\sum_{t} ${toTex(term, symbols, fractionOf)}\\right]`] as const,
  );
  return `\\sum_{i} ${toTex(item, { ...symbols, ...Object.fromEntries([...sums, ...overTokens]) }, fractionOf)}`;
}

/** A term with its two derivatives. */
const termProgram = ({ term }: Reduction): Program => toProgram([term, differentiate(term, 'logp_i'), differentiate(term, 'logp_j')]);

/** A token's term with its two derivatives. */
const tokenProgram = (term: Expression): Program => toProgram([term, differentiate(term, 'logp_t'), differentiate(term, 'logp_i')]);

const carriesSlope = ({ term }: Reduction): boolean => ['logp_i', 'logp_j'].some((name) => !isConstant(differentiate(term, name), 0));

export function compileGroupObjective(loss: GroupLoss, parameters: Readonly<Record<string, number>>): CompiledGroupObjective {
  const { item, reductions, tokenTerms } = loss;
  const parameterNames = groupParametersOf(loss);
  const parameterValues = parameterNames.map((name) => {
    const value = parameters[name];
    if (value === undefined) throw new Error(`The objective's parameter '${name}' has no value.`);
    return value;
  });
  const used = new Set(groupInputsOf(loss));
  const inputs = groupColumns.filter((column) => used.has(nameOf(column, 'i')) || used.has(nameOf(column, 'j')));
  const tokenInputs = tokenColumns.filter((column) => used.has(`${column}_t`));
  const reducedNames = [...reductions.map((_, index) => reductionName(index)), ...tokenTerms.map((_, index) => tokenSumName(index))];
  const itemProgram = toProgram([item, differentiate(item, 'logp_i'), ...reducedNames.map((name) => differentiate(item, name))]);
  const termPrograms = reductions.map(termProgram);
  const tokenPrograms = tokenTerms.map(tokenProgram);

  const own = (['logp', ...inputs] as const).map((column) => nameOf(column, 'i'));
  // a group's constants are read from response i
  const other = (['logp', ...inputs] as const).map((column) =>
    column !== 'logp' && isGroupConstant(column) ? `(unread ${column})` : nameOf(column, 'j'),
  );
  const token = (['logp', ...tokenInputs] as const).map((column) => `${column}_t`);
  const computeItem = toFunction(itemProgram, [...own, ...reducedNames], parameterNames);
  const computeTerms = termPrograms.map((program) => toFunction(program, [...own, ...other], parameterNames));
  const computeTokens = tokenPrograms.map((program) => toFunction(program, [...own, ...token], parameterNames));
  const readsOf = [item, ...reductions.map(({ term }) => term)].map((e) => new Set(inputsOf(e)));
  const itemReads = [...own, ...reducedNames].map((name) => readsOf[0]?.has(name) ?? false);
  const termReads = reductions.map((_, m) => [...own, ...other].map((name) => readsOf[m + 1]?.has(name) ?? false));
  const tokenReads = tokenTerms.map((term) => {
    const reads = new Set(inputsOf(term));
    return [...own, ...token].map((name) => reads.has(name));
  });
  const isUndefined = (given: Float64Array, reads: readonly boolean[] = []): boolean => {
    for (let index = 0; index < reads.length; index++) if (reads[index] && Number.isNaN(given[index])) return true;
    return false;
  };
  // what is called for every token makes no arrays: they would cost more than the arithmetic
  const given = new Float64Array(Math.max(own.length + reducedNames.length, own.length + other.length, own.length + token.length));
  const fill = (...parts: readonly ArrayLike<number>[]): Float64Array => {
    let next = 0;
    for (const part of parts) for (let k = 0; k < part.length; k++) given[next++] = part[k] as number;
    return given;
  };

  return {
    loss,
    inputs,
    parameterNames,
    parameterValues,
    reductions: reductions.map((each) => ({ operator: each.operator, range: each.range, carriesSlope: carriesSlope(each) })),
    tokenInputs,
    tokenSums: tokenTerms.length,
    // called for every two responses of every group: it allocates what it returns, and nothing else
    term(reduction, ownValues, otherValues) {
      fill(ownValues, otherValues);
      if (isUndefined(given, termReads[reduction])) return { value: Number.NaN, byOwn: Number.NaN, byOther: Number.NaN };
      const registers = computeTerms[reduction]?.(given, parameterValues) ?? [];
      const [value = 0, byOwn = 0, byOther = 0] = termPrograms[reduction]?.outputs ?? [];
      return { value: registers[value] as number, byOwn: registers[byOwn] as number, byOther: registers[byOther] as number };
    },
    tokenTerm(sum, ownValues, tokenValues) {
      fill(ownValues, tokenValues);
      if (isUndefined(given, tokenReads[sum])) return { value: Number.NaN, byToken: Number.NaN, byOwn: Number.NaN };
      const registers = computeTokens[sum]?.(given, parameterValues) ?? [];
      const [value = 0, byToken = 0, byOwn = 0] = tokenPrograms[sum]?.outputs ?? [];
      return { value: registers[value] as number, byToken: registers[byToken] as number, byOwn: registers[byOwn] as number };
    },
    item(ownValues, reduced, overTokens) {
      fill(ownValues, reduced, overTokens);
      const nothing = (each: readonly unknown[]) => each.map(() => Number.NaN);
      if (isUndefined(given, itemReads))
        return { loss: Number.NaN, byOwn: Number.NaN, byReduced: nothing(reductions), byTokens: nothing(tokenTerms) };
      const registers = computeItem(given, parameterValues);
      const [itemLoss, byOwn, ...bySums] = itemProgram.outputs.map((output) => registers[output] as number);
      return {
        loss: itemLoss as number,
        byOwn: byOwn as number,
        byReduced: bySums.slice(0, reductions.length),
        byTokens: bySums.slice(reductions.length),
      };
    },
    wgsl: slotText(loss, { inputs, tokenInputs, parameterNames }, { itemProgram, termPrograms, tokenPrograms }),
  };
}

const rangeWgsl: Readonly<Record<ReductionRange, string>> = { all: 'true', from: 'j >= i', after: 'j > i' };

/** The slot of shaders/group_losses.wgsl. */
function slotText(
  { item, reductions, tokenTerms }: GroupLoss,
  { inputs, tokenInputs, parameterNames }: Pick<CompiledGroupObjective, 'inputs' | 'tokenInputs' | 'parameterNames'>,
  programs: { itemProgram: Program; termPrograms: readonly Program[]; tokenPrograms: readonly Program[] },
): string {
  const { itemProgram, termPrograms, tokenPrograms } = programs;
  const readColumns = (letter: 'i' | 'j', used: ReadonlySet<string>) => [
    ...(used.has(`logp_${letter}`) ? [`let input_logp_${letter} = logps[${letter}];`] : []),
    ...inputs.flatMap((column, index) =>
      used.has(nameOf(column, letter)) && !(letter === 'j' && isGroupConstant(column))
        ? [`let input_${nameOf(column, letter)} = group_inputs[${letter} * ${inputs.length}u + ${index}u];`]
        : [],
    ),
  ];
  const readTokens = (used: ReadonlySet<string>) =>
    tokenInputs.flatMap((column, index) =>
      used.has(`${column}_t`) ? [`let input_${column}_t = token_inputs[row * TOKEN_WIDTH + ${1 + index}u];`] : [],
    );
  const readParameters = parameterNames.map((name, index) => `let parameter_${name} = objective_parameters[${index}u];`);
  const guard = (used: ReadonlySet<string>, result: string) =>
    used.size > 0 ? [`if (${[...used].map((name) => `is_nan(input_${name})`).join(' || ')}) { return ${result}; }`] : [];
  const slots = (values: readonly string[]) => (values.length > 0 ? values : ['0.0']).join(', ');

  const cases = (value: (reduction: Reduction) => string) =>
    reductions.map((reduction, m) => `    case ${m}u: { return ${value(reduction)}; }`);
  const predicate = (name: string, args: string, value: (reduction: Reduction) => string) => [
    `fn ${name}(${args}) -> bool {`,
    '  switch (m) {',
    ...cases(value),
    '    default: { return false; }',
    '  }',
    '}',
  ];

  const itemReads = new Set(inputsOf(item));
  const itemWgsl = toWgsl(itemProgram);
  const [itemLoss = '', byOwn = '', ...bySums] = itemWgsl.outputs;
  const itemText = (loss: string, own: string, sums: readonly string[]) =>
    `Item(${loss}, ${own}, Reduced(${slots(sums.slice(0, reductions.length))}), TokenSums(${slots(sums.slice(reductions.length))}))`;
  const nothing = 'quiet_nan()';
  const undefinedItem = itemText(
    nothing,
    nothing,
    bySums.map(() => nothing),
  );
  return [
    `const REDUCTIONS = ${reductions.length}u;`,
    `const TOKEN_SUMS = ${tokenTerms.length}u;`,
    `const TOKEN_WIDTH = ${1 + tokenInputs.length}u;`,
    `alias Reduced = array<f32, ${Math.max(1, reductions.length)}>;`,
    `alias TokenSums = array<f32, ${Math.max(1, tokenTerms.length)}>;`,
    'struct Item { loss: f32, by_own: f32, by_reduced: Reduced, by_tokens: TokenSums }',
    ...predicate('joins', 'm: u32, i: u32, j: u32', ({ range }) => rangeWgsl[range]),
    ...predicate('is_log_sum', 'm: u32', ({ operator }) => String(operator === 'lse')),
    ...predicate('carries_slope', 'm: u32', (reduction) => String(carriesSlope(reduction))),
    'fn term_of(m: u32, i: u32, j: u32) -> Term {',
    ...(reductions.length > 0 ? readParameters.map((line) => `  ${line}`) : []),
    '  switch (m) {',
    ...reductions.flatMap(({ term }, m) => {
      const used = new Set(inputsOf(term));
      const { statements, outputs } = toWgsl(termPrograms[m] as Program);
      const lines = [
        ...readColumns('i', used),
        ...readColumns('j', used),
        ...guard(used, 'Term(quiet_nan(), quiet_nan(), quiet_nan())'),
        ...statements,
        `return Term(${outputs.join(', ')});`,
      ];
      return [`    case ${m}u: {`, ...lines.map((line) => `      ${line}`), '    }'];
    }),
    '    default: { return Term(0.0, 0.0, 0.0); }',
    '  }',
    '}',
    'fn token_term_of(n: u32, i: u32, row: u32, input_logp_t: f32) -> TokenTerm {',
    ...(tokenTerms.length > 0 ? readParameters.map((line) => `  ${line}`) : []),
    '  switch (n) {',
    ...tokenTerms.flatMap((term, n) => {
      const used = new Set(inputsOf(term));
      const { statements, outputs } = toWgsl(tokenPrograms[n] as Program);
      const lines = [
        ...readColumns('i', used),
        ...readTokens(used),
        ...guard(used, 'TokenTerm(quiet_nan(), quiet_nan(), quiet_nan())'),
        ...statements,
        `return TokenTerm(${outputs.join(', ')});`,
      ];
      return [`    case ${n}u: {`, ...lines.map((line) => `      ${line}`), '    }'];
    }),
    '    default: { return TokenTerm(0.0, 0.0, 0.0); }',
    '  }',
    '}',
    'fn item_of(i: u32, reduced: Reduced, over_tokens: TokenSums) -> Item {',
    ...readParameters.map((line) => `  ${line}`),
    ...[
      ...readColumns('i', itemReads),
      ...reductions.flatMap((_, m) => (itemReads.has(reductionName(m)) ? [`let input_${reductionName(m)} = reduced[${m}u];`] : [])),
      ...tokenTerms.flatMap((_, n) => (itemReads.has(tokenSumName(n)) ? [`let input_${tokenSumName(n)} = over_tokens[${n}u];`] : [])),
      ...guard(itemReads, undefinedItem),
      ...itemWgsl.statements,
      `return ${itemText(itemLoss, byOwn, bySums)};`,
    ].map((line) => `  ${line}`),
    '}',
  ].join('\n');
}
