import { differentiate, type Expression, evaluate, inputsOf, parametersOf, toTex, toWgsl } from '../core/expression.ts';
import { type Objective, type PairConstant, type PairInput, pairConstants } from './objective.ts';

/** An objective made ready for both engines. */
export interface CompiledObjective {
  /** what else than the two log-probs it reads of a pair: columns of the kernel's `pair_inputs`, in this order */
  readonly inputs: readonly PairConstant[];
  /** order of the parameters in the kernel's `objective_parameters` */
  readonly parameterNames: readonly string[];
  /** values in that order */
  readonly parameterValues: readonly number[];
  /** the pair's loss and its derivatives by the two log-probabilities, float64; `inputs` in the order of `this.inputs` */
  evaluate(logpChosen: number, logpRejected: number, inputs: ArrayLike<number>): { loss: number; byChosen: number; byRejected: number };
  /** WGSL that defines `objective_of(pair: u32, logp_w: f32, logp_l: f32) -> ObjectiveValue` */
  readonly wgsl: string;
}

const texSymbols: Record<PairInput, string> = {
  logp_w: '\\log\\pi(y_w)',
  logp_l: '\\log\\pi(y_l)',
  ref_w: '\\log\\pi_{\\mathrm{ref}}(y_w)',
  ref_l: '\\log\\pi_{\\mathrm{ref}}(y_l)',
};

/** The loss as TeX, in the field's symbols. */
export function objectiveTex(objective: Objective): string {
  const parameters = Object.fromEntries(Object.entries(objective.parameters).map(([name, { tex }]) => [name, tex]));
  return toTex(objective.loss, { ...texSymbols, ...parameters });
}

export function compileObjective(loss: Expression, parameters: Readonly<Record<string, number>>): CompiledObjective {
  const parameterNames = parametersOf(loss);
  const used = new Set(inputsOf(loss));
  const inputs = pairConstants.filter((name) => used.has(name));
  const byChosen = differentiate(loss, 'logp_w');
  const byRejected = differentiate(loss, 'logp_l');
  return {
    inputs,
    parameterNames,
    parameterValues: parameterNames.map((name) => {
      const value = parameters[name];
      if (value === undefined) throw new Error(`The objective's parameter '${name}' has no value.`);
      return value;
    }),
    evaluate(logpChosen, logpRejected, values) {
      const scope: Record<string, number> = { ...parameters, logp_w: logpChosen, logp_l: logpRejected };
      for (const [column, name] of inputs.entries()) scope[name] = values[column] ?? Number.NaN;
      return { loss: evaluate(loss, scope), byChosen: evaluate(byChosen, scope), byRejected: evaluate(byRejected, scope) };
    },
    wgsl: [
      'fn objective_of(pair: u32, input_logp_w: f32, input_logp_l: f32) -> ObjectiveValue {',
      ...inputs.map((name, column) => `  let input_${name} = pair_inputs[pair * ${inputs.length}u + ${column}u];`),
      ...parameterNames.map((name, index) => `  let parameter_${name} = objective_parameters[${index}u];`),
      `  if (${['logp_w', 'logp_l', ...inputs].map((name) => `is_nan(input_${name})`).join(' || ')}) {`,
      '    return ObjectiveValue(quiet_nan(), quiet_nan(), quiet_nan());',
      '  }',
      `  let loss = ${toWgsl(loss)};`,
      `  let by_chosen = ${toWgsl(byChosen)};`,
      `  let by_rejected = ${toWgsl(byRejected)};`,
      '  return ObjectiveValue(loss, by_chosen, by_rejected);',
      '}',
    ].join('\n'),
  };
}
