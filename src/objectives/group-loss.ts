import { ExpressionError } from '../core/errors.ts';
import { type Expression, input, inputsOf, parametersOf, same } from '../core/expression/expression.ts';
import { parse } from '../core/expression/parse.ts';
import { groupNames } from './group-inputs.ts';
import { objectiveNamesInText } from './inputs.ts';
import { overOfLine } from './over.ts';

/** Which responses j a sum of response i runs over, both counted by their place: all, i and those behind it, or those behind it alone. */
export type ReductionRange = 'all' | 'from' | 'after';

/** Whether response j, by its place, is in the sum of response i. */
export function joins(range: ReductionRange, i: number, j: number): boolean {
  if (range === 'all') return true;
  return range === 'from' ? j >= i : j > i;
}

/** Σ_j or log Σ_j exp of a term of the responses i and j. */
export interface Reduction {
  readonly operator: 'sum' | 'lse';
  readonly range: ReductionRange;
  readonly term: Expression;
}

/**
 * The loss of a group: the sum over its responses i of `item`, which reads reduction m as the input `reduction_m`, and the sum of
 * `tokenTerms[n]` over the tokens t of response i as the input `token_sum_n`.
 */
export interface GroupLoss {
  readonly item: Expression;
  readonly reductions: readonly Reduction[];
  readonly tokenTerms: readonly Expression[];
}

export const reductionName = (index: number): string => `reduction_${index}`;
export const tokenSumName = (index: number): string => `token_sum_${index}`;

const isSumName = (name: string) => /^(reduction|token_sum)_\d+$/.test(name);

/** The sums that a line may take over j. */
const reducers = {
  sum: { operator: 'sum', range: 'all' },
  sum_after: { operator: 'sum', range: 'after' },
  lse: { operator: 'lse', range: 'all' },
  lse_from: { operator: 'lse', range: 'from' },
} as const satisfies Readonly<Record<string, Pick<Reduction, 'operator' | 'range'>>>;

/** The meaning of each sum, as a card shows it. */
export const reducerMeanings: Readonly<Record<keyof typeof reducers, string>> = {
  sum: 'sum over all responses j of the group',
  sum_after: 'sum over the responses j behind i',
  lse: 'log of the sum of exp over all responses j of the group',
  lse_from: 'log of the sum of exp over i and the responses j behind it',
};

/** The sum that a line may take over the tokens of response i. */
const tokenSum = 'sum_t';
export const tokenSumMeaning = 'sum over the tokens t of response i';

const partsOf = ({ item, reductions, tokenTerms }: GroupLoss) => [item, ...reductions.map(({ term }) => term), ...tokenTerms];

/** Names of all parameters of a group's loss, in order of first appearance. */
export const groupParametersOf = (loss: GroupLoss): string[] => [...new Set(partsOf(loss).flatMap(parametersOf))];

/** Names of all inputs of a group's loss. */
export const groupInputsOf = (loss: GroupLoss): string[] =>
  [...new Set(partsOf(loss).flatMap(inputsOf))].filter((name) => !isSumName(name));

const ofPairs = new Set([...objectiveNamesInText.inputs, ...Object.keys(objectiveNamesInText.shorthands)]);

/** The first name of a line that is of a pair, and no parameter. */
export const pairNameIn = (text: string): RegExpMatchArray | undefined =>
  [...text.matchAll(/(?<![\w.])[A-Za-z_]\w*/g)].find(([name]) => ofPairs.has(name));

/**
 * Reads the loss of one response i of a group. Sums over j are functions: `lse_from(beta * (logratio_j - logratio_i))`, and so is that over
 * its tokens: `sum_t(exp(logp_t - prev_t))`. Throws an ExpressionError with the columns and the fix.
 */
export function readGroupLoss(text: string): GroupLoss {
  const ofPair = typeof text === 'string' && overOfLine(text) === 'groups' ? pairNameIn(text) : undefined;
  if (ofPair)
    throw new ExpressionError(
      text,
      ofPair.index ?? 0,
      (ofPair.index ?? 0) + ofPair[0].length,
      `'${ofPair[0]}' is of a pair, and the line is of groups: _w and _l are the responses of a pair, _i and _j those of a group. A loss is of one or the other.`,
    );
  const found: Reduction[] = [];
  const reduce =
    (kind: Pick<Reduction, 'operator' | 'range'>) =>
    (term: Expression): Expression => {
      const known = found.findIndex((each) => each.operator === kind.operator && each.range === kind.range && same(each.term, term));
      return input(reductionName(known < 0 ? found.push({ ...kind, term }) - 1 : known));
    };
  const tokenTerms: Expression[] = [];
  const overTokens = (term: Expression): Expression => {
    const known = tokenTerms.findIndex((each) => same(each, term));
    return input(tokenSumName(known < 0 ? tokenTerms.push(term) - 1 : known));
  };
  const functions = {
    ...Object.fromEntries(Object.entries(reducers).map(([name, kind]) => [name, reduce(kind)])),
    [tokenSum]: overTokens,
  };
  const item = parse(text, { ...groupNames, functions });
  const refuse = (pattern: RegExp, problem: string): never => {
    const { index, 0: part } = pattern.exec(text) ?? { index: 0, 0: text };
    throw new ExpressionError(text, index, index + part.length, problem);
  };
  const sums = Object.keys(reducers).join(', ');
  const terms = found.map(({ term }) => term);
  if ([...terms, ...tokenTerms].some((term) => inputsOf(term).some(isSumName)))
    refuse(/\b(sum|lse)\w*\s*\(/, 'A sum over j or over tokens cannot hold another one. Write the inner one beside it.');
  const endsIn = (ending: string) => (name: string) => name.endsWith(ending);
  const stray = [item, ...tokenTerms].flatMap(inputsOf).find(endsIn('_j'));
  if (stray) refuse(/\b\w+_j\b/, `'${stray}' needs a sum over j around it: ${sums}. The response itself is ${stray.replace(/j$/, 'i')}.`);
  const strayToken = [item, ...terms].flatMap(inputsOf).find(endsIn('_t'));
  if (strayToken)
    refuse(
      /\b(logp|logratio|ref|prev)_t\b/,
      `'${strayToken}' is of one token, and needs a sum over the tokens of the response around it: ${tokenSum}. The whole response is ${strayToken.replace(/t$/, 'i')}.`,
    );
  const loss: GroupLoss = { item, reductions: found, tokenTerms };
  if (!groupInputsOf(loss).some((name) => name.startsWith('logp_')))
    refuse(/.*/s, 'The loss depends on no logp_i, logp_j or logp_t, so nothing would be trained.');
  return loss;
}
