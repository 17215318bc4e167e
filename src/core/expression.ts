import { logSigmoid, sigmoid } from './numerics.ts';

/**
 * A scalar expression over named inputs (what a pair provides) and parameters (what the reader sets).
 * One expression is the only definition of an objective: its value, derivatives, WGSL and TeX all come from it.
 */
export type Expression =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly a: Expression }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly a: Expression; readonly b: Expression };

interface Unary {
  value(a: number): number;
  /** d/da, as an expression in a */
  derivative(a: Expression): Expression;
  wgsl(a: string): string;
  tex(a: string): string;
}

interface Binary {
  value(a: number, b: number): number;
  derivative(a: Expression, b: Expression, da: Expression, db: Expression): Expression;
  wgsl(a: string, b: string): string;
  /** binding strength in TeX: an operand that binds weaker is put in parentheses */
  precedence: number;
  tex(a: string, b: string): string;
}

const unaryOperators = {
  neg: {
    value: (a) => -a,
    derivative: () => constant(-1),
    wgsl: (a) => `(-${a})`,
    tex: (a) => `-${a}`,
  },
  logSigmoid: {
    value: logSigmoid,
    derivative: (a) => sigmoidOf(neg(a)),
    wgsl: (a) => `log_sigmoid(${a})`,
    tex: (a) => `\\log\\sigma\\left(${a}\\right)`,
  },
  sigmoid: {
    value: sigmoid,
    derivative: (a) => mul(sigmoidOf(a), sigmoidOf(neg(a))),
    wgsl: (a) => `sigmoid(${a})`,
    tex: (a) => `\\sigma\\left(${a}\\right)`,
  },
} satisfies Record<string, Unary>;

const binaryOperators = {
  add: {
    value: (a, b) => a + b,
    derivative: (_a, _b, da, db) => add(da, db),
    wgsl: (a, b) => `(${a} + ${b})`,
    precedence: 1,
    tex: (a, b) => `${a} + ${b}`,
  },
  sub: {
    value: (a, b) => a - b,
    derivative: (_a, _b, da, db) => sub(da, db),
    wgsl: (a, b) => `(${a} - ${b})`,
    precedence: 1,
    tex: (a, b) => `${a} - ${b}`,
  },
  mul: {
    value: (a, b) => a * b,
    derivative: (a, b, da, db) => add(mul(da, b), mul(a, db)),
    wgsl: (a, b) => `(${a} * ${b})`,
    precedence: 2,
    tex: (a, b) => `${a}\\,${b}`,
  },
} satisfies Record<string, Binary>;

export type UnaryOperator = keyof typeof unaryOperators;
export type BinaryOperator = keyof typeof binaryOperators;

const unary = (operator: UnaryOperator): Unary => unaryOperators[operator];
const binary = (operator: BinaryOperator): Binary => binaryOperators[operator];

const isConstant = (e: Expression, value?: number): boolean => e.kind === 'constant' && (value === undefined || e.value === value);

export const constant = (value: number): Expression => ({ kind: 'constant', value });
export const input = (name: string): Expression => ({ kind: 'input', name });
export const parameter = (name: string): Expression => ({ kind: 'parameter', name });

// The constructors fold constants and drop neutral elements, so that a derivative comes out readable.
export function neg(a: Expression): Expression {
  if (a.kind === 'constant') return constant(-a.value);
  if (a.kind === 'unary' && a.operator === 'neg') return a.a;
  return { kind: 'unary', operator: 'neg', a };
}
export const logSigmoidOf = (a: Expression): Expression => ({ kind: 'unary', operator: 'logSigmoid', a });
export const sigmoidOf = (a: Expression): Expression => ({ kind: 'unary', operator: 'sigmoid', a });

export function add(a: Expression, b: Expression): Expression {
  if (isConstant(a, 0)) return b;
  if (isConstant(b, 0)) return a;
  if (a.kind === 'constant' && b.kind === 'constant') return constant(a.value + b.value);
  return { kind: 'binary', operator: 'add', a, b };
}
export function sub(a: Expression, b: Expression): Expression {
  if (isConstant(a, 0)) return neg(b);
  if (isConstant(b, 0)) return a;
  if (a.kind === 'constant' && b.kind === 'constant') return constant(a.value - b.value);
  return { kind: 'binary', operator: 'sub', a, b };
}
export function mul(a: Expression, b: Expression): Expression {
  if (isConstant(a, 0) || isConstant(b, 0)) return constant(0);
  if (isConstant(a, 1)) return b;
  if (isConstant(b, 1)) return a;
  if (isConstant(a, -1)) return neg(b);
  if (isConstant(b, -1)) return neg(a);
  if (a.kind === 'constant' && b.kind === 'constant') return constant(a.value * b.value);
  if (a.kind === 'unary' && a.operator === 'neg') return neg(mul(a.a, b));
  if (b.kind === 'unary' && b.operator === 'neg') return neg(mul(a, b.a));
  return { kind: 'binary', operator: 'mul', a, b };
}

