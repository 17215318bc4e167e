import { defineGroupObjective, type GroupObjective } from '../group-objective.ts';
import { beta, nonnegative, positive, rrhfParameters } from '../parameters.ts';

const family = 'Whole lists';

const temperature = (value: number, symbol: string, description: string) => ({
  default: value,
  min: value / 100,
  max: Math.max(5, 2 * value),
  valid: positive,
  tex: symbol,
  description,
});

/** -log softmax_i(β h), at least 0: differences first, so that nothing cancels. */
const surprisal = 'lse(beta * (logratio_j - logratio_i))';
/** softmax_i(r / temperature) */
const rewardShare = (name: string) => `exp(-lse((reward_j - reward_i) / ${name}))`;
const rewardTemperature = (value: number) =>
  temperature(value, '\\alpha', 'Temperature of the rewards; near 0 only the best response counts.');

export const objectives: readonly GroupObjective[] = [
  defineGroupObjective({
    id: 'plackett_luce',
    name: 'DPO of rankings (Plackett–Luce)',
    family,
    aliases: ['pl_dpo'],
    paper: 'arXiv:2305.18290',
    source: 'words',
    loss: 'lse_from(beta * (logratio_j - logratio_i))',
    parameters: { beta: beta() },
    behaviour: 'Picks the best, then the best of the rest, and so on: like DPO it sees margins only, so every listed likelihood may fall.',
  }),
  defineGroupObjective({
    id: 'sdpo',
    name: 'S-DPO (best against the rest)',
    family,
    aliases: ['softmax_dpo'],
    paper: 'arXiv:2406.09215',
    source: 'words',
    loss: `where(place_i == 1, ${surprisal}, 0)`,
    parameters: { beta: beta() },
    behaviour:
      'Pushes hardest on the rejected response with the largest log-ratio to the reference; the order of the rejected ones is not used.',
  }),
  defineGroupObjective({
    id: 'info_nca',
    name: 'InfoNCA',
    family,
    aliases: ['dpo_rw'],
    paper: 'arXiv:2402.05369',
    source: 'thu-ml/Noise-Contrastive-Alignment',
    loss: `${rewardShare('alpha')} * ${surprisal}`,
    parameters: { beta: beta(), alpha: rewardTemperature(1) },
    behaviour: 'Rests where the softmax of β log-ratios is that of the rewards: only relative, so all likelihoods may fall together.',
    differences:
      "The authors' code has α = 1e-4, so that nearly all weight is on the best response, and adds 0.01 to the first score to break ties.",
  }),
  defineGroupObjective({
    id: 'nca',
    name: 'NCA (lists)',
    family,
    aliases: ['nca_list'],
    paper: 'arXiv:2402.05369',
    source: 'thu-ml/Noise-Contrastive-Alignment',
    loss: `-${rewardShare('alpha')} * logsigmoid(beta * logratio_i) - logsigmoid(-beta * logratio_i) / count`,
    parameters: { beta: beta(), alpha: rewardTemperature(1) },
    behaviour: 'Each response is pulled towards a log-ratio of its own, which its share of the rewards sets.',
    differences: "The authors' code has four responses hard-coded, and α = 1e-4.",
  }),
  defineGroupObjective({
    id: 'exo',
    name: 'EXO (lists)',
    family,
    aliases: ['exo_rw'],
    paper: 'arXiv:2402.00856',
    source: 'haozheji/exact-optimization',
    loss: `exp(-${surprisal}) * (lse((reward_j - reward_i) / alpha) - ${surprisal})`,
    parameters: { beta: beta(1), alpha: rewardTemperature(1) },
    behaviour: 'Reverse KL to the softmax of the rewards: hardly any force on a good response whose log-ratio is far below the largest.',
  }),
  defineGroupObjective({
    id: 'pro',
    name: 'PRO',
    family,
    paper: 'arXiv:2306.17492',
    source: 'AlibabaResearch/DAMO-ConvAI',
    loss: 'lse_from(where(place_j == place_i, 0, logp_j / len_j * (reward_i - reward_j) - logp_i / len_i * (reward_i - lowest_reward))) - where(place_i == 1, lambda * square(count - 1) * logp_i, 0)',
    parameters: {
      lambda: {
        default: 2,
        min: 0,
        max: 5,
        valid: nonnegative,
        tex: '\\lambda',
        description: 'Weight of the best response’s likelihood against the ranking.',
        aliases: ['sftWeight'],
      },
    },
    behaviour:
      'Plackett–Luce on mean log-probs: a worse response’s is scaled by its gap of rewards to the better one, the better one’s by its gap to the lowest; the likelihood term grows with (K - 1)².',
    differences: "The authors' code adds 1e-10 inside the logarithm and subtracts no maximum before it exponentiates.",
  }),
  defineGroupObjective({
    id: 'rrhf',
    name: 'RRHF (lists)',
    family,
    aliases: ['rrhf_list'],
    paper: 'arXiv:2304.05302',
    source: 'GanjinZero/RRHF',
    loss: 'lambda * sum_after(where(rank_j > rank_i, relu(logp_j / len_j ^ kappa - logp_i / len_i ^ kappa), 0)) - where(place_i == 1, logp_i / len_i, 0)',
    parameters: rrhfParameters,
    behaviour: 'A sum, not a mean, over the pairs in the wrong order: none of them, no force but the likelihood of the best.',
    differences:
      "The authors' code divides the likelihood term by all positions, those of prompt and padding included, and, as released, the scores as well: it then compares sums, where means over tokens are compared here.",
  }),
  defineGroupObjective({
    id: 'lire',
    name: 'LIRE',
    family,
    paper: 'arXiv:2405.13516',
    source: 'words',
    loss: '-reward_i * exp(-lse((logp_j - logp_i) / T))',
    parameters: {
      T: temperature(
        1,
        'T',
        'Temperature of the policy’s share; a small one leaves hardly any force once one response is likelier than the rest.',
      ),
    },
    behaviour: 'The expected reward within the list: a good response that is far less likely than another there has hardly any force.',
  }),
];
