import type { ObjectiveChoice } from '../../core/experiment.ts';
import { defineStudy, type Run, type Stage } from '../study.ts';
import { fallingSuffix } from '../toys/entanglement/random-suffix.ts';
import { type SuffixSettings, sharedSuffix, suffixGeometry } from '../toys/entanglement/shared-suffix.ts';

const steps = 60;

interface Truth {
  readonly settings: SuffixSettings;
}

const simpo = '-logsigmoid(beta * (logp_w / len_w - logp_l / len_l) - gamma)';
const params = { beta: 2, gamma: 0.5 };
const plain: ObjectiveChoice = { name: 'simpo', params };
const withLikelihood: ObjectiveChoice = { expression: `${simpo} - logp_w / len_w`, params };

/** So many times the rate that the others have. */
const at =
  (objective: ObjectiveChoice, times = 1): Stage<Truth> =>
  ({ experiment, values: { rate = 1 } }) => ({
    ...experiment,
    objective,
    optimizer: { ...experiment.optimizer, learningRate: times * rate },
  });
const elsewhere = ({ truth: { settings }, trial: { final } }: Run<Truth>): number => 1 - suffixGeometry(settings, final).afterChosen;

export const study = defineStudy<Truth>()({
  id: 'often-simpo-rate',
  finding: 'Nothing in SimPO holds the chosen answer up',
  mechanism:
    'SimPO reads the gap between two averages and nothing else, so both can fall for as long as steps are made, and larger steps can take them further. A likelihood term on the chosen answer can hold it up.',
  setup:
    'Two answers that differ in the first word and go on alike, with probabilities drawn so that both fall under DPO; sixty steps of SimPO with β = 2 and γ = 0.5 at rate 1, at ten times that rate, and with the mean log-likelihood of the chosen answer added.',
  leavesOut: 'One pair, chosen so that the two entangle, and plain gradient descent. At which rate a model is lost depends on the model.',
  tex: String.raw`-\log\sigma\Big(\frac{\beta}{|y_w|}\log\pi(y_w)-\frac{\beta}{|y_l|}\log\pi(y_l)-\gamma\Big)`,
  provenance: 'our reading',
  parameters: { rate: { label: 'Learning rate', symbol: '\\eta', min: 0.01, max: 10, default: 1 } },
  toy: (seed) => {
    const settings = { ...fallingSuffix(seed), steps };
    return { experiment: sharedSuffix(settings), truth: { settings } };
  },
  arms: {
    simpo: { label: 'SimPO', train: at(plain) },
    fast: { label: 'SimPO, ten times the rate', train: at(plain, 10) },
    likelihood: { label: 'SimPO with likelihood', train: at(withLikelihood) },
  },
  measures: {
    chosen: { label: 'change of log π(chosen)', unit: 'nats', of: 'chosenLogpChange' },
    rejected: { label: 'change of log π(rejected)', unit: 'nats', of: 'rejectedLogpChange' },
    elsewhere: { label: 'another word in a shared place', of: elsewhere },
  },
  plot: { kind: 'law', y: 'chosen', over: 'rate', at: [0.03, 0.1, 0.3, 1, 3, 10], arms: ['simpo', 'likelihood'] },
  claims: [
    {
      id: 'simpo-lowers-chosen',
      statement: 'Sixty steps of SimPO at rate 1 lower the chosen answer’s log-probability by at least one nat on average.',
      where: 'a loss of the gap alone',
      kind: 'toy',
      refutedBy: 'a smaller mean fall',
      left: ['simpo', 'chosen'],
      by: 'mean',
      bound: { atMost: -1 },
      because: 'one nat is a factor of 2.7 in the probability',
      expected: 'holds',
    },
    {
      id: 'faster-is-lower',
      statement: 'At ten times the rate, the chosen answer ends at least two nats lower still, on average.',
      where: 'the learning rate',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['simpo', 'chosen'],
      right: ['fast', 'chosen'],
      by: 'mean',
      bound: { atLeast: 2 },
      because: 'two nats are a factor of 7 in the probability',
      expected: 'holds',
    },
    {
      id: 'likelihood-holds',
      statement: 'With a likelihood term of weight 1 the chosen answer ends at least one nat above its start at rate 1, on average.',
      where: 'the term that CPO has and SimPO has not',
      kind: 'toy',
      refutedBy: 'a smaller mean rise',
      left: ['likelihood', 'chosen'],
      by: 'mean',
      bound: { atLeast: 1 },
      because: 'one nat is a factor of 2.7 in the probability',
      expected: 'holds',
    },
  ],
  seeds: { page: 20, test: 3 },
});
