import { substitute } from '../../core/expression/build.ts';
import { type Expression, input, inputsOf, nodesOf, parametersOf } from '../../core/expression/expression.ts';
import { type Program, type Scope, toFunction, toProgram } from '../../core/expression/program.ts';
import { slopesOf } from '../compile.ts';
import type { Objective } from '../objective.ts';
import { samplePoints } from './sample-points.ts';

/** One derivative at one point. */
export interface GradientComparison {
  readonly by: 'logp_w' | 'logp_l';
  readonly at: Scope;
  readonly derived: number;
  readonly measured: number;
  /** difference beyond the rounding of the finite difference, relative to the larger of the two */
  readonly relativeError: number;
}

export interface GradientVerdict {
  readonly passed: boolean;
  /** the comparison that agrees least; null if no point told anything */
  readonly worst: GradientComparison | null;
  /** derivatives that could be compared: finite, smooth around the point, and above rounding */
  readonly compared: number;
  /** derivatives asked for */
  readonly asked: number;
}

/** Largest relative error that passes: the finite differences below are good to about 1e-9 of a function that varies over one nat. */
const tolerance = 1e-6;
/** Half a step of the finite difference, in nats. */
const step = 1e-3;

/** Which side of each kink a point lies on: a finite difference across one measures nothing. */
function sides({ instructions }: Program, registers: Float64Array): string {
  const at = (index: number | undefined) => registers[index ?? 0] as number;
  let signature = '';
  for (const [index, instruction] of instructions.entries()) {
    if (instruction.kind !== 'call') continue;
    const [a, b] = instruction.args;
    switch (instruction.operator) {
      case 'relu':
      case 'abs':
      case 'sign':
        signature += Math.sign(at(a));
        break;
      case 'min':
      case 'max':
        signature += Math.sign(at(a) - at(b));
        break;
      case 'lt':
      case 'le':
      case 'gt':
      case 'ge':
      case 'eq':
      case 'ne':
        signature += at(index);
        break;
      default:
    }
  }
  return signature;
}

/**
 * Checks the derivatives of an objective or of a typed loss over ordinary and extreme pairs, at its parameters' defaults and around
 * them, or at `values`.
 */
export function verifyGradient(
  { loss, parameters }: Pick<Objective, 'loss' | 'parameters'>,
  values: Readonly<Record<string, number>> = {},
): GradientVerdict {
  return checkGradient(loss, samplePoints(parameters, values));
}

/**
 * Compares the derivatives of a loss by logp_w and logp_l with central differences of fourth order in float64, at every point.
 * A point gives a value to each input and parameter. `detach(x)` keeps its value at the point, as the derivative has it.
 */
export function checkGradient(loss: Expression, points: readonly Scope[]): GradientVerdict {
  const { byChosen, byRejected } = slopesOf(loss);
  return compareGradient(loss, { logp_w: byChosen, logp_l: byRejected }, points);
}

/** The same for derivatives that were made elsewhere. */
export function compareGradient(
  loss: Expression,
  derivatives: Readonly<Record<'logp_w' | 'logp_l', Expression>>,
  points: readonly Scope[],
): GradientVerdict {
  const detached = nodesOf(loss).filter((node) => node.kind === 'call' && node.operator === 'detach');
  const frozenName = (node: Expression) => `detached_${detached.indexOf(node)}`;
  const frozen = substitute(loss, (node) => (detached.includes(node) ? input(frozenName(node)) : null));
  const names = [...new Set(['logp_w', 'logp_l', ...inputsOf(loss)])];
  const parameters = parametersOf(loss);
  const whole = toProgram([derivatives.logp_w, derivatives.logp_l, ...detached]);
  const computeWhole = toFunction(whole, names, parameters);
  const probe = toProgram([frozen]);
  const computeProbe = toFunction(probe, [...names, ...detached.map(frozenName)], parameters);

  let worst: GradientComparison | null = null;
  let compared = 0;
  for (const at of points) {
    const parameterValues = parameters.map((name) => at[name] ?? Number.NaN);
    const inputs = names.map((name) => at[name] ?? Number.NaN);
    const registers = computeWhole(inputs, parameterValues);
    const outputs = whole.outputs.map((output) => registers[output] as number);
    const base = [...inputs, ...outputs.slice(2)];
    for (const [index, by] of (['logp_w', 'logp_l'] as const).entries()) {
      const derived = outputs[index] as number;
      const probed = [0, -2, -1, 1, 2].map((steps) => {
        const moved = [...base];
        moved[names.indexOf(by)] = (at[by] ?? Number.NaN) + steps * step;
        const all = computeProbe(moved, parameterValues);
        const size = all.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
        return { value: all[probe.outputs[0] ?? 0] as number, size, sides: sides(probe, all) };
      });
      const [centre, ...around] = probed;
      if (around.some((point) => point.sides !== centre?.sides)) continue;
      const [a = 0, b = 0, c = 0, d = 0] = around.map(({ value }) => value);
      const measured = (8 * (c - b) - (d - a)) / (12 * step);
      const rounding = (64 * Number.EPSILON * Math.max(...probed.map(({ size }) => size))) / step;
      const size = Math.max(Math.abs(derived), Math.abs(measured));
      if (!Number.isFinite(derived) || !Number.isFinite(measured) || !Number.isFinite(rounding)) continue;
      const beyond = Math.max(0, Math.abs(derived - measured) - rounding);
      if (size > 0 && rounding > 0.01 * size && beyond === 0) continue; // lost in rounding: tells nothing
      compared++;
      const comparison = { by, at, derived, measured, relativeError: size > 0 ? beyond / size : 0 };
      if (!worst || comparison.relativeError > worst.relativeError) worst = comparison;
    }
  }
  return { passed: compared > 0 && (worst?.relativeError ?? 0) <= tolerance, worst, compared, asked: 2 * points.length };
}
