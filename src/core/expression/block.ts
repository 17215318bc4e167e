import { log1mexp, logSigmoid, sigmoid, softplus } from '../numerics.ts';
import type { Operator } from './expression.ts';
import { neededFor } from './needed.ts';
import type { Program } from './program.ts';

/** Writes an operator's values [count] to `to` in the memory `m`, from those of its operands that begin at `a`, `b` and `c`. */
type Loop = (m: Float64Array, to: number, a: number, b: number, c: number, count: number) => void;

const at = (m: Float64Array, i: number): number => m[i] as number;

/**
 * `values` of values.ts, each as a loop of its own: only so does the compiler see what stands inside, and a program costs what it computes
 * instead of a call for each value.
 */
const loops: Readonly<Record<Operator, Loop>> = {
  neg: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = -at(m, a + j);
  },
  exp: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = Math.exp(at(m, a + j));
  },
  expm1: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = Math.expm1(at(m, a + j));
  },
  log: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = Math.log(at(m, a + j));
  },
  log1p: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = Math.log1p(at(m, a + j));
  },
  log1mexp: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = log1mexp(at(m, a + j));
  },
  logsigmoid: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = logSigmoid(at(m, a + j));
  },
  sigmoid: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = sigmoid(at(m, a + j));
  },
  softplus: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = softplus(at(m, a + j));
  },
  relu: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = Math.max(at(m, a + j), 0);
  },
  tanh: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = Math.tanh(at(m, a + j));
  },
  sqrt: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = Math.sqrt(at(m, a + j));
  },
  square: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) * at(m, a + j);
  },
  abs: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = Math.abs(at(m, a + j));
  },
  sign: (m, to, a, _b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = Math.sign(at(m, a + j));
  },
  detach: (m, to, a, _b, _c, n) => {
    m.copyWithin(to, a, a + n);
  },
  add: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) + at(m, b + j);
  },
  sub: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) - at(m, b + j);
  },
  mul: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) * at(m, b + j);
  },
  div: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) / at(m, b + j);
  },
  pow: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) ** at(m, b + j);
  },
  min: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = Math.min(at(m, a + j), at(m, b + j));
  },
  max: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = Math.max(at(m, a + j), at(m, b + j));
  },
  lt: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) < at(m, b + j) ? 1 : 0;
  },
  le: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) <= at(m, b + j) ? 1 : 0;
  },
  gt: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) > at(m, b + j) ? 1 : 0;
  },
  ge: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) >= at(m, b + j) ? 1 : 0;
  },
  eq: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) === at(m, b + j) ? 1 : 0;
  },
  ne: (m, to, a, b, _c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) !== at(m, b + j) ? 1 : 0;
  },
  where: (m, to, a, b, c, n) => {
    for (let j = 0; j < n; j++) m[to + j] = at(m, a + j) ? at(m, b + j) : at(m, c + j);
  },
};

/** A program at many points at once: rows [rows][width] of one array. */
export interface Block {
  readonly memory: Float64Array;
  /** where the row of each input, parameter and output begins; an output may be an input's row, or one that holds a constant */
  readonly inputs: readonly number[];
  readonly parameters: readonly number[];
  readonly outputs: readonly number[];
  /** Computes the first `count` columns. */
  run(count: number): void;
  /** Where the row of a value of the program begins. */
  rowOf(index: number): number;
  /** What computes some values of the program, by their places in it, and only what they need. */
  part(indices: readonly number[]): (count: number) => void;
}

/** One value's loop, and where its row and those of its operands begin. */
interface Step {
  readonly index: number;
  readonly loop: Loop;
  readonly to: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Makes a program ready for up to `width` points at once. Each gets the bits that `toFunction` gives it. */
export function toBlock(
  { instructions, outputs }: Program,
  inputs: readonly string[],
  parameters: readonly string[],
  width: number,
): Block {
  const given = inputs.length + parameters.length;
  const memory = new Float64Array((given + instructions.length) * width);
  const rowOf = (index: number): number => {
    const instruction = instructions[index];
    if (instruction?.kind !== 'input' && instruction?.kind !== 'parameter') return (given + index) * width;
    const row = instruction.kind === 'input' ? inputs.indexOf(instruction.name) : parameters.indexOf(instruction.name);
    if (row < 0) throw new Error(`No value was given for '${instruction.name}'.`);
    return (instruction.kind === 'input' ? row : inputs.length + row) * width;
  };
  const steps: Step[] = [];
  for (const [index, instruction] of instructions.entries()) {
    const to = rowOf(index);
    if (instruction.kind === 'constant') memory.fill(instruction.value, to, to + width);
    if (instruction.kind !== 'call') continue;
    const [a = 0, b = 0, c = 0] = instruction.args.map(rowOf);
    steps.push({ index, loop: loops[instruction.operator], to, a, b, c });
  }
  const runner = (some: readonly Step[]) => (count: number) => {
    for (const { loop, to, a, b, c } of some) loop(memory, to, a, b, c, count);
  };
  return {
    memory,
    inputs: inputs.map((_, row) => row * width),
    parameters: parameters.map((_, row) => (inputs.length + row) * width),
    outputs: outputs.map(rowOf),
    run: runner(steps),
    rowOf,
    part(indices) {
      const needed = neededFor(instructions, indices);
      return runner(steps.filter(({ index }) => needed.has(index)));
    },
  };
}
