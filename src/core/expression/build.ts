/**
 * Constructors that simplify as they build: constants fold, neutral elements go, and forms that would lose all digits in float32
 * become the stable function that they mean. None changes a value where the written form has one.
 */
import {
  type BinaryOperator,
  type Comparison,
  call,
  constant,
  type Expression,
  isComparison,
  isConstant,
  match,
  type Operator,
  same,
  type UnaryOperator,
} from './expression.ts';
import { values } from './values.ts';

/** An operand without its sign. */
function unsigned(e: Expression): { negative: boolean; e: Expression } {
  const negated = match(e, 'neg')?.[0];
  if (negated) return { negative: true, e: negated };
  return e.kind === 'constant' && e.value < 0 ? { negative: true, e: constant(-e.value) } : { negative: false, e };
}

/** The value of an operator on constants, if float32 holds it. */
function folded(operator: UnaryOperator | BinaryOperator, ...args: readonly Expression[]): Expression | null {
  const numbers = args.map((arg) => (arg.kind === 'constant' ? arg.value : Number.NaN));
  const [a = Number.NaN, b = Number.NaN] = numbers;
  if (args.some((arg) => arg.kind !== 'constant')) return null;
  const value = values[operator](a, b, Number.NaN);
  return Number.isFinite(Math.fround(value)) ? constant(value) : null;
}

export function neg(a: Expression): Expression {
  if (a.kind === 'constant') return constant(0 - a.value);
  const inner = match(a, 'neg')?.[0];
  if (inner) return inner;
  const difference = match(a, 'sub');
  if (difference?.[0] && difference[1]) return call('sub', difference[1], difference[0]);
  return call('neg', a);
}

export function add(a: Expression, b: Expression): Expression {
  if (isConstant(a, 0)) return b;
  if (isConstant(b, 0)) return a;
  const constantFirst = folded('add', a, b);
  if (constantFirst) return constantFirst;
  const [right, left] = [unsigned(b), unsigned(a)];
  if (right.negative) return sub(a, right.e);
  if (left.negative) return sub(b, left.e);
  // 1 + (e^x - 1)
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const x = match(other, 'expm1')?.[0];
    if (isConstant(one, 1) && x) return exp(x);
  }
  return call('add', a, b);
}

export function sub(a: Expression, b: Expression): Expression {
  if (isConstant(a, 0)) return neg(b);
  if (isConstant(b, 0)) return a;
  const constantFirst = folded('sub', a, b);
  if (constantFirst) return constantFirst;
  if (same(a, b)) return constant(0);
  const right = unsigned(b);
  if (right.negative) return add(a, right.e);
  const left = match(a, 'neg')?.[0];
  if (left) return neg(add(left, b));
  const exponent = match(a, 'exp')?.[0];
  if (exponent && isConstant(b, 1)) return expm1(exponent);
  const x = match(b, 'sigmoid')?.[0];
  if (x && isConstant(a, 1)) return sigmoid(neg(x));
  const y = match(b, 'exp')?.[0];
  if (y && isConstant(a, 1)) return neg(expm1(y));
  return call('sub', a, b);
}

export function mul(a: Expression, b: Expression): Expression {
  if (isConstant(a, 0) || isConstant(b, 0)) return constant(0);
  if (isConstant(a, 1)) return b;
  if (isConstant(b, 1)) return a;
  const constantFirst = folded('mul', a, b);
  if (constantFirst) return constantFirst;
  const [left, right] = [unsigned(a), unsigned(b)];
  if (left.negative !== right.negative) return neg(mul(left.e, right.e));
  if (left.negative) return mul(left.e, right.e);
  const [leftNumerator, leftDenominator] = match(a, 'div') ?? [];
  if (leftDenominator && isConstant(leftNumerator as Expression, 1)) return div(b, leftDenominator);
  const [numerator, denominator] = match(b, 'div') ?? [];
  if (denominator && isConstant(numerator as Expression, 1)) return div(a, denominator);
  // one constant factor, in front
  if (b.kind === 'constant' && a.kind !== 'constant') return mul(b, a);
  const [factor, rest] = match(b, 'mul') ?? [];
  if (factor?.kind === 'constant' && rest) {
    if (a.kind !== 'constant') return mul(factor, mul(a, rest));
    const product = folded('mul', a, factor);
    if (product) return mul(product, rest);
  }
  return call('mul', a, b);
}

