import type { Expression, Operator } from './expression.ts';

const infix: Readonly<Partial<Record<Operator, string>>> = {
  ...{ add: '+', sub: '-', mul: '*', div: '/', pow: '^' },
  ...{ lt: '<', le: '<=', gt: '>', ge: '>=', eq: '==', ne: '!=' },
};

/** An expression as a line that `parse` reads as the same again; what is shared is written out wherever it stands. */
export function toLine(e: Expression): string {
  if (e.kind === 'constant') return e.value < 0 || Object.is(e.value, -0) ? `(-${-e.value})` : String(e.value);
  if (e.kind !== 'call') return e.name;
  const operands = e.args.map(toLine);
  const sign = infix[e.operator];
  if (sign) return `(${operands.join(` ${sign} `)})`;
  return e.operator === 'neg' ? `(-${operands[0]})` : `${e.operator}(${operands.join(', ')})`;
}
