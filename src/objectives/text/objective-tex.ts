import type { Expression } from '../../core/expression/expression.ts';
import { toTex } from '../../core/expression/tex.ts';
import { fractionOf, inputMeanings, letterOf, logRatioLegend } from '../inputs.ts';
import type { Objective, ObjectiveParameter } from '../objective.ts';

const inputSymbols: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(inputMeanings).map(([name, { tex }]) => [name, tex]),
);

/** Log-ratios that are spelt out in one formula before a letter stands for them. */
const spelledOut = 2;

/** An expression of an objective as TeX, in the field's symbols; the parts in `marked` are put in the class `differs`. */
export function expressionTex(
  e: Expression,
  parameters: Readonly<Record<string, Pick<ObjectiveParameter, 'tex'>>> = {},
  marked: ReadonlySet<Expression> = new Set(),
): string {
  const symbols = { ...inputSymbols, ...Object.fromEntries(Object.entries(parameters).map(([name, { tex }]) => [name, tex])) };
  const write = (shorten: typeof fractionOf) =>
    toTex(e, symbols, (part) => (marked.has(part) ? `\\class{differs}{${toTex(part, symbols, shorten)}}` : shorten(part)));
  const spelled = write(fractionOf);
  if (spelled.split('\\log\\frac').length - 1 <= spelledOut) return spelled;
  return `${write(letterOf)}, \\quad ${logRatioLegend}`;
}

/** The loss as TeX, in the field's symbols. */
export const objectiveTex = ({ loss, parameters }: Pick<Objective, 'loss' | 'parameters'>): string => expressionTex(loss, parameters);
