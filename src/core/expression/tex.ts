import { type Expression, match, type Operator, writtenSize } from './expression.ts';

/** Binding strengths: an operand that binds weaker than its place asks for is put in parentheses. */
const [sum, product, power, atom] = [1, 2, 3, 4] as const;

interface Layout {
  binding: number;
  tex(operand: (index: number, atLeast?: number) => string): string;
}

const named = (name: string): Layout => ({ binding: product, tex: (operand) => `${name}\\left(${operand(0)}\\right)` });
const infix = (symbol: string): Layout => ({ binding: 0, tex: (operand) => `${operand(0, sum)} ${symbol} ${operand(1, sum)}` });

const layouts: Readonly<Record<Operator, Layout>> = {
  neg: { binding: sum, tex: (operand) => `-${operand(0, product)}` },
  add: { binding: sum, tex: (operand) => `${operand(0, sum)} + ${operand(1, sum)}` },
  // a - (b + c) keeps its parentheses
  sub: { binding: sum, tex: (operand) => `${operand(0, sum)} - ${operand(1, product)}` },
  mul: { binding: product, tex: (operand) => `${operand(0, product)}\\,${operand(1, product)}` },
  div: { binding: atom, tex: (operand) => `\\frac{${operand(0)}}{${operand(1)}}` },
  pow: { binding: power, tex: (operand) => `${operand(0, atom)}^{${operand(1)}}` },
  square: { binding: power, tex: (operand) => `${operand(0, atom)}^{2}` },
  exp: { binding: power, tex: (operand) => `e^{${operand(0)}}` },
  expm1: { binding: sum, tex: (operand) => `e^{${operand(0)}} - 1` },
  log: named('\\log'),
  log1p: { binding: product, tex: (operand) => `\\log\\left(1 + ${operand(0, product)}\\right)` },
  log1mexp: { binding: product, tex: (operand) => `\\log\\left(1 - e^{${operand(0)}}\\right)` },
  logsigmoid: named('\\log\\sigma'),
  sigmoid: { binding: atom, tex: (operand) => `\\sigma\\left(${operand(0)}\\right)` },
  softplus: { binding: product, tex: (operand) => `\\log\\left(1 + e^{${operand(0)}}\\right)` },
  relu: { binding: atom, tex: (operand) => `\\left[${operand(0)}\\right]_{+}` },
  tanh: named('\\tanh'),
  sqrt: { binding: atom, tex: (operand) => `\\sqrt{${operand(0)}}` },
  abs: { binding: atom, tex: (operand) => `\\left|${operand(0)}\\right|` },
  sign: named('\\operatorname{sgn}'),
  detach: { binding: atom, tex: (operand) => `\\operatorname{sg}\\left[${operand(0)}\\right]` },
  min: { binding: product, tex: (operand) => `\\min\\left(${operand(0)}, ${operand(1)}\\right)` },
  max: { binding: product, tex: (operand) => `\\max\\left(${operand(0)}, ${operand(1)}\\right)` },
  lt: infix('<'),
  le: infix('\\le'),
  gt: infix('>'),
  ge: infix('\\ge'),
  eq: infix('='),
  ne: infix('\\ne'),
  where: {
    binding: atom,
    tex: (operand) => `\\begin{cases} ${operand(1)} & ${operand(0)} \\\\ ${operand(2)} & \\text{otherwise} \\end{cases}`,
  },
};

function number(value: number): string {
  const [mantissa = '', exponent] = String(value).split('e');
  if (exponent === undefined) return mantissa;
  return `${mantissa === '1' ? '' : `${mantissa} \\cdot `}10^{${Number(exponent)}}`;
}

/** Symbols of a formula that is written out; longer ones could not be read, and setting them would hold the page up. */
export const maxSymbols = 2000;

/**
 * TeX of the expression; words in its place if it has more than `maxSymbols` symbols. `symbols` maps names of inputs and parameters to TeX; `abbreviate` may give the TeX of a whole
 * sub-expression, as an atom.
 */
export function toTex(
  e: Expression,
  symbols: Readonly<Record<string, string>>,
  abbreviate: (e: Expression) => string | null = () => null,
): string {
  const size = writtenSize(e);
  if (size > maxSymbols) return `\\text{too long to be written out: ${size.toLocaleString('en')} symbols. Shorten the loss.}`;
  const done = new Map<Expression, { tex: string; binding: number }>();
  const visit = (node: Expression): { tex: string; binding: number } => {
    const known = done.get(node);
    if (known) return known;
    const made = layOut(node);
    done.set(node, made);
    return made;
  };
  const layOut = (node: Expression): { tex: string; binding: number } => {
    if (node.kind === 'constant') return { tex: number(node.value), binding: node.value < 0 ? sum : atom };
    if (node.kind !== 'call')
      return {
        tex: Object.hasOwn(symbols, node.name) ? (symbols[node.name] ?? '') : `\\mathrm{${node.name.replaceAll('_', '\\_')}}`,
        binding: atom,
      };
    const [subtracted] = node.operator === 'log1p' ? (match(node.args[0] as Expression, 'neg') ?? []) : [];
    if (subtracted) return { tex: `\\log\\left(1 - ${visit(subtracted).tex}\\right)`, binding: product };
    const short = abbreviate(node);
    if (short !== null) return { tex: short, binding: product };
    const { binding, tex } = layouts[node.operator];
    const operand = (index: number, atLeast = 0) => {
      const inner = visit(node.args[index] as Expression);
      return inner.binding < atLeast ? `\\left(${inner.tex}\\right)` : inner.tex;
    };
    return { tex: tex(operand), binding };
  };
  return visit(e).tex;
}
