import { add, compare, div, exp, mul, neg, pow, sigmoid, sub, unary, where } from './build.ts';
import { constant, type Expression, isConstant, type Operator } from './expression.ts';

const zero = constant(0);
const one = constant(1);

type Derivative = (args: readonly Expression[], derivatives: readonly Expression[], e: Expression) => Expression;

/** A unary operator's chain rule. */
const chain =
  (derivative: (a: Expression, value: Expression) => Expression): Derivative =>
  ([a = zero], [da = zero], e) =>
    mul(da, derivative(a, e));

/** Zero for what is piecewise constant, and for a condition. */
const flat: Derivative = () => zero;

/**
 * Each operator's derivative, in the form that stays accurate in float32: σ(-x) instead of 1 - σ(x), e^x/expm1(x) instead of a
 * quotient that overflows. At a kink it is the left one of relu, as in automatic differentiation.
 */
const derivatives: Readonly<Record<Operator, Derivative>> = {
  neg: (_, [da = zero]) => neg(da),
  exp: chain((_, value) => value),
  expm1: chain((a) => exp(a)),
  log: ([a = one], [da = zero]) => div(da, a),
  log1p: ([a = zero], [da = zero]) => div(da, add(one, a)),
  log1mexp: chain((a) => div(exp(a), unary('expm1', a))),
  logsigmoid: chain((a) => sigmoid(neg(a))),
  sigmoid: chain((a, value) => mul(value, sigmoid(neg(a)))),
  softplus: chain((a) => sigmoid(a)),
  relu: ([a = zero], [da = zero]) => where(compare('gt', a, zero), da, zero),
  // 1 - tanh² = 4 σ(2x) σ(-2x), which keeps its digits in the tails
  tanh: chain((a) => {
    const twice = mul(constant(2), a);
    return mul(constant(4), mul(sigmoid(twice), sigmoid(neg(twice))));
  }),
  sqrt: ([,], [da = zero], e) => div(da, mul(constant(2), e)),
  square: chain((a) => mul(constant(2), a)),
  abs: chain((a) => unary('sign', a)),
  sign: flat,
  detach: flat,
  add: (_, [da = zero, db = zero]) => add(da, db),
  sub: (_, [da = zero, db = zero]) => sub(da, db),
  mul: ([a = zero, b = zero], [da = zero, db = zero]) => add(mul(da, b), mul(a, db)),
  div: ([, b = one], [da = zero, db = zero], e) => (isConstant(db, 0) ? div(da, b) : div(sub(da, mul(e, db)), b)),
  pow: ([a = zero, b = zero], [da = zero, db = zero], e) =>
    add(mul(da, mul(b, pow(a, sub(b, one)))), isConstant(db, 0) ? zero : mul(db, mul(e, unary('log', a)))),
  min: ([a = zero, b = zero], [da = zero, db = zero]) => where(compare('le', a, b), da, db),
  max: ([a = zero, b = zero], [da = zero, db = zero]) => where(compare('ge', a, b), da, db),
  where: ([condition = zero], [, da = zero, db = zero]) => where(condition, da, db),
  lt: flat,
  le: flat,
  gt: flat,
  ge: flat,
  eq: flat,
  ne: flat,
};

/** ∂e/∂name, where `name` is an input. `detach(x)` counts as a constant. */
export const differentiate = (e: Expression, name: string): Expression => derivativesBy(name)(e);

/** The same of several expressions, which may share parts. */
export function derivativesBy(name: string): (e: Expression) => Expression {
  const done = new Map<Expression, Expression>();
  const visit = (node: Expression): Expression => {
    if (node.kind === 'input') return node.name === name ? one : zero;
    if (node.kind !== 'call' || node.operator === 'detach') return zero;
    const known = done.get(node);
    if (known) return known;
    const inner = node.args.map(visit);
    const made = inner.every((d) => isConstant(d, 0)) ? zero : derivatives[node.operator](node.args, inner, node);
    done.set(node, made);
    return made;
  };
  return visit;
}
