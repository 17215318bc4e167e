import { toBlock } from '../core/expression/block.ts';
import { differentiate } from '../core/expression/differentiate.ts';
import { type Expression, inputsOf, parametersOf } from '../core/expression/expression.ts';
import { type Program, toFunction, toProgram } from '../core/expression/program.ts';
import { toWgsl } from '../core/expression/wgsl.ts';
import { witnessBound, witnessesOf } from '../core/expression/witnesses.ts';
import { type BatchStatistic, isBatchStatistic, type PairConstant, pairColumns } from './inputs.ts';

/** An objective made ready for both engines. */
export interface CompiledObjective {
  /** the loss of one pair, and its derivatives by the two log-probs */
  readonly loss: Expression;
  readonly byChosen: Expression;
  readonly byRejected: Expression;
  /** what else than the two log-probs it reads of a pair: columns of the kernel's `pair_inputs`, in this order */
  readonly inputs: readonly PairConstant[];
  /** those of `inputs` that kernels of their own fill from the whole batch */
  readonly statistics: readonly BatchStatistic[];
  /** weight of the tokens beyond the length of the pair's shorter response (LD-DPO, arXiv:2409.06411); null: all count alike */
  readonly ldAlpha: number | null;
  /** order of the parameters in the kernel's `objective_parameters` */
  readonly parameterNames: readonly string[];
  /** values in that order */
  readonly parameterValues: readonly number[];
  /**
   * The pair's loss and its derivatives by the two log-probabilities, float64; `inputs` in the order of `this.inputs`, `parameters` in that
   * of `parameterNames`, by default `parameterValues`.
   */
  evaluate(
    logpChosen: number,
    logpRejected: number,
    inputs: ArrayLike<number>,
    parameters?: readonly number[],
  ): { loss: number; byChosen: number; byRejected: number };
  /** The same at up to `width` points at once. */
  block(width: number): ObjectiveBlock;
  /** WGSL that defines `objective_of(pair: u32, logp_w: f32, logp_l: f32) -> ObjectiveValue` */
  readonly wgsl: string;
}

/** An objective at many points at once: point j stands in column j of every row. */
export interface ObjectiveBlock {
  /** [rows][width]: the log-probs of chosen and rejected, then the inputs in their order, then the parameters in theirs */
  readonly given: Float64Array;
  /** [width] */
  readonly loss: Float64Array;
  readonly byChosen: Float64Array;
  readonly byRejected: Float64Array;
  /** Computes the first `count` columns, with the bits of `evaluate`. */
  evaluate(count: number): void;
  /**
   * Where the first `count` losses are all known to be numbers below 1e200 in size, computes their derivatives, with the same bits, in
   * `slopes`. False where that is not known: then there is nothing in `slopes`, and `evaluate` says what is.
   */
  evaluateSlopes(count: number): boolean;
  /** [width], of `evaluateSlopes` */
  readonly slopes: { readonly byChosen: Float64Array; readonly byRejected: Float64Array };
}

/** Whether the numbers of a row are ones, and none is above what witnesses may be. */
function isBounded(memory: Float64Array, row: number, count: number): boolean {
  for (let j = 0; j < count; j++) if (!(Math.abs(memory[row + j] as number) <= witnessBound)) return false;
  return true;
}

/** Derivatives of a loss by the two log-probabilities. */
export const slopesOf = (loss: Expression): { byChosen: Expression; byRejected: Expression } => ({
  byChosen: differentiate(loss, 'logp_w'),
  byRejected: differentiate(loss, 'logp_l'),
});

/** What follows from a loss, whatever the values of its parameters. */
interface Form extends Pick<CompiledObjective, 'byChosen' | 'byRejected' | 'inputs' | 'statistics' | 'parameterNames' | 'wgsl' | 'block'> {
  /** loss and slopes at one point */
  readonly compute: (inputs: ArrayLike<number>, parameters: ArrayLike<number>) => Float64Array;
  /** places of loss and slopes among what `compute` gives */
  readonly outputs: readonly [loss: number, byChosen: number, byRejected: number];
}

/** Each loss is worked through once, however many values its parameters take. */
const forms = new WeakMap<Expression, Form>();

function formOf(loss: Expression): Form {
  const form = forms.get(loss) ?? makeForm(loss);
  forms.set(loss, form);
  return form;
}

