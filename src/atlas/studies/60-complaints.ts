import type { Experiment, Pair } from '../../core/experiment.ts';
import { reward } from '../measures.ts';
import { defineStudy } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { complaints } from '../toys/people/complaints.ts';

const [prompts, answers, each] = [20, 12, 25];

interface Truth {
  /** [prompt][answer] qualities */
  readonly rewards: number[][];
}

export const study = defineStudy<Truth>()({
  id: '60-complaints',
  finding: 'Simulated complaints and rewrites make useful pairs',
  mechanism:
    'An answer that a user complains about is taken as the worse one, and one that is written again with the complaint in mind as the better one. Such pairs come from use, without people who label.',
  setup:
    'Twenty prompts with twelve answers, 25 conversations each. Unhappy simulated users complain three times of ten, and the rewrite is the best-looking of four further answers: about 70 pairs. SFT on rewrites, then DPO.',
  leavesOut:
    'An analogy: the users are simulated, every complaint is noticed, and the rewrite is picked by its looks, not by what was said. To find feedback in real conversations is what the paper is about.',
  tex: '(x,\\ y_{\\mathrm{rewritten}}\\succ y_{\\mathrm{complained}}):\\quad\\mathcal L_{\\mathrm{SFT}}\\ \\longrightarrow\\ \\mathcal L_{\\mathrm{DPO}}',
  parameters: {
    voiced: { label: 'How often unhappy users complain', symbol: 'q', min: 0.05, max: 1, default: 0.3 },
    noise: { label: 'Noise in what rewrite looks best', symbol: '\\sigma', min: 0, max: 5, default: 0.7 },
    beta: { label: 'Temperature of DPO', symbol: '\\beta', path: 'stages[0].objective.params.beta', min: 0.05, max: 2, default: 0.3 },
  },
  toy: (seed, { voiced, noise, beta }) => {
    const draws = new Draws(seed);
    const [rewards, logits] = [draws.normalRows(prompts, answers), draws.normalRows(prompts, answers)];
    const pairs = complaints(draws, { qualities: rewards, logits, each, voiced, noise }).map(
      ({ prompt, complained, rewrite }): Pair => ({ prompt, chosen: rewrite, rejected: complained }),
    );
    const experiment: Experiment = {
      policy: { kind: 'tabular', logits },
      pairs,
      objective: { name: 'sft' },
      optimizer: { kind: 'adam', learningRate: 0.05, steps: 20 },
      stages: [{ objective: { name: 'dpo', params: { beta } }, optimizer: { kind: 'adam', learningRate: 0.05, steps: 100 } }],
    };
    return { experiment, truth: { rewards } };
  },
  arms: {
    before: {
      label: 'Before',
      train: ({ experiment: { stages: _, ...experiment } }) => ({ ...experiment, optimizer: { ...experiment.optimizer, steps: 0 } }),
    },
    after: { label: 'After SFT and DPO on complaints', train: ({ experiment }) => experiment },
  },
  measures: { quality: { label: 'expected quality', of: reward } },
  plot: { kind: 'strip', y: 'quality' },
  claims: [
    {
      id: 'complaints-help',
      statement: 'Pairs from simulated complaints raise expected quality by at least 0.3 in nearly all seeds.',
      where: 'preferences from in-situ feedback',
      kind: 'toy',
      refutedBy: 'a smaller gain in more than a tenth of the seeds',
      left: ['after', 'quality'],
      right: ['before', 'quality'],
      by: { share: 0.9 },
      bound: { atLeast: 0.3 },
      because: 'three tenths of a deviation of the answers’ quality',
      expected: 'holds',
    },
  ],
  seeds: { page: 29, test: 4 },
});
