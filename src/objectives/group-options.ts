import { ObjectiveError } from '../core/errors.ts';
import { show } from './parameters.ts';

/** Settings that choose the expression of an objective of groups, by TRL's names in camelCase where it has them. */
export const groupOptionMeanings = {
  kl: 'Estimator of the KL to the reference, of each token (arXiv:2402.03300): k1 is the log-ratio itself, k2 half its square, k3, which that paper takes, is never negative and, on fresh samples, unbiased.',
  scaleRewards: 'What rewards less the mean of their group are divided by: the deviation of the group, that of all groups, or nothing.',
  lossType: 'What a pair of responses loses: as in DPO (sigmoid), a hinge, or as in IPO.',
  level: 'What the clipped ratio is of: each token, or the whole response (the geometric mean over its tokens).',
} as const satisfies Readonly<Record<string, string>>;

export type GroupOption = keyof typeof groupOptionMeanings;
/** One value of each option that an objective has. */
export type GroupOptions = Readonly<Record<GroupOption, string>>;

/** The values that each option may have, the default first. */
export const kls = ['k3', 'k1', 'k2'] as const;
export const scales = ['group', 'batch', 'none'] as const;
export const lossTypes = ['sigmoid', 'ipo'] as const;
export const tripleLossTypes = ['sigmoid', 'hinge', 'ipo'] as const;
export const levels = ['token', 'sequence'] as const;

/** What an objective's options may be; it has none that is not listed. */
export type OptionValues = Readonly<Partial<Record<GroupOption, readonly string[]>>>;

export const isGroupOption = (name: string): name is GroupOption => Object.hasOwn(groupOptionMeanings, name);

/** The defaults of an objective's options. */
export const defaultsOf = (options: OptionValues): GroupOptions =>
  Object.fromEntries(Object.entries(options).map(([name, [first]]) => [name, first])) as unknown as GroupOptions;

/** Reads the options among what was given to an objective. Throws an ObjectiveError for a value that it does not take. */
export function readGroupOptions(
  owner: string,
  options: OptionValues,
  given: readonly (readonly [name: string, value: unknown])[],
): GroupOptions {
  const chosen: Record<string, string> = { ...defaultsOf(options) };
  for (const [name, value] of given) {
    if (!isGroupOption(name) || !options[name]) continue;
    const known = options[name].find((each) => each === value);
    if (known === undefined) throw new ObjectiveError(`${owner}'s ${name} must be one of ${options[name].join(', ')}, not ${show(value)}.`);
    chosen[name] = known;
  }
  return chosen as unknown as GroupOptions;
}
