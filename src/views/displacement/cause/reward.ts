import type { ToySettings } from '../../../atlas/toys/displacement/no-over-never.ts';
import { isInRange } from '../../../objectives/parameters.ts';
import { viewObjective } from '../../../shell/losses/objective-view.ts';

type Objective = ToySettings['objective'];

/** The largest weight that the slider gives. */
export const mostReward = 0.3;

const names = ['lambda', 'lambda2'] as const;
/** In a group the best response is the chosen answer. */
const termsOf = (name: string) => ({ pairs: ` - ${name} * logp_w`, groups: ` - where(place_i == 1, ${name} * logp_i, 0)` });

/** The same term as somebody types it, with its weight as a number. */
const typedTerm = /^(.*\S)\s*-\s*(\d*\.?\d+)\s*\*\s*logp_w\s*$/s;

/** The loss without the term that rewards the chosen answer itself, and that term's weight. */
export function withoutReward(objective: Objective): { readonly base: Objective; readonly weight: number } {
  if (!('expression' in objective)) return { base: objective, weight: 0 };
  const { expression, params = {} } = objective;
  const name = names.find((each) => Object.values(termsOf(each)).some((term) => expression.endsWith(term)) && each in params);
  if (!name) {
    const [, text, number] = typedTerm.exec(expression) ?? [];
    return text === undefined ? { base: objective, weight: 0 } : { base: { expression: text, params }, weight: Number(number) };
  }
  const { [name]: weight = 0, ...rest } = params;
  const term = Object.values(termsOf(name)).find((each) => expression.endsWith(each)) ?? '';
  const text = expression.slice(0, -term.length);
  const id = bases.get(text);
  return { base: id !== undefined && takes(id, rest) ? { name: id, params: rest } : { expression: text, params: rest }, weight };
}

/** Whether a loss of the catalogue can have these parameters: a typed line's may be any numbers, as a β of 0. */
const takes = (name: string, params: Readonly<Record<string, unknown>>): boolean =>
  viewObjective({ name }).parameters.every(({ name: own, about }) => !(own in params) || isInRange(Number(params[own]), about.valid));

/** The catalogue's losses that a term was added to, by their text: without the term they are the catalogue's again. */
const bases = new Map<string, string>([['-logsigmoid(beta * (score_w - score_l))', 'dpo']]);

/** The same loss with the reward −λ log p(chosen) beside it; 0 takes it away. */
export function withReward(objective: Objective, weight: number): Objective {
  const { base } = withoutReward(objective);
  if (weight === 0) return base;
  const { text, id, over, parameters } = viewObjective(base);
  if (id !== null) bases.set(text, id);
  const params = Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
  const name = names.find((each) => !(each in params)) ?? names[0];
  return { expression: `${text}${termsOf(name)[over]}`, params: { ...params, [name]: weight } };
}
