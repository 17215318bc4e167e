import { ExpressionError } from '../errors.ts';
import { add, build, compare, div, max, min, mul, neg, pow, sub, where } from './build.ts';
import { type Comparison, constant, type Expression, input, isCondition, parameter, type UnaryOperator } from './expression.ts';
import { distance, nearest } from './nearest.ts';
import { type Token, tokenize } from './tokens.ts';

/** What names mean in a line: inputs, and shorthands for whole expressions of them. Any other name is a parameter. */
export interface Names {
  readonly inputs: readonly string[];
  readonly shorthands: Readonly<Record<string, Expression>>;
  /** what another name stands for: a line of the names above, or what was probably meant; null for a parameter */
  readonly alias?: (name: string) => { readonly line: string } | { readonly suggestion: string } | null;
  /** functions of one operand besides the usual ones */
  readonly functions?: Readonly<Record<string, (operand: Expression) => Expression>>;
}

/** What a part of a line means, and its place: `from` counts from 0, `to` is the position after it. */
export interface LinePart {
  readonly e: Expression;
  readonly from: number;
  readonly to: number;
}

/** Deepest nesting, and most operations of one line. */
const maxDepth = 64;
const maxOperations = 600;
const maxNameLength = 40;

interface KnownFunction {
  readonly operands: readonly [least: number, most: number];
  readonly build: (args: readonly Expression[]) => Expression;
}

const functions: Readonly<Record<string, KnownFunction>> = {
  ...Object.fromEntries(
    (
      [
        ['exp', 'exp'],
        ['expm1', 'expm1'],
        ['log', 'log'],
        ['ln', 'log'],
        ['log1p', 'log1p'],
        ['log1mexp', 'log1mexp'],
        ['logsigmoid', 'logsigmoid'],
        ['log_sigmoid', 'logsigmoid'],
        ['logSigmoid', 'logsigmoid'],
        ['neg', 'neg'],
        ['sigmoid', 'sigmoid'],
        ['softplus', 'softplus'],
        ['relu', 'relu'],
        ['tanh', 'tanh'],
        ['sqrt', 'sqrt'],
        ['square', 'square'],
        ['abs', 'abs'],
        ['sign', 'sign'],
        ['detach', 'detach'],
        ['sg', 'detach'],
        ['stop_gradient', 'detach'],
      ] as const satisfies readonly (readonly [string, UnaryOperator])[]
    ).map(([name, operator]) => [name, { operands: [1, 1], build: ([a]: readonly Expression[]) => build(operator, a as Expression) }]),
  ),
  pow: { operands: [2, 2], build: ([a, b]) => pow(a as Expression, b as Expression) },
  min: { operands: [2, 8], build: (args) => args.reduce(min) },
  max: { operands: [2, 8], build: (args) => args.reduce(max) },
  clip: { operands: [3, 3], build: ([a, low, high]) => max(min(a as Expression, high as Expression), low as Expression) },
  where: { operands: [3, 3], build: ([a, b, c]) => where(a as Expression, b as Expression, c as Expression) },
};

/** Names of the functions that a line may call. */
export const functionNames: readonly string[] = Object.keys(functions);

const operators: Readonly<Record<string, { binding: number; build: (a: Expression, b: Expression) => Expression }>> = {
  ...Object.fromEntries(
    (
      [
        ['<', 'lt'],
        ['<=', 'le'],
        ['>', 'gt'],
        ['>=', 'ge'],
        ['==', 'eq'],
        ['!=', 'ne'],
      ] as const satisfies readonly (readonly [string, Comparison])[]
    ).map(([symbol, operator]) => [symbol, { binding: 1, build: (a: Expression, b: Expression) => compare(operator, a, b) }]),
  ),
  '+': { binding: 2, build: add },
  '-': { binding: 2, build: sub },
  '*': { binding: 3, build: mul },
  '/': { binding: 3, build: div },
  '^': { binding: 5, build: pow },
  '**': { binding: 5, build: pow },
};
/** Binds weaker than a power: -x^2 is -(x^2). */
const minusBinding = 4;

