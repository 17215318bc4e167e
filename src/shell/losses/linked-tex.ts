import { type Expression, nodesOf, same } from '../../core/expression/expression.ts';
import { expressionTex } from '../../objectives/text/objective-tex.ts';
import { type ParameterView, symbolClass } from './objective-view.ts';

/** The parts of `a` that have no twin at the same place in `b`: the smallest that differ, so that the rest may be read as common. */
export function differingParts(a: Expression, b: Expression): Set<Expression> {
  const parts = new Set<Expression>();
  const compare = (one: Expression, other: Expression) => {
    if (same(one, other)) return;
    const aligned =
      one.kind === 'call' && other.kind === 'call' && one.operator === other.operator && one.args.length === other.args.length;
    if (!aligned) {
      parts.add(one);
      return;
    }
    one.args.forEach((arg, index) => {
      compare(arg, other.args[index] as Expression);
    });
  };
  compare(a, b);
  return parts;
}

/** The symbol of each parameter, in a class of its own so that it can be linked to its control. */
export const linkedSymbols = (parameters: readonly ParameterView[]) =>
  Object.fromEntries(parameters.map(({ name, about }) => [name, { tex: `\\class{symbol symbol-${symbolClass(name)}}{${about.tex}}` }]));

/** TeX of an objective's expression, with those symbols. */
export function linkedTex(e: Expression, parameters: readonly ParameterView[], marked: ReadonlySet<Expression> = new Set()): string {
  const symbols = linkedSymbols(parameters);
  const all = new Set(nodesOf(e));
  const present = [...marked].filter((part) => all.has(part));
  return present.length === 0 ? expressionTex(e, symbols) : expressionTex(e, symbols, new Set(present));
}
