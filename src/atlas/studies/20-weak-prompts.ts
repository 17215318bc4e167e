import type { Experiment, Pair } from '../../core/experiment.ts';
import { defineStudy, type Outcome, type Run, type Stage } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { counted } from '../toys/rounds/counted.ts';

const [prompts, steps, words] = [40, 4, 6];
/** Rounds of preferences, and prompts in each: the 30 % that the released script takes. */
const [rounds, asked] = [3, 12];

interface Truth {
  /** [prompt][step] the right word */
  readonly right: number[][];
  /** [prompt × step][word] logits before anything */
  readonly start: number[][];
}

/** [prompt × step] log-probabilities that a stage ended with. */
const rowsOf = ({ outcomeLogps = [] }: Outcome): number[][] =>
  Array.from({ length: prompts * steps }, (_, i) => outcomeLogps.slice(i * words, (i + 1) * words));

/** Log-probability of the whole right answer to each prompt. */
const solutionLogps = (rows: readonly (readonly number[])[], { right }: Truth): number[] =>
  right.map((answer, x) => answer.reduce((sum, word, t) => sum + (rows[x * steps + t]?.[word] ?? Number.NaN), 0));

const experimentOf = (
  logits: readonly (readonly number[])[],
  pairs: readonly Pair[],
  objective: Experiment['objective'],
  updates: number,
): Experiment => ({
  policy: { kind: 'tabular', logits: logits.map((row) => [...row]) },
  pairs: counted(pairs),
  objective,
  optimizer: { kind: 'adam', learningRate: 0.1, steps: updates },
});

/** Demonstrations of so many drawn prompts, step by step. */
function demonstrate(draws: Draws, { right }: Truth, count: number): Pair[] {
  const drawn = Array.from({ length: count }, () => draws.below(prompts));
  return drawn.flatMap((x) =>
    (right[x] ?? []).map((word, t): Pair => ({ prompt: x * steps + t, chosen: word, rejected: (word + 1) % words })),
  );
}

const base: Stage<Truth> = ({ truth, seed }) => experimentOf(truth.start, demonstrate(new Draws(seed, 1), truth, 20), { name: 'sft' }, 10);

/** More demonstrations, of as many prompts as all rounds of preferences ask. */
const demonstrations: Stage<Truth> = ({ truth, seed }, [before]) =>
  experimentOf(before ? rowsOf(before) : truth.start, demonstrate(new Draws(seed, 2), truth, rounds * asked), { name: 'sft' }, 30);

/**
 * A round of preferences: at each step of the prompts that are asked, the right word against a word of the policy, where that is wrong.
 * Mined prompts are those whose right answer is the least probable.
 */
const preferences =
  (isMined: boolean, loss: 'simpo' | 'dpo', index: number): Stage<Truth> =>
  ({ truth, seed, values: { beta = 2.5, gamma = 0.5 } }, [before]) => {
    const draws = new Draws(seed, 3 + index);
    const rows = before ? rowsOf(before) : truth.start;
    const logps = solutionLogps(rows, truth);
    const order = isMined ? [...logps.keys()].sort((a, b) => (logps[a] ?? 0) - (logps[b] ?? 0)) : draws.permutation(prompts);
    const pairs = order.slice(0, asked).flatMap((x) =>
      (truth.right[x] ?? []).flatMap((word, t): Pair[] => {
        const tried = draws.fromLogits(rows[x * steps + t] ?? []);
        return tried === word ? [] : [{ prompt: x * steps + t, chosen: word, rejected: tried }];
      }),
    );
    return experimentOf(
      rows,
      pairs,
      loss === 'simpo' ? { name: 'simpo', params: { beta, gamma } } : { name: 'dpo', params: { beta: 0.5 } },
      10,
    );
  };
const inRounds = (label: string, isMined: boolean, loss: 'simpo' | 'dpo') => ({
  label,
  train: base,
  next: Array.from({ length: rounds }, (_, index) => preferences(isMined, loss, index)),
});

/** Mean probability of the whole right answer. */
function solved({ trial, truth }: Run<Truth>): number {
  return solutionLogps(rowsOf(trial), truth).reduce((sum, logp) => sum + Math.exp(logp), 0) / prompts;
}