function makeForm(loss: Expression): Form {
  const parameterNames = parametersOf(loss);
  const used = new Set(inputsOf(loss));
  const inputs = pairColumns.filter((name) => used.has(name));
  const { byChosen, byRejected } = slopesOf(loss);
  const program = toProgram([loss, byChosen, byRejected]);
  const names = ['logp_w', 'logp_l', ...inputs];
  const wgsl = toWgsl(program);
  return {
    byChosen,
    byRejected,
    inputs,
    statistics: inputs.filter(isBatchStatistic),
    parameterNames,
    compute: toFunction(program, names, parameterNames),
    outputs: program.outputs as [number, number, number],
    block: (width) => blockOf(program, names, parameterNames, width),
    wgsl: [
      'fn objective_of(pair: u32, input_logp_w: f32, input_logp_l: f32) -> ObjectiveValue {',
      ...inputs.map((name, column) => `  let input_${name} = pair_inputs[pair * ${inputs.length}u + ${column}u];`),
      ...parameterNames.map((name, index) => `  let parameter_${name} = objective_parameters[${index}u];`),
      `  if (${['logp_w', 'logp_l', ...inputs].map((name) => `is_nan(input_${name})`).join(' || ')}) {`,
      '    return ObjectiveValue(quiet_nan(), quiet_nan(), quiet_nan());',
      '  }',
      ...wgsl.statements.map((statement) => `  ${statement}`),
      `  return ObjectiveValue(${wgsl.outputs.join(', ')});`,
      '}',
    ].join('\n'),
  };
}

/** A program of loss and slopes at up to `width` points at once. */
function blockOf(program: Program, names: readonly string[], parameterNames: readonly string[], width: number): ObjectiveBlock {
  const [lossAt, chosenAt, rejectedAt] = program.outputs as [number, number, number];
  const { memory, outputs, run, rowOf, part } = toBlock(program, names, parameterNames, width);
  const [loss, byChosen, byRejected] = [new Float64Array(width), new Float64Array(width), new Float64Array(width)];
  const results = [loss, byChosen, byRejected] as const;
  const rowAt = (from: number) => memory.subarray(from, from + width);
  const witnesses = witnessesOf(program, lossAt, [chosenAt, rejectedAt]);
  const runSlopes = part([chosenAt, rejectedAt, ...(witnesses ?? [])]);
  // an undefined input makes all undefined, whatever is computed of it
  const bounded = [...new Set([...names.keys()].map((row) => row * width).concat((witnesses ?? []).map(rowOf)))];
  return {
    given: memory.subarray(0, (names.length + parameterNames.length) * width),
    loss,
    byChosen,
    byRejected,
    slopes: { byChosen: rowAt(outputs[1] as number), byRejected: rowAt(outputs[2] as number) },
    evaluateSlopes(count) {
      if (!witnesses) return false;
      runSlopes(count);
      return bounded.every((row) => isBounded(memory, row, count));
    },
    evaluate(count) {
      run(count);
      for (const [k, result] of results.entries()) {
        const from = outputs[k] as number;
        for (let j = 0; j < count; j++) result[j] = memory[from + j] as number;
      }
      for (let i = 0; i < names.length * width; i += width)
        for (let j = 0; j < count; j++) if (Number.isNaN(memory[i + j] as number)) loss[j] = byChosen[j] = byRejected[j] = Number.NaN;
    },
  };
}

export function compileObjective(
  loss: Expression,
  parameters: Readonly<Record<string, number>>,
  ldAlpha: number | null = null,
): CompiledObjective {
  const { byChosen, byRejected, inputs, statistics, parameterNames, compute, outputs, block, wgsl } = formOf(loss);
  const [lossAt, chosenAt, rejectedAt] = outputs;
  const given = new Float64Array(2 + inputs.length);
  const parameterValues = parameterNames.map((name) => {
    const value = parameters[name];
    if (value === undefined) throw new Error(`The objective's parameter '${name}' has no value.`);
    return value;
  });
  return {
    loss,
    byChosen,
    byRejected,
    inputs,
    statistics,
    ldAlpha,
    parameterNames,
    parameterValues,
    evaluate(logpChosen, logpRejected, values, parameters = parameterValues) {
      given[0] = logpChosen;
      given[1] = logpRejected;
      let undefinedInput = Number.isNaN(logpChosen) || Number.isNaN(logpRejected);
      for (let column = 0; column < inputs.length; column++) {
        const value = values[column] ?? Number.NaN;
        given[2 + column] = value;
        undefinedInput ||= Number.isNaN(value);
      }
      if (undefinedInput) return { loss: Number.NaN, byChosen: Number.NaN, byRejected: Number.NaN };
      const registers = compute(given, parameters);
      return {
        loss: registers[lossAt] as number,
        byChosen: registers[chosenAt] as number,
        byRejected: registers[rejectedAt] as number,
      };
    },
    block,
    wgsl,
  };
}
