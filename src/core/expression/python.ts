import type { Expression, Operator } from './expression.ts';
import { type Instruction, toProgram } from './program.ts';

/** Binding strengths of Python: an operand that binds weaker than its place asks for is put in parentheses. */
const [comparison, sum, product, sign, power, atom] = [0, 1, 2, 3, 4, 5] as const;

/** A Python expression. Parameters and constants are plain numbers, inputs are tensors; what is computed of numbers alone stays one. */
interface Written {
  readonly text: string;
  readonly binding: number;
  readonly kind: 'number' | 'tensor' | 'condition';
}

/** `value` after `statements`, one assignment a line. */
export interface PythonCode {
  readonly statements: readonly string[];
  readonly value: string;
}

export interface PythonNames {
  /** identifiers of inputs and parameters that are not called what they are called here */
  readonly identifiers?: Readonly<Record<string, string>>;
  /** sub-expressions that get a variable of this name wherever they occur */
  readonly variables?: readonly (readonly [name: string, e: Expression])[];
}

const inParentheses = ({ text, binding }: Written, atLeast: number): string => (binding < atLeast ? `(${text})` : text);
/** As an operand of a function that takes tensors only. A whole number would make a tensor of integers. */
const asTensor = ({ text, kind }: Written): string =>
  kind === 'number' ? `torch.tensor(${/^-?\d+$/.test(text) ? `${text}.0` : text})` : text;

/** Functions of PyTorch, and of Python's math where it has one of the same meaning. */
const functions: Readonly<Partial<Record<Operator, { tensor: string; number?: string }>>> = {
  exp: { tensor: 'torch.exp', number: 'math.exp' },
  expm1: { tensor: 'torch.expm1', number: 'math.expm1' },
  log: { tensor: 'torch.log', number: 'math.log' },
  log1p: { tensor: 'torch.log1p', number: 'math.log1p' },
  log1mexp: { tensor: 'log1mexp' },
  logsigmoid: { tensor: 'F.logsigmoid' },
  sigmoid: { tensor: 'torch.sigmoid' },
  relu: { tensor: 'F.relu' },
  tanh: { tensor: 'torch.tanh', number: 'math.tanh' },
  sqrt: { tensor: 'torch.sqrt', number: 'math.sqrt' },
  abs: { tensor: 'torch.abs', number: 'abs' },
  sign: { tensor: 'torch.sign' },
};

const infix: Readonly<Partial<Record<Operator, { symbol: string; binding: number; left: number; right: number }>>> = {
  add: { symbol: '+', binding: sum, left: sum, right: sum + 1 },
  sub: { symbol: '-', binding: sum, left: sum, right: sum + 1 },
  mul: { symbol: '*', binding: product, left: product, right: product + 1 },
  div: { symbol: '/', binding: product, left: product, right: product + 1 },
  pow: { symbol: '**', binding: power, left: atom, right: sign },
  lt: { symbol: '<', binding: comparison, left: sum, right: sum },
  le: { symbol: '<=', binding: comparison, left: sum, right: sum },
  gt: { symbol: '>', binding: comparison, left: sum, right: sum },
  ge: { symbol: '>=', binding: comparison, left: sum, right: sum },
  eq: { symbol: '==', binding: comparison, left: sum, right: sum },
  ne: { symbol: '!=', binding: comparison, left: sum, right: sum },
};

const call = (text: string, kind: Written['kind']): Written => ({ text, binding: atom, kind });

function applied(name: string, a: Written, number?: string): Written {
  if (a.kind !== 'number') return call(`${name}(${a.text})`, 'tensor');
  return call(number ? `${number}(${a.text})` : `float(${name}(${asTensor(a)}))`, 'number');
}

function negated(a: Written): Written {
  const binding = a.binding < product ? atom : a.binding;
  return { text: `-${inParentheses(a, product)}`, binding: Math.min(binding, sign), kind: a.kind };
}

/**
 * The smaller or the larger of two. Where they are equal the derivative is the first one's, as in `differentiate`: `clamp` does that for
 * a tensor before a number, torch.minimum and torch.maximum would split it.
 */
function extreme(operator: 'min' | 'max', a: Written, b: Written): Written {
  if (a.kind === 'number' && b.kind === 'number') return call(`${operator}(${a.text}, ${b.text})`, 'number');
  if (b.kind === 'number') return call(`torch.clamp(${a.text}, ${operator === 'min' ? 'max' : 'min'}=${b.text})`, 'tensor');
  return call(`torch.where(${a.text} ${operator === 'min' ? '<=' : '>='} ${b.text}, ${a.text}, ${b.text})`, 'tensor');
}