const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

/**
 * Reads one line of mathematics. Nothing is ever executed: the line becomes a tree of known operators or an ExpressionError with the
 * place and the fix. `note` is told of each operation, the innermost first.
 */
export function parse(text: string, names: Names, note: (part: LinePart) => void = () => {}): Expression {
  return new Parser(text, names, note).line();
}

class Parser {
  readonly #text: string;
  readonly #names: Names;
  readonly #functions: Readonly<Record<string, KnownFunction>>;
  readonly #tokens: readonly Token[];
  readonly #note: (part: LinePart) => void;
  #next = 0;
  #depth = 0;
  #operations = 0;

  constructor(text: string, names: Names, note: (part: LinePart) => void) {
    if (typeof text !== 'string') throw new ExpressionError('', 0, 0, `An expression is a line of text, not ${JSON.stringify(text)}.`);
    this.#text = text;
    this.#names = names;
    this.#note = note;
    const own = Object.entries(names.functions ?? {}).map(([name, build]): [string, KnownFunction] => [
      name,
      { operands: [1, 1], build: ([operand]) => build(operand as Expression) },
    ]);
    this.#functions = own.length > 0 ? { ...functions, ...Object.fromEntries(own) } : functions;
    this.#tokens = tokenize(text);
  }

  line(): Expression {
    if (this.#peek().kind === 'end') this.#fail(this.#peek(), 'The line is empty. Write a loss, such as -logsigmoid(beta * margin).');
    const e = this.#number(0, 'The loss');
    const rest = this.#peek();
    if (rest.text === ')') this.#fail(rest, "This ')' closes nothing. Remove it, or add the '(' that it closes.");
    if (rest.kind !== 'end') this.#failAfterOperand(rest);
    return e;
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #fail(at: { from: number; to: number }, message: string): never {
    throw new ExpressionError(this.#text, at.from, at.to, message);
  }

  /** Two operands in a row, or a comma outside a call. */
  #failAfterOperand(token: Token): never {
    if (token.text === ',') this.#fail(token, "A comma separates a function's operands only. Remove it.");
    this.#fail(token, `An operator is missing before '${token.text}'. Type '*' to multiply.`);
  }

  #count(at: { from: number; to: number }): void {
    this.#operations++;
    if (this.#operations > maxOperations) this.#fail(at, `The line has more than ${maxOperations} operations. Shorten it.`);
  }

  /** An operand that must be a number. */
  #number(least: number, what: string): Expression {
    const from = this.#peek().from;
    const e = this.#expression(least);
    if (isCondition(e))
      this.#fail({ from, to: this.#lastEnd() }, `${what} is a condition. Use it as in where(condition, value, otherwise).`);
    return e;
  }

