import { defineObjective } from '../define.ts';
import type { Objective } from '../objective.ts';
import { positive, real } from '../parameters.ts';

const family = 'Reward models';

const temperature = (value: number) => ({
  default: value,
  min: 0.01,
  max: 5,
  valid: positive,
  tex: '\\tau',
  description: 'Unit of the scores; a small one makes small differences decisive.',
});

export const objectives: readonly Objective[] = [
  defineObjective({
    id: 'bradley_terry',
    name: 'Bradley–Terry reward model',
    family,
    paper: 'Bradley and Terry, Biometrika 39 (1952)',
    source: 'huggingface/trl',
    loss: '-logsigmoid((logp_w - logp_l) / tau)',
    parameters: { tau: temperature(1) },
    weighting: false,
    behaviour: 'Maximum likelihood of the labels: a difference of scores that no labels contradict grows without bound.',
  }),
  defineObjective({
    id: 'bradley_terry_margin',
    name: 'Bradley–Terry with a margin (Llama 2)',
    family,
    paper: 'arXiv:2307.09288',
    source: 'huggingface/trl',
    loss: '-logsigmoid(logp_w - logp_l - eta * reward_gap)',
    parameters: {
      eta: { default: 1, min: 0, max: 5, valid: real, tex: '\\eta', description: 'Scale of the margin that a gap of ratings asks for.' },
    },
    weighting: false,
    behaviour: 'Asks for more where annotators saw a larger difference; never satisfied, like Bradley–Terry itself.',
  }),
  defineObjective({
    id: 'reward_regression',
    name: 'Regression on score differences',
    family,
    paper: 'arXiv:2410.02197',
    source: 'general-preference/general-preference-model',
    loss: '0.5 * square((logp_w - logp_l) / tau - delta)',
    parameters: {
      tau: temperature(0.1),
      delta: { default: 10, min: 0, max: 20, valid: real, tex: '\\delta', description: 'Where the score difference rests, in units of τ.' },
    },
    weighting: false,
    behaviour: 'Rests at a finite difference of scores, τδ, and pulls back what has gone beyond it.',
  }),
];
