import type { Operator } from './expression.ts';
import type { Instruction, Program } from './program.ts';

/** WGSL of each operator on its operands' names; functions come from shaders/shared/numerics.wgsl. */
const texts: Readonly<Record<Operator, (a: string, b: string, c: string) => string>> = {
  neg: (a) => `-${a}`,
  exp: (a) => `exp_safe(${a})`,
  expm1: (a) => `expm1_safe(${a})`,
  log: (a) => `log_safe(${a})`,
  log1p: (a) => `log1p_safe(${a})`,
  log1mexp: (a) => `log1mexp(${a})`,
  logsigmoid: (a) => `log_sigmoid(${a})`,
  sigmoid: (a) => `sigmoid(${a})`,
  softplus: (a) => `softplus(${a})`,
  relu: (a) => `relu(${a})`,
  tanh: (a) => `tanh_safe(${a})`,
  sqrt: (a) => `sqrt_safe(${a})`,
  square: (a) => `${a} * ${a}`,
  abs: (a) => `abs(${a})`,
  sign: (a) => `sign_safe(${a})`,
  detach: (a) => a,
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  pow: (a, b) => `power(${a}, ${b})`,
  min: (a, b) => `minimum(${a}, ${b})`,
  max: (a, b) => `maximum(${a}, ${b})`,
  lt: (a, b) => `${a} < ${b}`,
  le: (a, b) => `${a} <= ${b}`,
  gt: (a, b) => `${a} > ${b}`,
  ge: (a, b) => `${a} >= ${b}`,
  eq: (a, b) => `${a} == ${b}`,
  ne: (a, b) => `${a} != ${b}`,
  where: (condition, a, b) => `select(${b}, ${a}, ${condition})`,
};

/**
 * The program as WGSL statements, one `let` a value. Inputs and parameters are read from identifiers `input_<name>` and
 * `parameter_<name>`. Returns the names of the outputs' values.
 */
export function toWgsl({ instructions, outputs }: Program): { statements: string[]; outputs: string[] } {
  const names = instructions.map((instruction, index) => {
    if (instruction.kind === 'call') return `v${index}`;
    return instruction.kind === 'constant' ? wgslFloat(instruction.value) : `${instruction.kind}_${instruction.name}`;
  });
  const statement = (instruction: Instruction, index: number): string[] => {
    if (instruction.kind !== 'call') return [];
    // WGSL refuses a constant expression without a finite value, such as 1 / 0; an argument of a function is no constant.
    const isConstant = instruction.args.every((arg) => instructions[arg]?.kind === 'constant');
    const [a = '', b = '', c = ''] = instruction.args.map((arg, i) =>
      isConstant && i === 0 ? `opaque(${names[arg]})` : (names[arg] ?? ''),
    );
    return [`let ${names[index]} = ${texts[instruction.operator](a, b, c)};`];
  };
  return { statements: instructions.flatMap(statement), outputs: outputs.map((output) => names[output] ?? '') };
}

/** A float32 literal; the shortest decimal that rounds to the same float32. */
function wgslFloat(value: number): string {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) throw new Error(`${value} is not a float32 number.`);
  return `f32(${single})`;
}
