/**
 * A scalar expression over named inputs (what a pair provides) and parameters (what the reader sets).
 * One expression is the only definition of an objective: its value, derivatives, WGSL and TeX all come from it.
 * Sub-expressions may be shared, so every traversal visits a node once.
 */
export type Expression =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'call'; readonly operator: Operator; readonly args: readonly Expression[] };

export const unaryOperators = [
  'neg',
  'exp',
  'expm1',
  'log',
  'log1p',
  'log1mexp',
  'logsigmoid',
  'sigmoid',
  'softplus',
  'relu',
  'tanh',
  'sqrt',
  'square',
  'abs',
  'sign',
  'detach',
] as const;
export const binaryOperators = ['add', 'sub', 'mul', 'div', 'pow', 'min', 'max'] as const;
/** Their value is a condition, which only `where` takes. */
export const comparisons = ['lt', 'le', 'gt', 'ge', 'eq', 'ne'] as const;

export type UnaryOperator = (typeof unaryOperators)[number];
export type BinaryOperator = (typeof binaryOperators)[number];
export type Comparison = (typeof comparisons)[number];
export type Operator = UnaryOperator | BinaryOperator | Comparison | 'where';

export const constant = (value: number): Expression => ({ kind: 'constant', value });
export const input = (name: string): Expression => ({ kind: 'input', name });
export const parameter = (name: string): Expression => ({ kind: 'parameter', name });

/** The bare node: build.ts has the constructors that simplify. */
export const call = (operator: Operator, ...args: readonly Expression[]): Expression => ({ kind: 'call', operator, args });

export const isConstant = (e: Expression, value?: number): boolean => e.kind === 'constant' && (value === undefined || e.value === value);

/** The operands of `e` if it is a call of `operator`. */
export function match(e: Expression, operator: Operator): readonly Expression[] | null {
  return e.kind === 'call' && e.operator === operator ? e.args : null;
}

export const isComparison = (operator: Operator): operator is Comparison => (comparisons as readonly string[]).includes(operator);

export const isCondition = (e: Expression): boolean => e.kind === 'call' && isComparison(e.operator);

/** Whether two expressions are written alike. What is shared is compared once. */
export function same(a: Expression, b: Expression): boolean {
  const alike = new Map<Expression, Expression>();
  const compare = (one: Expression, other: Expression): boolean => {
    if (one === other || alike.get(one) === other) return true;
    if (one.kind === 'constant') return other.kind === 'constant' && Object.is(one.value, other.value);
    if (one.kind !== 'call') return one.kind === other.kind && one.name === (other as typeof one).name;
    const isAlike =
      other.kind === 'call' &&
      one.operator === other.operator &&
      one.args.length === other.args.length &&
      one.args.every((arg, i) => compare(arg, other.args[i] as Expression));
    if (isAlike) alike.set(one, other);
    return isAlike;
  };
  return compare(a, b);
}

/** Every node once, operands before their operator. */
export function nodesOf(...roots: readonly Expression[]): Expression[] {
  const seen = new Set<Expression>();
  const visit = (e: Expression) => {
    if (seen.has(e)) return;
    if (e.kind === 'call') for (const arg of e.args) visit(arg);
    seen.add(e);
  };
  for (const root of roots) visit(root);
  return [...seen];
}

/** Symbols of the expression written out: names, numbers and operators, what is shared as often as it stands there. */
export function writtenSize(e: Expression): number {
  const sizes = new Map<Expression, number>();
  for (const node of nodesOf(e)) sizes.set(node, node.kind === 'call' ? node.args.reduce((sum, arg) => sum + (sizes.get(arg) ?? 0), 1) : 1);
  return sizes.get(e) ?? 0;
}

/** Names of all parameters in the expression, in order of first appearance. */
export const parametersOf = (e: Expression): string[] => namesOf(e, 'parameter');

/** Names of all inputs in the expression, in order of first appearance. */
export const inputsOf = (e: Expression): string[] => namesOf(e, 'input');

function namesOf(e: Expression, kind: 'parameter' | 'input'): string[] {
  return [...new Set(nodesOf(e).flatMap((node) => (node.kind === kind ? [node.name] : [])))];
}
