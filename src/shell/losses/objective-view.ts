import { ObjectiveError } from '../../core/errors.ts';
import type { ObjectiveChoice } from '../../core/experiment.ts';
import { neg } from '../../core/expression/build.ts';
import type { Expression } from '../../core/expression/expression.ts';
import { findObjective, objectives } from '../../objectives/catalogue.ts';
import { compileObjective, slopesOf } from '../../objectives/compile.ts';
import type { PairConstant } from '../../objectives/inputs.ts';
import type { Objective, ObjectiveParameter } from '../../objectives/objective.ts';
import { type Over, overOf, overOfLine } from '../../objectives/over.ts';
import { isInRange } from '../../objectives/parameters.ts';
import { readLoss } from '../../objectives/text/typed.ts';
import { setting, symbolText } from '../controls/format.ts';
import type { AboutObjective, PageChoice } from './about-objective.ts';
import { groupLosses, groupsElsewhere, onPair } from './group-losses.ts';

export { findObjective, type Objective, type ObjectiveParameter, objectives, type PageChoice };

/** One parameter of the objective that trains. */
export interface ParameterView {
  readonly name: string;
  readonly value: number;
  readonly about: ObjectiveParameter;
}

/** An objective as the page shows it. */
export interface ObjectiveView extends Pick<AboutObjective, 'entry' | 'id' | 'tex'> {
  readonly choice: PageChoice;
  readonly over: Over;
  readonly title: string;
  /** the loss as a reader would type it */
  readonly text: string;
  /** the loss of the page's pair; of a loss of groups, that of the pair as a group of two with rewards 1 and 0 */
  readonly loss: Expression;
  /** d_w = -∂loss/∂log π(y_w) and d_l = ∂loss/∂log π(y_l) */
  readonly pullOnChosen: Expression;
  readonly pushOnRejected: Expression;
  readonly parameters: readonly ParameterView[];
}

/** What the page shows of a choice. Throws an ObjectiveError or an ExpressionError that names the fix. */
export function viewObjective(choice: PageChoice): ObjectiveView {
  const over = overOf(choice);
  const { loss, values } = onPair(choice);
  const { byChosen, byRejected } = slopesOf(loss);
  const { entry, id, parameters, tex } = over === 'groups' ? groupLosses().aboutGroups(choice) : aboutPairs(choice);
  return {
    choice,
    over,
    title: entry?.name ?? 'Your own loss',
    entry,
    id,
    tex,
    text: entry?.text ?? ('expression' in choice ? choice.expression : ''),
    loss,
    pullOnChosen: neg(byChosen),
    pushOnRejected: byRejected,
    parameters: Object.entries(parameters).map(([name, about]) => ({ name, about, value: values[name] ?? about.default })),
  };
}

/** What the page shows of a typed line; throws an ObjectiveError for one of groups where only pairs train. */
export function viewLine(expression: string, takesGroups: boolean): ObjectiveView {
  if (!takesGroups && overOfLine(expression) === 'groups') throw new ObjectiveError(groupsElsewhere);
  return viewObjective({ expression });
}

function aboutPairs(choice: PageChoice): AboutObjective {
  const entry = 'name' in choice ? (findObjective(choice.name) ?? null) : null;
  const parameters = entry?.parameters ?? readLoss('expression' in choice ? choice.expression : '').parameters;
  return { entry, id: entry?.id ?? null, parameters, tex: null };
}

/**
 * What an objective is to a reader who sees no more of it, as below a figure: a typed loss is its own text. With the values of its
 * parameters, but for those that vary.
 */
export function nameInFull({ entry, title, text, parameters }: ObjectiveView, varied: readonly string[] = []): string {
  const fixed = parameters.filter(({ name }) => !varied.includes(name));
  return [entry ? title : text, ...fixed.map(({ about, value }) => `${symbolText(about.tex)} ${setting(value)}`)].join(', ');
}

/** The same objective with one parameter changed. */
export function withParameter(choice: PageChoice, name: string, value: number): PageChoice {
  return { ...choice, params: { ...choice.params, [name]: value } } as PageChoice;
}

/** An objective with the β of another, where it can have that: a reader's own line may have any. */
export function withBetaOf(choice: PageChoice, other: ObjectiveView | undefined): PageChoice {
  const [beta, own] = [other, viewObjective(choice)].map((view) => view?.parameters.find(({ name }) => name === 'beta'));
  return beta && own && isInRange(beta.value, own.about.valid) ? withParameter(choice, 'beta', beta.value) : choice;
}

/** The state of the toy's pair that an objective is drawn at. Log-probs in nats. */
export interface PairState {
  readonly chosen: number;
  readonly rejected: number;
  readonly refChosen: number;
  readonly refRejected: number;
  /** of the policy before the run, where that is not the reference */
  readonly prevChosen?: number;
  readonly prevRejected?: number;
  /** tokens of either response; default 1 */
  readonly length?: number;
}

/** Every column that an objective may read, for a batch that holds this pair alone. */
export function columnOf(name: PairConstant, state: PairState): number {
  const { chosen, rejected, refChosen, refRejected, prevChosen = refChosen, prevRejected = refRejected, length = 1 } = state;
  const meanLogRatio = (chosen - refChosen + rejected - refRejected) / 2;
  switch (name) {
    case 'ref_w':
      return refChosen;
    case 'ref_l':
      return refRejected;
    case 'prev_w':
      return prevChosen;
    case 'prev_l':
      return prevRejected;
    case 'reward_l':
      return 0;
    case 'len_w':
    case 'len_l':
    case 'mean_len_w':
      return length;
    case 'reward_w':
    case 'label':
    case 'weight':
    case 'wpo_weight':
      return 1;
    case 'sorted_ref_margin':
      return refChosen - refRejected;
    case 'same_rank_logratio_w':
      return chosen - refChosen;
    case 'same_rank_logratio_l':
      return rejected - refRejected;
    case 'kl_baseline':
      return Math.max(0, meanLogRatio);
    case 'mean_logratio':
      return meanLogRatio;
    default:
      return name satisfies never;
  }
}

/** Loss, and the forces d_w = -∂loss/∂log π(y_w) and d_l = ∂loss/∂log π(y_l), of the pair alone. */
export interface Forces {
  readonly loss: number;
  readonly chosen: number;
  readonly rejected: number;
}

/** Evaluates a choice at states of the pair. */
export function forcesOf(choice: ObjectiveChoice): (state: PairState) => Forces {
  const { loss, values, ldAlpha } = onPair(choice);
  const compiled = compileObjective(loss, values, ldAlpha);
  return (state) => {
    const value = compiled.evaluate(
      state.chosen,
      state.rejected,
      compiled.inputs.map((name) => columnOf(name, state)),
    );
    return { loss: value.loss, chosen: -value.byChosen, rejected: value.byRejected };
  };
}

/**
 * The state at which the margin is h: for h > 0 the rejected answer has fallen by h since the reference, for h < 0 the chosen one by
 * -h. Both stay log-probs, whatever h is.
 */
export const stateAtMargin = (refChosen: number, refRejected: number, h: number): PairState => ({
  refChosen,
  refRejected,
  chosen: refChosen + Math.min(0, h),
  rejected: refRejected - Math.max(0, h),
});

/** A parameter's name as part of a class: letters, digits and hyphens only. */
export const symbolClass = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '-');