export function div(a: Expression, b: Expression): Expression {
  if (isConstant(b, 1)) return a;
  if (isConstant(a, 0) && !isConstant(b, 0)) return constant(0);
  const constantFirst = folded('div', a, b);
  if (constantFirst) return constantFirst;
  const [left, right] = [unsigned(a), unsigned(b)];
  if (left.negative !== right.negative) return neg(div(left.e, right.e));
  if (left.negative) return div(left.e, right.e);
  const [factor, rest] = match(a, 'mul') ?? [];
  const quotient = factor && rest ? folded('div', factor, b) : null;
  if (quotient && rest) return mul(quotient, rest);
  // 1 / (1 + e^-x) and e^x / (1 + e^x)
  const exponent = match(b, 'add')?.find((term) => match(term, 'exp'));
  const x = exponent && match(exponent, 'exp')?.[0];
  if (x && match(b, 'add')?.some((term) => isConstant(term, 1))) {
    if (isConstant(a, 1)) return sigmoid(neg(x));
    if (same(a, exponent)) return sigmoid(x);
  }
  return call('div', a, b);
}

export function pow(a: Expression, b: Expression): Expression {
  if (isConstant(b, 0)) return constant(1);
  if (isConstant(b, 1)) return a;
  if (isConstant(b, 2)) return square(a);
  if (isConstant(b, -1)) return div(constant(1), a);
  return folded('pow', a, b) ?? call('pow', a, b);
}

export const min = (a: Expression, b: Expression): Expression => folded('min', a, b) ?? call('min', a, b);
export const max = (a: Expression, b: Expression): Expression => {
  if (isConstant(a, 0)) return relu(b);
  return isConstant(b, 0) ? relu(a) : (folded('max', a, b) ?? call('max', a, b));
};

export const exp = (a: Expression): Expression => unary('exp', a);
export const expm1 = (a: Expression): Expression => unary('expm1', a);
export const sigmoid = (a: Expression): Expression => unary('sigmoid', a);
export const logsigmoid = (a: Expression): Expression => unary('logsigmoid', a);
export const relu = (a: Expression): Expression => unary('relu', a);
export const square = (a: Expression): Expression => unary('square', unsigned(a).e);

export function log(a: Expression): Expression {
  const [x] = match(a, 'exp') ?? [];
  if (x) return x;
  const [z] = match(a, 'sigmoid') ?? [];
  if (z) return logsigmoid(z);
  // 1 - e^x was built as -(e^x - 1)
  const [negated] = match(a, 'neg') ?? [];
  const [y] = (negated && match(negated, 'expm1')) ?? [];
  if (y) return unary('log1mexp', y);
  const [left, right] = match(a, 'add') ?? [];
  if (left && right && isConstant(left, 1)) return log1p(right);
  if (left && right && isConstant(right, 1)) return log1p(left);
  const [one, subtracted] = match(a, 'sub') ?? [];
  if (one && subtracted && isConstant(one, 1)) return log1p(neg(subtracted));
  return unary('log', a);
}

export function log1p(a: Expression): Expression {
  const [x] = match(a, 'exp') ?? [];
  if (x) return unary('softplus', x);
  const [negated] = match(a, 'neg') ?? [];
  const [y] = (negated && match(negated, 'exp')) ?? [];
  if (y) return unary('log1mexp', y);
  return unary('log1p', a);
}

/** A unary operator with its rules. */
export function unary(operator: UnaryOperator, a: Expression): Expression {
  if (operator === 'detach' && (a.kind === 'constant' || a.kind === 'parameter' || match(a, 'detach'))) return a;
  return folded(operator, a) ?? call(operator, a);
}

export const compare = (operator: Comparison, a: Expression, b: Expression): Expression => call(operator, a, b);

export function where(condition: Expression, a: Expression, b: Expression): Expression {
  return same(a, b) ? a : call('where', condition, a, b);
}

/** Constructors with rules of their own. */
const special: Partial<Record<Operator, (...args: [Expression, Expression, Expression]) => Expression>> = {
  neg,
  log,
  log1p,
  square,
  add,
  sub,
  mul,
  div,
  pow,
  min,
  max,
  where,
};

/** Any operator on its operands, simplified. */
export function build(operator: Operator, ...args: readonly Expression[]): Expression {
  const rule = special[operator];
  if (rule) return rule(...(args as [Expression, Expression, Expression]));
  return isComparison(operator) ? call(operator, ...args) : unary(operator as UnaryOperator, args[0] as Expression);
}

/** `e` with some of its nodes replaced; `replacement` returns null for those that stay. */
export const substitute = (e: Expression, replacement: (node: Expression) => Expression | null): Expression => substitution(replacement)(e);

/** The same of several expressions, which may share parts: these stay shared. */
export function substitution(replacement: (node: Expression) => Expression | null): (e: Expression) => Expression {
  const done = new Map<Expression, Expression>();
  const visit = (node: Expression): Expression => {
    const known = done.get(node);
    if (known) return known;
    const made = replacement(node) ?? (node.kind === 'call' ? build(node.operator, ...node.args.map(visit)) : node);
    done.set(node, made);
    return made;
  };
  return visit;
}
