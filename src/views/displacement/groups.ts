import type { Cast } from './story.ts';

/** Answers that the reader takes as one: one bar, with the sum of their probabilities. */
export interface Group {
  /** two or more, in the order of the answers */
  readonly tokens: readonly number[];
  /** the reader's own word for them; default: the answers' names */
  readonly name?: string;
}

/** Most groups, and characters of a group's own name. */
export const mostGroups = 2;
export const longestName = 20;

/** Letters, digits and spaces, from a letter on; no pile of accents. */
const nameShape = /^\p{L}(?:[\p{L}\p{M}\p{N} '’-]*[\p{L}\p{M}\p{N}])?$/u;

/** A group's own name may be no answer's: that bar would be taken for the answer's. */
export const isName = (name: string, answers: readonly string[]): boolean =>
  [...name].length <= longestName &&
  nameShape.test(name) &&
  !/\p{M}{3}/u.test(name) &&
  !answers.some((answer) => answer.toLowerCase() === name.toLowerCase());

/** Few enough, no answer in two of them, and at least two bars are left; each has a name of its own. */
export function areGroups(groups: readonly Group[], answers: readonly string[]): boolean {
  const tokens = groups.flatMap((group) => group.tokens);
  const names = groups.flatMap(({ name }) => name ?? []);
  return (
    groups.length <= mostGroups &&
    groups.every((group) => group.tokens.length >= 2 && group.tokens.length < answers.length) &&
    new Set(tokens).size === tokens.length &&
    tokens.every((token) => token in answers) &&
    names.every((name) => isName(name, answers)) &&
    new Set(names).size === names.length
  );
}

/** The same groups are written the same. */
export const sorted = (groups: readonly Group[]): Group[] =>
  groups
    .map((group) => ({ ...group, tokens: group.tokens.toSorted((a, b) => a - b) }))
    .sort((a, b) => (a.tokens[0] ?? 0) - (b.tokens[0] ?? 0));

export const membersOf = (tokens: readonly number[], answers: readonly string[]): string =>
  tokens.map((token) => answers[token]).join(' + ');

/** One bar of the picture: an answer, or a group. */
export interface Unit extends Group {
  readonly name: string;
  /** what it is drawn of: each answer of the pair by itself, whose colour it keeps, the others as one */
  readonly parts: readonly (readonly number[])[];
}

/** The bars from above: each answer in its place, a group in that of its first. */
export function unitsOf({ tokens: answers, chosen, rejected }: Cast, groups: readonly Group[]): readonly Unit[] {
  return answers.flatMap((_, answer): Unit[] => {
    const { tokens, name } = groups.find((group) => group.tokens.includes(answer)) ?? { tokens: [answer] };
    if (tokens[0] !== answer) return [];
    const others = tokens.filter((token) => token !== chosen && token !== rejected);
    const pair = [chosen, rejected].filter((token) => tokens.includes(token)).map((token) => [token]);
    return [{ tokens, name: name ?? membersOf(tokens, answers), parts: others.length > 0 ? [...pair, others] : pair }];
  });
}

export const sumOf = (probs: readonly number[] = [], tokens: readonly number[]): number =>
  tokens.reduce((sum, token) => sum + (probs[token] ?? Number.NaN), 0);
