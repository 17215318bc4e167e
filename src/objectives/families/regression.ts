import { defineObjective } from '../define.ts';
import type { Objective } from '../objective.ts';
import { beta, positive, real, unitInterval } from '../parameters.ts';

const family = 'Regression on log-ratios';

export const objectives: readonly Objective[] = [
  defineObjective({
    id: 'ipo',
    name: 'IPO (mean over tokens)',
    family,
    paper: 'arXiv:2310.12036',
    equation: '(17)',
    loss: 'square(score_w / len_w - score_l / len_l - 1 / (2 * beta))',
    parameters: { beta: { ...beta(), aliases: ['tau'] } },
    behaviour: 'Regresses the margin on 1/(2β), past which it pulls back; its steps grow as 1/β.',
    differences:
      "TRL's DPOTrainer, CPO and HALOs average the log-ratios over tokens, as here; TRL's OnlineDPO, OpenRLHF and oat sum them (see ipo_sum).",
  }),
  defineObjective({
    id: 'ipo_sum',
    name: 'IPO (sum over tokens)',
    family,
    paper: 'arXiv:2310.12036',
    equation: '(17)',
    loss: 'square(score_w - score_l - 1 / (2 * beta))',
    parameters: { beta: { ...beta(), aliases: ['tau'] } },
    behaviour: 'As IPO, with the margin of whole sequences, as in the paper.',
    differences:
      "Summed in TRL's OnlineDPO and XPO, OpenRLHF, oat and the DPO authors' code; averaged over tokens in TRL's DPOTrainer (see ipo).",
  }),
  defineObjective({
    id: 'sppo_hard',
    name: 'SPPO (hard labels)',
    family,
    paper: 'arXiv:2405.00675',
    loss: 'square(score_w - 1 / (2 * beta)) + square(score_l + 1 / (2 * beta))',
    parameters: { beta: beta() },
    onPolicy: true,
    behaviour: 'Pins each log-ratio to its own target, so the chosen one cannot be displaced; the targets are ±1/(2β) nats.',
    differences: "TRL and Liger take twice the authors' loss; the authors use β = 0.001 and soft win probabilities (see sppo).",
  }),
  defineObjective({
    id: 'sppo',
    name: 'SPPO (win probabilities)',
    family,
    paper: 'arXiv:2405.00675',
    loss: '(square(logratio_w - (label - 1/2) / beta) + square(logratio_l + (label - 1/2) / beta)) / 2',
    parameters: { beta: beta(0.001) },
    onPolicy: true,
    behaviour: 'Each log-ratio regresses on how far its win probability is from 1/2.',
  }),
  defineObjective({
    id: 'cal_dpo',
    name: 'Cal-DPO',
    family,
    loss: '-logsigmoid(margin) + (square(logratio_w - 1 / (2 * beta)) + square(logratio_l + 1 / (2 * beta))) / 2',
    parameters: { beta: beta(0.001) },
    behaviour: 'DPO at β = 1 plus half of SPPO; at a small β the regression outweighs the logistic term by orders of magnitude.',
    differences: "The authors' code has no β in the logistic term, and neither has this.",
  }),
  defineObjective({
    id: 'rebel',
    name: 'REBEL',
    family,
    paper: 'arXiv:2404.16767',
    loss: 'square((logp_w - prev_w) - (logp_l - prev_l) - eta * reward_gap)',
    parameters: {
      eta: {
        default: 1,
        min: 0.01,
        max: 10,
        valid: positive,
        tex: '\\eta',
        description: 'Log-ratio asked for, in nats, by one unit of reward.',
      },
    },
    onPolicy: true,
    behaviour: 'Regresses the change of the margin since the last iterate on the reward gap.',
    differences:
      "The authors' scripts take η = 1, or 1e6 at large batch sizes. In a training run here the previous iterate is the policy at its start.",
  }),
  defineObjective({
    id: 'inpo',
    name: 'INPO / COMAL',
    family,
    aliases: ['comal'],
    loss: 'square((logp_w - rho * ref_w - (1 - rho) * prev_w) - (logp_l - rho * ref_l - (1 - rho) * prev_l) - 1 / (2 * eta))',
    parameters: {
      eta: {
        default: 0.1,
        min: 0.01,
        max: 5,
        valid: positive,
        tex: '\\eta',
        description: 'Inverse step size: the margin asked for is 1/(2η).',
      },
      rho: {
        default: 1 / 3,
        min: 0,
        max: 1,
        valid: unitInterval,
        tex: '\\rho',
        description: 'Pull of the reference against that of the previous iterate.',
      },
    },
    onPolicy: true,
    behaviour: 'IPO against a mixture of the reference and the previous iterate.',
  }),
  defineObjective({
    id: 'gpo_squared',
    name: 'GPO, squared',
    family,
    paper: 'arXiv:2402.05749',
    loss: 'square(beta * margin - 1)',
    parameters: { beta: beta() },
    behaviour: 'Rests at the margin 1/β and pulls a larger one back.',
  }),
  defineObjective({
    id: 'reward_rpo_squared',
    name: 'Reward-aware RPO, squared',
    family,
    aliases: ['rpo_sq'],
    loss: 'square(beta * margin - eta * reward_gap)',
    parameters: {
      beta: beta(0.2),
      eta: {
        default: 1,
        min: -5,
        max: 10,
        valid: real,
        tex: '\\eta',
        description: 'Scale of the reward gap that the margin is to reproduce.',
      },
    },
    behaviour: 'The implicit reward gap regresses on the given one.',
    differences: 'RPO also means regularised preference optimisation (rpo) and iterative reasoning (irpo).',
  }),
];
