import type { Operator } from '../../src/core/expression/expression.ts';
import type { Program } from '../../src/core/expression/program.ts';
import { values } from '../../src/core/expression/values.ts';
import type { Point } from './random-expressions.ts';

/** Unit roundoff of float32. */
const roundoff = 2 ** -24;
/** What may vanish: results below the smallest normal number are flushed, and e^x is 0 below x = -87. */
const vanishing = 1e-37;
const largest = 3.4e38;

/**
 * Relative error of each operator's own arithmetic in float32, in roundoffs. WGSL rounds sums and products once and quotients within 2.5
 * ULP; the functions of shaders/shared/numerics.wgsl are polynomials within 3 ULP and combinations of them.
 */
const ownError: Readonly<Record<Operator, number>> = {
  neg: 0,
  detach: 0,
  relu: 0,
  abs: 0,
  sign: 0,
  min: 0,
  max: 0,
  where: 0,
  lt: 0,
  le: 0,
  gt: 0,
  ge: 0,
  eq: 0,
  ne: 0,
  add: 1,
  sub: 1,
  mul: 1,
  square: 1,
  div: 5,
  exp: 6,
  log: 6,
  log1p: 6,
  sqrt: 6,
  sigmoid: 12,
  logsigmoid: 16,
  softplus: 16,
  expm1: 24, // e^x - 1 loses up to two bits just outside the polynomial's range
  tanh: 40,
  log1mexp: 48,
  pow: 16,
};

export interface Bounded {
  value: number;
  /** largest distance of a float32 evaluation from `value`; Infinity where it may overflow or cross a pole */
  error: number;
}

/**
 * Running error analysis: the float64 value of each output, and how far a float32 evaluation of the same operations may be from it.
 * An operand's error goes on as the largest change that it makes at the ends of its interval; where a comparison could turn out either
 * way, the result may be either. `inputErrors` says how far inputs may be off already.
 */
export function float32Bounds({ instructions, outputs }: Program, point: Point, inputErrors: Point = {}): Bounded[] {
  const all: Bounded[] = [];
  for (const instruction of instructions) {
    if (instruction.kind !== 'call') {
      const value = instruction.kind === 'constant' ? instruction.value : (point[instruction.name] ?? Number.NaN);
      const given = instruction.kind === 'input' ? (inputErrors[instruction.name] ?? 0) : 0;
      all.push({ value, error: given + Math.abs(value - Math.fround(value)) });
      continue;
    }
    const { operator } = instruction;
    const operands = instruction.args.map((arg) => all[arg] as Bounded);
    all.push(operator === 'where' ? choice(operands) : combine(operator, operands));
  }
  return outputs.map((output) => all[output] as Bounded);
}

function choice([condition, a, b]: readonly Bounded[]): Bounded {
  const [taken, other] = condition?.value ? [a, b] : [b, a];
  if (!taken || !other || !condition) throw new Error('where takes three operands.');
  if (condition.error === 0) return taken;
  const apart = Math.abs(taken.value - other.value);
  return { value: taken.value, error: Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart + Math.max(taken.error, other.error) };
}

function combine(operator: Operator, operands: readonly Bounded[]): Bounded {
  const compute = values[operator];
  const [a, b = { value: 0, error: 0 }] = operands;
  if (!a) throw new Error(`${operator} has no operand.`);
  const value = compute(a.value, b.value, 0);
  let error = 0;
  for (const da of [-a.error, 0, a.error])
    for (const db of [-b.error, 0, b.error]) {
      const change = Math.abs(compute(a.value + da, b.value + db, 0) - value);
      error = Number.isNaN(change) ? Number.POSITIVE_INFINITY : Math.max(error, change);
      if (error === Number.POSITIVE_INFINITY) return { value, error };
    }
  if (operator === 'div' && Math.abs(b.value) <= b.error) return { value, error: Number.POSITIVE_INFINITY };
  const own = ownError[operator] + (operator === 'pow' ? 12 * Math.abs(b.value * Math.log(Math.abs(a.value))) : 0);
  error = error * (1 + 1e-6) + own * roundoff * (Math.abs(value) + error) + (own > 0 ? vanishing : 0);
  return { value, error: Math.abs(value) + error < largest ? error : Number.POSITIVE_INFINITY };
}
