import { substitute } from '../../core/expression/build.ts';
import { type Expression, inputsOf, nodesOf, parameter } from '../../core/expression/expression.ts';
import { toPython } from '../../core/expression/python.ts';
import { number } from '../../core/python-literals.ts';
import { type GroupColumn, groupColumns, isGroupConstant, nameOf } from '../../objectives/group-inputs.ts';
import { groupInputsOf, groupParametersOf, type ReductionRange, reductionName, tokenSumName } from '../../objectives/group-loss.ts';
import type { GroupSpec } from '../../objectives/group-resolve.ts';
import { log1mexp } from '../../objectives/text/python.ts';

/** A loss of groups as Python. */
export interface GroupsPython {
  /** columns that it reads of every response: tensors [responses], named in capitals */
  readonly columns: readonly GroupColumn[];
  /** whether it reads tokens' log-probs under the reference and the previous iterate, as REF_T and PREV_T [tokens] */
  readonly readsTokens: boolean;
  /** `def losses(tokens)`: the loss of each group [groups], from the log-probs of all tokens [tokens] */
  readonly lines: readonly string[];
}

const joins: Readonly<Record<ReductionRange, string>> = {
  all: 'SIBLINGS',
  from: 'SIBLINGS & (PLACES[None, :] >= PLACES[:, None])',
  after: 'SIBLINGS & (PLACES[None, :] > PLACES[:, None])',
};

/** The definition of the loss; OWNERS [tokens], GROUP_OF [responses], PLACES, SIBLINGS [responses, responses] and GROUPS are the script's. */
export function groupsPython({ loss, values }: GroupSpec, about: string): GroupsPython {
  const inputs = groupInputsOf(loss);
  const columns = groupColumns.filter((column) => inputs.includes(nameOf(column, 'i')) || inputs.includes(nameOf(column, 'j')));
  const named = (column: GroupColumn | 'logp') => (column === 'logp' ? 'logp' : column.toUpperCase());
  const parameters = new Map(groupParametersOf(loss).map((name, index) => [name, `parameter_${index}`]));
  const all = ['logp', ...columns] as const;

  /** a function of the expression's inputs, and its call with `of(column, letter)` for each */
  const define = (name: string, e: Expression, of: (input: string) => string) => {
    const reads = inputsOf(e);
    const renamed = substitute(e, (node) => (node.kind === 'parameter' ? parameter(parameters.get(node.name) ?? node.name) : null));
    const { statements, value } = toPython(renamed);
    return {
      lines: [`def ${name}(${reads.join(', ')}):`, ...[...statements, `return ${value}`].map((line) => `    ${line}`), '', ''],
      call: `${name}(${reads.map(of).join(', ')})`,
    };
  };
  const columnOf = (input: string, letter: 'i' | 'j') => all.find((column) => nameOf(column, letter) === input);
  /** the tensor of an input that is not of a token, at index `own`, or `other` where it is of response j */
  const indexed =
    (own: string, other = own) =>
    (input: string) => {
      const [mine, its] = [columnOf(input, 'i'), columnOf(input, 'j')];
      if (mine) return `${named(mine)}${own}`;
      return its && !(its !== 'logp' && isGroupConstant(its)) ? `${named(its)}${other}` : input;
    };
  const ofTokens: Readonly<Record<string, string>> = { logp_t: 'tokens', ref_t: 'REF_T', prev_t: 'PREV_T' };
  const reductions = loss.reductions.map(({ operator, range, term }, m) => {
    const { lines, call } = define(`term_${m}`, term, indexed('[:, None]', '[None, :]'));
    const [fill, sum] = operator === 'lse' ? ['-inf', 'logsumexp(1)'] : ['0.0', 'sum(1)'];
    return { lines, statement: `${reductionName(m)} = torch.where(${joins[range]}, ${call}, ${fill}).${sum}` };
  });
  const tokenSums = loss.tokenTerms.map((term, n) => {
    const { lines, call } = define(`token_term_${n}`, term, (input) => ofTokens[input] ?? indexed('[OWNERS]')(input));
    return { lines, statement: `${tokenSumName(n)} = torch.zeros(len(PLACES)).index_add(0, OWNERS, ${call})` };
  });
  const item = define('item', loss.item, indexed(''));
  const parts = [loss.item, ...loss.reductions.map(({ term }) => term), ...loss.tokenTerms];
  const usesLog1mexp = nodesOf(...parts).some((node) => node.kind === 'call' && node.operator === 'log1mexp');
  return {
    columns,
    readsTokens: inputs.some((name) => name === 'ref_t' || name === 'prev_t'),
    lines: [
      ...[...parameters].map(([name, identifier]) => `${identifier} = ${number(values[name] ?? Number.NaN)}  # ${name}`),
      ...(parameters.size > 0 ? ['', ''] : []),
      ...(usesLog1mexp ? log1mexp : []),
      ...[...reductions, ...tokenSums, item].flatMap(({ lines }) => lines),
      'def losses(tokens):',
      `    """${about}: the loss of each group [groups], from the log-probs of all tokens."""`,
      '    logp = torch.zeros(len(PLACES)).index_add(0, OWNERS, tokens)',
      ...[...reductions, ...tokenSums].map(({ statement }) => `    ${statement}`),
      `    return torch.zeros(len(GROUPS)).index_add(0, GROUP_OF, ${item.call})`,
    ],
  };
}
