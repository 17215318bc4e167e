import { input, logSigmoidOf, mul, neg, parameter, sub } from '../core/expression.ts';
import type { Objective } from './objective.ts';

const chosenLogRatio = sub(input('logp_w'), input('ref_w'));
const rejectedLogRatio = sub(input('logp_l'), input('ref_l'));

export const dpo: Objective = {
  id: 'dpo',
  name: 'DPO',
  aliases: ['sigmoid'],
  paper: 'arXiv:2305.18290',
  equation: '(7)',
  loss: neg(logSigmoidOf(mul(parameter('beta'), sub(chosenLogRatio, rejectedLogRatio)))),
  parameters: {
    beta: {
      default: 0.1,
      min: 1e-3,
      max: 5,
      tex: '\\beta',
      description: 'How strongly the loss reacts to the margin; a larger β saturates at a smaller margin.',
    },
  },
  behaviour: 'Only the margin is optimised: both log-probabilities may fall while the loss does.',
};
