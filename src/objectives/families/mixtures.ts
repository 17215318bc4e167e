import { defineObjective } from '../define.ts';
import type { Objective } from '../objective.ts';
import { beta, nllWeight, nonnegative } from '../parameters.ts';

const family = 'With the likelihood of the chosen response';
const share = (value: number, tex: string, of: string) => ({
  default: value,
  min: 0,
  max: 2,
  valid: nonnegative,
  tex,
  description: `Weight of ${of}.`,
});

export const objectives: readonly Objective[] = [
  defineObjective({
    id: 'sft',
    name: 'SFT (likelihood of the chosen response)',
    family,
    aliases: ['nll'],
    source: 'huggingface/trl',
    loss: '-logp_w / mean_len_w',
    parameters: {},
    behaviour: 'Ignores the rejected response; with free logits it takes mass from whatever else is likely.',
  }),
  defineObjective({
    id: 'rpo',
    name: 'RPO (DPO + likelihood, per sequence)',
    family,
    aliases: ['irpo'],
    paper: 'arXiv:2404.19733; arXiv:2405.16436',
    source: 'hiyouga/LLaMA-Factory',
    loss: '-logsigmoid(beta * margin) - alpha * logp_w / len_w',
    parameters: { beta: beta(), alpha: nllWeight(1, ['rpoAlpha']) },
    behaviour: 'A likelihood term pulls the chosen response up while DPO widens the margin.',
  }),
  defineObjective({
    id: 'mpo',
    name: 'MPO (preference, quality, generation)',
    family,
    paper: 'arXiv:2411.10442',
    source: 'huggingface/trl',
    loss: '-preferenceWeight * logsigmoid(beta * margin) - qualityWeight * (logsigmoid(beta * logratio_w) + logsigmoid(-beta * logratio_l)) - generationWeight * logp_w / mean_len_w',
    parameters: {
      beta: beta(),
      preferenceWeight: share(0.8, 'w_p', 'DPO'),
      qualityWeight: share(0.2, 'w_q', 'BCO'),
      generationWeight: share(1, 'w_g', 'the likelihood'),
    },
    behaviour: 'Relative preference, absolute quality and likelihood at once: each pulls on the chosen response, by its weight.',
  }),
];
