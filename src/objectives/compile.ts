import { differentiate, type Expression, evaluate, parametersOf, toTex, toWgsl } from '../core/expression.ts';
import type { Objective, PairInput } from './objective.ts';

export type PairValues = Readonly<Record<PairInput, number>>;

/** An objective made ready for both engines. */
export interface CompiledObjective {
  /** order of the parameters in the kernel's `objective_parameters` */
  readonly parameterNames: readonly string[];
  /** values in that order */
  readonly parameterValues: readonly number[];
  /** the pair's loss and its derivatives by the two log-probabilities, float64 */
  evaluate(pair: PairValues): { loss: number; byChosen: number; byRejected: number };
  /** WGSL that defines `objective_of(pair: PairInputs) -> ObjectiveValue` */
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
  const byChosen = differentiate(loss, 'logp_w');
  const byRejected = differentiate(loss, 'logp_l');
  return {
    parameterNames,
    parameterValues: parameterNames.map((name) => {
      const value = parameters[name];
      if (value === undefined) throw new Error(`The objective's parameter '${name}' has no value.`);
      return value;
    }),
    evaluate(pair) {
      const scope = { ...parameters, ...pair };
      return { loss: evaluate(loss, scope), byChosen: evaluate(byChosen, scope), byRejected: evaluate(byRejected, scope) };
    },
    wgsl: [
      'fn objective_of(pair: PairInputs) -> ObjectiveValue {',
      ...parameterNames.map((name, index) => `  let parameter_${name} = objective_parameters[${index}];`),
      `  let loss = ${toWgsl(loss)};`,
      `  let by_chosen = ${toWgsl(byChosen)};`,
      `  let by_rejected = ${toWgsl(byRejected)};`,
      '  return ObjectiveValue(loss, by_chosen, by_rejected);',
      '}',
    ].join('\n'),
  };
}