function operation(operator: Operator, args: readonly Written[]): Written {
  const [a, b, c] = args;
  if (!a) throw new Error(`'${operator}' has no operand.`);
  const named = functions[operator];
  if (named) return applied(named.tensor, a, named.number);
  const between = infix[operator];
  if (between && b) {
    const isComparison = between.binding === comparison;
    const kind = isComparison ? 'condition' : a.kind === 'number' && b.kind === 'number' ? 'number' : 'tensor';
    const text = `${inParentheses(a, between.left)} ${between.symbol} ${inParentheses(b, between.right)}`;
    const numbers = a.kind === 'number' && b.kind === 'number';
    return isComparison && numbers ? call(`torch.tensor(${text})`, kind) : { text, binding: between.binding, kind };
  }
  switch (operator) {
    case 'neg':
      return negated(a);
    case 'square':
      return { text: `${inParentheses(a, atom)} ** 2`, binding: power, kind: a.kind };
    // F.softplus is linear beyond 20, which costs digits in float64
    case 'softplus':
      return negated(applied('F.logsigmoid', negated(a)));
    case 'detach':
      return a.kind === 'number' ? a : call(`${inParentheses(a, atom)}.detach()`, a.kind);
    case 'min':
    case 'max':
      if (b) return extreme(operator, a, b);
      break;
    case 'where':
      if (b && c) return call(`torch.where(${a.text}, ${asTensor(b)}, ${asTensor(c)})`, 'tensor');
  }
  throw new Error(`'${operator}' is not written in Python.`);
}

/** Whether the text of an operand is written twice. */
const repeats = (operator: Operator, args: readonly Written[]): boolean =>
  (operator === 'min' || operator === 'max') && args[1]?.kind !== 'number';

function leaf(instruction: Exclude<Instruction, { kind: 'call' }>, identifiers: Readonly<Record<string, string>>): Written {
  if (instruction.kind === 'constant')
    return { text: String(instruction.value), binding: instruction.value < 0 ? sign : atom, kind: 'number' };
  const { kind, name } = instruction;
  const text = Object.hasOwn(identifiers, name) ? (identifiers[name] ?? name) : name;
  return { text, binding: atom, kind: kind === 'input' ? 'tensor' : 'number' };
}

/**
 * The expression as PyTorch, for inputs that are tensors of one shape and parameters that are numbers. Autograd of it is `differentiate`:
 * what is detached or held there has no gradient here. Uses `torch`, `F` (torch.nn.functional), `math` and, where the expression has it,
 * a function `log1mexp`.
 */
export function toPython(e: Expression, { identifiers = {}, variables = [] }: PythonNames = {}): PythonCode {
  const { instructions, outputs } = toProgram([e, ...variables.map(([, variable]) => variable)]);
  const [root = 0] = outputs;
  const nameOf = new Map(variables.map(([name], index) => [outputs[index + 1] ?? -1, name]));

  const uses = new Map<number, number>([[root, 1]]);
  for (let index = root; index >= 0; index--) {
    const instruction = instructions[index];
    if (!uses.has(index) || instruction?.kind !== 'call') continue;
    for (const arg of new Set(instruction.args)) uses.set(arg, (uses.get(arg) ?? 0) + 1);
  }

  const taken = new Set([
    ...variables.map(([name]) => name),
    ...instructions.flatMap((one) => (one.kind === 'input' || one.kind === 'parameter' ? [identifiers[one.name] ?? one.name] : [])),
  ]);
  const freshName = (): string => {
    for (let number = 1; ; number++) {
      const name = `t${number}`;
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  };

  const statements: string[] = [];
  const written = new Map<number, Written>();
  const hold = (index: number, name: string): Written => {
    const value = written.get(index);
    if (!value || (value.binding === atom && /^\w+$/.test(value.text))) return value as Written;
    statements.push(`${name} = ${value.text}`);
    const variable: Written = { text: name, binding: atom, kind: value.kind };
    written.set(index, variable);
    return variable;
  };
  for (const [index, instruction] of instructions.entries()) {
    const count = uses.get(index);
    if (count === undefined) continue;
    if (instruction.kind !== 'call') {
      written.set(index, leaf(instruction, identifiers));
      continue;
    }
    let args = instruction.args.map((arg) => written.get(arg) as Written);
    if (repeats(instruction.operator, args)) args = instruction.args.map((arg) => hold(arg, freshName()));
    written.set(index, operation(instruction.operator, args));
    const name = nameOf.get(index);
    if (index !== root && (name !== undefined || count > 1)) hold(index, name ?? freshName());
  }
  return { statements, value: written.get(root)?.text ?? '' };
}
