import type { Expression, Operator } from './expression.ts';
import { values } from './values.ts';

/** One value of a program: a leaf, or an operator on values before it. */
export type Instruction =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'call'; readonly operator: Operator; readonly args: readonly number[] };

/** Several expressions as one list of values, each computed once. */
export interface Program {
  readonly instructions: readonly Instruction[];
  /** which value each expression is */
  readonly outputs: readonly number[];
}

/** The same text for the same instruction. */
function textOf(instruction: Instruction): string {
  if (instruction.kind === 'call') return `${instruction.operator} ${instruction.args.join()}`;
  if (instruction.kind !== 'constant') return `${instruction.kind} ${instruction.name}`;
  return `constant ${Object.is(instruction.value, -0) ? '-0' : instruction.value}`;
}

/** Lists the values of `expressions` in an order that computes operands first; what is written alike becomes one value. */
export function toProgram(expressions: readonly Expression[]): Program {
  const instructions: Instruction[] = [];
  const byText = new Map<string, number>();
  const byNode = new Map<Expression, number>();
  const visit = (e: Expression): number => {
    const known = byNode.get(e);
    if (known !== undefined) return known;
    const instruction: Instruction = e.kind === 'call' ? { kind: 'call', operator: e.operator, args: e.args.map(visit) } : e;
    const text = textOf(instruction);
    const index = byText.get(text) ?? instructions.push(instruction) - 1;
    byText.set(text, index);
    byNode.set(e, index);
    return index;
  };
  const outputs = expressions.map(visit);
  return { instructions, outputs };
}

/**
 * A function that writes every value of the program, in float64, to the array it returns (the same at each call). Its arguments are
 * the inputs and the parameters, in the order of `inputs` and `parameters`.
 */
export function toFunction(
  { instructions }: Program,
  inputs: readonly string[],
  parameters: readonly string[],
): (inputValues: ArrayLike<number>, parameterValues: ArrayLike<number>) => Float64Array {
  const registers = new Float64Array(instructions.length);
  /** which value of the program takes which argument */
  const ofInputs: [target: number, argument: number][] = [];
  const ofParameters: [target: number, argument: number][] = [];
  const steps: (() => void)[] = [];
  const position = (names: readonly string[], name: string) => {
    const index = names.indexOf(name);
    if (index < 0) throw new Error(`No value was given for '${name}'.`);
    return index;
  };
  for (const [target, instruction] of instructions.entries()) {
    if (instruction.kind === 'constant') registers[target] = instruction.value;
    else if (instruction.kind === 'input') ofInputs.push([target, position(inputs, instruction.name)]);
    else if (instruction.kind === 'parameter') ofParameters.push([target, position(parameters, instruction.name)]);
    else steps.push(stepOf(instruction.operator, registers, target, instruction.args));
  }
  return (inputValues, parameterValues) => {
    for (const [target, argument] of ofInputs) registers[target] = inputValues[argument] as number;
    for (const [target, argument] of ofParameters) registers[target] = parameterValues[argument] as number;
    for (const step of steps) step();
    return registers;
  };
}

/** One operation on the values. The commonest are written out: a call of each through the table would take most of a program's time. */
function stepOf(operator: Operator, registers: Float64Array, target: number, [a = 0, b = 0, c = 0]: readonly number[]): () => void {
  const at = (index: number): number => registers[index] as number;
  if (operator === 'add')
    return () => {
      registers[target] = (registers[a] as number) + (registers[b] as number);
    };
  if (operator === 'sub')
    return () => {
      registers[target] = (registers[a] as number) - (registers[b] as number);
    };
  if (operator === 'mul')
    return () => {
      registers[target] = (registers[a] as number) * (registers[b] as number);
    };
  const compute = values[operator];
  return () => {
    registers[target] = compute(at(a), at(b), at(c));
  };
}

export type Scope = Readonly<Record<string, number>>;

/** The float64 value of one expression at one point. Throws on a name that `scope` lacks. */
export function evaluate(e: Expression, scope: Scope): number {
  const program = toProgram([e]);
  const names = Object.keys(scope);
  const numbers = Object.values(scope);
  return toFunction(program, names, names)(numbers, numbers)[program.outputs[0] ?? 0] ?? Number.NaN;
}
