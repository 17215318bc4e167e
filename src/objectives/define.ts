import { inputsOf, parametersOf } from '../core/expression/expression.ts';
import { parse } from '../core/expression/parse.ts';
import { isBatchStatistic, objectiveNamesInText, type PairInput, usesScores, withScores } from './inputs.ts';
import type { FormulaSource, Need, Objective, ObjectiveParameter } from './objective.ts';

export interface ObjectiveDefinition {
  id: string;
  name: string;
  family: string;
  aliases?: readonly string[];
  paper?: string;
  equation?: string;
  source: FormulaSource;
  /** the loss of one pair */
  loss: string;
  parameters: Readonly<Record<string, ObjectiveParameter>>;
  weighting?: boolean;
  onPolicy?: boolean;
  extensions?: Readonly<Record<string, string>>;
  behaviour: string;
}

/** What an expression's inputs ask of the caller. */
export function needsOf(inputs: readonly PairInput[]): Need[] {
  const needs = new Set<Need>();
  for (const name of inputs) {
    if (name === 'wpo_weight') needs.add('token distributions');
    else if (name !== 'logp_w' && name !== 'logp_l' && isBatchStatistic(name)) needs.add('batch statistics').add('reference');
    else if (name.startsWith('ref_')) needs.add('reference');
    else if (name.startsWith('len_') || name === 'mean_len_w') needs.add('lengths');
    else if (name.startsWith('prev_')) needs.add('previous iterate');
    else if (name.startsWith('reward_')) needs.add('rewards');
    else if (name === 'label') needs.add('label');
  }
  return [...needs];
}

/** Reads the loss and derives what follows from it. Throws where the text and the declared parameters disagree. */
export function defineObjective(definition: ObjectiveDefinition): Objective {
  const { id, name, family, aliases = [], paper = null, equation = null, source, loss: text, parameters } = definition;
  const template = parse(text, objectiveNamesInText);
  const used = parametersOf(template);
  const undeclared = used.filter((each) => !Object.hasOwn(parameters, each));
  const unused = Object.keys(parameters).filter((each) => !used.includes(each));
  if (undeclared.length > 0 || unused.length > 0)
    throw new Error(`Objective '${id}' uses undeclared [${undeclared.join()}] and does not use declared [${unused.join()}].`);
  const loss = withScores(template, 'reverse_kl');
  const inputs = inputsOf(loss) as PairInput[];
  return {
    over: 'pairs',
    id,
    name,
    family,
    aliases,
    paper,
    equation,
    source,
    text,
    template,
    loss,
    parameters,
    divergence: usesScores(template),
    weighting: definition.weighting ?? true,
    inputs,
    needs: needsOf(inputs),
    onPolicy: definition.onPolicy ?? false,
    extensions: definition.extensions ?? {},
    behaviour: definition.behaviour,
  };
}
