import { defineObjective } from '../define.ts';
import type { Objective } from '../objective.ts';
import { beta } from '../parameters.ts';

const family = 'Other functions of the DPO margin';
const paper = 'arXiv:2402.05749';
const parameters = { beta: beta() };

export const objectives: readonly Objective[] = [
  defineObjective({
    id: 'gpo_exponential',
    name: 'GPO, exponential',
    family,
    paper,
    source: 'words',
    loss: 'exp(min(-beta * margin, 80))',
    parameters,
    behaviour: 'Its force grows exponentially as the margin falls below 0: one wrong label can outweigh a batch.',
  }),
  defineObjective({
    id: 'gpo_truncated',
    name: 'GPO, truncated quadratic',
    family,
    paper,
    source: 'words',
    loss: 'square(relu(1 - beta * margin))',
    parameters,
    behaviour: 'A force in proportion to what the margin lacks of 1/β, none beyond.',
  }),
  defineObjective({
    id: 'gpo_savage',
    name: 'GPO, Savage',
    family,
    paper,
    source: 'ours',
    loss: 'square(sigmoid(-beta * margin))',
    parameters,
    behaviour: 'Bounded: its force fades on badly mis-ranked pairs, so that a wrong label counts for less than in DPO.',
  }),
];
