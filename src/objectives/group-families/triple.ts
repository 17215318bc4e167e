import { defineGroupObjective, type GroupObjective } from '../group-objective.ts';
import { type GroupOptions, tripleLossTypes } from '../group-options.ts';
import { beta, labelSmoothing, nllWeight, targetMargin } from '../parameters.ts';

const family = 'With a third response';

const smoothed = (z: string) => `-(1 - labelSmoothing) * logsigmoid(${z}) - labelSmoothing * logsigmoid(-(${z}))`;
const means = '(logp_i / len_i - logp_j / len_j)';
const contrasts: Readonly<Record<string, string>> = {
  sigmoid: smoothed('beta * (logp_i - logp_j)'),
  hinge: 'relu(1 - beta * (logp_i - logp_j))',
  ipo: `square(${means} - 1 / (2 * beta))`,
};
/** The two last of a group are compared, and its first is what the policy is tuned on. */
const triple = (contrast: string | undefined) =>
  `where(place_i == count - 1, sum_after(${contrast}), 0) - where(place_i == 1, alpha * logp_i / best_tokens, 0)`;
const gold = {
  ...nllWeight(1, ['tpoAlpha']),
  description: 'Weight of the best response’s negative log-likelihood, a mean over the tokens of the best responses of all groups.',
};
const three =
  'Made for groups of three, best first: TRL’s reference (a response, not a model), chosen and rejected. Of two, the better one is both of the first; of more, the two last are compared.';

export const objectives: readonly GroupObjective[] = [
  defineGroupObjective({
    id: 'tpo',
    name: 'TPO (a third response)',
    family,
    paper: 'arXiv:2405.16681',
    source: 'huggingface/trl',
    options: { lossType: tripleLossTypes },
    loss: ({ lossType }: GroupOptions) => triple(contrasts[lossType]),
    parameters: { beta: beta(0.01), labelSmoothing: labelSmoothing(), alpha: gold },
    behaviour:
      'Tunes on the best of three and pushes the other two apart, without a reference model: at a small β, as its default is, the likelihood leads.',
    differences: `As in TRL, ipo is of mean log-probs. ${three}`,
  }),
  defineGroupObjective({
    id: 'tpo_l',
    name: 'TPO-L',
    family,
    paper: 'arXiv:2405.16681',
    source: 'huggingface/trl',
    loss: triple(smoothed(`beta * ${means} - gamma`)),
    parameters: { beta: beta(0.01), labelSmoothing: labelSmoothing(), alpha: gold, gamma: targetMargin(0.5, 'gamma', ['tpoLGamma']) },
    behaviour: 'As TPO, with mean log-probs and a margin to reach, as SimPO has them.',
    differences: `TRL’s loss_type tpo-l. ${three}`,
  }),
];
