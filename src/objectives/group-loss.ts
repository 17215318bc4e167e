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

/** The loss of a group: the sum over its responses i of `item`, which reads reduction m as the input `reduction_m`. */
export interface GroupLoss {
  readonly item: Expression;
  readonly reductions: readonly Reduction[];
}

export const reductionName = (index: number): string => `reduction_${index}`;

const isReductionName = (name: string) => /^reduction_\d+$/.test(name);

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

/** Names of all parameters of a group's loss, in order of first appearance. */
export const groupParametersOf = ({ item, reductions }: GroupLoss): string[] => [
  ...new Set([item, ...reductions.map(({ term }) => term)].flatMap(parametersOf)),
];

/** Names of all inputs of a group's loss. */
export const groupInputsOf = ({ item, reductions }: GroupLoss): string[] =>
  [...new Set([item, ...reductions.map(({ term }) => term)].flatMap(inputsOf))].filter((name) => !isReductionName(name));

const ofPairs = new Set([...objectiveNamesInText.inputs, ...Object.keys(objectiveNamesInText.shorthands)]);

/** The first name of a line that is of a pair, and no parameter. */
export const pairNameIn = (text: string): RegExpMatchArray | undefined =>
  [...text.matchAll(/(?<![\w.])[A-Za-z_]\w*/g)].find(([name]) => ofPairs.has(name));

/**
 * Reads the loss of one response i of a group. Sums over j are functions: `lse_from(beta * (logratio_j - logratio_i))`. Throws an
 * ExpressionError with the columns and the fix.
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
  const functions = Object.fromEntries(Object.entries(reducers).map(([name, kind]) => [name, reduce(kind)]));
  const item = parse(text, { ...groupNames, functions });
  const refuse = (pattern: RegExp, problem: string): never => {
    const { index, 0: part } = pattern.exec(text) ?? { index: 0, 0: text };
    throw new ExpressionError(text, index, index + part.length, problem);
  };
  const sums = Object.keys(reducers).join(', ');
  if (found.some(({ term }) => inputsOf(term).some(isReductionName)))
    refuse(/\b(sum|lse)\w*\s*\(/, 'A sum over j cannot hold another one. Write the inner one beside it.');
  const stray = inputsOf(item).find((name) => name.endsWith('_j'));
  if (stray) refuse(/\b\w+_j\b/, `'${stray}' needs a sum over j around it: ${sums}. The response itself is ${stray.replace(/j$/, 'i')}.`);
  const loss: GroupLoss = { item, reductions: found };
  if (!groupInputsOf(loss).some((name) => name.startsWith('logp_')))
    refuse(/.*/s, 'The loss depends on no logp_i or logp_j, so nothing would be trained.');
  return loss;
}
