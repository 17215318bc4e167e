import { ObjectiveError } from '../core/errors.ts';
import { type Divergence, divergences } from './inputs.ts';
import type { Objective } from './objective.ts';
import { checked, real, show, unitInterval } from './parameters.ts';

/** Settings of TRL's trainer that change any loss, by TRL's names in camelCase. */
export const optionMeanings = {
  fDivergence: {
    meaning: `What holds the policy to the reference: ${divergences.join(', ')} (f-DPO, arXiv:2309.16240).`,
    differences:
      'Exponents are clamped at 80, where TRL clamps those of the alpha divergence alone; a loss that squares the score (IPO, SPPO) still overflows float32 under the forward KL for log-ratios below about -44.',
  },
  alphaDivergenceCoef: {
    meaning: 'α of the alpha divergence, 0.5 by default; 1 is the reverse KL.',
    differences: "TRL up to 0.28 wrote 1 - α for the present α, with 1.0 as the default: the former 1.0 is today's 0.0.",
  },
  ldAlpha: {
    meaning:
      'Weight of the tokens beyond the length of the shorter response (LD-DPO, arXiv:2409.06411), from 0 to 1; left out, all count alike.',
    differences:
      'Weights policy and reference, as TRL does since 0.29.0; up to 0.28 it weighted the policy alone and counted from the padded row.',
  },
  useWeighting: {
    meaning: 'Multiplies the loss of a pair by how on-policy its responses are, as a constant (WPO, arXiv:2406.11827).',
    differences: "The weight is not clamped, as in TRL since 0.29.0; the authors' code and TRL up to 0.28 clamp it at 1.",
  },
} as const satisfies Readonly<Record<string, { meaning: string; differences: string }>>;

export type OptionName = keyof typeof optionMeanings;

export const isOption = (name: string): name is OptionName => Object.hasOwn(optionMeanings, name);

/** The options that an objective takes besides its parameters. */
export const optionsOf = ({ divergence, weighting }: Pick<Objective, 'divergence' | 'weighting'>): OptionName[] => [
  ...(divergence ? (['fDivergence', 'alphaDivergenceCoef'] as const) : []),
  'ldAlpha',
  ...(weighting ? (['useWeighting'] as const) : []),
];

export interface Options {
  divergence: Divergence;
  /** α of the alpha divergence */
  coefficient: number;
  ldAlpha: number | null;
  weighting: boolean;
}

/** Whether a setting leaves the loss as it is; TRL's configurations hold them all. */
const isNeutral = (name: OptionName, value: unknown) => value === 'reverse_kl' || value === false || name === 'alphaDivergenceCoef';

/** Reads the options among what was given to an objective. Throws an ObjectiveError for one that it does not take, or a bad value. */
export function readOptions(objective: Objective, given: readonly (readonly [name: string, value: unknown])[]): Options {
  const options: Options = { divergence: 'reverse_kl', coefficient: 0.5, ldAlpha: null, weighting: false };
  for (const [name, value] of given) {
    if (!isOption(name)) continue;
    if (!optionsOf(objective).includes(name)) {
      if (isNeutral(name, value)) continue;
      throw new ObjectiveError(`${objective.name} takes no ${name}. It takes: ${optionsOf(objective).join(', ')}.`);
    }
    if (name === 'fDivergence') {
      const known = divergences.find((each) => each === value);
      if (!known) throw new ObjectiveError(`${objective.name}'s fDivergence must be one of ${divergences.join(', ')}, not ${show(value)}.`);
      options.divergence = known;
    } else if (name === 'alphaDivergenceCoef') options.coefficient = checked(objective.name, name, value, real);
    else if (name === 'ldAlpha') options.ldAlpha = checked(objective.name, name, value, unitInterval);
    else {
      if (typeof value !== 'boolean')
        throw new ObjectiveError(`${objective.name}'s useWeighting must be true or false, not ${show(value)}.`);
      options.weighting = value;
    }
  }
  // As the coefficient nears 1 the alpha divergence becomes the reverse KL, and its formula 0/0.
  if (options.divergence === 'alpha_divergence' && Math.abs(options.coefficient - 1) < 1e-6) options.divergence = 'reverse_kl';
  return options;
}
