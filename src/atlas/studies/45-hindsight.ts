import { expectedReward } from '../../core/exact.ts';
import type { Experiment, Pair } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { distributionsOf } from '../measures.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { type Messages, overclaiming } from '../toys/people/overclaiming.ts';

const [situations, messages, each] = [15, 5, 30];

interface Truth extends Messages {
  /** the same pairs of messages, judged when they are read, and after a simulated outcome */
  readonly foresight: Pair[];
  readonly hindsight: Pair[];
}

const expectedOf = (run: Run<Truth>, values: readonly (readonly number[])[]): number =>
  mean(distributionsOf(run).map((row, x) => expectedReward(row, values[x] ?? [])));

export const study = defineStudy<Truth>()({
  id: '45-hindsight',
  finding: 'Feedback after the outcome stops rewarding overclaiming',
  mechanism:
    'Judged before its outcome is known, a message can be rewarded for no more than sounding good, and messages that claim too much do. Judged after an outcome, even a simulated one, such messages tend to lose.',
  setup:
    'Fifteen situations with five messages, each of which overclaims with a chance of one half: that sounds better and turns out worse. DPO on 450 pairs, judged by impression or by an outcome that is simulated with noise of 0.5.',
  leavesOut:
    'That overclaiming costs, and how much, is put in, and the labels’ logistic form is ours. The simulated outcome is the true one with noise, where the paper has a language model imagine it. In the paper people and language models act on the messages of language models.',
  tex: 'y_w\\succ y_l\\ \\text{with probability}\\ \\sigma(2\\,\\Delta u_{\\mathrm{fore}})\\ \\text{or}\\ \\sigma(2\\,\\Delta\\tilde u_{\\mathrm{hind}});\\qquad\\mathcal L_{\\mathrm{DPO}}',
  parameters: {
    extent: { label: 'How far messages overclaim', symbol: '\\kappa', min: 0, max: 4, default: 1.2 },
    cost: { label: 'What an overclaim costs', symbol: 'c', min: 0, max: 2, default: 0.5 },
    noise: { label: 'Noise of the simulated outcome', symbol: '\\sigma', min: 0, max: 5, default: 0.5 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.05, max: 2, default: 0.3 },
  },
  toy: (seed, { extent, cost, noise, beta }) => {
    const draws = new Draws(seed);
    const said = overclaiming(draws, situations, messages, extent, cost);
    const simulated = said.outcome.map((row) => row.map((value) => value + noise * draws.normal()));
    const compared = Array.from({ length: situations * each }, (_, i) => ({ prompt: i % situations, two: draws.two(messages) }));
    const judged = (values: readonly (readonly number[])[]) =>
      compared.map(({ prompt, two: [a, b] }): Pair => {
        const isFirst = draws.prefers(2 * ((values[prompt]?.[a] ?? 0) - (values[prompt]?.[b] ?? 0)));
        return isFirst ? { prompt, chosen: a, rejected: b } : { prompt, chosen: b, rejected: a };
      });
    const [foresight, hindsight] = [judged(said.impression), judged(simulated)];
    const experiment: Experiment = {
      policy: { kind: 'tabular', logits: said.outcome.map((row) => row.map(() => 0)) },
      pairs: foresight,
      objective: { name: 'dpo', params: { beta } },
      optimizer: { kind: 'adam', learningRate: 0.05, steps: 150 },
    };
    return { experiment, truth: { ...said, foresight, hindsight } };
  },
  arms: {
    foresight: { label: 'Judged when read', train: ({ experiment }) => experiment },
    hindsight: { label: 'Judged after a simulated outcome', train: ({ experiment, truth }) => ({ ...experiment, pairs: truth.hindsight }) },
  },
  measures: {
    outcome: { label: 'how it turns out', of: (run) => expectedOf(run, run.truth.outcome) },
    impression: { label: 'how it sounds', of: (run) => expectedOf(run, run.truth.impression) },
  },
  plot: { kind: 'scatter', x: 'impression', y: 'outcome' },
  claims: [
    {
      id: 'better-outcomes',
      statement:
        'Trained on judgements after a simulated outcome, messages turn out better by at least 0.2 on average than trained on judgements when read.',
      where: 'hindsight feedback',
      kind: 'empirical',
      refutedBy: 'a smaller mean gain',
      left: ['hindsight', 'outcome'],
      right: ['foresight', 'outcome'],
      by: 'mean',
      bound: { atLeast: 0.2 },
      because: 'a fifth of a deviation of honest messages’ worth',
      expected: 'holds',
    },
    {
      id: 'better-impressions',
      statement:
        'Trained on judgements when read, messages sound, in nearly all seeds, better by at least 0.1 than trained on judgements after a simulated outcome, so ratings hide what is lost.',
      where: 'ratings against outcomes',
      kind: 'empirical',
      refutedBy: 'a smaller lead in more than a tenth of the seeds',
      left: ['foresight', 'impression'],
      right: ['hindsight', 'impression'],
      by: { share: 0.9 },
      bound: { atLeast: 0.1 },
      because: 'a tenth of a deviation of honest messages’ worth',
      expected: 'holds',
    },
  ],
  seeds: { page: 29, test: 4 },
});
