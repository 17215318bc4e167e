import type { Experiment } from '../../core/experiment.ts';
import type { Trial } from '../../core/trial.ts';
import { dot } from '../../core/vectors.ts';
import type { Draws } from './draws.ts';

/** Answers, and the length of what stands for a text and for an image. */
export const [answers, length] = [6, 8];

/** Questions with two cues, text and image: the text mostly tells the answer, and the image always does, under more noise. */
export interface TwoCues {
  /** [answer] what a text, and an image, that tells the answer looks like */
  readonly text: number[][];
  readonly image: number[][];
  readonly questions: { readonly text: number[]; readonly image: number[]; readonly answer: number }[];
  /** questions whose text tells another answer than the image */
  readonly tests: { readonly cues: number[]; readonly told: number }[];
  /** [answer] weights that lean on the text */
  readonly base: number[][];
}

export interface TwoCueOptions {
  readonly questions: number;
  /** share of questions whose text tells the answer; the others' tell any */
  readonly agreement: number;
  /** weight of the text in the base */
  readonly lean?: number;
}

export function twoCues(draws: Draws, { questions, agreement, lean = 0.35 }: TwoCueOptions): TwoCues {
  const [text, image] = [draws.normalRows(answers, length), draws.normalRows(answers, length)];
  const seen = (rows: readonly (readonly number[])[], answer: number, noise: number) =>
    (rows[answer] ?? []).map((value) => value + noise * draws.normal());
  return {
    text,
    image,
    questions: Array.from({ length: questions }, () => {
      const answer = draws.below(answers);
      const told = draws.coin(agreement) ? answer : draws.below(answers);
      return { text: seen(text, told, 0.3), image: seen(image, answer, 1), answer };
    }),
    tests: Array.from({ length: 600 }, () => {
      const answer = draws.below(answers);
      const told = draws.other(answer, answers);
      return { cues: [...seen(text, told, 0.3), ...seen(image, answer, 1)], told };
    }),
    base: text.map((row, answer) => [...row.map((value) => lean * value), ...(image[answer] ?? []).map((value) => 0.05 * value)]),
  };
}

/** The logits of weights [answer][text and image] on cues. */
export const answerLogits = (weights: readonly (readonly number[])[], cues: readonly number[]): number[] =>
  weights.map((row) => dot(row, cues));

/** A rejected answer to each question, as `logits` of its cues draw it; another than the right one. */
export const wrongAnswers = (
  draws: Draws,
  { questions }: TwoCues,
  logitsOf: (question: TwoCues['questions'][number]) => readonly number[],
): number[] =>
  questions.map((question) => {
    const drawn = draws.fromLogits(logitsOf(question));
    return drawn === question.answer ? draws.other(drawn, answers) : drawn;
  });

/** DPO on a pair for each question; `weights` are where it starts, which is the reference. */
export const fitTwoCues = (
  cues: readonly (readonly number[])[],
  pairs: readonly (readonly [chosen: number, rejected: number])[],
  weights: readonly (readonly number[])[],
  { beta, steps }: { readonly beta: number; readonly steps: number },
): Experiment => ({
  policy: { kind: 'features', hidden: cues.map((row) => [...row]), unembedding: weights.map((row) => [...row]), train: 'unembedding' },
  pairs: pairs.map(([chosen, rejected], prompt) => ({ prompt, chosen, rejected })),
  objective: { name: 'dpo', params: { beta } },
  optimizer: { kind: 'adam', learningRate: 0.02, steps },
});

/** The weights that a run ended with: [answer][text and image]. */
export function cueWeights({ final }: Pick<Trial, 'final'>): number[][] {
  const flat = Array.from(final['unembedding'] ?? []);
  return Array.from({ length: answers }, (_, answer) => flat.slice(2 * length * answer, 2 * length * (answer + 1)));
}

/** Share of tests that are answered as the text tells, against the image. */
export function misled({ tests }: TwoCues, weights: readonly (readonly number[])[]): number {
  const isMisled = ({ cues, told }: TwoCues['tests'][number]) => {
    const logits = answerLogits(weights, cues);
    return logits.indexOf(Math.max(...logits)) === told;
  };
  return tests.filter(isMisled).length / tests.length;
}
