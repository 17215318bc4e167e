import type { Pair } from '../../core/experiment.ts';
import { defineStudy, type Stage } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [prompts, answers] = [20, 6];

/** Every pair the other way round as well. */
const contradicted: Stage<null> = ({ experiment }) => ({
  ...experiment,
  pairs: experiment.pairs.flatMap((pair): Pair[] => [pair, { ...pair, chosen: pair.rejected, rejected: pair.chosen }]),
});
const frozen: Stage<null> = ({ experiment }) => ({ ...experiment, optimizer: { ...experiment.optimizer, learningRate: 0 } });

export const study = defineStudy<null>()({
  id: 'often-stuck-at-ln2',
  finding: 'Where policy equals reference, loss is ln 2',
  mechanism:
    'Where policy and reference agree, every margin is 0 and the loss is ln 2, whatever the pairs say. It stays there where no step is made, and where the pairs contradict one another so evenly that they cancel.',
  setup:
    'Twenty prompts with six answers each, random logits, one pair a prompt; DPO with β = 0.1, 200 steps at rate 20. Once no step is made, and once every pair is there the other way round as well.',
  leavesOut:
    'Free logits. In a real run the cause may be a part of the model that is not trained, too small a step, or a mask that leaves nothing of the answers.',
  tex: String.raw`\mathcal L(\pi_{\mathrm{ref}})=-\log\sigma(0)=\ln2=0.693`,
  provenance: 'our reading',
  parameters: {
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.02, max: 1, default: 0.1 },
  },
  toy: (seed) => {
    const draws = new Draws(seed);
    return {
      experiment: {
        policy: { kind: 'tabular', logits: draws.normalRows(prompts, answers) },
        pairs: Array.from({ length: prompts }, (_, prompt): Pair => {
          const [chosen, rejected] = draws.two(answers);
          return { prompt, chosen, rejected };
        }),
        objective: { name: 'dpo', params: { beta: 0.1 } },
        optimizer: { kind: 'sgd', learningRate: 20, steps: 200 },
      },
      truth: null,
    };
  },
  arms: {
    trained: { label: 'Trained', train: ({ experiment }) => experiment },
    frozen: { label: 'No step is made', train: frozen },
    contradicted: { label: 'Every pair both ways', train: contradicted },
  },
  measures: {
    loss: { label: 'loss at the end', of: 'loss' },
    off: { label: 'how far the loss is from ln 2', of: ({ trial }) => Math.abs((trial.measures['loss'] ?? Number.NaN) - Math.LN2) },
  },
  plot: { kind: 'strip', y: 'loss' },
  claims: [
    {
      id: 'same-policy-is-ln2',
      statement: 'Where the policy is its reference, DPO’s loss is ln 2, whatever β and the pairs.',
      where: 'σ(0) = ½',
      kind: 'identity',
      refutedBy: 'a loss elsewhere, beyond rounding, in one seed',
      left: ['frozen', 'off'],
      by: 'each',
      bound: { atMost: 1e-6 },
      because: 'a proof; ln 2 in 32-bit numbers is off by less than 1e-7',
      expected: 'holds',
    },
    {
      id: 'contradictions-stay',
      statement: 'Where every pair is there both ways, DPO’s loss stays at ln 2 for 200 steps.',
      where: 'the two gradients cancel',
      kind: 'identity',
      refutedBy: 'a loss elsewhere, beyond rounding, in one seed',
      left: ['contradicted', 'off'],
      by: 'each',
      bound: { atMost: 1e-5 },
      because: 'a proof; what rounding leaves of two gradients that cancel moves the loss only to second order',
      expected: 'holds',
    },
    {
      id: 'else-it-falls',
      statement: 'With every pair one way only, the loss falls below 0.6 in 200 steps.',
      where: 'free logits can fit one pair a prompt',
      kind: 'toy',
      refutedBy: 'a loss above 0.6 in more than three seeds of ten',
      left: ['trained', 'loss'],
      by: { share: 0.7 },
      bound: { atMost: 0.6 },
      because: 'well below ln 2 = 0.693',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 3 },
});
