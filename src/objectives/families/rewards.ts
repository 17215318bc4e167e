import { defineObjective } from '../define.ts';
import type { Objective } from '../objective.ts';
import { beta, real } from '../parameters.ts';

const family = 'Reward-aware';
const z = '(beta * margin)';
const d = '(eta * reward_gap)';
const eta = {
  default: 1,
  min: -5,
  max: 10,
  valid: real,
  tex: '\\eta',
  description: 'Scale of the reward gap that β times the margin is to reproduce.',
};

export const objectives: readonly Objective[] = [
  defineObjective({
    id: 'reward_rpo_backward',
    name: 'Reward-aware RPO, backward KL',
    family,
    aliases: ['rpo_bwd_kl'],
    paper: 'arXiv:2502.00203',
    source: 'NVIDIA/NeMo-Aligner',
    loss: `sigmoid${d} * (logsigmoid${d} - logsigmoid${z}) + sigmoid(-${d}) * (logsigmoid(-${d}) - logsigmoid(-${z}))`,
    parameters: { beta: beta(0.2), eta },
    behaviour: 'cDPO with the reward gap’s own soft label: β·margin rests at the scaled gap.',
  }),
  defineObjective({
    id: 'reward_rpo_forward',
    name: 'Reward-aware RPO, forward KL',
    family,
    aliases: ['rpo_fwd_kl'],
    paper: 'arXiv:2502.00203',
    source: 'NVIDIA/NeMo-Aligner',
    loss: `sigmoid${z} * (logsigmoid${z} - logsigmoid${d}) + sigmoid(-${z}) * (logsigmoid(-${z}) - logsigmoid(-${d}))`,
    parameters: { beta: beta(0.2), eta },
    behaviour: 'EXO with the reward gap’s own soft label: weak on badly mis-ranked pairs.',
  }),
];
