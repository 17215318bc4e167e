import { defineObjective } from '../define.ts';
import type { Objective } from '../objective.ts';
import { beta, labelSmoothing } from '../parameters.ts';

const family = 'Sorted within the batch';
const smooth = (z: string) => `(-(1 - labelSmoothing) * logsigmoid(${z}) - labelSmoothing * logsigmoid(-(${z})))`;
const chosenSide = smooth('beta * (logratio_w - same_rank_logratio_l)');
const rejectedSide = smooth('beta * (same_rank_logratio_w - logratio_l)');
const parameters = { beta: beta(), labelSmoothing: { ...labelSmoothing(), aliases: ['epsilon'] } };

export const objectives: readonly Objective[] = [
  defineObjective({
    id: 'aot',
    name: 'AOT (paired)',
    family,
    aliases: ['aot_paired'],
    paper: 'arXiv:2406.05882',
    source: 'huggingface/trl',
    loss: smooth('beta * (logp_w - logp_l - sorted_ref_margin)'),
    parameters,
    weighting: false,
    behaviour: 'Asks for stochastic dominance: the sorted policy margins are compared with the sorted reference margins, not pair by pair.',
  }),
  defineObjective({
    id: 'aot_unpaired',
    name: 'AOT (unpaired)',
    family,
    aliases: ['aot_pair'],
    paper: 'arXiv:2406.05882',
    source: 'huggingface/trl',
    // The second half is worth 0 and carries the rejected response's share: its partner is another one than the chosen response's.
    loss: `${chosenSide} + (${rejectedSide} - detach(${rejectedSide}))`,
    parameters,
    weighting: false,
    behaviour: 'Compares the sorted chosen log-ratios with the sorted rejected ones: who belongs to whom is forgotten.',
  }),
];