export const study = defineStudy<Truth>()({
  id: '20-weak-prompts',
  finding: 'Preferences on weak prompts help, demonstrations help more',
  mechanism:
    'Where the model is weakest, a search finds steps at which it goes wrong, and each gives a pair: the right word against its own. A pair moves two words of a step; a demonstration moves the right one against all others.',
  setup:
    'Answers of four steps out of six words to 40 prompts, each hard with a chance of 40 %; 20 demonstrations first. Then three rounds of ten updates of SimPO on the wrong steps of twelve prompts each, the weakest or any; or thirty updates on demonstrations of 36 prompts, drawn with repetition.',
  leavesOut:
    'The released script trains SimPO, where its trainer’s default is DPO; the paper, by a summary, compares both. The right word of each step is known; the paper finds it by tree search, on tool calls of a language model. Prompts share nothing here, so what is learned of one does not help with another.',
  tex: '-\\log\\sigma\\Big(\\beta\\Big[\\tfrac{\\log\\pi_\\theta(a_w\\mid s)}{|a_w|}-\\tfrac{\\log\\pi_\\theta(a_l\\mid s)}{|a_l|}\\Big]-\\gamma\\Big)',
  parameters: {
    hard: { label: 'Hard prompts', symbol: 'h', min: 0, max: 1, default: 0.4 },
    beta: { label: 'Scale of SimPO', symbol: '\\beta', min: 0.5, max: 10, default: 2.5 },
    gamma: { label: 'Margin of SimPO', symbol: '\\gamma', min: 0, max: 3, default: 0.5 },
  },
  toy: (seed, { hard }) => {
    const draws = new Draws(seed);
    const right = Array.from({ length: prompts }, () => Array.from({ length: steps }, () => draws.below(words)));
    const start = right.flatMap((answer) => {
      const lead = draws.coin(hard) ? 0.3 : 3;
      return answer.map((word) => draws.normals(words, 0.5).map((logit, w) => logit + (w === word ? lead : 0)));
    });
    const truth: Truth = { right, start };
    return { experiment: experimentOf(start, [], { name: 'sft' }, 0), truth };
  },
  arms: {
    mined: inRounds('SimPO, weakest prompts', true, 'simpo'),
    random: inRounds('SimPO, any prompts', false, 'simpo'),
    minedDpo: inRounds('DPO, weakest prompts', true, 'dpo'),
    randomDpo: inRounds('DPO, any prompts', false, 'dpo'),
    demonstrated: { label: 'Demonstrations', train: base, next: [demonstrations] },
    base: { label: 'Before', train: base },
  },
  measures: { solved: { label: 'right answers', of: solved } },
  plot: { kind: 'strip', y: 'solved' },
  claims: [
    {
      id: 'weak-prompts',
      statement: 'On average, three rounds of SimPO on the weakest prompts leave more right answers than on any prompts.',
      where: 'prompts of the highest perplexity',
      kind: 'empirical',
      refutedBy: 'a mean gain that is not above 0',
      left: ['mined', 'solved'],
      right: ['random', 'solved'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim; the gain is about a hundredth',
      expected: 'holds',
    },
    {
      id: 'weak-prompts-dpo',
      statement:
        'With DPO, β = 0.5, in place of SimPO, too, rounds on the weakest prompts leave more right answers on average than on any prompts.',
      where: 'the trainer’s default loss',
      kind: 'empirical',
      refutedBy: 'a mean gain that is not above 0',
      left: ['minedDpo', 'solved'],
      right: ['randomDpo', 'solved'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
    {
      id: 'than-demonstrations',
      statement:
        'Three rounds of SimPO on the weakest prompts leave on average at least as many right answers as demonstrations of as many prompts.',
      where: 'against supervised training',
      kind: 'empirical',
      refutedBy: 'a mean below that of demonstrations',
      left: ['mined', 'solved'],
      right: ['demonstrated', 'solved'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead:
        'Here a demonstration says the right word of every step, and pairs only rank it above single words where the policy was wrong: demonstrations gain about eight times as much as these rounds of SimPO, and with ten updates in place of thirty still more than four times.',
    },
  ],
  seeds: { page: 32, test: 4 },
});
