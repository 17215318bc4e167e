import type { Experiment, FactorisedSequencePolicy, Pair } from '../../core/experiment.ts';
import { softmax } from '../../core/softmax.ts';
import { defineStudy, type Outcome, type Run, type World } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [length, words] = [4, 6];
const [population, kept, generations, sampled] = [100, 30, 3, 400];

interface Truth {
  /** [which of two scores][position][word] what a word adds to a video's score, as the generator has it */
  readonly scores: readonly [number[][], number[][]];
}

type Prompt = readonly number[];

/** A video's two scores: those of its prompt's words, and chance. */
const generated = ({ scores }: Truth, prompt: Prompt, draws: Draws): [number, number] => {
  const of = (table: readonly (readonly number[])[]) =>
    prompt.reduce((sum, word, t) => sum + (table[t]?.[word] ?? 0), 0.7 * draws.normal());
  return [of(scores[0]), of(scores[1])];
};

/** The prompts whose videos score most, of one that is made for each. */
function best(truth: Truth, prompts: readonly Prompt[], draws: Draws): Prompt[] {
  const rated = prompts.map((prompt) => ({ prompt, total: generated(truth, prompt, draws).reduce((a, b) => a + b, 0) }));
  return rated
    .toSorted((a, b) => b.total - a.total)
    .slice(0, kept)
    .map(({ prompt }) => prompt);
}

const promptFrom = (logits: readonly (readonly number[])[], draws: Draws): Prompt => logits.map((row) => draws.fromLogits(row));

/** Mutants of the best, again and again; what is best in the end. */
function evolved(truth: Truth, logits: readonly (readonly number[])[], draws: Draws): Prompt[] {
  let prompts = Array.from({ length: population }, () => promptFrom(logits, draws));
  for (let generation = 0; generation < generations; generation++) {
    const parents = best(truth, prompts, draws);
    prompts = Array.from({ length: population }, () =>
      (parents[draws.below(kept)] ?? []).map((word) => (draws.coin(0.2) ? draws.below(words) : word)),
    );
  }
  return best(truth, prompts, draws);
}

const logitsOf = ({ final }: Outcome): number[][] => {
  const flat = Array.from(final['logits'] ?? []);
  return Array.from({ length }, (_, t) => flat.slice(t * words, (t + 1) * words));
};

const experimentOf = (logits: readonly (readonly number[])[], pairs: Pair[], steps: number): Experiment => {
  const policy: FactorisedSequencePolicy = { kind: 'sequence', form: 'factorised', logits: logits.map((row) => [...row]) };
  return { policy, pairs, objective: { name: 'sft' }, optimizer: { kind: 'adam', learningRate: 0.05, steps } };
};

/** DPO on prompts of the policy's own whose videos are better, or worse, in both scores. */
function compared({ seed, truth }: World<Truth>, logits: readonly (readonly number[])[]): Experiment {
  const draws = new Draws(seed, 1);
  const pairs = Array.from({ length: sampled }, (): Pair[] => {
    const [a, b] = [promptFrom(logits, draws), promptFrom(logits, draws)];
    const [[a1, a2], [b1, b2]] = [generated(truth, a, draws), generated(truth, b, draws)];
    if (a1 > b1 !== a2 > b2 || a.join() === b.join()) return [];
    const [chosen, rejected] = a1 > b1 ? [a, b] : [b, a];
    return [{ prompt: 0, chosen: [...chosen], rejected: [...rejected] }];
  }).flat();
  return { ...experimentOf(logits, pairs, 80), objective: { name: 'dpo', params: { beta: 0.3 } } };
}

/** Expected sum of both scores, exactly: positions are independent. */
const score = ({ trial, truth: { scores } }: Run<Truth>): number =>
  logitsOf(trial).reduce(
    (sum, row, t) => sum + softmax(row).reduce((a, p, word) => a + p * ((scores[0][t]?.[word] ?? 0) + (scores[1][t]?.[word] ?? 0)), 0),
    0,
  );

export const study = defineStudy<Truth>()({
  id: '63-evolved-prompts',
  finding: 'Evolve and imitate, then compare: both steps add',
  mechanism:
    'Prompts for a generator that is itself left as it is are found by evolution, imitated, and then improved by DPO. Its pairs are the policy’s own prompts, ranked by several scores of what they generate.',
  setup:
    'Prompts of four words out of six; a generator with two scores and noise; 100 prompts and three generations of mutants, SFT on the best 30, then DPO on those of 400 pairs in which both scores agree, about 160.',
  leavesOut:
    'An analogy of the pipeline: words add up, and the generator is a table with noise. What makes a video good is not in it. The released code compares weighted sums of seven scores, where the better one must also be good by each; here one must be ahead in both of two.',
  tex: '\\text{evolution}\\ \\longrightarrow\\ \\mathcal L_{\\mathrm{SFT}}\\ \\longrightarrow\\ \\mathcal L_{\\mathrm{DPO}}',
  parameters: {
    beta: { label: 'Temperature of DPO', symbol: '\\beta', path: 'objective.params.beta', min: 0.05, max: 2, default: 0.3 },
  },
  toy: (seed) => {
    const draws = new Draws(seed);
    const table = () => draws.normalRows(length, words);
    const truth: Truth = { scores: [table(), table()] };
    const start = draws.normalRows(length, words, 0.5);
    const pairs = evolved(truth, start, draws).map(
      (prompt): Pair => ({ prompt: 0, chosen: [...prompt], rejected: prompt.map((word) => (word + 1) % words) }),
    );
    return { experiment: experimentOf(start, pairs, 60), truth };
  },
  arms: {
    base: { label: 'Before', train: ({ experiment }) => ({ ...experiment, optimizer: { ...experiment.optimizer, steps: 0 } }) },
    imitated: { label: 'Evolution, then SFT', train: ({ experiment }) => experiment },
    compared: {
      label: 'Evolution, SFT, then DPO',
      train: ({ experiment }) => experiment,
      next: [(world, [before]) => compared(world, before ? logitsOf(before) : [])],
    },
  },
  measures: { score: { label: 'expected sum of both scores', of: score } },
  plot: { kind: 'strip', y: 'score' },
  claims: [
    {
      id: 'evolution-then-sft',
      statement: 'SFT on evolved prompts raises the sum of both scores by at least 2 in nearly all seeds.',
      where: 'the first two stages',
      kind: 'toy',
      refutedBy: 'a smaller gain in more than a tenth of the seeds',
      left: ['imitated', 'score'],
      right: ['base', 'score'],
      by: { share: 0.9 },
      bound: { atLeast: 2 },
      because: 'more than half a deviation of a random prompt’s sum, √8 = 2.8',
      expected: 'holds',
    },
    {
      id: 'then-dpo',
      statement:
        'After SFT on evolved prompts, DPO on pairs in which both scores agree adds at least 0.5 to the sum of both scores in nearly all seeds.',
      where: 'the third stage',
      kind: 'toy',
      refutedBy: 'a smaller gain in more than a tenth of the seeds',
      left: ['compared', 'score'],
      right: ['imitated', 'score'],
      by: { share: 0.9 },
      bound: { atLeast: 0.5 },
      because: 'more than a sixth of the deviation of a random prompt’s sum, √8 = 2.8',
      expected: 'holds',
    },
  ],
  seeds: { page: 29, test: 4 },
});
