import { sub } from '../core/expression/build.ts';
import { type Expression, input } from '../core/expression/expression.ts';
import type { Names } from '../core/expression/parse.ts';
import { responseColumns } from './over.ts';

/** What is known of all groups together: every group has the same. */
export const batchConstants = ['batch_mean', 'batch_deviation', 'batch_size', 'mean_tokens', 'best_tokens', 'longest'] as const;
export type BatchConstant = (typeof batchConstants)[number];

/** What is known of a group as a whole. */
export const groupConstants = [
  'count',
  'ordered_pairs',
  'mean_reward',
  'reward_deviation',
  'lowest_reward',
  'opponents',
  ...batchConstants,
] as const;

/** What is known of each token of a response besides its log-prob; a loss names it by the ending _t. */
export const tokenColumns = ['ref', 'prev'] as const;
export type TokenColumn = (typeof tokenColumns)[number];

/** Columns that the host fills for each response: held constant in the derivative. */
export const groupColumns = [...responseColumns, ...groupConstants] as const;
export type GroupColumn = (typeof groupColumns)[number];

export const isGroupConstant = (name: GroupColumn): boolean => (groupConstants as readonly string[]).includes(name);

/** The name of a column of response i or j in an expression. */
export const nameOf = (column: GroupColumn | 'logp', letter: 'i' | 'j'): string =>
  column !== 'logp' && isGroupConstant(column) ? column : `${column}_${letter}`;

/** TeX and meaning of every column; `#` stands for the response's letter. */
export const groupInputMeanings: Readonly<Record<GroupColumn | 'logp', { readonly tex: string; readonly meaning: string }>> = {
  logp: { tex: '\\log\\pi(y_#)', meaning: 'log-probability of the response, summed over its tokens, in nats' },
  ref: { tex: '\\log\\pi_{\\mathrm{ref}}(y_#)', meaning: 'the same under the frozen reference policy' },
  prev: { tex: '\\log\\pi_{\\mathrm{prev}}(y_#)', meaning: 'the same under the policy that the response was sampled from' },
  len: { tex: '|y_#|', meaning: 'tokens of the response' },
  reward: { tex: 'r_#', meaning: 'reward of the response' },
  place: { tex: '#', meaning: 'place of the response in the order, 1 for the best; of equal rewards the earlier response comes first' },
  rank: { tex: '\\mathrm{rank}_#', meaning: 'one more than the responses with a larger reward: equal rewards share a rank' },
  opponent: {
    tex: 'o_#',
    meaning: '1 for a response of the opponent, which was drawn from the reference or from a mixture with it; 0 for one of the policy',
  },
  count: { tex: 'K', meaning: 'responses in the group' },
  ordered_pairs: { tex: 'P', meaning: 'pairs of the group whose ranks differ' },
  mean_reward: { tex: '\\bar r', meaning: 'mean reward of the group' },
  reward_deviation: {
    tex: '\\mathrm{std}(r)',
    meaning: "standard deviation of the group's rewards (divided by K - 1; 0 for one response)",
  },
  lowest_reward: { tex: 'r_{\\min}', meaning: 'smallest reward of the group' },
  opponents: { tex: 'K_o', meaning: 'responses of the opponent in the group' },
  batch_mean: { tex: '\\bar r_{\\mathrm{all}}', meaning: 'mean of the rewards of all groups' },
  batch_deviation: {
    tex: '\\mathrm{std}_{\\mathrm{all}}(r)',
    meaning: 'standard deviation of the rewards of all groups about their common mean (divided by N - 1)',
  },
  batch_size: { tex: 'N', meaning: 'responses of all groups' },
  mean_tokens: { tex: '\\bar M', meaning: 'tokens of all groups, divided by the number of groups' },
  best_tokens: { tex: '\\overline{|y_1|}', meaning: 'mean number of tokens of the best responses of all groups' },
  longest: { tex: 'L_{\\max}', meaning: 'tokens of the longest response of all groups' },
};

/** TeX and meaning of what is known of token t of response i. */
export const tokenInputMeanings: Readonly<Record<TokenColumn | 'logp', { readonly tex: string; readonly meaning: string }>> = {
  logp: { tex: '\\log\\pi(y_{i,t})', meaning: 'log-probability of the token, given those before it, in nats' },
  ref: { tex: '\\log\\pi_{\\mathrm{ref}}(y_{i,t})', meaning: 'the same under the frozen reference policy' },
  prev: { tex: '\\log\\pi_{\\mathrm{prev}}(y_{i,t})', meaning: 'the same under the policy that the response was sampled from' },
};

const both = <T>(make: (letter: 'i' | 'j') => readonly (readonly [string, T])[]): Readonly<Record<string, T>> =>
  Object.fromEntries([...make('i'), ...make('j')]);

/** TeX of every input of a group's loss. */
export const groupInputSymbols: Readonly<Record<string, string>> = {
  ...both((letter) =>
    (['logp', ...groupColumns] as const).map((column) => [nameOf(column, letter), groupInputMeanings[column].tex.replaceAll('#', letter)]),
  ),
  ...Object.fromEntries((['logp', ...tokenColumns] as const).map((column) => [`${column}_t`, tokenInputMeanings[column].tex])),
};

const shorthands: Readonly<Record<string, Expression>> = Object.fromEntries(
  ['i', 'j', 't'].map((letter) => [`logratio_${letter}`, sub(input(`logp_${letter}`), input(`ref_${letter}`))]),
);

/** The names that a group's loss may use, besides its parameters and the sums over j and over tokens. */
export const groupNames: Names = { inputs: Object.keys(groupInputSymbols), shorthands };
