import { defineObjective } from '../define.ts';
import type { Objective } from '../objective.ts';
import { beta, nonnegative, positive, real } from '../parameters.ts';

const family = 'With terms of single responses';
const weight = (which: string, tex: string, alias: string) => ({
  default: 1,
  min: 0,
  max: 4,
  valid: nonnegative,
  tex,
  description: `Weight of the ${which} responses.`,
  aliases: [alias],
});

export const objectives: readonly Objective[] = [
  defineObjective({
    id: 'nca_pair',
    name: 'NCA (pairs)',
    family,
    aliases: ['nca'],
    paper: 'arXiv:2402.05369',
    source: 'thu-ml/Noise-Contrastive-Alignment',
    loss: '-logsigmoid(beta * score_w) - logsigmoid(-beta * score_w) / 2 - logsigmoid(-beta * score_l) / 2',
    parameters: { beta: beta() },
    behaviour:
      'Its force on the chosen response vanishes where σ(β × its log-ratio to the reference) is 2/3; on the rejected one it never does.',
  }),
  defineObjective({
    id: 'bco_pair',
    name: 'BCO (pairs, no shift)',
    family,
    paper: 'arXiv:2404.04656',
    source: 'huggingface/trl',
    loss: '-logsigmoid(beta * score_w) - logsigmoid(-beta * score_l)',
    parameters: { beta: beta() },
    behaviour: 'Two logistic regressions: the chosen log-ratio is asked to lie above 0 and the rejected one below.',
  }),
  defineObjective({
    id: 'bco',
    name: 'BCO (running reward shift)',
    family,
    paper: 'arXiv:2404.04656',
    source: 'huggingface/trl',
    loss: '-(logsigmoid(beta * (logratio_w - mean_logratio)) + undesirableWeight * logsigmoid(beta * (mean_logratio - logratio_l))) / 2',
    parameters: { beta: beta(), undesirableWeight: weight('undesirable', '\\omega', 'omega') },
    behaviour:
      'The boundary follows the mean reward of everything seen so far, so that a common drift of all responses is corrected only as far as that mean lags behind it.',
  }),
  defineObjective({
    id: 'kto',
    name: 'KTO (on pairs)',
    family,
    paper: 'arXiv:2402.01306',
    source: 'ours',
    loss: '(desirableWeight * (1 - sigmoid(beta * (logratio_w - kl_baseline))) + undesirableWeight * (1 - sigmoid(beta * (kl_baseline - logratio_l)))) / 2',
    parameters: {
      beta: beta(),
      desirableWeight: weight('desirable', '\\lambda_D', 'lambdaD'),
      undesirableWeight: weight('undesirable', '\\lambda_U', 'lambdaU'),
    },
    behaviour: 'Saturates on both sides: a response whose log-ratio is far above or far below the baseline is hardly pushed any more.',
  }),
  defineObjective({
    id: 'apo_zero',
    name: 'APO-zero',
    family,
    paper: 'arXiv:2408.06266',
    equation: '(7)',
    source: 'paper',
    loss: '(1 - sigmoid(beta * logratio_w)) + sigmoid(beta * logratio_l)',
    parameters: { beta: beta() },
    behaviour:
      'Pulls the chosen response up and pushes the rejected one down, each with a force of its own that is largest at the reference.',
  }),
  defineObjective({
    id: 'apo_zero_unpaired',
    name: 'APO-zero (unpaired, on pairs)',
    family,
    paper: 'arXiv:2408.06266',
    source: 'huggingface/trl',
    loss: '((1 - sigmoid(beta * logratio_w)) + sigmoid(beta * logratio_l)) / 2',
    parameters: { beta: beta() },
    behaviour: 'KTO with its baseline at 0 and its weights at 1: half of APO-zero, because the mean runs over responses.',
  }),
  defineObjective({
    id: 'dro',
    name: 'DRO (given the value)',
    family,
    paper: 'arXiv:2405.19107',
    source: 'words',
    loss: '(square(reward_w - baseline - tau * logratio_w) + square(reward_l - baseline - tau * logratio_l)) / 4',
    parameters: {
      tau: { default: 1, min: 0.01, max: 5, valid: positive, tex: '\\tau', description: 'Reward that one nat of log-ratio stands for.' },
      baseline: {
        default: 0,
        min: -5,
        max: 5,
        valid: real,
        tex: 'V',
        description: 'Value of the prompt, which the method learns; here it is given.',
      },
    },
    behaviour: 'Each log-ratio, times τ, is fitted to its own advantage; a wrong value shifts both targets alike.',
  }),
  defineObjective({
    id: 'apo_down',
    name: 'APO-down',
    family,
    paper: 'arXiv:2408.06266',
    equation: '(8)',
    source: 'paper',
    loss: 'sigmoid(beta * logratio_w) + (1 - sigmoid(beta * (score_w - score_l)))',
    parameters: { beta: beta() },
    behaviour:
      'One term pushes the chosen response down, the margin pulls it up: at the reference they cancel. For pairs whose chosen response is worse than what the policy writes.',
  }),
];