export type Scope = Readonly<Record<string, number>>;

/** The expression's float64 value. Throws on a name that `scope` lacks. */
export function evaluate(e: Expression, scope: Scope): number {
  switch (e.kind) {
    case 'constant':
      return e.value;
    case 'input':
    case 'parameter': {
      const value = scope[e.name];
      if (value === undefined) throw new Error(`No value was given for '${e.name}'.`);
      return value;
    }
    case 'unary':
      return unary(e.operator).value(evaluate(e.a, scope));
    case 'binary':
      return binary(e.operator).value(evaluate(e.a, scope), evaluate(e.b, scope));
    default:
      return e satisfies never;
  }
}

/** ∂e/∂name, where `name` is an input. */
export function differentiate(e: Expression, name: string): Expression {
  switch (e.kind) {
    case 'constant':
    case 'parameter':
      return constant(0);
    case 'input':
      return constant(e.name === name ? 1 : 0);
    case 'unary':
      return mul(unary(e.operator).derivative(e.a), differentiate(e.a, name));
    case 'binary':
      return binary(e.operator).derivative(e.a, e.b, differentiate(e.a, name), differentiate(e.b, name));
    default:
      return e satisfies never;
  }
}

/** WGSL text of the expression; inputs and parameters become identifiers of the same name with a prefix. */
export function toWgsl(e: Expression): string {
  switch (e.kind) {
    case 'constant':
      return wgslFloat(e.value);
    case 'input':
      return `input_${e.name}`;
    case 'parameter':
      return `parameter_${e.name}`;
    case 'unary':
      return unary(e.operator).wgsl(toWgsl(e.a));
    case 'binary':
      return binary(e.operator).wgsl(toWgsl(e.a), toWgsl(e.b));
    default:
      return e satisfies never;
  }
}

/** TeX of the expression, with `symbols` mapping names of inputs and parameters to TeX. */
export function toTex(e: Expression, symbols: Readonly<Record<string, string>>): string {
  switch (e.kind) {
    case 'constant':
      return String(e.value);
    case 'input':
    case 'parameter':
      return symbols[e.name] ?? `\\mathrm{${e.name}}`;
    case 'unary':
      return unary(e.operator).tex(e.operator === 'neg' ? texOperand(e.a, 2, symbols) : toTex(e.a, symbols));
    case 'binary': {
      const { precedence, tex } = binary(e.operator);
      // a - (b + c): the right operand of an operator of the same strength keeps its parentheses
      return tex(texOperand(e.a, precedence, symbols), texOperand(e.b, precedence + (e.operator === 'sub' ? 1 : 0), symbols));
    }
    default:
      return e satisfies never;
  }
}

function texOperand(e: Expression, atLeast: number, symbols: Readonly<Record<string, string>>): string {
  const tex = toTex(e, symbols);
  const binding = e.kind === 'binary' ? binary(e.operator).precedence : e.kind === 'unary' && e.operator === 'neg' ? 1 : 3;
  return binding < atLeast ? `\\left(${tex}\\right)` : tex;
}

/** A float32 literal; the shortest decimal that rounds to the same float32. */
function wgslFloat(value: number): string {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) throw new Error(`${value} is not a float32 number.`);
  return `f32(${single})`;
}

/** Names of all parameters in the expression, in order of first appearance. */
export const parametersOf = (e: Expression): string[] => namesOf(e, 'parameter');

/** Names of all inputs in the expression, in order of first appearance. */
export const inputsOf = (e: Expression): string[] => namesOf(e, 'input');

function namesOf(e: Expression, kind: 'parameter' | 'input'): string[] {
  const names = new Set<string>();
  const visit = (node: Expression) => {
    if (node.kind === kind) names.add(node.name);
    if (node.kind === 'unary') visit(node.a);
    if (node.kind === 'binary') {
      visit(node.a);
      visit(node.b);
    }
  };
  visit(e);
  return [...names];
}