  #lastEnd(): number {
    return this.#tokens[Math.max(0, this.#next - 1)]?.to ?? 0;
  }

  #expression(least: number): Expression {
    this.#depth++;
    if (this.#depth > maxDepth)
      this.#fail(this.#peek(), `The line is nested more than ${maxDepth} deep, operands of operators counted. Nest it less.`);
    const { from } = this.#peek();
    let left = this.#operand();
    for (;;) {
      const token = this.#peek();
      const operator = token.kind === 'symbol' && Object.hasOwn(operators, token.text) ? operators[token.text] : undefined;
      if (!operator || operator.binding < least) break;
      if (isCondition(left)) this.#fail(token, 'A condition cannot be computed with. Use it as in where(condition, value, otherwise).');
      this.#take();
      this.#count(token);
      // a power binds to the right, everything else to the left
      const right = this.#number(operator.binding === 5 ? minusBinding : operator.binding + 1, `What stands after '${token.text}'`);
      left = operator.build(left, right);
      this.#note({ e: left, from, to: this.#lastEnd() });
    }
    this.#depth--;
    return left;
  }

  #operand(): Expression {
    const token = this.#take();
    switch (token.kind) {
      case 'number': {
        const value = Number(token.text);
        if (!Number.isFinite(Math.fround(value))) this.#fail(token, `${token.text} is too large for a float32 number (3.4e38).`);
        return constant(value);
      }
      case 'name':
        return this.#name(token);
      case 'end':
        return this.#fail(token, 'The line ends where a number, a name or a parenthesis should follow.');
      default:
    }
    if (token.text === '-') {
      this.#count(token);
      return neg(this.#number(minusBinding, "What stands after '-'"));
    }
    if (token.text === '+') return this.#number(minusBinding, "What stands after '+'");
    if (token.text === '(') {
      const inner = this.#expression(0);
      this.#close(token);
      return inner;
    }
    if (token.text === ')') this.#fail(token, "A number, a name or a parenthesis should stand before this ')'.");
    return this.#fail(token, `'${token.text}' needs a number or a name before it.`);
  }

  #close(open: Token): void {
    const token = this.#peek();
    if (token.text === ')') this.#take();
    else if (token.kind === 'end') this.#fail(open, "This '(' is not closed. Add a ')'.");
    else this.#failAfterOperand(token);
  }

  #name(token: Token): Expression {
    const { text: name } = token;
    const { inputs, shorthands } = this.#names;
    const isCall = this.#peek().text === '(';
    if (Object.hasOwn(this.#functions, name)) {
      if (!isCall) this.#fail(token, `'${name}' is a function. Give it its operands in parentheses: ${name}(...).`);
      return this.#call(token);
    }
    const isInput = inputs.includes(name);
    const isShorthand = Object.hasOwn(shorthands, name);
    if (isCall) {
      if (isInput || isShorthand) this.#fail(token, `'${name}' is not a function. Type '*' to multiply.`);
      const guess = nearest(name, Object.keys(this.#functions));
      const isClose = distance(name.toLowerCase(), guess.toLowerCase()) <= Math.max(2, name.length / 2);
      this.#fail(
        token,
        `There is no function '${name}'. ${isClose ? `Did you mean '${guess}'?` : 'Write out what it computes, with logsigmoid, softplus, exp, log, max and the like.'}`,
      );
    }
    if (isShorthand) return shorthands[name] as Expression;
    if (isInput) return input(name);
    if (name.length > maxNameLength) this.#fail(token, `This name has ${name.length} characters; at most ${maxNameLength} are allowed.`);
    const alias = this.#names.alias?.(name);
    if (alias && 'line' in alias) return new Parser(alias.line, this.#names, () => {}).line();
    if (alias) this.#fail(token, `There is no input '${name}'. Did you mean '${alias.suggestion}'? A parameter needs another name.`);
    if (/^(logp|logps|logratio|ref|len|prev|reward|score|margin)_/.test(name))
      this.#fail(
        token,
        `There is no input '${name}'. Did you mean '${nearest(name, [...inputs, ...Object.keys(shorthands)])}'? A parameter needs another name.`,
      );
    return parameter(name);
  }

  #call(token: Token): Expression {
    const { operands, build } = this.#functions[token.text] as KnownFunction;
    const open = this.#take();
    this.#count(token);
    const args: Expression[] = [];
    const isWhere = token.text === 'where';
    if (this.#peek().text !== ')') {
      for (;;) {
        const from = this.#peek().from;
        const arg = this.#expression(0);
        const isTest = isWhere && args.length === 0;
        if (isTest !== isCondition(arg))
          this.#fail(
            { from, to: this.#lastEnd() },
            isTest
              ? 'where needs a condition first, as in where(margin > 0, a, b).'
              : `${token.text} needs a number here, not a condition. Use where(condition, value, otherwise).`,
          );
        args.push(arg);
        if (this.#peek().text !== ',') break;
        this.#take();
      }
    }
    this.#close(open);
    const [least, most] = operands;
    if (args.length < least || args.length > most)
      this.#fail(
        { from: token.from, to: this.#lastEnd() },
        `${token.text} takes ${least === most ? plural(least, 'operand') : `${least} to ${most} operands`}, not ${args.length}.`,
      );
    const e = build(args);
    this.#note({ e, from: token.from, to: this.#lastEnd() });
    return e;
  }
}
