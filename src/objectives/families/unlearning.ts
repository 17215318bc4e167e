import { defineObjective } from '../define.ts';
import type { Objective } from '../objective.ts';
import { beta, nonnegative } from '../parameters.ts';

const family = 'Unlearning the rejected response';

export const objectives: readonly Objective[] = [
  defineObjective({
    id: 'npo',
    name: 'NPO (negative preference)',
    family,
    paper: 'arXiv:2404.05868',
    source: 'licong-lin/negative-preference-optimization',
    loss: '2 / beta * softplus(beta * logratio_l)',
    parameters: { beta: beta() },
    behaviour: 'Pushes the rejected response down, less and less as it becomes less likely than under the reference.',
  }),
  defineObjective({
    id: 'simnpo',
    name: 'SimNPO',
    family,
    paper: 'arXiv:2410.07163',
    source: 'OPTML-Group/Unlearn-Simple',
    loss: '-2 / beta * logsigmoid(-beta * (avg_logp_l + gamma))',
    parameters: {
      beta: beta(2.5),
      gamma: {
        default: 0,
        min: 0,
        max: 5,
        valid: nonnegative,
        tex: '\\gamma',
        description: 'Moves the point where the force fades to less likely responses.',
      },
    },
    behaviour: 'As NPO, length-normalised and without a reference.',
  }),
  defineObjective({
    id: 'unlikelihood',
    name: 'Unlikelihood',
    family,
    paper: 'arXiv:1908.04319',
    source: 'ours',
    loss: '-log1mexp(min(avg_logp_l, -1e-6))',
    parameters: {},
    behaviour: 'Strong on a likely rejected response, with hardly any force on an improbable one.',
  }),
];
